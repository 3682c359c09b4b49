"""How commands end: the exit status, signals, pipes, terminals and missing packages."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hardmax.training.history import History

Run = Callable[..., Any]


def test_a_training_that_is_stopped_is_status_130_and_resume_finishes(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ["train", "--train", home / "reviews.csv", "--test", home / "reviews.csv", "--epochs", 2]
    options += ["--out", tmp_path / "run"]
    save = History.save

    def save_and_stop(history: History, path: Path) -> None:
        save(history, path)
        monkeypatch.undo()
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(History, "save", save_and_stop)
    done = run(*options)
    assert done.status == 130 and "--resume goes on" in done.out
    assert done.err.strip() == "hardmax: stopped"
    assert run("evaluate", tmp_path / "run", home / "reviews.csv").status == 0
    assert run(*options, "--resume").status == 0
    whole = home / "run" / "model.safetensors"
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == whole.read_bytes()


def test_a_reader_that_goes_away_is_no_traceback(process: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.eye(3))
    read, write = os.pipe()
    os.close(read)
    for arguments in (["--help"], ["simulate", "--tokens", tmp_path / "t.npy", "--out", tmp_path / "out"]):
        done = process(*arguments, stdout=write)
        assert done.returncode == 1 and done.stderr == ""
    os.close(write)


def test_a_terminal_without_unicode_is_no_traceback(
    run: Run, process: Run, tmp_path: Path, write_csv: Callable[..., Path]
) -> None:
    path = write_csv(tmp_path / "naïve.csv", [("Très naïve café", 1), ("Schön öde", 0)] * 10)
    assert run("train", "--train", path, "--out", tmp_path / "rün", "--epochs", 1).status == 0
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    explain = ["explain", tmp_path / "rün", "--text", "naïve öde"]
    for options in ([], ["--json"]):
        done = process(*explain, *options, env=environment)
        assert done.returncode == 0 and done.stderr == "" and done.stdout.isascii()
    assert "naïve" in json.loads(done.stdout)["tokens"]


def test_wrong_input_is_one_line_and_status_2(process: Run) -> None:
    done = process("simulate", "--preset", "circle", "--out", "nowhere")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("hardmax: there is no preset 'circle'") and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("module", "arguments", "package"),
    [
        ("typer", ["--help"], "typer is not installed; get it with: pip install 'hardmax[cli]'"),
        ("torch", ["explain", "imdb-d2", "--text", "good"], "pip install 'hardmax[sentiment]'"),
        ("matplotlib", ["simulate", "--preset", "faces", "--out", "OUT"], "pip install 'hardmax[plots]'"),
    ],
)
def test_a_missing_package_is_said_in_one_line(
    tmp_path: Path, module: str, arguments: list[str], package: str
) -> None:
    program = (
        f"import sys; sys.modules[{module!r}] = None; from hardmax.cli.app import main; main({arguments})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, cwd=tmp_path
    )
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1
    assert done.stderr.startswith("hardmax: ") and package in done.stderr
