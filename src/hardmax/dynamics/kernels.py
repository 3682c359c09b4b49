"""The inner loops of the dynamics: arrays in, arrays out, no checks.

All sets of tokens lie one after another in one array `Z` (N, d); set s is the rows
``offsets[s]:offsets[s + 1]``. Work is cut into tiles, rows of ``(set, begin, end)``; kernels that begin
with ``begin, end`` do a piece of it, for `hardmax._support.threads.in_pieces`. Every number is computed by one
thread in one order, so results do not depend on the number of threads. Loops run over the tokens
of a tile innermost, which compiles to vector instructions without `fastmath`; ties, infinities and
NaN keep their meaning.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from hardmax.dynamics.merging import equal_rows

#: Tokens that one tile holds: a review in one tile, and a tile's scratch space in the first-level cache.
TILE = 128
#: Up to so many numbers in all queries together, going through the tokens query by query is faster.
NARROW = 8


@njit(cache=True)
def queries(Z: Any, A: Any, begin: int, end: int) -> Any:
    """Give the columns A z_i for tokens begin..end-1, as (d, end - begin)."""
    dim = Z.shape[1]
    q = np.empty((dim, end - begin), Z.dtype)
    for i in range(begin, end):
        for row in range(dim):
            total = A[row, 0] * Z[i, 0]
            for column in range(1, dim):
                total += A[row, column] * Z[i, column]
            q[row, i - begin] = total
    return q


@njit(cache=True)
def scores_with(q: Any, z: Any, s: Any) -> None:
    """Write <q_t, z> to s[t] for every query t, summed in the order of the coordinates."""
    dim, width = q.shape
    if dim < 4:
        for t in range(width):
            s[t] = q[0, t] * z[0]
        row = 1
    else:
        for t in range(width):
            s[t] = q[0, t] * z[0] + q[1, t] * z[1] + q[2, t] * z[2] + q[3, t] * z[3]
        row = 4
    while row + 4 <= dim:  # four rows at a time: s goes through memory a quarter as often
        a, b, c, d = z[row], z[row + 1], z[row + 2], z[row + 3]
        for t in range(width):
            s[t] = s[t] + q[row, t] * a + q[row + 1, t] * b + q[row + 2, t] * c + q[row + 3, t] * d
        row += 4
    while row < dim:
        for t in range(width):
            s[t] += q[row, t] * z[row]
        row += 1


@njit(cache=True)
def score(q: Any, t: int, z: Any) -> Any:
    """Give <q_t, z>, to the same last bit as `scores_with`."""
    total = q[0, t] * z[0]
    for row in range(1, q.shape[0]):
        total += q[row, t] * z[row]
    return total


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
    """Give for every query its largest score over the tokens lo..hi-1, the first that has it, the second."""
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
    if q.shape[0] == 2:  # in the plane the scores need no array of their own, which is twice as fast
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
    """Give C_i among the tokens lo..hi-1, ascending: all with a score within the tolerance of the largest."""
    q = queries(Z, A, i, i + 1)
    best, _, _ = best_scores(q, Z, lo, hi)
    least = best[0] - Z.dtype.type(tie_tol) * abs(best[0])
    found = np.empty(hi - lo, np.int64)
    count = 0
    for j in range(lo, hi):
        if score(q, 0, Z[j]) >= least:
            found[count] = j
            count += 1
    return found[:count]


@njit(cache=True)
def count_ties(
    q: Any, Z: Any, lo: int, hi: int, best: Any, second: Any, tie_tol: Any, first: Any, ties: Any
) -> None:
    """Where the runner-up is within the tolerance, set `first` and `ties` to the first and size of C_i."""
    for t in range(q.shape[1]):
        ties[t] = 1
        least = best[t] - tie_tol * abs(best[t])
        if second[t] >= least:
            ties[t] = 0
            for j in range(lo, hi):
                if score(q, t, Z[j]) >= least:
                    if ties[t] == 0:
                        first[t] = j
                    ties[t] += 1


@njit(cache=True)
def hardmax_tile(
    q: Any, Z: Any, weights: Any, lo: int, hi: int, tie_tol: Any, targets: Any, first: Any, ties: Any
) -> None:
    """For each query write mean_{j in C} z_j to `targets`, the first of C to `first`, its size to `ties`.

    C = { j in lo..hi-1 : <q, z_j> >= (1 - tie_tol) max_l <q, z_l> }; the mean counts z_j `weights[j]` times.
    """
    dim = Z.shape[1]
    best, found, second = best_scores(q, Z, lo, hi)
    count_ties(q, Z, lo, hi, best, second, tie_tol, found, ties)
    first[:] = found
    size = np.empty(dim, Z.dtype)
    for t in range(q.shape[1]):
        if ties[t] == 1:
            for column in range(dim):
                targets[t, column] = Z[found[t], column]
            continue
        least = best[t] - tie_tol * abs(best[t])
        total = weights[found[t]] * 0
        size[:] = 0
        for column in range(dim):
            targets[t, column] = 0
        for j in range(found[t], hi):
            if score(q, t, Z[j]) >= least:
                total += weights[j]
                for column in range(dim):
                    targets[t, column] += weights[j] * Z[j, column]
                    size[column] += abs(weights[j] * Z[j, column])
        for column in range(dim):
            # What is left of a sum that cancels is rounding; it would push a token at 0 off its place.
            cancels = abs(targets[t, column]) <= tie_tol * size[column]
            targets[t, column] = 0 if cancels else targets[t, column] / total


@njit(cache=True, error_model="numpy")  # tokens that are NaN have no term: 0 / 0 is NaN, no error
def softmax_tile(
    q: Any,
    Z: Any,
    weights: Any,
    lo: int,
    hi: int,
    tie_tol: Any,
    temperature: Any,
    targets: Any,
    first: Any,
    ties: Any,
) -> Any:
    """For each query write sum_j softmax_j(<q, z_j> / temperature) z_j to `targets`; else as the hardmax.

    Terms below machine precision are left out: at small temperatures most tokens have one term,
    and only the contested rest is gone through. Gives the largest scores and the sums of the
    weighted exponentials relative to them.
    """
    dim, width = q.shape
    best, found, second = best_scores(q, Z, lo, hi)
    count_ties(q, Z, lo, hi, best, second, tie_tol, found, ties)
    first[:] = found
    reach = softmax_reach(Z, temperature)
    total = np.empty(width, Z.dtype)
    for t in range(width):
        total[t] = weights[found[t]]
        for column in range(dim):
            targets[t, column] = Z[found[t], column]

    contested = np.flatnonzero(second >= best - reach)
    if len(contested) == 0:
        return best, total
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
    return best, total


@njit(cache=True)
def softmax_reach(Z: Any, temperature: Any) -> Any:
    """Give the gap below the largest score past which a softmax weight is lost to rounding."""
    return temperature * Z.dtype.type(4 - np.log(np.finfo(Z.dtype).eps))


@njit(nogil=True, cache=True)
def hardmax_targets(
    begin: int,
    end: int,
    Z: Any,
    A: Any,
    offsets: Any,
    rows: Any,
    tiles: Any,
    tie_tol: Any,
    weights: Any,
    _temperature: Any,
    targets: Any,
    first: Any,
    ties: Any,
) -> None:
    """For tiles begin..end-1 write what each of the `rows` is drawn to; see `hardmax_tile`."""
    for tile in range(begin, end):
        lo, hi = offsets[tiles[tile, 0]], offsets[tiles[tile, 0] + 1]
        mine = rows[tiles[tile, 1] : tiles[tile, 2]]
        q = queries(Z[mine], A, 0, len(mine))
        to = np.empty((len(mine), Z.shape[1]), Z.dtype)
        index, count = np.empty((2, len(mine)), first.dtype)
        hardmax_tile(q, Z, weights, lo, hi, tie_tol, to, index, count)
        for t in range(len(mine)):
            targets[mine[t]], first[mine[t]], ties[mine[t]] = to[t], index[t], count[t]


@njit(nogil=True, cache=True)
def softmax_targets(
    begin: int,
    end: int,
    Z: Any,
    A: Any,
    offsets: Any,
    rows: Any,
    tiles: Any,
    tie_tol: Any,
    weights: Any,
    temperature: Any,
    targets: Any,
    first: Any,
    ties: Any,
) -> None:
    """Do what `hardmax_targets` does, at the softmax temperature of each set; see `softmax_tile`."""
    for tile in range(begin, end):
        s = tiles[tile, 0]
        mine = rows[tiles[tile, 1] : tiles[tile, 2]]
        q = queries(Z[mine], A, 0, len(mine))
        to = np.empty((len(mine), Z.shape[1]), Z.dtype)
        index, count = np.empty((2, len(mine)), first.dtype)
        softmax_tile(q, Z, weights, offsets[s], offsets[s + 1], tie_tol, temperature[s], to, index, count)
        for t in range(len(mine)):
            targets[mine[t]], first[mine[t]], ties[mine[t]] = to[t], index[t], count[t]


@njit(cache=True)
def any_within(s: Any, best: Any, reach: Any) -> bool:
    """Say whether any query's score lies within `reach` of its best."""
    close = 0
    for t in range(len(s)):
        close += best[t] - s[t] <= reach
    return close > 0


