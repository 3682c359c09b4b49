"""The cells of the study: their settings, their numbers, and their means over the seeds."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("joblib")

from hardmax import Settings, sample_reviews
from hardmax._support.files import read_json
from hardmax.classifier.fit import fit_prepared
from hardmax.experiments.clustering.grid import TRAININGS, Cell, measure_cell, measure_cells, summary_of
from hardmax.experiments.measure import measure
from hardmax.training import History
from hardmax.training.prepare import prepare_reviews

LEXICON = frozenset({"good", "wonderful", "boring", "awful", "dull"})
SHORT = Settings().replace(epochs=2, min_count=2)
PREPARED = prepare_reviews(sample_reviews("train"), sample_reviews("test"), SHORT)


@pytest.mark.parametrize("training", TRAININGS)
def test_a_cell_trains_with_its_own_settings(training: str) -> None:
    settings = Cell(training, 4, 0.3, 7).settings(SHORT)
    shape = settings.shape
    assert (shape.dim, shape.alpha, shape.layers, settings.training.seed) == (4, 0.3, 8, 7)
    assert (shape.encoder, shape.gradient) == {
        "lines": ("lines", "straight-through"),
        "free": ("free", "exact"),
    }[training]
    assert settings.reading == SHORT.reading and settings.training.epochs == 2
    assert Cell(training, 4, 0, 7).settings(SHORT).shape.layers == 0


def test_a_cell_holds_what_is_measured_of_its_model() -> None:
    cell = Cell("lines", 2, 1, 3)
    found = measure_cell(cell, SHORT, PREPARED, LEXICON)
    assert PREPARED.test is not None
    wanted = measure(fit_prepared(PREPARED, cell.settings(SHORT)), PREPARED.test)
    assert (found["test_accuracy"], found["test_loss"]) == (wanted.accuracy, wanted.loss)
    assert (found["strength"], found["tokens"], found["leaders"]) == (
        wanted.strength,
        wanted.tokens,
        wanted.leaders.mean,
    )
    assert found["leading"] == wanted.leading.sum() / wanted.frequencies.sum()


def test_a_learned_step_is_told() -> None:
    found = measure_cell(Cell("free", 2, "learn", 0), SHORT, PREPARED, LEXICON)
    assert found["alpha"] == "learn"
    assert found["step"] > 0 and 0 < found["strength"] < 1


def test_cells_have_the_same_numbers_in_other_processes(tmp_path: Path) -> None:
    chosen = [Cell("lines", 2, 1, 0), Cell("free", 4, 0.1, 1)]
    files = {cell: tmp_path / f"{cell.name}.json" for cell in chosen}
    measure_cells(files, SHORT, PREPARED, LEXICON, processes=2)
    for cell, file in files.items():
        here = measure_cell(cell, SHORT, PREPARED, LEXICON)
        assert read_json(file) | {"train_seconds": 0} == here | {"train_seconds": 0}


def test_a_training_that_is_stopped_leaves_no_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def press(history: History, row: dict[str, float]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(History, "append", press)
    with pytest.raises(KeyboardInterrupt):
        measure_cells({Cell("lines", 2, 1, 0): tmp_path / "cell.json"}, SHORT, PREPARED, LEXICON)
    assert not any(tmp_path.iterdir())


def test_one_seed_has_no_spread_and_a_missing_number_no_mean() -> None:
    (row,) = summary_of([{"training": "free", "d": 2, "alpha": 1, "seed": 0, "leaders": 4, "strength": None}])
    assert (row["seeds"], row["leaders_mean"], row["leaders_std"]) == (1, 4, None)
    assert row["strength_mean"] is row["strength_std"] is None
