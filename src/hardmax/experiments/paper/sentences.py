"""What the numbers say, in sentences: where ours differ from the published ones, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hardmax.experiments.paper import published
from hardmax.reports.html import number
from hardmax.experiments.paper.tables import TOP, Table, steps
from hardmax.training.history import History


@dataclass(frozen=True)
class Decoder:
    """The learned numbers of the model of d = 2 that are published: alpha, v and b."""

    alpha: float
    v: tuple[float, ...]
    b: float


@dataclass(frozen=True, eq=False)
class Facts:
    """All that the report tells.

    Attributes
    ----------
    record : dict
        What ``stages.json`` holds.
    histories : dict of int to History
        By the dimension.
    results, losses, leaders, histogram, examples : list of rows
        The tables.
    decoder : Decoder
        Of d = 2.
    vocabulary_rows : int
        Rows of the embedding.
    """

    record: dict[str, Any]
    histories: Mapping[int, History]
    results: Table
    losses: Table
    leaders: Table
    histogram: Table
    examples: Table
    decoder: Decoder
    vocabulary_rows: int

    @property
    def quick(self) -> bool:
        """Whether this was a quick run."""
        return bool(self.record["depends_on"]["quick"])

    @property
    def train_reviews(self) -> int:
        """How many reviews were trained on."""
        return int(self.record["about"]["train_reviews"])

    @property
    def test_reviews(self) -> int:
        """How many reviews were tested on."""
        return int(self.record["about"]["test_reviews"])

    @property
    def epochs(self) -> int:
        """How many epochs each model was trained."""
        return int(self.record["depends_on"]["epochs"])


def summary(facts: Facts) -> list[str]:
    """Say in a few sentences how near the results are."""
    last = [row["last_test_accuracy"] - row["published_last_test_accuracy"] for row in facts.results]
    best = [row["best_test_accuracy"] - row["published_best_test_accuracy"] for row in facts.results]
    said = [
        f"Test accuracy after the last epoch differs from the published one by {_span(last)}, "
        f"the best over all epochs by {_span(best)} (four models, d = 2 to 16)."
    ]
    ours, paper = (
        [row[f"{whose}best_test_accuracy"] for row in facts.results] for whose in ("", "published_")
    )
    if np.argsort(ours).tolist() == np.argsort(paper).tolist():
        said.append("The order of the models is the paper's: the larger d is, the better the best accuracy.")
    else:
        order = ", ".join(str(facts.results[i]["d"]) for i in np.argsort(ours))
        said.append(
            f"The order of the models by best accuracy is not the paper's: from worst to best, d = {order}."
        )
    return said


def of_data(facts: Facts) -> list[str]:
    """Say how the reviews differ from the paper's, and what that does to an epoch."""
    train, test = facts.train_reviews, facts.test_reviews
    said = []
    if (train, test) == (published.TRAIN_REVIEWS, published.TEST_REVIEWS):
        said.append("The numbers of training and test reviews are the paper's.")
    else:
        here, there = steps(train), steps(published.TRAIN_REVIEWS)
        said.append(
            f"These models learn from {train:,} reviews and are tested on {test:,}; the paper's learnt "
            f"from {published.TRAIN_REVIEWS:,} and were tested on {published.TEST_REVIEWS:,}. An epoch has "
            f"{here} steps here and {there} there, so at the same epoch ours have made "
            f"{100 * here / there:.0f} % of the paper's steps, though each of their reviews has been seen "
            "as often."
        )
    if "first 70 %" not in str(facts.record["about"]["division"]):
        said.append(
            "The source has a test part of its own, so the test reviews are not the paper's. In the data "
            "set's own division no film is in both parts, while the paper draws both from all reviews: there "
            "the names of films, actors and characters learnt in training help on the test reviews, here "
            "they do not, and test accuracy is lower for every kind of model."
        )
    error = math.sqrt(0.8 * 0.2 * (1 / test + 1 / published.TEST_REVIEWS))
    said.append(
        f"With other test reviews alone, two accuracies near 0.8 differ by up to {2 * error:.3f} in 19 of "
        f"20 cases ({test:,} against {published.TEST_REVIEWS:,} reviews); smaller differences cannot be "
        "told from chance."
    )
    rows, paper = facts.vocabulary_rows, float(published.VOCABULARY_ROWS.replace(",", "").replace("xx", "50"))
    compared = (
        f"{number(100 * (rows / paper - 1), 1, sign=True)} % against the paper's {published.VOCABULARY_ROWS}"
    )
    why = "the words of fewer reviews" if rows < paper else "the words of the reviews given"
    said.append(f"The embedding has {rows:,} rows ({compared}): {why}, train and test, as in the paper.")
    return said


def of_losses(facts: Facts) -> list[str]:
    """Say how training losses compare at equal epochs and at equal numbers of steps."""
    said = []
    at_epoch = [_log_ratio(row["train_loss"], row["published_train_loss"]) for row in facts.losses]
    at_steps = [_log_ratio(row["loss_at_equal_steps"], row["published_train_loss"]) for row in facts.losses]
    both = [
        i
        for i, row in enumerate(facts.losses)
        if row["epoch"] > 0 and at_epoch[i] is not None and at_steps[i] is not None
    ]
    if both and steps(facts.train_reviews) != steps(published.TRAIN_REVIEWS):
        epoch, step = (_typical([found[i] for i in both]) for found in (at_epoch, at_steps))
        verdict = (
            "so most of the difference comes from the length of the epochs"
            if step < epoch / 2
            else "so the length of the epochs explains a part of the difference"
            if step < epoch
            else "so the length of the epochs does not explain the difference"
        )
        said.append(
            "At the same epoch our training loss differs from the published one by a factor of "
            f"{1 + epoch:.2f} (typical, over {len(both)} numbers after epoch 0), at the same number of "
            f"steps by {1 + step:.2f}; {verdict}."
        )
    else:
        count = sum(value is not None for value in at_epoch)
        said.append(
            f"Our training loss differs from the published one by a factor of {1 + _typical(at_epoch):.2f} "
            f"(typical, over {count} numbers)."
        )
    gaps = [f"{_largest_gap(history)} at d = {dim}" for dim, history in facts.histories.items()]
    said.append(
        f"With hardmax layers in place of softmax the training loss differs by at most {', '.join(gaps)}; "
        f"the paper's by about {published.SOFTMAX_HARDMAX_GAP} at d = 2."
    )
    return said


