"""Numbers of a trajectory: clustering strength, energy, leaders."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hardmax.dynamics.packing import powers_of_two
from hardmax.dynamics.trajectory import Trajectory
from hardmax.errors import InputError


def clustering_strength(trajectory: Trajectory) -> float:
    r"""Return which fraction of the distance to their targets tokens have moved in K layers.

    With :math:`\ell_i` the target of token i at layer K and :math:`w_i` its weight, it is

    .. math:: 1 - \frac{\sum_i w_i |z_i^K - \ell_i|}{\sum_i w_i |z_i^0 - \ell_i|}.

    Returns
    -------
    float
        0 when nothing has moved (no layers, or a tiny alpha) and 1 when every token is at its target; 1
        also when all were there from the start, as when all tokens lead, and for no tokens. When no token
        changes whom it follows it is :math:`1 - (1 + \alpha)^{-K}`. It is below 0 when tokens have moved
        away from their last targets.

    Examples
    --------
    >>> from hardmax.dynamics import Hardmax, simulate
    >>> clustering_strength(simulate([[1.0, 0.0], [0.5, 0.1]], Hardmax(alpha=1.0), layers=2))
    0.75
    """
    start = trajectory.positions[0]
    # Distances at scale 1: squares of very large or small coordinates leave the range of floats.
    scale = np.abs(start).max(initial=0.0) or 1.0
    ends = trajectory.targets[trajectory.point_of] / scale
    weights = trajectory.weights / trajectory.weights.sum() if trajectory.n else trajectory.weights
    at_start, at_end = (
        float(weights @ np.linalg.norm(Z / scale - ends, axis=1)) for Z in (start, trajectory.positions[-1])
    )
    return 1.0 if at_start == 0 else 1.0 - at_end / at_start


def energy(trajectory: Trajectory) -> npt.NDArray[Any]:
    r"""Return the weighted mean of :math:`\langle A z_i, z_i\rangle` at each layer, (K + 1,).

    It never decreases under the hardmax rule, because no token's norm does (arXiv
    2407.01602). NaN for no tokens.

    Examples
    --------
    >>> from hardmax.dynamics import Hardmax, simulate
    >>> energy(simulate([[1.0], [0.5]], Hardmax(alpha=1.0), layers=2))
    array([0.625   , 0.78125 , 0.8828125])
    """
    if trajectory.n == 0:
        return np.full(trajectory.layers + 1, np.nan, trajectory.points.dtype)
    # At scale 1, as above: only an energy that is itself out of range is infinite.
    positions = trajectory.positions
    scale = positions.dtype.type(powers_of_two(np.abs(positions[0]).max() or 1.0))
    A, weights = trajectory.rule.matrix(trajectory.dim), trajectory.weights / trajectory.weights.sum()
    with np.errstate(over="ignore", invalid="ignore"):
        Z = positions / scale
        squares = np.einsum("kid,de,kie->ki", Z, A, Z, optimize=True)
        averages: npt.NDArray[Any] = squares.astype(Z.dtype) @ weights * scale * scale
    return averages


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
