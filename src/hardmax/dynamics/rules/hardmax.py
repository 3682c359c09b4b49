"""`Hardmax`: each token moves towards the mean of the tokens that it follows."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hardmax._support.kernels import njit
from hardmax._support.threads import in_pieces
from hardmax.dynamics.packing import Array, tile_of
from hardmax.dynamics.rules.base import Rule, View
from hardmax.dynamics.search.exhaustive import search
from hardmax.dynamics.search.scores import least_tied, queries, score


@dataclass(frozen=True)
class Hardmax(Rule):
    r"""Each token moves towards the mean of the tokens that it follows.

    Token :math:`i` follows :math:`C_i = \{j : \langle A z_i, z_j\rangle = \max_l \langle A z_i, z_l\rangle\}`
    and :math:`z_i^{k+1} = (z_i^k + \alpha\,\mathrm{mean}_{j \in C_i} z_j^k) / (1 + \alpha)`
    (arXiv 2407.01602).

    Parameters
    ----------
    alpha : float
        Step, greater than 0.
    A : (d, d) array, optional
        Symmetric positive definite; None is the identity.
    tie_tol : float, optional
        A score counts as tied with the largest when it is lower by at most `tie_tol` times the
        largest. None is 1e-12 for float64 and 1e-6 for float32 tokens: room for rounding only.
        With 0 only equal floating-point numbers tie.

    Raises
    ------
    InputError
        When a value is outside its range, or `A` is not symmetric positive definite, or its condition
        number is 1e14 or more.

    Examples
    --------
    >>> Hardmax(alpha=0.5) == Hardmax()
    True
    """

    merges_equal_tokens: ClassVar[bool] = True
    can_settle: ClassVar[bool] = True

    def attend(self, view: View, targets: Array, first: Array, ties: Array) -> None:
        """Write the targets and whom tokens follow; see `Rule.attend`."""
        in_pieces(hardmax_targets, len(view.tiles), view, targets, first, ties)


@njit(cache=True)
def hardmax_tile(q: Any, Z: Any, weights: Any, lo: int, hi: int, tie_tol: Any) -> Any:
    """Return for each query mean_{j in C} z_j, the first of C, and the size of C.

    C = { j in lo..hi-1 : <q, z_j> >= (1 - tie_tol) max_l <q, z_l> }; the mean counts z_j `weights[j]` times.
    """
    dim, width = q.shape
    targets = np.empty((width, dim), Z.dtype)
    first, ties = np.empty((2, width), np.int32)
    best, _ = search(q, Z, lo, hi, tie_tol, first, ties)
    size = np.empty(dim, Z.dtype)
    for t in range(width):
        if ties[t] == 1:
            for column in range(dim):
                targets[t, column] = Z[first[t], column]
            continue
        least = least_tied(best[t], tie_tol)
        total = weights[first[t]] * 0
        size[:] = 0
        targets[t] = 0
        for j in range(first[t], hi):
            if score(q, t, Z[j]) >= least:
                total += weights[j]
                for column in range(dim):
                    targets[t, column] += weights[j] * Z[j, column]
                    size[column] += abs(weights[j] * Z[j, column])
        for column in range(dim):
            # What is left of a sum that cancels is a rounding error, and would move a token away from 0.
            cancels = abs(targets[t, column]) <= tie_tol * size[column]
            targets[t, column] = 0 if cancels else targets[t, column] / total
    return targets, first, ties


@njit(nogil=True, cache=True)
def hardmax_targets(begin: int, end: int, view: View, targets: Any, first: Any, ties: Any) -> None:
    """For tiles begin..end-1 of the view write the targets of their rows; see `hardmax_tile`."""
    for tile in range(begin, end):
        _, lo, hi, rows = tile_of(view, tile)
        q = queries(view.points[rows], view.A)
        found = hardmax_tile(q, view.points, view.weights, lo, hi, view.tie_tol)
        targets[rows], first[rows], ties[rows] = found
