"""The sentences say what the numbers say."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")

from hardmax.experiments.clustering.sentences import of_accuracy, of_opinions
from hardmax.experiments.clustering.summary import summary_of

ACCURACY = {
    ("lines", 2, 0): (0.88, 0.88),
    ("lines", 2, 3): (0.86, 0.89),
    ("lines", 2, "learn"): (0.881, 0.881),
    ("lines", 4, 0): (0.90, 0.90),
    ("lines", 4, 3): (0.89, 0.89),
    ("lines", 4, "learn"): (0.88, 0.88),
    ("free", 2, 0): (0.87, 0.87),
    ("free", 2, 3): (0.80, 0.80),
    ("free", 2, "learn"): (0.86, 0.86),
    ("free", 4, 0): (0.88, 0.88),
    ("free", 4, 3): (0.84, 0.84),
    ("free", 4, "learn"): (0.87, 0.87),
}


def _summary(**changes: Any) -> list[dict[str, Any]]:
    rows = []
    for (training, d, alpha), accuracies in ACCURACY.items():
        for seed, accuracy in enumerate(accuracies):
            row = {"training": training, "d": d, "alpha": alpha, "seed": seed, "test_accuracy": accuracy}
            row |= {"step": 0.05 if alpha == "learn" else alpha, "strength": 0.99, "leading": d / 50}
            row |= {"opinion_of_words": 0.18, "opinion_of_leading_words": 0.6 / d}
            row |= {"opinion_of_pairs": 0.3, "opinion_of_leading_pairs": 0.2}
            rows.append(row | changes)
    return summary_of(rows)


def _the(sentences: list[str], beginning: str) -> str:
    (sentence,) = [sentence for sentence in sentences if sentence.startswith(beginning)]
    return sentence


def test_what_clustering_costs_is_told_for_each_dimension_and_training() -> None:
    said = of_accuracy(_summary())
    assert _the(said, "Words on lines from alpha = 0 to alpha = 3").endswith(
        "changes by −0.5 (within the spread) at d = 2 and −1.0 at d = 4."
    )
    assert _the(said, "Free words from").endswith("changes by −7.0 at d = 2 and −4.0 at d = 4.")
    assert _the(said, "At alpha = 3").endswith("is +7.5 at d = 2 and +5.0 at d = 4.")


def test_the_best_and_the_learned_steps_are_told() -> None:
    said = of_accuracy(_summary())
    assert "0.9000, of words on lines with d = 4 and alpha = 0," in said[0]
    assert "0.05 ± 0.00 at d = 2 and 0.05 ± 0.00 at d = 4" in _the(said, "Free words that learn alpha")


def test_nothing_is_said_of_learned_steps_where_there_are_none() -> None:
    fixed = [row for row in _summary() if row["alpha"] != "learn"]
    assert not any("learn" in sentence for sentence in of_accuracy(fixed))


def test_leaders_are_compared_with_all_words_and_pairs_apart() -> None:
    said = of_opinions(_summary())
    assert "of the leading words 30.0 % at d = 2 and 15.0 % at d = 4" in said[1]
    assert said[1].endswith("more than of all words in 2 of 4 settings.")
    assert said[2].endswith("more than of all pairs in 0 of 4 settings.")


def test_it_is_told_when_no_pair_leads() -> None:
    assert "Free words: no pairs lead." in of_opinions(_summary(opinion_of_leading_pairs=None))


def test_one_seed_has_no_spread_and_a_missing_number_no_mean() -> None:
    (row,) = summary_of([{"training": "free", "d": 2, "alpha": 1, "seed": 0, "leaders": 4, "strength": None}])
    assert (row["seeds"], row["leaders_mean"], row["leaders_std"]) == (1, 4, None)
    assert row["strength_mean"] is row["strength_std"] is None
