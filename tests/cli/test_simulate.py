"""``hardmax simulate``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hardmax as hx

Run = Callable[..., Any]


def test_it_writes_the_trajectory_and_its_figures(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "[bold]out"
    done = run("simulate", "--preset", "faces", "--layers", 4, "--alpha", 0.25, "--seed", 3, "--out", out)
    assert done.status == 0 and str(out) in done.out
    assert {file.name for file in out.iterdir()} == {
        "trajectory.npz",
        "dynamics.pdf",
        "dynamics.png",
        "dynamics.gif",
    }
    saved = hx.Trajectory.load(out / "trajectory.npz")
    wanted = hx.simulate(hx.preset("faces", 3), hx.Hardmax(alpha=0.25), 4)
    np.testing.assert_array_equal(saved.positions, wanted.positions)
    assert saved.rule == wanted.rule


def test_it_takes_tokens_of_any_dimension(run: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.random.default_rng(0).normal(size=(6, 3)))
    done = run("simulate", "--tokens", tmp_path / "t.npy", "--out", tmp_path / "out", "--layers", 2)
    assert done.status == 0 and "6 of dimension 3" in done.out
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["trajectory.npz"]


def test_tokens_too_large_to_draw_are_simulated_all_the_same(run: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.array([[1e308, 0.0], [-1e308, 1e307]]))
    out = tmp_path / "out"
    assert run("simulate", "--tokens", tmp_path / "t.npy", "--layers", 2, "--out", out).status == 0
    assert [file.name for file in out.iterdir()] == ["trajectory.npz"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "give either --preset or --tokens"),
        (["--preset", "faces", "--tokens", "t.csv"], "either --preset or --tokens"),
        (["--preset", "circle"], "'circle'; give one of triangle, emerging"),
        (["--preset", "faces", "--alpha", "abc"], "'--alpha'"),
        (["--preset", "faces", "--alpha", "-1"], "alpha is -1.0"),
        (["--preset", "faces", "--alpha", "0"], "alpha is 0.0"),
        (["--preset", "faces", "--alpha", "nan"], "alpha is nan"),
        (["--preset", "faces", "--layers", "-1"], "layers is -1"),
        (["--preset", "faces", "--layers", "1.5"], "'--layers'"),
        (["--preset", "faces", "--seed", "-1"], "'--seed'"),
        (["--preset", "faces", "--layers", "2000000000"], "layers is 2000000000"),
        (["--tokens", "none.csv"], "none.csv: No such file"),
        (["--tokens", "none.txt"], "none.txt is no .npy or .csv file"),
    ],
)
def test_wrong_options_get_one_line(
    refused: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in refused("simulate", "--out", "OUT", *options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.csv", b"", "holds no token"),
        ("t.csv", b"x,y\n", "holds no token"),
        ("t.csv", b"1,2\n3\n", "line 2: 1 numbers where the first token has 2"),
        ("t.csv", b"1,2\nthree,4\n", "line 2, column 1: 'three'"),
        ("t.csv", b"1,2\nnan,4\n", "t.csv: row 1, column 0 is nan"),
        ("t.csv", b"1,2\n3,inf\n", "t.csv: row 1, column 1 is inf"),
        ("t.csv", b"\xff\xfe1,2\n", "UTF-8"),
        ("t.npy", b"", "t.npy is not a .npy file"),
        ("t.npy", b"\x93NUMPY\x01\x00v\x00{'descr'", "t.npy is not a .npy file"),
    ],
)
def test_wrong_files_of_tokens_get_one_line(
    refused: Run, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert words in refused("simulate", "--tokens", tmp_path / name, "--out", tmp_path / "out")


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.array([[1.0, np.nan]]), "column 1 is nan"),
        (np.array([[1.0, np.inf]]), "column 1 is inf"),
        (np.ones(3), "shape (3,)"),
        (np.array([["a", "b"]]), "not an array of real numbers"),
        (np.array([[1 + 2j, 1]]), "not an array of real numbers"),
    ],
)
def test_wrong_arrays_of_tokens_get_one_line(
    refused: Run, tmp_path: Path, array: np.ndarray, words: str
) -> None:
    np.save(tmp_path / "t.npy", array)
    assert words in refused("simulate", "--tokens", tmp_path / "t.npy", "--out", tmp_path / "out")


def test_pickled_tokens_are_not_loaded(refused: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert "t.npy" in refused("simulate", "--tokens", tmp_path / "t.npy", "--out", tmp_path / "out")


def test_a_folder_that_holds_something_is_left_alone(refused: Run, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("data")
    for out, words in ((tmp_path, "is not empty"), (tmp_path / "precious.txt", "is a file")):
        assert words in refused("simulate", "--preset", "faces", "--out", out)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("precious.txt", "data")]


def test_a_full_disk_gets_one_line(refused: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    monkeypatch.setattr(np, "savez", full)
    line = refused("simulate", "--preset", "faces", "--out", tmp_path / "out")
    assert "trajectory.npz: No space left on device" in line
    assert list((tmp_path / "out").iterdir()) == []
