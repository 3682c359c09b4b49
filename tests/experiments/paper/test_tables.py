"""The tables of the paper, on models and histories small enough to know the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from hardmax import Settings, TrainedModel
from hardmax.errors import InputError
from hardmax.experiments.paper import published, tables
from hardmax.text import Bags, Vocabulary
from hardmax.training import Examples, History

SETTINGS = Settings().replace(dim=2, layers=8, alpha=1.0, max_tokens=20)
PLACES = {"great": (6.0, 0.0), "bad": (-6.0, 0.0), "film": (0.5, 0.1), "plot": (-0.5, 0.1), "odd": (0.0, 4.0)}


def _model() -> TrainedModel:
    """Return a model with tokens where they are wanted, and a decoder that looks at the first coordinate."""
    made = TrainedModel.start(Vocabulary(PLACES), SETTINGS)
    with torch.no_grad():
        made.network.encoder.weight.copy_(torch.tensor([(0.0, 0.1), *PLACES.values()]))
        made.network.decoder.weight.copy_(torch.tensor([[1.0, 0.0]]))
        made.network.decoder.bias.zero_()
    return made


def _examples(model: TrainedModel, reviews: Mapping[str, int]) -> Examples:
    bags = Bags.build([text.split() for text in reviews], model.vocabulary, SETTINGS.reading)
    return Examples(bags, np.array(list(reviews.values())))


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
    rows = tables.histogram(tables.followed(model, _examples(model, reviews)), model.vocabulary)
    assert [(row["word"], row["count"], row["logit"]) for row in rows] == [
        ("great", 2, 6.0),
        ("bad", 1, -6.0),
    ]
    assert [row["published"] for row in rows] == [1247, None]


def test_the_table_of_leaders_has_the_mean_the_extremes_and_the_fraction_at_layer_0() -> None:
    model = _model()
    row = tables.leaders_row(model, _examples(model, {"great film": 1, "bad great odd film": 0}))
    assert (row["d"], row["mean"], row["std"], row["min"], row["max"], row["sets"]) == (2, 2.0, 1.0, 1, 3, 2)
    assert row["initial_fraction"] == 1.0


def test_many_reviews_are_all_read_and_in_their_order() -> None:
    model = _model()
    reviews = {"great film": 1, "bad plot": 0, "great": 1, "odd film": 0, "bad great odd": 1}
    few = _examples(model, reviews)
    many = few.take(np.tile(np.arange(5), 250))  # more than are followed at once
    rows, more = (tables.histogram(tables.followed(model, some), model.vocabulary) for some in (few, many))
    assert [(row["word"], row["count"]) for row in more] == [
        (row["word"], 250 * row["count"]) for row in rows
    ]
    wanted = tables.leaders_row(model, few) | {"sets": 1250}
    assert tables.leaders_row(model, many) == pytest.approx(wanted)
    assert [review.label for review in tables.followed(model, many)] == many.labels.tolist()


def test_the_example_is_a_confident_review_of_its_class_with_enough_leaders() -> None:
    model = _model()
    reviews = {
        "great": 1,
        "bad great odd plot": 1,  # most leaders, but undecided
        "great great great odd film": 1,
        "great great great odd film plot": 1,
        "bad": 0,
    }
    test = tables.followed(model, _examples(model, reviews))
    assert tables.example(test, label=1, leaders=2, tokens=3) == 2
    assert tables.example(test, label=1, leaders=2, tokens=4) == 3
    assert tables.example(test, label=0) == 4


def test_an_example_of_a_class_that_is_not_there_is_refused() -> None:
    model = _model()
    with pytest.raises(InputError, match="no test review has the label 0"):
        tables.example(tables.followed(model, _examples(model, {"great": 1})), label=0)


def test_the_confidence_of_a_far_review_does_not_overflow() -> None:
    model = _model()
    with torch.no_grad():
        model.network.decoder.weight.mul_(1000.0)
    followed = tables.followed(model, _examples(model, {"great": 0, "bad": 0}))
    assert [review.confidence for review in followed] == [0.0, 1.0]


def test_losses_at_equal_steps_undo_a_difference_in_the_length_of_epochs() -> None:
    steps = published.steps(25_000)
    assert (steps, published.steps(published.TRAIN_REVIEWS)) == (391, 547)

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
