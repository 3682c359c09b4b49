"""Whom tokens follow, found among all tokens."""

from typing import Any

import numpy as np

from hardmax._support.kernels import njit
from hardmax.dynamics.search.scores import least_tied, queries, score, scores_with

#: Queries that hold at most this many numbers together are faster one after another.
NARROW = 8


@njit(cache=True, inline="always")
def keep_best(s: Any, index: Any, t: int, best: Any, first: Any, second: Any) -> None:
    """Enter the score s of token `index` into the records of query t, without a branch."""
    old = best[t]
    higher = s > old
    lower = old if higher else s
    best[t] = s if higher else old
    first[t] = index if higher else first[t]
    second[t] = lower if lower > second[t] else second[t]


@njit(cache=True)
def best_scores(q: Any, Z: Any, lo: int, hi: int) -> Any:
    """Return each query's largest score over the tokens lo..hi-1, the first token with it, the next score."""
    width = q.shape[1]
    best = np.full(width, -np.inf, Z.dtype)
    second = np.full(width, -np.inf, Z.dtype)
    first = np.full(width, lo, np.int32)
    if width * q.shape[0] <= NARROW:
        for t in range(width):
            for j in range(lo, hi):
                s = score(q, t, Z[j])
                if s > best[t]:
                    best[t], second[t], first[t] = s, best[t], j
                elif s > second[t]:
                    second[t] = s
        return best, first, second
    if q.shape[0] == 2:  # scores without an array of their own are twice as fast
        for j in range(lo, hi):
            x, y, index = Z[j, 0], Z[j, 1], np.int32(j)
            for t in range(width):
                keep_best(q[0, t] * x + q[1, t] * y, index, t, best, first, second)
        return best, first, second
    s = np.empty(width, Z.dtype)
    for j in range(lo, hi):
        scores_with(q, Z[j], s)
        index = np.int32(j)
        for t in range(width):
            keep_best(s[t], index, t, best, first, second)
    return best, first, second


@njit(cache=True)
def followed(Z: Any, A: Any, lo: int, hi: int, i: int, tie_tol: float) -> Any:
    """Return C_i, ascending: the tokens of lo..hi-1 with a score within the tolerance of the largest."""
    q = queries(Z[i : i + 1], A)
    best, _, _ = best_scores(q, Z, lo, hi)
    least = least_tied(best[0], Z.dtype.type(tie_tol))
    found = np.empty(hi - lo, np.int64)
    count = 0
    for j in range(lo, hi):
        if score(q, 0, Z[j]) >= least:
            found[count] = j
            count += 1
    return found[:count]


@njit(cache=True)
def search(q: Any, Z: Any, lo: int, hi: int, tie_tol: Any, first: Any, ties: Any) -> Any:
    """Write the first token of each query's C_i to `first` and the size of C_i to `ties`.

    Return the largest score of each query, and the next.
    """
    best, found, second = best_scores(q, Z, lo, hi)
    for t in range(q.shape[1]):
        first[t], ties[t] = found[t], 1
        least = least_tied(best[t], tie_tol)
        if second[t] >= least:
            ties[t] = 0
            for j in range(lo, hi):
                if score(q, t, Z[j]) >= least:
                    if ties[t] == 0:
                        first[t] = j
                    ties[t] += 1
    return best, second
