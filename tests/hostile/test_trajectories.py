"""Trajectories, rules and tokens of others: one line for what is none, before it takes memory or time."""

from __future__ import annotations

import copy
import io
import json
import os
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hardmax as hx
from hardmax.dynamics.storage import read_tokens
from hardmax.errors import InputError

TOKENS = np.array([[1.0, 1.0], [1.0, -1.0], [0.5, 0.0]])
Arrays = dict[str, Any]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a trajectory, for a test to change."""
    hx.simulate(TOKENS, layers=3).save(tmp_path / "t.npz")
    return tmp_path / "t.npz"


def refused(load: Callable[[Path], object], path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(path)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 1_500


# --- arrays of a trajectory


def change(path: Path, changed: Callable[[Arrays], Arrays]) -> None:
    with np.load(path) as file:
        arrays = dict(file)
    np.savez_compressed(path, **arrays | changed(arrays))


NAMES = ["points", "first", "ties", "targets", "point_of", "weights", "settled_at"]
KINDS: dict[str, Callable[[Any], Any]] = {
    "text": lambda array: array.astype(str),
    "objects": lambda array: array.astype(object),
    "complex": lambda array: array.astype(complex),
    "true": lambda array: array.astype(bool),
    "halves": lambda array: array.astype(np.float16),
    "another byte order": lambda array: array.astype(array.dtype.newbyteorder()),
    "dates": lambda array: array.astype(int).astype("M8[s]"),
    "pairs": lambda array: np.zeros(array.shape, "i4,f4"),
    "one number": lambda array: array.ravel()[0],
    "none": lambda array: array[:0],
    "another axis": lambda array: array[None],
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_arrays_of_other_types_and_shapes_are_refused(path: Path, name: str, kind: str) -> None:
    change(path, lambda arrays: {name: KINDS[kind](arrays[name])})
    refused(hx.Trajectory.load, path)


VALUES = [
    *(("ties", value) for value in (0, -5, 4, 10**9)),
    *(("settled_at", value) for value in (-2, 4, 10**9, -(2**63))),
    *((name, value) for name in ("first", "point_of") for value in (-1, 3, 10**9)),
    *(("weights", value) for value in (0.0, -1.0, np.nan, np.inf)),
]


@pytest.mark.parametrize(("name", "value"), VALUES)
def test_numbers_that_no_trajectory_has_are_refused(path: Path, name: str, value: float) -> None:
    dtype = float if name == "weights" else np.int64
    change(path, lambda arrays: {name: np.full(arrays[name].shape, value, dtype)})
    refused(hx.Trajectory.load, path)


def test_positions_that_are_not_finite_follow_nobody(path: Path) -> None:
    change(path, lambda arrays: {"points": arrays["points"] * np.nan})
    with pytest.raises(InputError, match="the positions of the tokens: row 0, column 0 is nan"):
        hx.Trajectory.load(path).followed(0)


def test_further_arrays_are_refused(path: Path) -> None:
    change(path, lambda _: {"extra": np.zeros(3)})
    refused(hx.Trajectory.load, path)


def test_two_arrays_of_one_name_are_refused(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile's own
        with zipfile.ZipFile(path, "a") as file:
            file.writestr("points.npy", saved(np.zeros((4, 3, 2))))
    refused(hx.Trajectory.load, path)


# --- sizes


def saved(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def header(shape: str, kind: str = "'<f8'") -> bytes:
    """Return the beginning of a .npy file that claims a shape."""
    line = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(line)) + line


CLAIMS = [
    "(10000000000000000000000, 2)",
    "(1000000000000, 2)",
    "(4294967296, 4294967296)",
    "(-1, 2)",
    "(2.0, 2)",
]


@pytest.mark.parametrize("claim", [*CLAIMS, "(" + "9" * 5000 + ", 2)", "(" * 3000])
def test_a_shape_that_is_not_there_takes_no_memory(path: Path, tmp_path: Path, claim: str) -> None:
    content = header(claim) + b"0" * 64
    (tmp_path / "tokens.npy").write_bytes(content)
    refused(read_tokens, tmp_path / "tokens.npy")
    with np.load(path) as file:
        members = {name: saved(file[name]) for name in file.files} | {"points": content}
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in members.items():
            packed.writestr(f"{name}.npy", data)
    refused(hx.Trajectory.load, path)


@pytest.mark.parametrize("name", ["points", "about"])
def test_an_array_that_unpacks_to_gigabytes_is_not_unpacked(path: Path, name: str) -> None:
    """The size in the directory of the archive is what `zipfile` unpacks at most."""
    data = bytearray(path.read_bytes())
    at = data.rindex(f"{name}.npy".encode()) - 46  # its entry in the directory
    data[at + 24 : at + 28] = struct.pack("<I", 3 * 2**30)
    path.write_bytes(data)
    with pytest.raises(InputError, match="it unpacks to 3,"):
        hx.Trajectory.load(path)


# --- what describes the rule

ABOUT = [
    "",
    "null",
    "[]",
    "[" * 10**5,
    "5",
    "9" * 5000,
    "{}",
    '{"rule": 5}',
    '{"rule": "\x1b[31m"}',
    '{"rule": {}}',
]


@pytest.mark.parametrize("about", [*ABOUT, json.dumps({"rule": "x" * 100_000})], ids=lambda each: each[:12])
def test_a_description_of_nonsense_is_refused(path: Path, about: str) -> None:
    change(path, lambda _: {"about": np.array(about)})
    refused(hx.Trajectory.load, path)


RULES: list[dict[str, object]] = [
    *({"alpha": value} for value in ("0.5", None, -1, 0, float("nan"), [1], {}, True)),
    *({"tie_tol": value} for value in ("x", -1, [1], {}, float("nan"))),
    *(
        {"A": value}
        for value in ("x", 5, [[1]], [[1, 2], [3]], [[-1, 0], [0, 1]], [["1", "0"], ["0", "1"]], {})
    ),
]
OF_A_MODULE = [(module, values) for module in ("hardmax", "nowhere") for values in RULES]


@pytest.mark.parametrize(("module", "values"), [*OF_A_MODULE, ("hardmax", {"more": 1})], ids=str)
def test_parameters_that_no_rule_has_are_refused(path: Path, module: str, values: dict[str, object]) -> None:
    about = {
        "module": module,
        "name": "Hardmax",
        "values": {"alpha": 0.5, "A": None, "tie_tol": None} | values,
    }
    change(path, lambda _: {"about": np.array(json.dumps({"rule": about}))})
    refused(hx.Trajectory.load, path)


# --- files that are none


@pytest.mark.parametrize("kind", ["pipe", "folder", "huge", "loop", "zeros", "name with NUL", "long name"])
@pytest.mark.parametrize("ending", [".npz", ".npy", ".csv"])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, kind: str, ending: str) -> None:
    path = tmp_path / f"file{ending}"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "huge":
            with path.open("wb") as file:
                file.truncate(2**40)  # no byte of which is on the disk
        case "loop":
            path.symlink_to(path)
        case "zeros":
            path.symlink_to("/dev/zero")
        case "name with NUL":
            path = tmp_path / f"a\0b{ending}"
        case "long name":
            path = tmp_path / f"{'x' * 5000}{ending}"
    refused(hx.Trajectory.load if ending == ".npz" else read_tokens, path)


FILES = {
    "empty": b"",
    "text": b"hello",
    "an array": saved(np.zeros(3)),
    "pickled": pickle.dumps({}),
    "an empty archive": b"PK\x05\x06" + b"\0" * 18,
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_file_of_another_kind_is_no_trajectory(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    refused(hx.Trajectory.load, path)


# --- tokens

LARGEST = np.finfo(np.float32).max
NO_TOKENS: dict[str, Any] = {
    "complex": np.ones((3, 2), complex),
    "structured": np.zeros((3, 2), "i4,f4"),
    "bytes": np.array([[b"1", b"2"]]),
    "dates": np.zeros((3, 2), "M8[s]"),
    "no axis": np.array(5.0),
    "one axis": np.zeros(5),
    "three axes": np.zeros((2, 2, 2)),
    "no coordinates": np.zeros((2, 0)),
    "a million coordinates": np.zeros((2, 10**6), np.int8),
    "nan": np.full((2, 2), np.nan),
    "longer floats": np.full((2, 2), np.longdouble("1e4000")),
}


@pytest.mark.parametrize("tokens", NO_TOKENS.values(), ids=NO_TOKENS)
@pytest.mark.filterwarnings("error")
def test_an_array_that_holds_no_tokens_is_refused(tmp_path: Path, tokens: Any) -> None:
    np.save(tmp_path / "t.npy", tokens)
    refused(read_tokens, tmp_path / "t.npy")


ODD_TOKENS: dict[str, Any] = {
    "none": np.zeros((0, 2)),
    "halves": np.array([[1, 0], [0, 1]], np.float16),
    "true": np.eye(2, dtype=bool),
    "Fortran order": np.asfortranarray(TOKENS),
    "another byte order": TOKENS.astype(TOKENS.dtype.newbyteorder()),
    "the largest whole numbers": np.array([[2**64 - 1, 0], [0, 2**64 - 1]], np.uint64),
    "the largest numbers": np.array([[LARGEST, LARGEST], [-LARGEST, LARGEST], [0, -LARGEST]]),
    "the smallest numbers": np.array([[1e-45, 0], [-1e-45, 0]], np.float32),
}


@pytest.mark.parametrize("tokens", ODD_TOKENS.values(), ids=ODD_TOKENS)
@pytest.mark.filterwarnings("error")
def test_odd_arrays_are_tokens(run: Callable[..., Any], tmp_path: Path, tokens: Any) -> None:
    np.save(tmp_path / "t.npy", tokens)
    read = read_tokens(tmp_path / "t.npy")
    np.testing.assert_array_equal(read, tokens)
    assert np.isfinite(hx.simulate(read, layers=3).points).all()


@pytest.mark.filterwarnings("error")
def test_tokens_of_float32_are_drawn_or_said_to_be_too_large(run: Callable[..., Any], tmp_path: Path) -> None:
    for scale, drawn in ((1.0, True), (LARGEST, False)):
        np.save(tmp_path / "t.npy", (TOKENS * scale).astype(np.float32))
        done = run("simulate", "--tokens", tmp_path / "t.npy", "--layers", 1, "--out", tmp_path / str(scale))
        assert done.status == 0 and ("dynamics.pdf" in done.out) == drawn


NO_CSV = {
    "empty": b"",
    "names alone": b"x,y\n",
    "many names": b",".join([b"name"] * 10**5) + b"\n1,2\n",
    "ragged": b"1,2\n1\n",
    "a long word": b"1,2\n1," + b"x" * 100_000,
    "an escape": b"1,2\n1,\x1b[31m\n",
    "5000 digits": b"1," + b"9" * 5000,
    "too large": b"1,1e400\n",
    "NUL": b"1,\0\n",
    "a long field": b"1," + b"9" * 200_000,
    "not UTF-8": b"\xff,1\n",
    "an open quote": b'1,"2\n3,4\n',
    "UTF-16": "1,2\n".encode("utf-16"),
    "a million columns": b",".join([b"1"] * 10**6),
}


@pytest.mark.parametrize("content", NO_CSV.values(), ids=NO_CSV)
def test_a_csv_file_of_nonsense_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    if content.startswith(b"name"):
        assert read_tokens(tmp_path / "t.csv").tolist() == [[1.0, 2.0]]
    else:
        refused(read_tokens, tmp_path / "t.csv")


# --- rules


@dataclass(frozen=True)
class Own(hx.Rule):
    """A rule of somebody's own."""

    own: Any = None

    def targets(self, Z: Any, weights: Any) -> Any:
        return Z


