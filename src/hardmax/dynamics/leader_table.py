"""How many tokens lead, by layer and over many sets of tokens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hardmax.dynamics import Trajectory
from hardmax.errors import InputError


def leader_counts(trajectory: Trajectory) -> npt.NDArray[np.int64]:
    """Count the leaders at each layer, (K + 1,).

    Examples
    --------
    >>> from hardmax.dynamics import preset, simulate
    >>> leader_counts(simulate(preset("emerging"), layers=3))
    array([2, 3, 3, 3])
    """
    return np.array([len(trajectory.leaders(k)) for k in range(trajectory.layers + 1)], dtype=np.int64)


@dataclass(frozen=True)
class LeaderTable:
    """Leaders over many sets of tokens: one row of the paper's table of leaders.

    Attributes
    ----------
    mean, std, min, max : float, float, int, int
        Average, standard deviation (of the sets given, not of a sample), smallest and largest
        number of leaders of a set at the last layer.
    initial_fraction : float
        Mean over the sets of the fraction of those leaders that were leaders already at layer 0.
    sets : int
        How many sets were counted.
    """

    mean: float
    std: float
    min: int
    max: int
    initial_fraction: float
    sets: int


def leader_table(trajectories: Iterable[Trajectory]) -> LeaderTable:
    """Summarise the leaders of many sets of tokens (arXiv 2407.01602).

    Parameters
    ----------
    trajectories : iterable of Trajectory
        At least one. Sets without a leader at the last layer, such as empty ones, count as 0
        leaders and are left out of the mean fraction.

    Raises
    ------
    InputError
        When there is no trajectory.

    Examples
    --------
    >>> from hardmax.dynamics import preset, simulate
    >>> leader_table(simulate([preset("emerging"), preset("square")], layers=8))
    LeaderTable(mean=3.5, std=0.5, min=3, max=4, initial_fraction=0.833..., sets=2)
    """
    counts: list[int] = []
    fractions: list[float] = []
    for trajectory in trajectories:
        last = trajectory.leaders()
        counts.append(len(last))
        if len(last):
            fractions.append(len(np.intersect1d(last, trajectory.leaders(0), assume_unique=True)) / len(last))
    if not counts:
        raise InputError("there are no trajectories; give at least one")
    number = np.array(counts)
    return LeaderTable(
        mean=float(number.mean()),
        std=float(number.std()),
        min=int(number.min()),
        max=int(number.max()),
        initial_fraction=float(np.mean(fractions)) if fractions else float("nan"),
        sets=len(counts),
    )
