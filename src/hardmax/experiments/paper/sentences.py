"""The sentences of the report that depend on the numbers; all others are in its template."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hardmax.experiments.paper import published
from hardmax.reports.numbers import number
from hardmax.reports.tables import Table
from hardmax.training.history import History


@dataclass(frozen=True, eq=False)
class Facts:
    """All numbers of the report."""

    # From ``stages.json``: the reviews, the settings, and the time that each stage took.
    about: Mapping[str, Any]
    depends_on: Mapping[str, Any]
    stages: Mapping[str, Any]
    histories: Mapping[int, History]  # by the dimension d
    # The tables:
    results: Table
    losses: Table
    leaders: Table
    histogram: Table
    examples: Table
    # Step size and decoder of the model of d = 2, and the rows of its embedding:
    alpha: float
    v: tuple[float, ...]
    b: float
    vocabulary_rows: int


def of_order(facts: Facts) -> str:
    """Return in words whether the models are in the paper's order of best accuracy."""
    ours, paper = (
        [row[f"{whose}best_test_accuracy"] for row in facts.results] for whose in ("", "published_")
    )
    if np.argsort(ours).tolist() == np.argsort(paper).tolist():
        return "As in the paper, the larger d is, the higher the best accuracy."
    order = ", ".join(str(facts.results[i]["d"]) for i in np.argsort(ours))
    return f"The order of the models by best accuracy is not the paper's: from worst to best, d = {order}."


def of_data(facts: Facts) -> list[str]:
    """Return sentences on how the reviews differ from the paper's, and how that changes an epoch."""
    train, test = facts.about["train_reviews"], facts.about["test_reviews"]
    here, there = published.steps(train), published.steps(published.TRAIN_REVIEWS)
    if (train, test) == (published.TRAIN_REVIEWS, published.TEST_REVIEWS):
        said = ["The numbers of training and test reviews are the paper's."]
    else:
        said = [
            f"These models learn from {train:,} reviews and are tested on {test:,}; the paper's learned "
            f"from {published.TRAIN_REVIEWS:,} and were tested on {published.TEST_REVIEWS:,}. An epoch has "
            f"{here} steps here and {there} in the paper: at the same epoch our models have made "
            f"{100 * here / there:.0f} % of the paper's steps, although they have seen each of their reviews "
            "as often."
        ]
    if facts.about["own_splits"]:
        said.append(
            "The source has a test split of its own, so the test reviews are not the paper's. In the splits "
            "of the Large Movie Review Dataset no film is in both, while the paper draws both from all "
            "reviews: there, the names of films, actors and characters that were learned in training help on "
            "the test reviews; here they do not, and test accuracy is lower for every kind of model."
        )
    return said


def of_losses(facts: Facts) -> str:
    """Return a comparison with the paper's training losses, at equal epochs and at equal numbers of steps."""
    at_epoch = [_log_ratio(row["train_loss"], row["published_train_loss"]) for row in facts.losses]
    at_steps = [_log_ratio(row["loss_at_equal_steps"], row["published_train_loss"]) for row in facts.losses]
    both = [
        pair
        for row, *pair in zip(facts.losses, at_epoch, at_steps, strict=True)
        if row["epoch"] > 0 and None not in pair
    ]
    same_length = published.steps(facts.about["train_reviews"]) == published.steps(published.TRAIN_REVIEWS)
    if same_length or not both:
        return (
            "Our training loss differs from the published one by a factor of "
            f"{1 + _typical(at_epoch):.2f} (median over {len(at_epoch) - at_epoch.count(None)} numbers)."
        )
    epoch, step = (_typical(ratios) for ratios in zip(*both, strict=True))
    if step < epoch / 2:
        verdict = "so most of the difference comes from the length of the epochs"
    elif step < epoch:
        verdict = "so the length of the epochs explains a part of the difference"
    else:
        verdict = "so the length of the epochs does not explain the difference"
    return (
        f"At the same epoch our training loss differs from the published one by a factor of {1 + epoch:.2f} "
        f"(median over {len(both)} numbers after epoch 0), and after the same number of steps by "
        f"{1 + step:.2f}; {verdict}."
    )


