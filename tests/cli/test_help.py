"""The help of the command line, its version, and arguments that it does not know."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hardmax

COMMANDS = [
    "simulate",
    "download",
    "preprocess",
    "train",
    "evaluate",
    "predict",
    "explain",
    "reproduce",
    "study",
]

Run = Callable[..., Any]


def test_without_arguments_it_shows_the_help(run: Run) -> None:
    done = run()
    assert done.status == 0 and done.err == ""
    assert done.out == run("--help").out
    shown = done.out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in shown] == COMMANDS
    assert not any(line.endswith("...") for line in shown)  # each command's first sentence is shown whole


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_help_within_80_columns(run: Run, name: str) -> None:
    done = run(name, "--help")
    assert done.status == 0 and done.out.startswith(f"Usage: hardmax {name} ")
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_help_loses_nothing_in_a_window_without_width(process: Run) -> None:
    done = process("predict", "--help", env=os.environ | {"COLUMNS": "0"})
    for option in ("--out", "--json", "--text-column", "--processes", "RUN|MODEL", "DATA"):
        assert option in done.stdout


def test_the_version_is_that_of_the_package(run: Run) -> None:
    done = run("--version")
    assert (done.status, done.out, done.err) == (0, f"hardmax {hardmax.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dance"], "dance"),
        (["--loud"], "--loud"),
        (["simulate", "--out", "OUT", "--presett", "faces"], "--presett"),
        (["simulate", "--preset", "faces"], "--out"),
        (["download", "mnist"], "mnist"),
        (["preprocess", "none.csv", "OUT.csv"], "no file or folder none.csv"),
        (["train", "--train", "none.csv", "--out", "OUT"], "no file or folder none.csv"),
        (["train", "--train", "none.csv"], "--out"),
        (["evaluate", "none", "reviews.csv"], "there is no folder none"),
        (["evaluate", "imdb-d2", "none.csv"], "no file or folder none.csv"),
        (["predict", "none", "-"], "there is no folder none"),
        (["predict", "imdb-d2", "none.csv"], "no file or folder none.csv"),
        (["explain", "none", "--text", "Great"], "there is no folder none"),
        (["explain", "none"], "give either --text or --file"),
        (["explain", "none", "--text", "a", "--file", "b"], "give either --text or --file"),
    ],
)
def test_wrong_arguments_get_one_line(
    refused: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in refused(*arguments)
    assert list(tmp_path.iterdir()) == []
