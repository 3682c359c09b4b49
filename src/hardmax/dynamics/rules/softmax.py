"""`Softmax`: each token moves towards a mean of all tokens, weighted by the softmax of the scores."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hardmax._support.checks import real_number
from hardmax._support.kernels import njit
from hardmax._support.threads import in_pieces
from hardmax.dynamics.packing import Array, tile_of
from hardmax.dynamics.rules.base import Rule, View
from hardmax.dynamics.search.exhaustive import search
from hardmax.dynamics.search.scores import queries, scores_with


@dataclass(frozen=True)
class Softmax(Rule):
    r"""Each token moves towards a mean of all tokens, weighted by the softmax of the scores.

    The weights are :math:`\mathrm{softmax}_j(\langle A z_i, z_j\rangle / \tau)`; as the
    `temperature` :math:`\tau` falls to 0 the rule becomes `Hardmax`. A token still follows the tokens
    of its largest score.

    Parameters
    ----------
    alpha, A, tie_tol
        As for `Hardmax`.
    temperature : float
        :math:`\tau`, greater than 0.

    Raises
    ------
    InputError
        As for `Hardmax`.

    Examples
    --------
    >>> Softmax(temperature=0.1).temperature
    0.1
    """

    temperature: float = 1e-3

    merges_equal_tokens: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        temperature = real_number(self.temperature, "temperature", positive=True)
        object.__setattr__(self, "temperature", temperature)

    def attend(self, view: View, targets: Array, first: Array, ties: Array) -> None:
        """Write the targets and whom tokens follow; see `Rule.attend`."""
        limits = np.finfo(targets.dtype)
        with np.errstate(over="ignore"):
            scaled = self.temperature / view.A_scale / view.scale / view.scale
        temperature = np.clip(scaled, limits.tiny, limits.max).astype(targets.dtype)
        in_pieces(softmax_targets, len(view.tiles), view, temperature, targets, first, ties)


@njit(cache=True, error_model="numpy")  # the target of a token that is NaN is 0 / 0: NaN, no error
def softmax_tile(q: Any, Z: Any, weights: Any, lo: int, hi: int, tie_tol: Any, temperature: Any) -> Any:
    """Return for each query sum_j softmax_j(<q, z_j> / temperature) z_j, and what follows.

    These are the first token of the largest score and how many tie with it, as `hardmax_tile` returns them,
    this score, and the sum of the weighted exponentials relative to it. Terms below machine precision are
    left out: at small temperatures most tokens have one term, and the sums go over the others only.
    """
    dim, width = q.shape
    targets = np.empty((width, dim), Z.dtype)
    first, ties = np.empty((2, width), np.int32)
    best, second = search(q, Z, lo, hi, tie_tol, first, ties)
    reach = softmax_reach(Z, temperature)
    total = np.empty(width, Z.dtype)
    for t in range(width):
        total[t] = weights[first[t]]
        for column in range(dim):
            targets[t, column] = Z[first[t], column]

    contested = np.flatnonzero(second >= best - reach)
    if len(contested) == 0:
        return targets, first, ties, best, total
    total[contested] = 0
    for u in contested:
        targets[u] = 0
    narrow = q[:, contested]
    s = np.empty(len(contested), Z.dtype)
    peak = best[contested]
    for j in range(lo, hi):
        scores_with(narrow, Z[j], s)
        if not any_within(s, peak, reach):
            continue
        for c in range(len(contested)):
            if peak[c] - s[c] <= reach:
                u = contested[c]
                term = weights[j] * np.exp((s[c] - peak[c]) / temperature)
                total[u] += term
                for column in range(dim):
                    targets[u, column] += term * Z[j, column]
    for u in contested:
        for column in range(dim):
            targets[u, column] /= total[u]
    return targets, first, ties, best, total


@njit(cache=True)
def softmax_reach(Z: Any, temperature: Any) -> Any:
    """Return how far below the largest score a softmax weight is lost to rounding."""
    return temperature * Z.dtype.type(4 - np.log(np.finfo(Z.dtype).eps))


@njit(cache=True)
def any_within(s: Any, best: Any, reach: Any) -> bool:
    """Return whether any query's score lies within `reach` of its best."""
    close = 0
    for t in range(len(s)):
        close += best[t] - s[t] <= reach
    return close > 0


@njit(nogil=True, cache=True)
def softmax_targets(
    begin: int, end: int, view: View, temperature: Any, targets: Any, first: Any, ties: Any
) -> None:
    """For tiles begin..end-1 of the view write the targets of their rows, at the temperature of each set."""
    for tile in range(begin, end):
        s, lo, hi, rows = tile_of(view, tile)
        q = queries(view.points[rows], view.A)
        found = softmax_tile(q, view.points, view.weights, lo, hi, view.tie_tol, temperature[s])
        targets[rows], first[rows], ties[rows], _, _ = found
