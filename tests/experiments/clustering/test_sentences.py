"""The sentences say what the numbers say."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean, stdev
from typing import Any

from hardmax.experiments.clustering.sentences import of_accuracy, of_opinions

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
        means = {"step": 0.05 if alpha == "learn" else alpha, "strength": 0.99, "leading": d / 50}
        means |= {"opinion_of_words": 0.18, "opinion_of_leading_words": 0.6 / d}
        means |= {"opinion_of_pairs": 0.3, "opinion_of_leading_pairs": 0.2} | changes
        row = {"training": training, "d": d, "alpha": alpha, "step_std": 0.0}
        row |= {"test_accuracy_mean": fmean(accuracies), "test_accuracy_std": stdev(accuracies)}
        rows.append(row | {f"{measure}_mean": value for measure, value in means.items()})
    return rows


def _only(sentences: Iterable[str], beginning: str) -> str:
    (sentence,) = [sentence for sentence in sentences if sentence.startswith(beginning)]
    return sentence


def test_what_clustering_costs_is_told_for_each_dimension_and_training() -> None:
    said = list(of_accuracy(_summary()))
    assert _only(said, "Words on lines from alpha = 0 to alpha = 3").endswith(
        "changes by −0.5 (within the spread) at d = 2 and −1.0 at d = 4."
    )
    assert _only(said, "Free words from").endswith("changes by −7.0 at d = 2 and −4.0 at d = 4.")
    assert _only(said, "The accuracy of words on lines minus").endswith("is +7.5 at d = 2 and +5.0 at d = 4.")


def test_the_best_and_the_learned_steps_are_told() -> None:
    said = list(of_accuracy(_summary()))
    assert "0.9000, of words on lines with d = 4 and alpha = 0," in said[0]
    assert "0.05 ± 0.00 at d = 2 and 0.05 ± 0.00 at d = 4" in _only(said, "The learned alpha of free words")


def test_nothing_is_said_of_learned_steps_where_there_are_none() -> None:
    fixed = [row for row in _summary() if row["alpha"] != "learn"]
    assert not any("learn" in sentence for sentence in of_accuracy(fixed))


def test_leaders_are_compared_with_all_words_and_pairs_apart() -> None:
    words, pairs, *_ = of_opinions(_summary())
    assert "among the leading words, 30.0 % at d = 2 and 15.0 % at d = 4 are opinions" in words
    assert words.endswith("more than among all words in 2 of 4 settings.")
    assert pairs.endswith("more than among all pairs in 0 of 4 settings.")


def test_it_is_told_when_no_pair_leads() -> None:
    assert "Free words: no pairs lead." in of_opinions(_summary(opinion_of_leading_pairs=None))