def largest_gap(history: History) -> str:
    """Return the largest difference between the losses with softmax and hardmax layers, and its epoch."""
    gaps = np.abs(history["train_loss_hm"] - history["train_loss"])
    epoch = int(np.nanargmax(gaps))  # measured at epoch 0 at least
    return f"{gaps[epoch]:.1g} (epoch {epoch})"


def of_overfitting(dim: int, history: History) -> str:
    """Return a sentence that says from which epoch on a model overfits."""
    loss, accuracy = history["test_loss"], history["test_acc"]
    lowest, last = int(loss.argmin()), len(history) - 1
    if lowest == last:
        return f"d = {dim}: the test loss is lowest at the last epoch ({loss[last]:.3f}): no overfitting."
    return (
        f"d = {dim}: the test loss is lowest at epoch {lowest} ({loss[lowest]:.3f}) and {loss[last]:.3f} "
        f"at the last, while the training loss falls from {history['train_loss'][lowest]:.3f} to "
        f"{history['train_loss'][last]:.4f}: after epoch {lowest} the model overfits. "
        f"Test accuracy goes from {accuracy[lowest]:.3f} to {accuracy[last]:.3f}."
    )


def of_words(facts: Facts) -> list[str]:
    """Return sentences on the leader words that our model and the paper's have in common."""
    published_words = published.LEADER_WORDS
    counts = {row["word"]: row["count"] for row in facts.histogram}
    top = list(counts)[: len(published_words)]
    if not top:
        return ["No word leads in a confident test review: the model of d = 2 is not trained far enough."]
    common = [word for word in published_words if word in top]
    said = [
        f"{len(common)} of the paper's {len(published_words)} most frequent leaders are among our {len(top)} "
        "most frequent" + (f": {', '.join(common)}." if common else ".")
    ]
    missing = [f"{word} ({counts.get(word, 0)})" for word in published_words if word not in top]
    if missing:
        said.append(f"Our counts of the paper's other leaders: {', '.join(missing)}.")
    total, paper = sum(counts.get(word, 0) for word in published_words), sum(published_words.values())
    said.append(
        f"Together the paper's {len(published_words)} words lead {total:,} times here and {paper:,} times in "
        "the paper. Which words become leaders depends on the random start and on the reviews; counts of "
        "single words vary more than accuracies do."
    )
    return said


def of_leaders(facts: Facts) -> list[str]:
    """Return sentences on how many leaders there are for each d, and on when they begin to lead."""
    first, last = facts.leaders[0], facts.leaders[-1]
    means = [row["mean"] for row in facts.leaders]
    emerging = min(row["initial_fraction"] for row in facts.leaders)
    return [
        "The average number of leaders of a review "
        f"{'grows' if means == sorted(means) else 'does not always grow'} with d, from {first['mean']:.2f} "
        f"at d = {first['d']} to {last['mean']:.2f} at d = {last['d']}.",
        f"At least {math.floor(1000 * emerging) / 10:.1f} % of the leaders lead from the start in every model"
        + ("; leaders hardly ever emerge later." if emerging > 0.9 else "."),
    ]


def span(differences: list[float]) -> str:
    """Return the smallest and the largest of some differences as text.

    Examples
    --------
    >>> span([0.01, -0.02, 0.0])
    '−0.0200 to +0.0100'
    """
    return f"{number(min(differences), sign=True)} to {number(max(differences), sign=True)}"


def _log_ratio(ours: float | None, paper: float) -> float | None:
    return None if ours is None or ours <= 0 else math.log(ours / paper)


def _typical(log_ratios: Iterable[float | None]) -> float:
    """Return the median factor between our losses and the paper's, up or down, less 1: 0.1 for 1.1."""
    return float(math.expm1(np.median([abs(value) for value in log_ratios if value is not None] or [0.0])))
