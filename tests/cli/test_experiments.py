"""``hardmax reproduce`` and ``hardmax study``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("command", "room", "what"), [("reproduce", "paper", "report"), ("study", "clustering", "page")]
)
def test_options_reach_the_experiment_and_its_page_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, room: str, what: str
) -> None:
    package = import_module(f"hardmax.experiments.{room}")
    signature = inspect.signature(getattr(package, command))
    found: dict[str, Any] = {}

    def experiment(*arguments: Any, **options: Any) -> Path:
        found.update(signature.bind(*arguments, **options).arguments)
        found["say"]("1/1 [bold]stage")
        return tmp_path / "page"

    monkeypatch.setattr(package, command, experiment)
    data, out = tmp_path / "reviews.csv", tmp_path / "out"
    data.write_text("text,label\n")
    options = ["--out", out, "--data", data, "--quick", "--processes", 3]
    done = run(command, *options)
    assert done.status == 0 and done.out == f"1/1 [bold]stage\n{what}: {tmp_path / 'page'}\n"
    values = [found[name] for name in ("out", "data", "quick", "processes")]
    assert values == [out, data, True, 3]


@pytest.mark.parametrize("command", ["reproduce", "study"])
def test_wrong_data_get_one_line(refused: Run, tmp_path: Path, command: str) -> None:
    line = refused(command, "--out", tmp_path / "out", "--data", "none.csv")
    assert "no file or folder none.csv" in line
    assert not (tmp_path / "out").exists()
