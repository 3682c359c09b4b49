"""The study as a whole: its files, going on after a stop, and what it refuses."""

from __future__ import annotations

import csv
import math
import re
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")
pytest.importorskip("vaderSentiment")

from hardmax.errors import InputError, MissingExtraError
from hardmax._support.files import read_json
from hardmax.data.sample import sample_reviews
from hardmax._support.stages import RECORD
from hardmax.experiments.clustering import FULL, QUICK, cells, study
from hardmax.experiments.clustering.grid import Cell

CELLS = len(list(QUICK.cells()))
NAMES = {"study.csv", "summary.csv", "study.pdf", "study.png", "study.md", "cells", RECORD}


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "reviews.csv"
    sample = sample_reviews()
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *zip(sample.texts, sample.labels, strict=True)])
    return path


@pytest.fixture(scope="module")
def done(reviews: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("done") / "out"
    assert study(reviews, folder, quick=True) == folder / "study.md"
    return folder


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _times(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_all_files_are_made(done: Path) -> None:
    assert {path.name for path in done.iterdir()} == NAMES
    assert len(list((done / "cells").iterdir())) == CELLS
    assert (done / "study.pdf").read_bytes().startswith(b"%PDF")
    assert (done / "study.png").read_bytes().startswith(b"\x89PNG")


def test_there_is_a_row_for_each_cell_and_one_for_the_cells_that_differ_in_the_seed(done: Path) -> None:
    rows, summary = _rows(done / "study.csv"), _rows(done / "summary.csv")
    told = [(row["training"], row["d"], row["alpha"], row["seed"]) for row in rows]
    assert told == [(c.training, str(c.dim), str(c.alpha), str(c.seed)) for c in QUICK.cells()]
    assert len(summary) == CELLS / len(QUICK.seeds)
    first = [float(row["test_accuracy"]) for row in rows[:2]]
    assert float(summary[0]["test_accuracy_mean"]) == pytest.approx(sum(first) / 2, abs=1e-6)
    assert float(summary[0]["test_accuracy_std"]) == pytest.approx(
        abs(first[0] - first[1]) / math.sqrt(2), abs=1e-6
    )


def test_tokens_cluster_with_layers_and_do_not_move_without(done: Path) -> None:
    for row in _rows(done / "study.csv"):
        strength, step = float(row["strength"]), float(row["step"])
        assert (strength, step) == (0.0, 0.0) if row["alpha"] == "0" else (strength > 0.9 and step == 1.0)


def test_the_page_shows_files_that_are_there_and_says_that_a_quick_run_is_no_result(done: Path) -> None:
    page = (done / "study.md").read_text(encoding="utf-8")
    linked = [link for link in re.findall(r"\]\(([^)]+)\)", page) if not link.startswith("https://")]
    assert set(linked) == {"study.png", "summary.csv", "study.csv"}
    assert "A quick run" in page and "120 test reviews" in page
    for row in _rows(done / "summary.csv"):
        assert f"{float(row['test_accuracy_mean']):.4f}" in page


def test_a_second_call_does_nothing_again(done: Path, reviews: Path) -> None:
    before, said = _times(done), list[str]()
    study(reviews, done, quick=True, say=said.append)
    assert _times(done) == before
    assert len(said) == 2 and all(line.endswith(": done before") for line in said)


def test_a_deleted_cell_is_measured_again_and_no_other(done: Path, reviews: Path) -> None:
    deleted = done / "cells" / "free_d4_alpha1_seed1.json"
    row = read_json(deleted)
    deleted.unlink()
    before = _times(done)
    study(reviews, done, quick=True)
    after = _times(done)
    assert {path.name for path, time in after.items() if before.get(path) != time} == {deleted.name, RECORD}
    assert read_json(deleted) | {"train_seconds": 0} == row | {"train_seconds": 0}


def _stop_at(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    """Make rows up, and stop by Ctrl-C, once, in the cell of this name; list the cells in their turn."""
    measured: list[str] = []

    def measure(cell: Cell, *_: object) -> dict[str, Any]:
        measured.append(cell.name)
        if cell.name == name and measured.count(name) == 1:
            raise KeyboardInterrupt
        shares = [f"opinion_of_{kind}" for kind in ("words", "pairs", "tokens", "leaders")]
        shares += [f"opinion_of_leading_{kind}" for kind in ("words", "pairs")]
        measures = ("step", "test_accuracy", "strength", "leaders", "leading", *shares, "train_seconds")
        where = {"training": cell.training, "d": cell.dim, "alpha": cell.alpha, "seed": cell.seed}
        return where | dict.fromkeys(measures, 0.5)

    monkeypatch.setattr(cells, "measure", measure)
    return measured


def test_a_run_that_is_stopped_keeps_its_cells_and_goes_on(
    reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = "lines_d4_alpha0_seed0"
    measured = _stop_at(monkeypatch, stopped)
    with pytest.raises(KeyboardInterrupt):
        study(reviews, tmp_path, quick=True)
    assert {path.stem for path in (tmp_path / "cells").iterdir()} == set(measured[:-1])
    assert not (tmp_path / "study.md").exists()
    said: list[str] = []
    study(reviews, tmp_path, quick=True, say=said.append)
    assert f"4 of {CELLS} cells were done before, {CELLS - 4} are left" in said
    assert sorted(measured) == sorted([stopped, *(cell.name for cell in QUICK.cells())])
    assert {path.name for path in tmp_path.iterdir()} == NAMES


@pytest.mark.parametrize("change", ["reviews", "quick"])
def test_other_input_in_a_folder_that_was_begun_is_refused(
    change: str, done: Path, reviews: Path, tmp_path: Path
) -> None:
    data = reviews
    if change == "reviews":
        data = tmp_path / "other.csv"
        data.write_text(reviews.read_text(encoding="utf-8") + "one more,1\n", encoding="utf-8")
    before = _times(done)
    with pytest.raises(InputError, match=f"was begun with {change} = ") as error:
        study(data, done, quick=change != "quick")
    assert "\n" not in str(error.value)
    assert _times(done) == before


def test_a_number_of_processes_that_is_none_is_refused_before_anything_is_written(
    reviews: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="processes is 0"):
        study(reviews, tmp_path / "out", quick=True, processes=0)
    assert not (tmp_path / "out").exists()


def test_without_the_lexicon_the_command_that_brings_it_is_named(
    reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vaderSentiment.vaderSentiment", None)
    with pytest.raises(MissingExtraError, match=r"vaderSentiment is not installed.*hardmax\[study\]"):
        study(reviews, tmp_path / "out", quick=True)
    assert not (tmp_path / "out").exists()


def test_the_whole_grid_has_five_seeds_of_both_trainings() -> None:
    whole = list(FULL.cells())
    assert len(whole) == len(set(whole)) == 2 * 4 * 7 * 5
    assert len({cell.name for cell in whole}) == len(whole)
