"""The sentences of the report follow from the numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hardmax.experiments.paper import published, sentences
from hardmax.experiments.paper.sentences import Facts
from hardmax.training.history import History


def _history(test_losses: list[float]) -> History:
    history = History()
    for epoch, loss in enumerate(test_losses):
        row: dict[str, float] = {
            "epoch": epoch,
            "train_loss": 0.7 / (epoch + 1),
            "train_loss_hm": 0.7 / (epoch + 1) + 0.001 * epoch,
        }
        history.append(row | {"test_loss": loss, "test_acc": 0.8 - loss / 10, "alpha": 1.0, "seconds": 1.0})
    return history


def _facts(train: int = 35_000, own_splits: bool = False, **changes: Any) -> Facts:
    """Facts in which every number is the published one."""
    best = {d: result.best_test_accuracy for d, result in published.RESULTS.items()}
    facts = Facts(
        about={"train_reviews": train, "test_reviews": 15_000, "own_splits": own_splits},
        depends_on={"quick": False, "epochs": 101},
        stages={},
        histories={},
        results=[
            {"d": d, "best_test_accuracy": value, "published_best_test_accuracy": value}
            for d, value in best.items()
        ],
        losses=_losses(1.0, 1.0),
        leaders=[{"d": d, "mean": float(d), "initial_fraction": 0.99} for d in published.RESULTS],
        histogram=[{"word": word, "count": n, "logit": 3.0} for word, n in published.LEADER_WORDS.items()],
        examples=[],
        alpha=published.ALPHA,
        v=published.V,
        b=published.B,
        vocabulary_rows=121_350,
    )
    return replace(facts, **changes)


def _losses(at_epoch: float, at_steps: float) -> list[dict[str, Any]]:
    return [
        {
            "epoch": epoch,
            "published_train_loss": loss,
            "train_loss": loss * at_epoch,
            "loss_at_equal_steps": loss * at_steps,
        }
        for result in published.RESULTS.values()
        for epoch, loss in zip(published.LOSS_EPOCHS, result.train_losses, strict=True)
    ]


def test_the_order_of_the_models_is_compared() -> None:
    facts = _facts()
    assert sentences.of_order(facts).startswith("As in the paper")
    worse = [row | {"best_test_accuracy": 1 / row["d"]} for row in facts.results]
    assert "from worst to best, d = 16, 8, 4, 2" in sentences.of_order(replace(facts, results=worse))


def test_the_epoch_from_which_a_model_overfits_is_named() -> None:
    said = sentences.of_overfitting(2, _history([0.7, 0.5, 0.6, 0.9]))
    assert said.startswith("d = 2: the test loss is lowest at epoch 1 (0.500) and 0.900 at the last")
    assert "after epoch 1 the model overfits" in said


def test_no_overfitting_is_claimed_while_the_test_loss_falls() -> None:
    assert "no overfitting" in sentences.of_overfitting(4, _history([0.7, 0.6, 0.5]))


def test_the_largest_gap_between_softmax_and_hardmax_losses_is_found() -> None:
    assert sentences.largest_gap(_history([0.7, 0.6, 0.5])) == "0.002 (epoch 2)"


def test_equal_numbers_of_reviews_are_said_to_be_the_papers() -> None:
    assert sentences.of_data(_facts()) == ["The numbers of training and test reviews are the paper's."]


def test_fewer_reviews_are_said_to_make_shorter_epochs() -> None:
    (said,) = sentences.of_data(_facts(train=25_000))
    assert "learn from 25,000 reviews" in said
    assert "391 steps here and 547 in the paper" in said and "71 % of" in said


def test_a_test_split_of_the_source_is_said_to_be_harder() -> None:
    assert "no film is in both" in sentences.of_data(_facts(own_splits=True))[-1]


@pytest.mark.parametrize(
    ("at_epoch", "at_steps", "verdict"),
    [
        (1.5, 1.02, "most of the difference comes from"),
        (1.5, 0.7, "explains a part"),
        (1.1, 1.5, "does not explain"),
    ],
)
def test_the_length_of_epochs_is_blamed_only_when_equal_steps_bring_losses_together(
    at_epoch: float, at_steps: float, verdict: str
) -> None:
    said = sentences.of_losses(_facts(train=25_000, losses=_losses(at_epoch, at_steps)))
    assert verdict in said and f"factor of {at_epoch:.2f}" in said


def test_epochs_of_the_papers_length_are_compared_as_they_are() -> None:
    said = sentences.of_losses(_facts(losses=_losses(1.25, 1.0)))
    assert "factor of 1.25 (median over 24 numbers)" in said


def test_common_leader_words_are_counted() -> None:
    facts = _facts()
    assert sentences.of_words(facts)[0].startswith(
        "15 of the paper's 15 most frequent leaders are among our 15"
    )
    other = [{"word": "wonderful", "count": 9999, "logit": 3.0}, *facts.histogram]
    said = sentences.of_words(replace(facts, histogram=other))
    assert said[0].startswith("14 of the paper's 15") and "poor (244)" in said[1]


def test_without_leader_words_the_model_is_said_to_be_untrained() -> None:
    assert "not trained far enough" in sentences.of_words(_facts(histogram=[]))[0]


def test_leaders_that_hardly_emerge_are_told_from_those_that_do() -> None:
    facts = _facts()
    assert "grows with d, from 2.00 at d = 2 to 16.00 at d = 16" in sentences.of_leaders(facts)[0]
    assert "hardly ever emerge" in sentences.of_leaders(facts)[1]
    late = [row | {"initial_fraction": 0.5} for row in facts.leaders]
    assert sentences.of_leaders(replace(facts, leaders=late))[1].startswith("At least 50.0 %")
    assert "hardly ever" not in sentences.of_leaders(replace(facts, leaders=late))[1]