NO_PARAMETERS: dict[str, Any] = {
    "ragged": [[1], [1, 2]],
    "a dict": {"a": 1},
    "dicts": [{"a": 1}],
    "a set": {1, 2},
    "objects": np.array([object()]),
    "nothing among numbers": [None, 1],
    "numbers too large for an array": [10**30, 1],
}


@pytest.mark.parametrize("value", NO_PARAMETERS.values(), ids=NO_PARAMETERS)
def test_parameters_that_are_no_values_are_refused(value: Any) -> None:
    with pytest.raises(InputError, match=r"^own is .*; give a number, text, or an array of one of these$"):
        Own(own=value)


PARAMETERS: dict[str, Any] = {
    "a number": np.float64(0.5),
    "an array without an axis": np.array(5.0),
    "a large number": 10**30,
    "nan": float("nan"),
    "nan in an array": [float("nan"), 1.0],
    "text": "abc",
    "none": [],
    "true": np.bool_(True),
}


@pytest.mark.parametrize("module", ["toy_of_nowhere", None])
@pytest.mark.parametrize("value", PARAMETERS.values(), ids=PARAMETERS)
def test_a_rule_equals_itself_after_a_file_a_pickle_and_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: Any, module: str | None
) -> None:
    rule: hx.Rule = Own(A=[[2.0, 0.0], [0.0, 1.0]], own=value)  # type: ignore[arg-type]
    assert rule == Own(A=[[2.0, 0.0], [0.0, 1.0]], own=value)  # type: ignore[arg-type]
    if module is not None:
        monkeypatch.setattr(Own, "__module__", module)  # so that its class is not found
        hx.simulate(TOKENS, rule, 1).save(tmp_path / "t.npz")
        rule = hx.Trajectory.load(tmp_path / "t.npz").rule
        assert type(rule).__name__ == "StoredRule"
    trajectory = hx.Trajectory.load(tmp_path / "t.npz") if module else hx.simulate(TOKENS, rule, 1)
    trajectory.save(tmp_path / "again.npz")
    again = hx.Trajectory.load(tmp_path / "again.npz").rule
    for other in (again, pickle.loads(pickle.dumps(rule)), copy.deepcopy(rule)):
        assert other == rule and hash(other) == hash(rule)
        with pytest.raises(ValueError, match="read-only"):
            other.A[0, 0] = 5.0  # type: ignore[index]


def test_a_copied_trajectory_is_read_only() -> None:
    trajectory = hx.simulate(TOKENS, layers=1)
    for other in (pickle.loads(pickle.dumps(trajectory)), copy.deepcopy(trajectory)):
        with pytest.raises(ValueError, match="read-only"):
            other.points[0, 0, 0] = 5.0


@pytest.mark.parametrize("raised", [KeyError, SystemExit, KeyboardInterrupt, MemoryError, RecursionError])
def test_what_a_rule_raises_passes_through(raised: type[BaseException]) -> None:
    class Raises(hx.Rule):
        def targets(self, Z: Any, weights: Any) -> Any:
            raise raised

    with pytest.raises(raised):
        hx.simulate(TOKENS, Raises(), 1)
