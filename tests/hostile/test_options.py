"""Every option of every command, with values that nobody would give: status 0, or one line and status 2."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from hardmax.cli.app import app

Run = Callable[..., Any]

COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
#: What each command is given beside the option that is tried.
GIVEN = {
    "simulate": ["--preset", "triangle", "--layers", "1", "--out", "OUT"],
    "download": ["imdb", "--to", "OUT"],
    "preprocess": ["DATA", "OUT.csv"],
    "train": ["--train", "DATA", "--out", "OUT", "--epochs", "1"],
    "evaluate": ["RUN", "DATA"],
    "predict": ["RUN", "DATA"],
    "explain": ["RUN", "--text", "A wonderful film"],
    "reproduce": ["--data", "none.csv", "--out", "OUT"],
    "study": ["--data", "none.csv", "--out", "OUT"],
}
OPTIONS = [
    (command, option.opts[0])
    for command, group in COMMANDS.items()
    for option in group.params
    if option.opts[0].startswith("--") and not option.is_flag
]
ODD = [
    "",
    " ",
    "-1",
    "0",
    "9" * 30,
    "nan",
    "inf",
    "1e308",
    "1e-320",
    "\0",
    "\x1b[31m",
    "/",
    ".",
    "no/where",
    "é" * 5000,
]
ODD += ["=", "a=b", "dim=[[[", "\udcff", "FOLDER", "PIPE", "SECRET"]


def test_every_command_is_tried() -> None:
    assert GIVEN.keys() == COMMANDS.keys()


@pytest.mark.parametrize(("command", "option"), OPTIONS, ids=lambda each: each)
def test_an_odd_value_is_refused_in_one_line_or_works(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, option: str
) -> None:
    monkeypatch.setenv("HARDMAX_IMDB_URL", "http://127.0.0.1:9/none")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "secret.csv").touch(mode=0)
    places = {"RUN": home / "run", "DATA": home / "reviews.csv"}
    places |= {
        "FOLDER": tmp_path / "folder",
        "PIPE": tmp_path / "pipe.csv",
        "SECRET": tmp_path / "secret.csv",
    }
    for number, odd in enumerate(ODD):
        out = {"OUT": tmp_path / f"out{number}", "OUT.csv": tmp_path / f"out{number}.csv"}
        given = [str((places | out).get(each, each)) for each in GIVEN[command]]
        if option in given:
            del given[given.index(option) : given.index(option) + 2]
        done = run(command, *given, option, places.get(odd, odd))
        if done.status == 2:
            assert done.err.startswith("hardmax: ") and done.err.count("\n") == 1, (odd, done)
            assert done.err[:-1].isprintable() and len(done.err) < 2000, (odd, done)
        else:
            assert done.status == 0, (odd, done)
