"""The sentences of the report follow from the numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("torch")

from hardmax.experiments.paper import findings, published, tables
from hardmax.experiments.paper.sentences import Decoder, Facts
from hardmax.training.history import History


def _history(test_losses: list[float]) -> History:
    history = History()
    for epoch, loss in enumerate(test_losses):
        row: dict[str, float] = {
            "epoch": epoch,
            "train_loss": 0.7 / (epoch + 1),
            "train_loss_hm": 0.7 / (epoch + 1),
        }
        history.append(row | {"test_loss": loss, "test_acc": 0.8 - loss / 10, "alpha": 1.0, "seconds": 1.0})
    return history


def _facts(test_losses: list[float], train: int = 35_000, **changes: Any) -> Facts:
    histories = {dim: _history(test_losses) for dim in published.RESULTS}
    about = {"train_reviews": train, "test_reviews": 15_000, "division": "the first 70 % of the rows"}
    facts = Facts(
        record={"about": about, "depends_on": {"quick": False, "epochs": 101}, "stages": {}},
        histories=histories,
        results=tables.results(histories),
        losses=tables.losses(histories, train),
        leaders=[{"d": d, "mean": float(d), "initial_fraction": 0.99} for d in published.RESULTS],
        histogram=[{"word": word, "count": n, "logit": 3.0} for word, n in published.LEADER_WORDS.items()],
        examples=[],
        decoder=Decoder(published.ALPHA, published.V, published.B),
        vocabulary_rows=121_350,
    )
    return replace(facts, **changes)


def test_the_epoch_from_which_a_model_overfits_is_named() -> None:
    said = findings.of_accuracy(_facts([0.7, 0.5, 0.6, 0.9]))
    assert said[0].startswith("d = 2: the test loss is lowest at epoch 1 (0.500) and 0.900 at the last")


def test_no_overfitting_is_claimed_while_the_test_loss_falls() -> None:
    assert "no overfitting" in findings.of_accuracy(_facts([0.7, 0.6, 0.5]))[0]


def test_it_is_said_that_choosing_the_epoch_on_the_test_part_flatters_and_by_how_much() -> None:
    said = " ".join(findings.of_accuracy(_facts([0.7, 0.5, 0.9])))
    assert "flatters: it is up to 0.040 above the last epoch's here and up to 0.037 in the paper" in said


def test_equal_numbers_of_reviews_are_said_to_be_the_papers() -> None:
    assert (
        findings.of_data(_facts([0.7, 0.6]))[0] == "The numbers of training and test reviews are the paper's."
    )


def test_fewer_reviews_are_said_to_make_shorter_epochs() -> None:
    said = findings.of_data(_facts([0.7, 0.6], train=25_000))[0]
    assert (
        "learn from 25,000 reviews" in said and "391 steps here and 547 there" in said and "71 % of" in said
    )


def _with_losses(at_epoch: float, at_steps: float) -> str:
    facts = _facts([0.7, 0.6], train=25_000)
    rows = [
        row
        | {
            "train_loss": row["published_train_loss"] * at_epoch,
            "loss_at_equal_steps": row["published_train_loss"] * at_steps,
        }
        for row in facts.losses
    ]
    return findings.of_losses(replace(facts, losses=rows))[0]


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
    said = _with_losses(at_epoch, at_steps)
    assert verdict in said and f"factor of {at_epoch:.2f}" in said


def test_common_leader_words_are_counted() -> None:
    facts = _facts([0.7, 0.6])
    assert findings.of_words(facts)[0].startswith(
        "15 of the paper's 15 most frequent leaders are among our 15"
    )
    other = [{"word": "wonderful", "count": 9999, "logit": 3.0}, *facts.histogram]
    said = findings.of_words(replace(facts, histogram=other))
    assert said[0].startswith("14 of the paper's 15") and "poor (244)" in said[1]


def test_without_leader_words_the_model_is_said_to_be_untrained() -> None:
    assert "not trained far enough" in findings.of_words(_facts([0.7, 0.6], histogram=[]))[0]
