"""The tables of the paper: from models, histories and reviews to rows of plain data."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from hardmax.analysis import leader_table
from hardmax.dynamics import Trajectory
from hardmax.errors import InputError
from hardmax._support.files import replacing
from hardmax.experiments.paper import published
from hardmax.text.bags import Corpus
from hardmax.explain.explanation import trajectories
from hardmax.training.history import History
from hardmax.classifier.trained_model import TextModel

Floats = npt.NDArray[np.float64]

#: What the paper asks of reviews and words in its histogram.
CONFIDENCE, WORD_LOGIT = 0.95, 2.0
TOP = 15
#: How many leaders and words a review has at least that is drawn.
EXAMPLE_LEADERS, EXAMPLE_WORDS = 4, 25


def results(histories: Mapping[int, History]) -> Table:
    """Give accuracy and loss of each model beside the published ones."""
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
    """Give training losses at the published epochs beside the published ones.

    The column `loss_at_equal_steps` has our loss where we have made as many steps as the paper had in that
    epoch: with fewer training reviews an epoch has fewer steps.
    """
    ratio = steps(published.TRAIN_REVIEWS) / steps(train_reviews)
    rows = []
    for dim, history in histories.items():
        loss, hardmax = history["train_loss"], history["train_loss_hm"]
        for epoch, paper in zip(published.LOSS_EPOCHS, published.RESULTS[dim].train_losses, strict=True):
            there = epoch < len(history)
            # The loss of an epoch is a mean over it, so it stands for the epoch's middle.
            same_steps = (epoch + 0.5) * ratio - 0.5
            at_equal_steps = None
            if 0 <= same_steps <= len(history) - 1:
                at_equal_steps = math.exp(np.interp(same_steps, np.arange(len(history)), np.log(loss)))
            rows.append(
                {
                    "d": dim,
                    "epoch": epoch,
                    "train_loss": float(loss[epoch]) if there else None,
                    "published_train_loss": paper,
                    "train_loss_hardmax": float(hardmax[epoch]) if there else None,
                    "epoch_at_equal_steps": None if at_equal_steps is None else round(same_steps, 2),
                    "loss_at_equal_steps": at_equal_steps,
                }
            )
    return rows


def steps(reviews: int) -> int:
    """Give the number of training steps in an epoch."""
    return math.ceil(reviews / published.BATCH_SIZE)


def leaders_row(text_model: TextModel, corpus: Corpus) -> dict[str, Any]:
    """Give one row of the table of leaders; PAD is a word like any other, as in the paper."""
    found = leader_table(reading.trajectory for reading in readings(text_model, corpus))
    return {"d": text_model.settings.dim, **asdict(found)}


def histogram(text_model: TextModel, corpus: Corpus) -> Table:
    """Count how often words lead at the last layer of confident reviews, the most frequent first.

    A word counts once in a review, however often it is said there.
    """
    counts: Counter[int] = Counter()
    word_logits: dict[int, float] = {}
    for reading in readings(text_model, corpus):
        if reading.confidence <= CONFIDENCE:
            continue
        places = reading.trajectory.leaders()
        for word, position in zip(reading.ids[places], reading.trajectory.positions[-1][places], strict=True):
            logit = float(position @ reading.v + reading.b)
            if abs(logit) > WORD_LOGIT:
                counts[int(word)] += 1
                word_logits[int(word)] = logit
    words = text_model.vocabulary.decode(counts)
    rows = [
        {
            "word": word,
            "count": count,
            "logit": round(word_logits[number], 4),
            "published": published.LEADER_WORDS.get(word),
        }
        for word, (number, count) in zip(words, counts.items(), strict=True)
    ]
    return sorted(rows, key=lambda row: (-row["count"], row["word"]))


def example(
    text_model: TextModel,
    corpus: Corpus,
    label: int,
    leaders: int = EXAMPLE_LEADERS,
    words: int = EXAMPLE_WORDS,
) -> int:
    """Choose the review to draw: of the confident ones with enough leaders and words, that with fewest words.

    PAD is not counted as a leader here. Where no review is like this, the nearest to it is taken.
    """
    best: tuple[bool, int, int, int, int] | None = None
    for number, reading in enumerate(readings(text_model, corpus)):
        if reading.label != label:
            continue
        leading = int((reading.ids[reading.trajectory.leaders()] > 0).sum())
        size = len(reading.ids)
        rank = (reading.confidence > CONFIDENCE, min(leading, leaders), min(size, words), -size, -number)
        best = rank if best is None else max(best, rank)
    if best is None:
        raise InputError(f"no test review has the label {label}; give reviews of both kinds")
    return -best[-1]


