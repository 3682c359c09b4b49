"""Which tokens lead, and which can never change whom they follow: arrays in, arrays out, no checks."""

from typing import Any

from hardmax._support.kernels import njit
from hardmax.dynamics.packing import equal_rows, tile_of
from hardmax.dynamics.rules.base import View
from hardmax.dynamics.search.exhaustive import best_scores, followed
from hardmax.dynamics.search.scores import least_tied, queries, score


@njit(nogil=True, cache=True)
def find_leaders(begin: int, end: int, view: View, targets: Any, first: Any, ties: Any, leads: Any) -> None:
    """For tiles begin..end-1 set `leads` for the rows that follow only their own position, now and always."""
    for tile in range(begin, end):
        _, lo, hi, rows = tile_of(view, tile)
        for i in rows:
            if ties[i] == 1:
                leads[i] = first[i] == i
            else:
                leads[i] = follows_its_position(view, lo, hi, i)
            if leads[i]:
                targets[i] = view.points[i]


@njit(cache=True)
def follows_its_position(view: View, lo: int, hi: int, i: int) -> bool:
    """Return whether all tokens that token i follows are at its own position."""
    Z = view.points
    for j in followed(Z, view.A, lo, hi, i, view.tie_tol):  # noqa: SIM110 - numba compiles the plain loop
        if not equal_rows(Z[j], Z[i], Z.shape[1]):
            return False
    return True


@njit(nogil=True, cache=True)
def find_settled(
    begin: int, end: int, view: View, targets: Any, first: Any, ties: Any, leads: Any, settled_at: Any
) -> None:
    """For tiles begin..end-1 write the layer to `settled_at` for the rows whose C_i can never change again.

    A leader stays a leader. If a token follows only tokens at rest, and their mean follows the same ones,
    then the token moves on the segment from itself to that mean. Every point of the segment follows them,
    because the scores of all other tokens are below theirs at both ends, hence between. Settled tokens
    must not be searched again: a search would find a leader tied with followers that have come within the
    tolerance of it.
    """
    for tile in range(begin, end):
        _, lo, hi, rows = tile_of(view, tile)
        for i in rows:
            if leads[i] or ties[i] == 1:
                settled = leads[i] or leads[first[i]]
            else:
                settled = stays(view, lo, hi, i, targets, leads, settled_at)
            if settled:
                settled_at[i] = view.layer


@njit(cache=True)
def stays(view: View, lo: int, hi: int, i: int, targets: Any, leads: Any, settled_at: Any) -> bool:
    """Return whether all tokens that token i follows have come to rest, and its target follows them too.

    Leaders rest, tokens that have reached their target and settled at an earlier layer (so that the order
    of the tiles does not matter), and token i itself if it is its own target.
    """
    Z = view.points
    q = queries(targets[i : i + 1], view.A)
    best, _, _ = best_scores(q, Z, lo, hi)
    least = least_tied(best[0], view.tie_tol)
    for j in followed(Z, view.A, lo, hi, i, view.tie_tol):
        known = j == i or 0 <= settled_at[j] < view.layer
        rests = leads[j] or (known and equal_rows(Z[j], targets[j], Z.shape[1]))
        if not rests or score(q, 0, Z[j]) < least:
            return False
    return True
