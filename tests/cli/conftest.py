"""What the tests of commands share: running them, being refused, and a small trained model."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hardmax.cli.app import main

Rows = Sequence[tuple[str, object]]


@dataclass
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run a command in this process."""

    def run(*arguments: object) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return Done(caught.value.code, out, err)

    return run


@pytest.fixture
def refused(run: Callable[..., Done]) -> Callable[..., str]:
    """Run a command that must end with status 2; return the one line that it prints."""

    def refused(*arguments: object) -> str:
        done = run(*arguments)
        assert done.status == 2, done
        assert done.out == "", done
        assert done.err.startswith("hardmax: ") and done.err.count("\n") == 1 and done.err.endswith("\n")
        assert "Traceback" not in done.err and len(done.err) > len("hardmax: \n")
        return done.err.removeprefix("hardmax: ")

    return refused


@pytest.fixture
def process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command in a process of its own."""

    def process(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "hardmax", *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.run(line, **pipes | {"text": True, "timeout": 120} | options)

    return process


@pytest.fixture(scope="session")
def reviews() -> Rows:
    """Forty reviews with their labels."""
    return [
        ("A wonderful, moving film. I loved it!", 1),
        ("Boring. A dull and boring plot.", 0),
        ("Great actors and a wonderful plot.", 1),
        ("An awful film, simply dull.", 0),
    ] * 10


@pytest.fixture(scope="session")
def write_csv() -> Callable[..., Path]:
    def write_csv(path: Path, rows: Rows, header: str = "text,label") -> Path:
        lines = "".join(f'"{text}",{label}\n' for text, label in rows)
        path.write_text(f"{header}\n{lines}", encoding="utf-8")
        return path

    return write_csv


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, reviews: Rows, write_csv: Callable[..., Path]) -> Path:
    """A folder with reviews.csv, and a model trained on it in run/; no test changes it."""
    folder = tmp_path_factory.mktemp("home")
    file = write_csv(folder / "reviews.csv", reviews)
    options = ["--train", file, "--test", file, "--out", folder / "run", "--epochs", 2]
    with pytest.raises(SystemExit) as caught:
        main(["train", *map(str, options)])
    assert caught.value.code == 0
    return folder


@pytest.fixture(scope="session")
def topics(tmp_path_factory: pytest.TempPathFactory, write_csv: Callable[..., Path]) -> Path:
    """A folder with news.csv of columns comment,verdict,id, and a model of its three classes in run/."""
    folder = tmp_path_factory.mktemp("topics")
    texts = {"sport": "The team won a match", "trade": "Oil prices rose", "film": "A moving film"}
    rows = [(text, f"{topic},7") for topic, text in texts.items()] * 8
    file = write_csv(folder / "news.csv", rows, header="comment,verdict,id")
    columns = ["--text-column", "comment", "--label-column", "verdict"]
    options = ["--train", file, "--out", folder / "run", "--epochs", 5, "--set", "word_dropout=0", *columns]
    with pytest.raises(SystemExit) as caught:
        main(["train", *map(str, options)])
    assert caught.value.code == 0
    return folder
