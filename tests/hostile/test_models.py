"""Model folders of others: one line for what cannot be a model, before it takes memory or time."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from hardmax import HardmaxClassifier, Settings, TrainedModel, load
from hardmax.data import Reviews
from hardmax.errors import InputError
from hardmax.network.network import HardmaxNetwork
from hardmax.network.shape import Shape
from hardmax.text import Vocabulary

CONFIG, VOCABULARY, WEIGHTS = "config.json", "vocabulary.txt", "model.safetensors"
WORDS = Vocabulary(["good", "bad", "film"])
LINES, FREE = Settings().replace(dim=3), Settings().replace(dim=3, encoder="free")
TEXT = "a good film, not a bad one"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a model, for a test to change."""
    TrainedModel.start(WORDS, LINES).save(tmp_path / "model")
    return tmp_path / "model"


def refused(folder: Path) -> str:
    """Load a folder that must be refused; return the one short printable line that says why."""
    with pytest.raises(InputError) as caught:
        HardmaxClassifier.load(folder)
    line = str(caught.value)
    assert line.isprintable() and len(line) < 1_500
    return line


# --- config.json


def with_config(folder: Path, **changes: object) -> Path:
    config = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps(config | changes))
    return folder


def with_settings(folder: Path, **changes: object) -> Path:
    config = json.loads((folder / CONFIG).read_text())
    return with_config(folder, settings=config["settings"] | changes)


SETTINGS: list[tuple[str, object]] = [
    *(("dim", value) for value in (5000, 10**9, 10**30, -1, 2.0, "3", None, True, [3], "9" * 5000, 16_384)),
    *(("layers", value) for value in (10**6, 1001, 10**30, -1, None, "8")),
    *(("alpha", value) for value in (10**30 + 10**20, 1e300, -1, 0, float("nan"), [1], None)),
    *(("temperature", value) for value in (1e300, -1, float("inf"), "warm")),
    *(("pairs", value) for value in (101, 10**6, -1)),
    *(("pipeline", value) for value in ("none", None, ["default"], {}, "default\x1b[31m")),
    *(("weight_decay", value) for value in (10**30, "x", None, float("nan"))),
    *(("seed", value) for value in (2**63, -1)),
    ("pad", 1),
    ("\x1b[31mred", 1),
    ("x" * 100_000, 1),
]


@pytest.mark.parametrize(("name", "value"), SETTINGS, ids=lambda each: str(each)[:20])
def test_settings_beyond_the_bounds_or_of_wrong_types_are_refused(
    folder: Path, name: str, value: object
) -> None:
    refused(with_settings(folder, **{name: value}))


CONFIGS: list[dict[str, object]] = [
    *({"settings": value} for value in (None, [], "x", 5)),
    *({"format": value} for value in ("3", None, [3], 4, 10**4000, "x" * 100_000)),
    *({"classes": value} for value in ("ab", None, {"a": 1, "b": 2}, [["a"], ["b"]], [1, True], [0])),
    *({"classes": value} for value in ([float("nan"), 1], ["\ud800", "b"], [0, "a"], list(range(10**5)))),
    *({"columns": value} for value in (5, "ab", ["text"], [1, 2], [None] * 3, {"text": 1, "label": 2}, True)),
    *({"label_type": value} for value in ("i4,f4", "((((", "S1", "V1000000000", "<f4", 5, [], {"names": []})),
]


@pytest.mark.parametrize("changes", CONFIGS, ids=lambda each: str(each)[:30])
def test_a_config_of_nonsense_is_refused(folder: Path, changes: dict[str, object]) -> None:
    if "label_type" in changes:  # in which these classes would be others
        changes = changes | {"classes": [100_000_001, 2**70]}
    refused(with_config(folder, **changes))


@pytest.mark.parametrize(
    ("classes", "label_type"),
    [(["apple", "berry"], "<U1"), (["apple", "berry"], "<U500000000"), ([0, 300], "<i8"), ([0.5, 1.5], None)],
)
def test_labels_come_back_equal_whatever_their_type_is_said_to_be(
    folder: Path, classes: list[Any], label_type: str | None
) -> None:
    loaded = HardmaxClassifier.load(with_config(folder, classes=classes, label_type=label_type))
    assert loaded.classes_.tolist() == classes and loaded.classes_.nbytes < 100


