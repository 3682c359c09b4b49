"""How near tokens have come to where they are going, and the energy that never decreases."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hardmax.dynamics import Trajectory


def clustering_strength(trajectory: Trajectory) -> float:
    r"""Measure which share of the way to the points that tokens are drawn to is behind them after K layers.

    With :math:`\ell_i` the point that token i is drawn to at layer K and :math:`w_i` its weight,

    .. math:: 1 - \frac{\sum_i w_i |z_i^K - \ell_i|}{\sum_i w_i |z_i^0 - \ell_i|}.

    Returns
    -------
    float
        0 when nothing has moved (no layers, or a tiny alpha) and 1 when every token has arrived; 1 also
        when there was no way to go, as when all tokens lead, and for no tokens. When nobody changes
        whom they follow it is :math:`1 - (1 + \alpha)^{-K}`. It is below 0 where tokens have moved
        away from what they are drawn to in the end.

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
    r"""Give the weighted mean of :math:`\langle A z_i, z_i\rangle` at each layer, (K + 1,).

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
    Z = trajectory.positions
    squares = np.einsum("kid,de,kie->ki", Z, trajectory.rule.matrix(trajectory.dim), Z, optimize=True)
    averages: npt.NDArray[Any] = squares.astype(Z.dtype) @ (trajectory.weights / trajectory.weights.sum())
    return averages
