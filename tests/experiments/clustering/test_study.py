"""The study as a whole: its files, going on after a stop, and what it refuses."""

from __future__ import annotations

import csv
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")
pytest.importorskip("vaderSentiment")

from hardmax._support.files import read_json
from hardmax._support.stages import RECORD
from hardmax.errors import InputError, MissingExtraError
from hardmax.experiments.clustering import study
from hardmax.experiments.clustering.run import FULL, QUICK, QUICK_EPOCHS
from hardmax.training import History

CELLS = len(list(QUICK.cells()))
NAMES = {"study.csv", "summary.csv", "study.pdf", "study.png", "study.md", "cells", RECORD}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_all_files_are_made(studied: Path) -> None:
    assert {path.name for path in studied.iterdir()} == NAMES
    assert len(list((studied / "cells").iterdir())) == CELLS
    assert (studied / "study.pdf").read_bytes().startswith(b"%PDF")
    assert (studied / "study.png").read_bytes().startswith(b"\x89PNG")


def test_there_is_a_row_for_each_cell_and_one_for_the_cells_that_differ_in_the_seed(studied: Path) -> None:
    rows, summary = _rows(studied / "study.csv"), _rows(studied / "summary.csv")
    told = [(row["training"], row["d"], row["alpha"], row["seed"]) for row in rows]
    assert told == [(c.training, str(c.dim), str(c.alpha), str(c.seed)) for c in QUICK.cells()]
    assert len(summary) == CELLS / len(QUICK.seeds)
    first = [float(row["test_accuracy"]) for row in rows[:2]]
    assert float(summary[0]["test_accuracy_mean"]) == pytest.approx(sum(first) / 2, abs=1e-6)
    assert float(summary[0]["test_accuracy_std"]) == pytest.approx(
        abs(first[0] - first[1]) / math.sqrt(2), abs=1e-6
    )


def test_tokens_cluster_with_layers_and_do_not_move_without(studied: Path) -> None:
    for row in _rows(studied / "study.csv"):
        strength, step = float(row["strength"]), float(row["step"])
        assert (strength, step) == (0.0, 0.0) if row["alpha"] == "0" else (strength > 0.9 and step == 1.0)


def test_the_page_shows_files_that_are_there_and_says_that_a_quick_run_is_no_result(studied: Path) -> None:
    page = (studied / "study.md").read_text(encoding="utf-8")
    linked = [link for link in re.findall(r"\]\(([^)]+)\)", page) if not link.startswith("https://")]
    assert set(linked) == {"study.png", "summary.csv", "study.csv"}
    assert "A quick run" in page and "120 test reviews" in page
    assert re.search(r"All trainings together took \d+\.\d seconds", page)
    for row in _rows(studied / "summary.csv"):
        assert f"{float(row['test_accuracy_mean']):.4f}" in page


def test_a_deleted_cell_is_measured_again_and_no_other(
    studied: Path, sample_file: Path, times: Callable[[Path], dict[Path, int]]
) -> None:
    deleted = studied / "cells" / "free_d4_alpha1_seed1.json"
    row = read_json(deleted)
    deleted.unlink()
    before = times(studied)
    study(studied, sample_file, quick=True)
    after = times(studied)
    assert {path.name for path, time in after.items() if before.get(path) != time} == {deleted.name, RECORD}
    assert read_json(deleted) | {"train_seconds": 0} == row | {"train_seconds": 0}


def test_a_run_that_is_stopped_keeps_its_cells_and_goes_on(
    studied: Path,
    sample_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    times: Callable[[Path], dict[Path, int]],
) -> None:
    append, epochs = History.append, list[int]()

    def stopping(history: History, row: dict[str, float]) -> None:
        epochs.append(len(history))
        if len(epochs) == 4 * QUICK_EPOCHS + 2:  # in the fifth cell
            raise KeyboardInterrupt
        append(history, row)

    monkeypatch.setattr(History, "append", stopping)
    with pytest.raises(KeyboardInterrupt):
        study(tmp_path, sample_file, quick=True)
    finished = times(tmp_path / "cells")
    assert {path.stem for path in finished} == {cell.name for cell in list(QUICK.cells())[:4]}
    assert not (tmp_path / "study.md").exists()
    said: list[str] = []
    study(tmp_path, sample_file, quick=True, say=said.append)
    assert f"4 of {CELLS} cells were done before, {CELLS - 4} are left" in said
    assert finished.items() <= times(tmp_path / "cells").items()
    assert {path.name for path in tmp_path.iterdir()} == NAMES
    for file in (tmp_path / "cells").iterdir():
        row, wanted = read_json(file), read_json(studied / "cells" / file.name)
        assert row | {"train_seconds": 0} == wanted | {"train_seconds": 0}


def test_a_number_of_processes_that_is_none_is_refused_before_anything_is_written(
    sample_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="processes is 0"):
        study(tmp_path / "out", sample_file, quick=True, processes=0)
    assert not (tmp_path / "out").exists()


def test_without_the_lexicon_the_command_that_brings_it_is_named(
    sample_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vaderSentiment.vaderSentiment", None)
    with pytest.raises(MissingExtraError, match=r"vaderSentiment is not installed.*hardmax\[study\]"):
        study(tmp_path / "out", sample_file, quick=True)
    assert not (tmp_path / "out").exists()


def test_the_whole_grid_has_five_seeds_of_both_trainings() -> None:
    whole = list(FULL.cells())
    assert len(whole) == len(set(whole)) == 2 * 4 * 7 * 5
    assert len({cell.name for cell in whole}) == len(whole)
