"""The tables of the paper: from models, histories and reviews to rows of plain data."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hardmax.classifier.trained_model import TrainedModel
from hardmax.errors import InputError
from hardmax.experiments.measure import measure
from hardmax.experiments.paper import published
from hardmax.network.predict import probabilities_of, trajectories
from hardmax.reports.tables import Table
from hardmax.text.vocabulary import PAD, Vocabulary
from hardmax.training.history import History
from hardmax.training.prepare import Examples

#: The paper's histogram counts words in reviews of a confidence, and with a logit, greater than these.
CONFIDENCE, WORD_LOGIT = 0.95, 2.0
#: The review to draw has at least so many leaders and tokens.
EXAMPLE_LEADERS, EXAMPLE_TOKENS = 4, 25


def results(histories: Mapping[int, History]) -> Table:
    """Return accuracy and loss of each model beside the published ones."""
    rows = []
    for dim, history in histories.items():
        paper, last = published.RESULTS[dim], history.rows[-1]
        best = history.rows[int(np.argmax(history["test_acc"]))]
        rows.append(
            {
                "d": dim,
                "last_epoch": int(last["epoch"]),
                "last_test_accuracy": last["test_acc"],
                "published_last_test_accuracy": paper.last_test_accuracy,
                "best_test_accuracy": best["test_acc"],
                "best_epoch": int(best["epoch"]),
                "published_best_test_accuracy": paper.best_test_accuracy,
                "published_best_epoch": paper.best_epoch,
                "last_train_loss": last["train_loss"],
                "published_last_train_loss": paper.train_losses[-1],
                "alpha": last["alpha"],
                "train_seconds": round(float(history["seconds"].sum()), 1),
            }
        )
    return rows


def losses(histories: Mapping[int, History], train_reviews: int) -> Table:
    """Return training losses at the published epochs beside the published ones.

    With fewer training reviews an epoch has fewer steps. The column `loss_at_equal_steps` holds our loss
    after as many steps as the paper had made at that epoch.
    """
    ratio = published.steps(published.TRAIN_REVIEWS) / published.steps(train_reviews)
    rows = []
    for dim, history in histories.items():
        loss, hardmax = history["train_loss"], history["train_loss_hm"]
        for epoch, paper in zip(published.LOSS_EPOCHS, published.RESULTS[dim].train_losses, strict=True):
            trained = epoch < len(history)
            # The loss of an epoch is a mean over it, so it stands for the epoch's middle.
            same_steps = (epoch + 0.5) * ratio - 0.5
            reached = 0 <= same_steps <= len(history) - 1
            log_loss = np.interp(same_steps, np.arange(len(history)), np.log(loss))
            rows.append(
                {
                    "d": dim,
                    "epoch": epoch,
                    "train_loss": float(loss[epoch]) if trained else None,
                    "published_train_loss": paper,
                    "train_loss_hardmax": float(hardmax[epoch]) if trained else None,
                    "epoch_at_equal_steps": round(same_steps, 2) if reached else None,
                    "loss_at_equal_steps": math.exp(log_loss) if reached else None,
                }
            )
    return rows


def leaders_row(trained: TrainedModel, test: Examples) -> dict[str, Any]:
    """Return one row of the table of leaders; PAD is a token like any other, as in the paper."""
    return {"d": trained.settings.shape.dim, **asdict(measure(trained, test).leaders)}


@dataclass(frozen=True, eq=False)
class Followed:
    """What is kept of a review that went through the hardmax layers of a model."""

    label: int
    confidence: float  # the probability that the model gives to the review's own label
    tokens: int  # how many different ones
    leaders: npt.NDArray[np.int64]  # the ids of those that lead at the last layer
    logits: npt.NDArray[np.float64]  # of each leader


def followed(trained: TrainedModel, test: Examples) -> list[Followed]:
    """Follow all reviews through hardmax layers."""
    decoder, found = trained.network.decoder, []
    paths = trajectories(trained.network, test.bags, temperature=0.0)
    for label, (ids, trajectory) in zip(test.labels.tolist(), paths, strict=True):
        confidence = float(probabilities_of(decoder.logits(trajectory.means[-1:]))[0, label])
        leaders = trajectory.leaders()
        logits = decoder.logits(trajectory.positions[-1, leaders])[:, 0]
        found.append(Followed(label, confidence, len(ids), ids[leaders], logits))
    return found


def histogram(reviews: Sequence[Followed], vocabulary: Vocabulary) -> Table:
    """Count how often words lead at the last layer of confident reviews, the most frequent first.

    A word counts once in a review, however often it occurs there.
    """
    counts: Counter[int] = Counter()
    logits: dict[int, float] = {}
    for review in reviews:
        for token, logit in zip(review.leaders.tolist(), review.logits.tolist(), strict=True):
            if review.confidence > CONFIDENCE and abs(logit) > WORD_LOGIT:
                counts[token] += 1
                logits[token] = logit
    rows = [
        {
            "word": word,
            "count": count,
            "logit": round(logits[token], 4),
            "published": published.LEADER_WORDS.get(word),
        }
        for word, (token, count) in zip(vocabulary.decode(counts), counts.items(), strict=True)
    ]
    return sorted(rows, key=lambda row: (-row["count"], row["word"]))


def example(
    reviews: Sequence[Followed], label: int, leaders: int = EXAMPLE_LEADERS, tokens: int = EXAMPLE_TOKENS
) -> int:
    """Return the number of the review to draw: the shortest confident one with enough leaders and tokens.

    PAD does not count as a leader here. Where no review is like this, the nearest to it is taken.
    """

    def rank(number: int) -> tuple[bool, int, int, int]:
        review = reviews[number]
        leading, size = int((review.leaders != PAD).sum()), review.tokens
        return review.confidence > CONFIDENCE, min(leading, leaders), min(size, tokens), -size

    of_label = [number for number, review in enumerate(reviews) if review.label == label]
    if not of_label:
        raise InputError(f"no test review has the label {label}; give reviews of both kinds")
    return max(of_label, key=rank)
