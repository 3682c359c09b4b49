"""Commands say all that they have to say, in any terminal, and send no escapes to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

COMMANDS = {
    "--help": [],
    "explain": ["RUN", "--text", "A wonderful, moving film and an awful plot"],
    "evaluate": ["RUN", "DATA"],
    "predict": ["RUN", "DATA"],
    "simulate": ["--preset", "triangle", "--layers", "2", "--out", "OUT"],
}


@pytest.fixture
def line(home: Path, tmp_path: Path) -> Callable[[str], list[Any]]:
    """Return the arguments of a command, each time with a new folder to write to."""

    def line(command: str) -> list[Any]:
        number = len(list(tmp_path.iterdir()))
        (tmp_path / f"{number}").mkdir()
        places = {"RUN": home / "run", "DATA": home / "reviews.csv", "OUT": tmp_path / f"{number}" / "out"}
        return [command, *(places.get(each, each) for each in COMMANDS[command])]

    return line


@pytest.mark.parametrize("columns", ["0", "-1", "1", "19", "abc", "9" * 30])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_width_takes_anything_away(
    run: Run, line: Callable[[str], list[Any]], monkeypatch: pytest.MonkeyPatch, command: str, columns: str
) -> None:
    def words() -> list[str]:
        done = run(*line(command))
        assert done.status == 0, done
        return [word for word in done.out.split() if "/" not in word]

    monkeypatch.setenv("COLUMNS", "100")
    wide = words()
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("LINES", columns)
    assert words() == wide and len(wide) > 2


@pytest.mark.parametrize("odd", ["\x1b[31mred", "\x9b2J", "\u202etxt", "\x07bell"], ids=ascii)
def test_what_steers_a_terminal_is_shown_and_not_sent(
    run: Run, refused: Run, home: Path, tmp_path: Path, odd: str
) -> None:
    rows = [f'"a wonderful film","{odd}"', '"a dull plot",plain'] * 10
    data = tmp_path / f"{odd}.csv"
    data.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    refused("evaluate", home / "run", tmp_path / f"{odd}.none")
    refused("evaluate", home / "run", data)
    folder = tmp_path / f"{odd} run"
    train = run("train", "--train", data, "--out", folder, "--epochs", 1, "--label-column", "label")
    explain = run("explain", folder, "--text", f"a wonderful film {odd}")
    for done in (train, explain):
        assert done.status == 0, done
        assert all(one.isprintable() for one in done.out.splitlines()), done.out