BYTES = {
    "empty": b"",
    "null": b"null",
    "brackets": b"[" * 10**5,
    "deep": b'{"a":' * 10**5,
    "digits": b'{"format": ' + b"9" * 5000 + b"}",
    "not_utf8": b"\xff\xfe{}",
    "too_large": b" " * (2**24 + 1),
    "two_of_one_name": b'{"settings": {}, "settings": {"dim": 3}}',
}


@pytest.mark.parametrize("content", BYTES.values(), ids=BYTES)
def test_a_config_that_is_no_json_is_refused(folder: Path, content: bytes) -> None:
    (folder / CONFIG).write_bytes(content)
    refused(folder)


# --- vocabulary.txt

VOCABULARIES = {
    "twice": b"good\ngood\nfilm\n",
    "long_and_twice": (b"x" * 10**6 + b"\n") * 2 + b"film\n",
    "escape_twice": b"\x1b[31m\n\x1b[31m\nfilm\n",
    "empty_line": b"good\n\nfilm\n",
    "cut_off": b"good\nbad\nfil",
    "not_utf8": b"\xe9\nbad\nfilm\n",
    "half_a_character": b"\xed\xa0\x80\nbad\nfilm\n",
    "too_many": b"".join(b"%d\n" % number for number in range(1000)),
    "none": b"",
    "too_many_lines": b"\n" * 10_000_001,
}


@pytest.mark.parametrize("content", VOCABULARIES.values(), ids=VOCABULARIES)
def test_a_vocabulary_of_nonsense_is_refused(folder: Path, content: bytes) -> None:
    (folder / VOCABULARY).write_bytes(content)
    refused(folder)


@pytest.mark.parametrize("content", [b"a\rb\nc\nd\n", b"a b c\n d e  f\ng\n", b"\x1b[31m\nb\n\xc2\x85d\n"])
def test_strange_tokens_do_no_harm(folder: Path, content: bytes) -> None:
    (folder / VOCABULARY).write_bytes(content)
    assert TrainedModel.load(folder).probabilities([TEXT]).shape == (1, 2)


# --- files that are none


def make(path: Path, kind: str) -> None:
    """Put something at `path` that has no end, or is no file."""
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(2**40)  # no byte of which is on the disk
    elif kind != "missing":
        path.symlink_to({"loop": path, "zeros": "/dev/zero", "nothing": "/dev/null"}[kind])


@pytest.mark.parametrize("name", [CONFIG, VOCABULARY, WEIGHTS])
@pytest.mark.parametrize("kind", ["pipe", "folder", "huge", "missing", "loop", "zeros", "nothing"])
def test_what_is_no_file_is_refused_and_not_waited_for(folder: Path, name: str, kind: str) -> None:
    make(folder / name, kind)
    refused(folder)


NAMES = ["x" * 5000, "a/" * 50_000, "a\0b", "", "\x1b[31m", "\udc80", "/dev/null"]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:12])
@pytest.mark.parametrize("loads", [load, TrainedModel.load])
def test_a_name_that_can_be_no_folder_is_refused(name: str, loads: Callable[[str], object]) -> None:
    with pytest.raises(InputError, match="folder") as caught:
        loads(name)
    assert str(caught.value).isprintable()


# --- model.safetensors

TYPES = ["float8_e4m3fn", "float8_e5m2", "bool", "int32", "int64", "float64", "bfloat16", "complex64"]
TENSORS = ["encoder.polarity", "encoder.line", "decoder.weight", "decoder.bias", "attention.alpha"]


def with_weights(folder: Path, **changes: torch.Tensor) -> Path:
    """Change tensors, whose names have '__' for a dot."""
    weights = load_file(folder / WEIGHTS)
    changes = {name.replace("__", "."): value for name, value in changes.items()}
    save_file(weights | changes, folder / WEIGHTS)
    return folder


@pytest.mark.parametrize("name", TENSORS)
@pytest.mark.parametrize("kind", TYPES)
def test_weights_of_another_type_are_refused(folder: Path, name: str, kind: str) -> None:
    value = load_file(folder / WEIGHTS)[name].to(getattr(torch, kind))
    assert name in refused(with_weights(folder, **{name: value}))


