"""`measure`: what all experiments measure of a trained model."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hardmax.classifier.trained_model import TrainedModel
from hardmax.dynamics import LeaderTable, Trajectory, clustering_strength, leader_table
from hardmax.network.loss import score
from hardmax.network.predict import logits_of, probabilities_of, trajectories
from hardmax.training.prepare import Examples

Floats = npt.NDArray[np.float64]

_BINS = 10


@dataclass(frozen=True)
class Bin:
    """The texts whose probability of being positive lies in one tenth of the range, from `low` to `high`."""

    low: float
    high: float
    texts: int
    predicted: float  # their mean probability
    positive: float  # the fraction of them that is positive


@dataclass(frozen=True)
class Measurement:
    """What was measured of a model on labelled texts."""

    texts: int
    accuracy: float  # the fraction classified correctly
    loss: float  # the mean cross-entropy
    calibration: list[Bin]  # of two classes; empty bins are left out
    # Of the texts that were followed through hardmax layers:
    tokens: float  # how many different ones a text has, on average
    leaders: LeaderTable  # at the last layer
    strength: float  # the clustering strength, over all tokens of all texts together
    frequencies: npt.NDArray[np.int64]  # (V,): in how many texts each token of the vocabulary occurs
    leading: npt.NDArray[np.int64]  # (V,): in how many texts it leads

    @property
    def calibration_error(self) -> float:
        """The expected calibration error over the bins."""
        return sum(abs(b.predicted - b.positive) * b.texts for b in self.calibration) / self.texts


def measure(trained: TrainedModel, examples: Examples, follow: int | None = None) -> Measurement:
    """Measure a model on labelled texts, at least one.

    `follow` is how many of them, evenly spread, are followed through hardmax layers to count leaders; all
    when not given.
    """
    found = logits_of(trained.network, examples.bags)
    loss, accuracy = score(found, examples.labels)
    followed = examples.bags
    if follow is not None and follow < len(examples):
        followed = followed.take(np.arange(follow) * len(examples) // follow)
    size = len(trained.vocabulary)
    leading = np.zeros(size, np.int64)
    distances, strengths = [], []

    def paths() -> Iterator[Trajectory]:
        for ids, trajectory in trajectories(trained.network, followed, temperature=0.0):
            leading[ids[trajectory.leaders()]] += 1
            way = trajectory.positions[0] - trajectory.targets[trajectory.point_of]
            distances.append(trajectory.weights @ np.linalg.norm(way, axis=1))
            strengths.append(clustering_strength(trajectory))
            yield trajectory

    leaders = leader_table(paths())
    frequencies = np.bincount(followed.ids, minlength=size)
    return Measurement(
        texts=len(examples),
        accuracy=accuracy,
        loss=loss,
        calibration=calibration(found, examples.labels) if found.shape[1] == 1 else [],
        tokens=float(frequencies.sum() / len(followed)),
        leaders=leaders,
        strength=float(np.average(strengths, weights=distances)) if np.sum(distances) else 1.0,
        frequencies=frequencies,
        leading=leading,
    )


def calibration(logits: Floats, labels: npt.NDArray[np.int64]) -> list[Bin]:
    """Return how often texts are positive, by their predicted probability, from logits (S, 1).

    Examples
    --------
    >>> calibration(np.array([[0.0], [0.1], [5.0]]), np.array([1, 0, 1]))[0]
    Bin(low=0.5, high=0.6, texts=2, predicted=0.512..., positive=0.5)
    """
    positive = probabilities_of(logits)[:, 1]
    tenth = np.minimum((positive * _BINS).astype(int), _BINS - 1)
    return [
        Bin(
            k / _BINS, (k + 1) / _BINS, int(own.sum()), float(positive[own].mean()), float(labels[own].mean())
        )
        for k in np.unique(tenth).tolist()
        for own in [tenth == k]
    ]
