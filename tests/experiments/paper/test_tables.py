"""The tables of the paper, on models and histories small enough to know the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from hardmax.errors import InputError
from hardmax.experiments.paper import published, tables
from hardmax.text.bags import Corpus
from hardmax.training.history import History
from hardmax.training.settings import Settings
from hardmax.classifier.trained_model import TextModel
from hardmax.text.vocabulary import Vocabulary

SETTINGS = Settings(dim=2, layers=8, alpha=1.0, max_tokens=20)
PLACES = {"great": (6.0, 0.0), "bad": (-6.0, 0.0), "film": (0.5, 0.1), "plot": (-0.5, 0.1), "odd": (0.0, 4.0)}


def _model() -> TextModel:
    """Words where they are wanted, and a decoder that looks at the first coordinate."""
    made = TextModel.start(Vocabulary(PLACES), SETTINGS)
    with torch.no_grad():
        made.model.encoder.weight.copy_(torch.tensor([(0.0, 0.1), *PLACES.values()]))
        made.model.decoder.weight.copy_(torch.tensor([[1.0, 0.0]]))
        made.model.decoder.bias.zero_()
    return made


def _corpus(model: TextModel, reviews: Mapping[str, int]) -> Corpus:
    return Corpus.build(
        [text.split() for text in reviews], list(reviews.values()), model.vocabulary, SETTINGS
    )


def _history(losses: list[float], accuracies: list[float] | None = None) -> History:
    history = History()
    for epoch, loss in enumerate(losses):
        accuracy = accuracies[epoch] if accuracies else 0.5
        history.append(
            {"epoch": epoch, "train_loss": loss, "test_acc": accuracy, "alpha": 1.0, "seconds": 2.0}
        )
    return history


def test_words_are_counted_once_a_review_and_only_in_confident_right_reviews() -> None:
    model = _model()
    reviews = {
        "great film": 1,
        "great great odd great film": 1,  # counts once; odd leads, and is on neither side
        "bad plot": 0,
        "bad film great": 0,  # undecided
        "great plot": 0,  # wrong
    }
    rows = tables.histogram(model, _corpus(model, reviews))
    assert [(row["word"], row["count"], row["logit"]) for row in rows] == [
        ("great", 2, 6.0),
        ("bad", 1, -6.0),
    ]
    assert [row["published"] for row in rows] == [1247, None]


def test_the_table_of_leaders_has_the_mean_the_extremes_and_the_fraction_at_layer_0() -> None:
    model = _model()
    row = tables.leaders_row(model, _corpus(model, {"great film": 1, "bad great odd film": 0}))
    assert (row["d"], row["mean"], row["std"], row["min"], row["max"], row["sets"]) == (2, 2.0, 1.0, 1, 3, 2)
    assert row["initial_fraction"] == 1.0


def test_reviews_in_many_batches_are_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    model = _model()
    corpus = _corpus(model, {"great film": 1, "bad plot": 0, "great": 1, "odd film": 0, "bad great odd": 1})
    whole = tables.histogram(model, corpus), tables.leaders_row(model, corpus)
    monkeypatch.setattr(tables, "_BATCH", 2)
    assert (tables.histogram(model, corpus), tables.leaders_row(model, corpus)) == whole


def test_the_example_is_a_confident_review_of_its_class_with_enough_leaders() -> None:
    model = _model()
    reviews = {
        "great": 1,
        "bad great odd plot": 1,  # most leaders, but undecided
        "great great great odd film": 1,
        "great great great odd film plot": 1,
        "bad": 0,
    }
    corpus = _corpus(model, reviews)
    assert tables.example(model, corpus, label=1, leaders=2, words=3) == 2
    assert tables.example(model, corpus, label=1, leaders=2, words=4) == 3
    assert tables.example(model, corpus, label=0) == 4


def test_an_example_of_a_class_that_is_not_there_is_refused() -> None:
    model = _model()
    with pytest.raises(InputError, match="no test review has the label 0"):
        tables.example(model, _corpus(model, {"great": 1}), label=0)


def test_the_confidence_of_a_far_review_does_not_overflow() -> None:
    model = _model()
    with torch.no_grad():
        model.model.decoder.weight.mul_(1000.0)
    readings = list(tables.readings(model, _corpus(model, {"great": 0, "bad": 0})))
    assert [reading.confidence for reading in readings] == [0.0, 1.0]


def test_losses_at_equal_steps_undo_a_difference_in_the_length_of_epochs() -> None:
    steps = tables.steps(25_000)
    assert (steps, tables.steps(published.TRAIN_REVIEWS)) == (391, 547)

    def loss(epoch: float, per_epoch: int) -> float:
        return math.exp(-1e-4 * (epoch + 0.5) * per_epoch)

    rows = tables.losses({2: _history([loss(epoch, steps) for epoch in range(101)])}, 25_000)
    assert [row["epoch"] for row in rows] == list(published.LOSS_EPOCHS)
    for row in rows[:-1]:
        assert row["loss_at_equal_steps"] == pytest.approx(loss(row["epoch"], 547), rel=1e-12)
        assert row["train_loss"] == loss(row["epoch"], steps)
    assert rows[-1]["loss_at_equal_steps"] is None  # that many steps were not made
    assert [row["published_train_loss"] for row in rows] == list(published.RESULTS[2].train_losses)


def test_epochs_that_were_not_trained_are_left_empty() -> None:
    rows = tables.losses({4: _history([0.7, 0.6])}, published.TRAIN_REVIEWS)
    assert [row["train_loss"] for row in rows] == [0.7, None, None, None, None, None]


def test_results_tell_the_best_epoch_and_the_last() -> None:
    (row,) = tables.results({8: _history([0.7, 0.5, 0.3], [0.5, 0.8, 0.7])})
    assert (row["best_epoch"], row["best_test_accuracy"]) == (1, 0.8)
    assert (row["last_epoch"], row["last_test_accuracy"], row["train_seconds"]) == (2, 0.7, 6.0)
    assert (row["published_best_epoch"], row["published_best_test_accuracy"]) == (38, 0.8505)


def test_a_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    rows = [
        {"word": "great", "count": 3, "x": 0.1 + 0.2, "none": None},
        {"word": "a, b", "count": -1, "x": 2.5, "none": 7},
    ]
    tables.write_table(tmp_path / "t.csv", rows)
    assert tables.read_table(tmp_path / "t.csv") == rows
    tables.write_table(tmp_path / "empty.csv", [])
    assert tables.read_table(tmp_path / "empty.csv") == []


def test_numpy_numbers_are_written_as_numbers(tmp_path: Path) -> None:
    tables.write_table(tmp_path / "t.csv", [{"a": np.float64(0.5), "b": np.int64(2)}])
    assert tables.read_table(tmp_path / "t.csv") == [{"a": 0.5, "b": 2}]


def test_a_table_that_is_gone_is_named_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*gone\.csv"):
        tables.read_table(tmp_path / "gone.csv")
