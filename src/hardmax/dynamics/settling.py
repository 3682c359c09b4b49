"""Which tokens lead, and which can never change whom they follow: arrays in, arrays out, no checks.

Kernels take ``where = points, A, offsets, rows, tiles, tie_tol``, as `View` has it, and
``whom = targets, first, ties``.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from hardmax.dynamics.packing import equal_rows
from hardmax.dynamics.search.exhaustive import best_scores, followed
from hardmax.dynamics.search.scores import queries, score


@njit(cache=True)
def is_leader(Z: Any, A: Any, lo: int, hi: int, i: int, tie_tol: Any) -> bool:
    """Return whether all tokens that token i follows are at its own position."""
    for j in followed(Z, A, lo, hi, i, tie_tol):  # noqa: SIM110 - numba compiles the plain loop
        if not equal_rows(Z[j], Z[i], Z.shape[1]):
            return False
    return True


@njit(cache=True)
def stays(
    Z: Any,
    A: Any,
    lo: int,
    hi: int,
    i: int,
    targets: Any,
    leads: Any,
    before: Any,
    tie_tol: Any,
) -> bool:
    """Return whether all tokens that token i follows have come to rest, and its target follows them too.

    Leaders rest, tokens that settled `before` and have reached their target, and token i itself if it is
    its own target.
    """
    dim = Z.shape[1]
    q = queries(targets[i : i + 1], A, 0, 1)
    best, _, _ = best_scores(q, Z, lo, hi)
    least = best[0] - tie_tol * abs(best[0])
    for j in followed(Z, A, lo, hi, i, tie_tol):
        rests = leads[j] or ((before[j] or j == i) and equal_rows(Z[j], targets[j], dim))
        if not rests or score(q, 0, Z[j]) < least:
            return False
    return True


@njit(nogil=True, cache=True)
def find_leaders(begin: int, end: int, where: Any, whom: Any, leads: Any) -> None:
    """For tiles begin..end-1 set `leads` for the rows that follow only their own position, now and always."""
    Z, A, offsets, rows, tiles, tie_tol = where
    targets, first, ties = whom
    for tile in range(begin, end):
        lo, hi = offsets[tiles[tile, 0]], offsets[tiles[tile, 0] + 1]
        for i in rows[tiles[tile, 1] : tiles[tile, 2]]:
            if first[i] == i if ties[i] == 1 else is_leader(Z, A, lo, hi, i, tie_tol):
                targets[i] = Z[i]
                leads[i] = True


@njit(nogil=True, cache=True)
def find_settled(begin: int, end: int, where: Any, whom: Any, leads: Any, before: Any, settled: Any) -> None:
    """For tiles begin..end-1 set `settled` for the rows whose C_i can never change again.

    A leader stays a leader. If a token follows only tokens at rest, and their mean follows the same ones,
    then the token moves on the segment from itself to that mean. Every point of the segment follows them,
    because the scores of all other tokens are below theirs at both ends, hence between. `before` is
    `settled` of the previous layer, so that the result does not depend on the order of the tiles. Settled
    tokens must not be searched again: a search would find a leader tied with followers that have come
    within the tolerance of it.
    """
    Z, A, offsets, rows, tiles, tie_tol = where
    targets, first, ties = whom
    for tile in range(begin, end):
        lo, hi = offsets[tiles[tile, 0]], offsets[tiles[tile, 0] + 1]
        for i in rows[tiles[tile, 1] : tiles[tile, 2]]:
            if leads[i] or ties[i] == 1:
                settled[i] = leads[i] or leads[first[i]]
            else:
                settled[i] = stays(Z, A, lo, hi, i, targets, leads, before, tie_tol)