@njit(nogil=True, cache=True)
def step(begin: int, end: int, Z: Any, targets: Any, rate: Any, moved: Any) -> None:
    """For rows begin..end-1 write z_i + rate (target_i - z_i) to `moved`; rate is alpha / (1 + alpha).

    In this form a token that is its own target does not move by a single bit.
    """
    for i in range(begin, end):
        for column in range(Z.shape[1]):
            moved[i, column] = Z[i, column] + rate * (targets[i, column] - Z[i, column])


@njit(cache=True)
def is_leader(Z: Any, A: Any, lo: int, hi: int, i: int, first: Any, ties: Any, tie_tol: Any) -> bool:
    """Say whether all that token i follows is at its own position."""
    if ties[i] == 1:
        return bool(first[i] == i)
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
    first: Any,
    ties: Any,
    leads: Any,
    before: Any,
    tie_tol: Any,
) -> bool:
    """Say whether all that token i follows has come to rest, and would be followed from its target too.

    Leaders rest, tokens that settled `before` and have reached their target, and token i itself if it is
    its own target.
    """
    if ties[i] == 1:
        return bool(leads[first[i]])
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
def find_leaders(
    begin: int,
    end: int,
    Z: Any,
    A: Any,
    offsets: Any,
    rows: Any,
    tiles: Any,
    tie_tol: Any,
    targets: Any,
    first: Any,
    ties: Any,
    leads: Any,
) -> None:
    """For tiles begin..end-1 set `leads` for the rows that follow themselves alone: they always will."""
    for tile in range(begin, end):
        lo, hi = offsets[tiles[tile, 0]], offsets[tiles[tile, 0] + 1]
        for i in rows[tiles[tile, 1] : tiles[tile, 2]]:
            if is_leader(Z, A, lo, hi, i, first, ties, tie_tol):
                targets[i] = Z[i]
                leads[i] = True


@njit(nogil=True, cache=True)
def find_settled(
    begin: int,
    end: int,
    Z: Any,
    A: Any,
    offsets: Any,
    rows: Any,
    tiles: Any,
    tie_tol: Any,
    targets: Any,
    first: Any,
    ties: Any,
    leads: Any,
    before: Any,
    settled: Any,
) -> None:
    """For tiles begin..end-1 set `settled` for the rows whose C_i can never change again.

    A leader stays a leader. A token that follows resting tokens alone, all of whom their mean follows
    too, moves on the segment from itself to that mean, and all of it follows them, while the scores of
    all others stay below (convexity). `before` is `settled` as it was at the layer before, so that the
    result does not depend on the order of the tiles. Settled tokens must not be searched again: once
    followers have come within the tolerance of their leader, a search would find them tied with it.
    """
    for tile in range(begin, end):
        lo, hi = offsets[tiles[tile, 0]], offsets[tiles[tile, 0] + 1]
        for i in rows[tiles[tile, 1] : tiles[tile, 2]]:
            settled[i] = leads[i] or stays(Z, A, lo, hi, i, targets, first, ties, leads, before, tie_tol)