WRONG = {
    **{
        f"line {value}": {"encoder__line": torch.full((4,), value, dtype=torch.int8)}
        for value in (-1, 4, 127)
    },
    **{
        f"{name} {value}": {name: torch.full_like(like, value)}
        for name, like in {"encoder.polarity": torch.zeros(4), "decoder.bias": torch.zeros(1)}.items()
        for value in (float("nan"), float("inf"))
    },
    "alpha below 0": {"attention.alpha": torch.tensor(-1.0)},
    "alpha in a list": {"attention.alpha": torch.tensor([0.5])},
    "another shape": {"decoder.weight": torch.zeros(1, 5000)},
    "no tokens": {"encoder.polarity": torch.zeros(0), "encoder.line": torch.zeros(0, dtype=torch.int8)},
    "no axis": {"encoder.polarity": torch.zeros(()), "encoder.line": torch.zeros((), dtype=torch.int8)},
    "a table too": {"encoder.weight": torch.zeros(4, 3)},
    "a long name": {"x" * 50_000: torch.zeros(1)},
    "an escape": {"\x1b[31mred": torch.zeros(1)},
    "many more": {f"x{number}": torch.zeros(()) for number in range(500)},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_weights_that_do_not_fit_are_refused(folder: Path, changes: dict[str, torch.Tensor]) -> None:
    assert "model.safetensors does not fit" in refused(with_weights(folder, **changes))


def header(content: object, data: bytes = b"0000") -> bytes:
    written = json.dumps(content).encode()
    return struct.pack("<Q", len(written)) + written + data


def entry(shape: list[int], kind: str = "F32", end: int = 4) -> dict[str, object]:
    return {"dtype": kind, "shape": shape, "data_offsets": [0, end]}


HEADERS = {
    "empty": b"",
    "short": b"abc",
    "beyond_the_file": struct.pack("<Q", 10**15) + b"{}",
    "largest": b"\xff" * 8,
    "a_list": header([]),
    "large_shape": header({"encoder.line": entry([10**18])}),
    "shape_of_22_digits": header({"encoder.line": entry([10**21])}),
    "shared": header({"a": entry([1]), "b": entry([1])}),
    "strange_type": header({"a": entry([1], "X\x1b")}),
    "long_name": header({"x" * 10**6: entry([1])}),
    "much_else": header({"__metadata__": {"a": "x" * 10**7}}),
    "no_metadata": header({"__metadata__": 5}),
}


@pytest.mark.parametrize("content", HEADERS.values(), ids=HEADERS)
def test_a_header_of_nonsense_is_refused(folder: Path, content: bytes) -> None:
    (folder / WEIGHTS).write_bytes(content)
    assert "model.safetensors" in refused(folder)


def test_a_large_table_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """The table of 5,000 dimensions is a hole of 40 GB in the file, which to read would end the process."""
    TrainedModel.start(WORDS, FREE).save(tmp_path)
    size = 4 * 2 * 10**6 * 5000
    content = header({"encoder.weight": entry([2 * 10**6, 5000], end=size)}, b"")
    with (tmp_path / WEIGHTS).open("wb") as file:
        file.write(content)
        file.truncate(len(content) + size)
    refused(with_settings(tmp_path, dim=1800))


# --- what others' models cannot ask for, ours cannot have


def test_no_network_is_larger_than_one_that_loads() -> None:
    with pytest.raises(InputError, match=r"268,435,456 are held; give a smaller dim or a larger min_count"):
        HardmaxNetwork(2**28, Shape(dim=2))
    with pytest.raises(InputError, match=r"there are 10,001 classes; give at most 10,000"):
        HardmaxNetwork(3, Shape(), outputs=10_001)
    with pytest.raises(InputError, match=r"dim is 2000 and layers 8; .* at most 16384"):
        Settings().replace(dim=2000)


@pytest.mark.parametrize(
    "label", ["\ud800", 10**5000, float("nan"), None, ("a",)], ids=lambda label: type(label).__name__
)
def test_a_label_that_no_file_gives_back_is_not_saved(label: object, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the label .* would not come back as it is"):
        TrainedModel.start(WORDS, LINES, ("good", label)).save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_the_largest_numbers_still_give_probabilities(folder: Path) -> None:
    largest = torch.finfo(torch.float32).max
    weights = load_file(folder / WEIGHTS)
    for name in ("encoder.polarity", "decoder.weight", "decoder.bias"):
        weights[name] = torch.full_like(weights[name], largest)
    save_file(weights, folder / WEIGHTS)
    model = TrainedModel.load(with_settings(folder, layers=1000, temperature=1e-300))
    assert model.probabilities([TEXT]).tolist() == [[0.0, 1.0]]
    assert model.evaluate(Reviews([TEXT], [1]))["accuracy"] == 1  # type: ignore[arg-type]