def _largest_gap(history: History) -> str:
    gaps = np.abs(history["train_loss_hm"] - history["train_loss"])
    epoch = int(np.nanargmax(gaps))  # measured at epoch 0 at least
    return f"{gaps[epoch]:.1g} (epoch {epoch})"


def of_accuracy(facts: Facts) -> list[str]:
    """Say where the models begin to learn by heart, and what choosing the epoch on the test part does."""
    said = [_overfitting(dim, history) for dim, history in facts.histories.items()]
    ours, paper = (
        max(row[f"{whose}best_test_accuracy"] - row[f"{whose}last_test_accuracy"] for row in facts.results)
        for whose in ("", "published_")
    )
    said.append(
        "The best accuracy over all epochs, which the paper reports, is chosen on the test reviews "
        f"themselves, and that flatters: it is up to {ours:.3f} above the last epoch's here and up to "
        f"{paper:.3f} in the paper. Somebody without the test labels could not have chosen that epoch; the "
        "last epoch is what this training gives."
    )
    said.append(
        "The published accuracies are means over batches, ours over reviews; that moves the fourth digit."
    )
    return said


def _overfitting(dim: int, history: History) -> str:
    loss, accuracy = history["test_loss"], history["test_acc"]
    lowest, last = int(loss.argmin()), len(history) - 1
    if lowest == last:
        return f"d = {dim}: the test loss is lowest at the last epoch ({loss[last]:.3f}): no overfitting."
    return (
        f"d = {dim}: the test loss is lowest at epoch {lowest} ({loss[lowest]:.3f}) and {loss[last]:.3f} "
        f"at the last, while the training loss falls from {history['train_loss'][lowest]:.3f} to "
        f"{history['train_loss'][last]:.4f}: from there on the model learns the training reviews by heart. "
        f"Test accuracy goes from {accuracy[lowest]:.3f} to {accuracy[last]:.3f}."
    )


def of_decoder(facts: Facts) -> list[str]:
    """Say what of the learned numbers can be compared."""
    return [
        "The dynamics do not change when all tokens and v are turned together, so the direction of v is "
        "an accident of the random start; its length, alpha and b can be compared. One run each: another "
        f"seed gives other numbers. The length of v is {math.hypot(*facts.decoder.v):.3f} here and "
        f"{math.hypot(*published.V):.3f} in the paper."
    ]


def of_words(facts: Facts) -> list[str]:
    """Say how the leader words compare with the paper's."""
    top = [row["word"] for row in facts.histogram[:TOP]]
    if not top:
        return ["No word leads in a confident test review: the model of d = 2 is not trained far enough."]
    common = [word for word in published.LEADER_WORDS if word in top]
    said = [
        f"{len(common)} of the paper's {TOP} most frequent leaders are among our {len(top)} most frequent"
        + (f": {', '.join(common)}." if common else ".")
    ]
    counts = {row["word"]: row["count"] for row in facts.histogram}
    missing = [f"{word} ({counts.get(word, 0)})" for word in published.LEADER_WORDS if word not in top]
    if missing:
        said.append(f"The others of the paper's and our counts of them: {', '.join(missing)}.")
    total, paper = sum(counts.get(w, 0) for w in published.LEADER_WORDS), sum(published.LEADER_WORDS.values())
    said.append(
        f"Together the paper's {TOP} words lead {total:,} times here and {paper:,} times there. Which "
        "words are pushed out to become leaders depends on the random start and on the reviews; counts of "
        "single words vary more than accuracies do."
    )
    return said


def of_leaders(facts: Facts) -> list[str]:
    """Say what the table of leaders shows; its published numbers are not among those compared here."""
    means = [row["mean"] for row in facts.leaders]
    grows = means == sorted(means)
    emerging = min(row["initial_fraction"] for row in facts.leaders)
    return [
        f"The average number of leaders of a review {'grows' if grows else 'does not always grow'} with d, "
        f"from {means[0]:.2f} at d = {facts.leaders[0]['d']} to {means[-1]:.2f} at d = "
        f"{facts.leaders[-1]['d']}.",
        f"At least {math.floor(1000 * emerging) / 10:.1f} % of the leaders lead from the start in every model"
        + ("; leaders hardly ever emerge later." if emerging > 0.9 else "."),
        "PAD is a word here as in the paper: it may lead. The paper prints this table; its numbers are "
        "not among the stored results that this report compares with.",
    ]


def _span(differences: list[float]) -> str:
    low, high = min(differences), max(differences)
    return f"{number(low, sign=True)} to {number(high, sign=True)}"


def _log_ratio(ours: float | None, paper: float) -> float | None:
    return None if ours is None or ours <= 0 else math.log(ours / paper)


def _typical(log_ratios: list[float | None]) -> float:
    """Give how far off a factor is, whichever way, as a median: 0.1 for 1.1."""
    return float(math.expm1(np.median([abs(value) for value in log_ratios if value is not None] or [0.0])))
