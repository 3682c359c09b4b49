"""The inner loops of the dynamics: arrays in, arrays out, no checks.

All sets of tokens lie one after another in one array `Z` (N, d); set s is the rows
``offsets[s]:offsets[s + 1]``. Work is cut into tiles, rows of ``(set, begin, end)``, and every
number is computed by one thread in one order, so results do not depend on the number of threads.
Loops run over the tokens of a tile innermost, which compiles to vector instructions without
`fastmath`; ties, infinities and NaN keep their meaning.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

#: Tokens that one tile holds: a review in one tile, and a tile's scratch space in the first-level cache.
TILE = 128


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
    if dim == 2:
        for t in range(width):
            s[t] = q[0, t] * z[0] + q[1, t] * z[1]
        return
    for t in range(width):
        s[t] = q[0, t] * z[0]
    for row in range(1, dim):
        factor = z[row]
        for t in range(width):
            s[t] += q[row, t] * factor


@njit(cache=True)
def best_scores(q: Any, Z: Any, lo: int, hi: int) -> Any:
    """Give for every query its largest score over the tokens lo..hi-1, the first token that has it, and the runner-up."""
    width = q.shape[1]
    s = np.empty(width, Z.dtype)
    best = np.full(width, -np.inf, Z.dtype)
    second = np.full(width, -np.inf, Z.dtype)
    first = np.full(width, lo, np.int32)
    for j in range(lo, hi):
        scores_with(q, Z[j], s)
        index = np.int32(j)
        for t in range(width):
            old = best[t]
            higher = s[t] > old
            lower = old if higher else s[t]
            best[t] = s[t] if higher else old
            first[t] = index if higher else first[t]
            second[t] = lower if lower > second[t] else second[t]
    return best, first, second


@njit(cache=True)
def score(q: Any, t: int, z: Any) -> Any:
    """Give <q_t, z>, to the same last bit as `scores_with`."""
    total = q[0, t] * z[0]
    for row in range(1, q.shape[0]):
        total += q[row, t] * z[row]
    return total


@njit(cache=True)
def followed(Z: Any, A: Any, lo: int, hi: int, i: int, tie_tol: float) -> Any:
    """Give C_i among the tokens lo..hi-1, ascending: all whose score is within the tolerance of the largest."""
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
def count_ties(q: Any, Z: Any, lo: int, hi: int, best: Any, second: Any, tie_tol: Any, first: Any, ties: Any) -> None:
    """Where the runner-up is within the tolerance, set `first` and `ties` to the first of C_i and its size."""
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


@njit(parallel=True, cache=True)
def hardmax_targets(
    Z: Any, weights: Any, A: Any, offsets: Any, tiles: Any, tie_tol: Any, _temperature: Any, targets: Any, first: Any, ties: Any
) -> None:
    """Write mean_{j in C_i} z_j to `targets`, the first of C_i to `first` and its size to `ties`.

    C_i = { j : <A z_i, z_j> >= (1 - tie_tol) max_l <A z_i, z_l> }; the mean counts z_j `weights[j]` times.
    """
    dim = Z.shape[1]
    for tile in prange(len(tiles)):
        lo, hi = offsets[tiles[tile, 0]], offsets[tiles[tile, 0] + 1]
        begin, end = tiles[tile, 1], tiles[tile, 2]
        q = queries(Z, A, begin, end)
        best, tile_first, second = best_scores(q, Z, lo, hi)
        count_ties(q, Z, lo, hi, best, second, tie_tol, tile_first, ties[begin:end])
        for i in range(begin, end):
            t = i - begin
            first[i] = tile_first[t]
            if ties[i] == 1:
                targets[i] = Z[tile_first[t]]
                continue
            least = best[t] - tie_tol * abs(best[t])
            total = weights[0] * 0
            targets[i] = 0
            for j in range(tile_first[t], hi):
                if score(q, t, Z[j]) >= least:
                    total += weights[j]
                    for column in range(dim):
                        targets[i, column] += weights[j] * Z[j, column]
            for column in range(dim):
                targets[i, column] /= total


@njit(parallel=True, cache=True)
def softmax_targets(
    Z: Any, weights: Any, A: Any, offsets: Any, tiles: Any, tie_tol: Any, temperature: Any, targets: Any, first: Any, ties: Any
) -> None:
    """Write sum_j softmax_j(<A z_i, z_j> / temperature) z_j to `targets`; `first` and `ties` as for the hardmax.

    Terms below machine precision are left out: at small temperatures almost all of them.
    """
    dim = Z.shape[1]
    reach = (4 - np.log(np.finfo(Z.dtype).eps)) * temperature
    for tile in prange(len(tiles)):
        lo, hi = offsets[tiles[tile, 0]], offsets[tiles[tile, 0] + 1]
        begin, end = tiles[tile, 1], tiles[tile, 2]
        q = queries(Z, A, begin, end)
        best, tile_first, second = best_scores(q, Z, lo, hi)
        count_ties(q, Z, lo, hi, best, second, tie_tol, tile_first, ties[begin:end])
        first[begin:end] = tile_first
        total = np.zeros(end - begin, Z.dtype)
        targets[begin:end] = 0
        s = np.empty(end - begin, Z.dtype)
        for j in range(lo, hi):
            scores_with(q, Z[j], s)
            if not any_within(s, best, reach):
                continue
            for t in range(end - begin):
                if best[t] - s[t] <= reach:
                    term = weights[j] * np.exp((s[t] - best[t]) / temperature)
                    total[t] += term
                    for column in range(dim):
                        targets[begin + t, column] += term * Z[j, column]
        for t in range(end - begin):
            for column in range(dim):
                targets[begin + t, column] /= total[t]


@njit(cache=True)
def any_within(s: Any, best: Any, reach: Any) -> bool:
    """Say whether any query's score lies within `reach` of its best."""
    close = 0
    for t in range(len(s)):
        close += best[t] - s[t] <= reach
    return close > 0


@njit(parallel=True, cache=True)
def step(Z: Any, targets: Any, rate: Any, moved: Any) -> None:
    """Write z_i + rate (target_i - z_i) to `moved`; with rate alpha / (1 + alpha), a layer of the paper.

    In this form a token that is its own target does not move by a single bit.
    """
    for i in prange(len(Z)):
        for column in range(Z.shape[1]):
            moved[i, column] = Z[i, column] + rate * (targets[i, column] - Z[i, column])


@njit(cache=True)
def is_leader(Z: Any, A: Any, lo: int, hi: int, i: int, first: Any, ties: Any, tie_tol: Any) -> bool:
    """Say whether all that token i follows is at its own position."""
    if ties[i] == 1:
        return bool(first[i] == i)
    for j in followed(Z, A, lo, hi, i, tie_tol):
        for column in range(Z.shape[1]):
            if Z[j, column] != Z[i, column]:
                return False
    return True


@njit(cache=True)
def stays(Z: Any, A: Any, lo: int, hi: int, i: int, target: Any, first: Any, ties: Any, leads: Any, tie_tol: Any) -> bool:
    """Say whether token i follows leaders alone, which would be followed from its target too."""
    if ties[i] == 1:
        return bool(leads[first[i] - lo])
    q = queries(target.reshape(1, -1), A, 0, 1)
    best, _, _ = best_scores(q, Z, lo, hi)
    least = best[0] - tie_tol * abs(best[0])
    for j in followed(Z, A, lo, hi, i, tie_tol):
        if not leads[j - lo] or score(q, 0, Z[j]) < least:
            return False
    return True


@njit(parallel=True, cache=True)
def find_frozen(Z: Any, A: Any, offsets: Any, targets: Any, first: Any, ties: Any, tie_tol: Any, frozen: Any) -> None:
    """Set frozen[s] for each set in which no C_i can ever change again.

    That holds when every token follows leaders alone, and the mean of those leaders follows them
    too: the token then moves on the segment from itself to that mean, all of which follows
    them, while the scores of all others stay below (convexity).
    """
    for s in prange(len(offsets) - 1):
        if frozen[s]:
            continue
        lo, hi = offsets[s], offsets[s + 1]
        leads = np.zeros(hi - lo, np.bool_)
        for i in range(lo, hi):
            leads[i - lo] = is_leader(Z, A, lo, hi, i, first, ties, tie_tol)
        still = True
        for i in range(lo, hi):
            if not stays(Z, A, lo, hi, i, targets[i], first, ties, leads, tie_tol):
                still = False
                break
        frozen[s] = still


@njit(cache=True)
def merge_equal(Z: Any, offsets: Any, weights: Any) -> Any:
    """Reduce each set to its distinct points, in the order in which they first appear.

    Gives the points, their summed weights, the offsets of the reduced sets, and for each token
    the row of its point.
    """
    dim = Z.shape[1]
    points = np.empty_like(Z)
    sums = np.zeros(len(Z), Z.dtype)
    point_of = np.empty(len(Z), np.int64)
    bounds = np.zeros_like(offsets)
    size = 2
    for s in range(len(offsets) - 1):
        while size < 2 * (offsets[s + 1] - offsets[s]):
            size *= 2
    table = np.full(size, -1, np.int64)
    count = 0
    for s in range(len(offsets) - 1):
        start = count
        slots = np.empty(offsets[s + 1] - offsets[s], np.int64)
        for i in range(offsets[s], offsets[s + 1]):
            slot = hash_row(Z[i]) & (size - 1)
            while table[slot] >= 0 and not equal_rows(points[table[slot]], Z[i], dim):
                slot = (slot + 1) & (size - 1)
            if table[slot] < 0:
                table[slot] = count
                slots[count - start] = slot
                points[count] = Z[i]
                count += 1
            sums[table[slot]] += weights[i]
            point_of[i] = table[slot]
        for used in slots[: count - start]:
            table[used] = -1
        bounds[s + 1] = count
    return points[:count].copy(), sums[:count].copy(), bounds, point_of


@njit(cache=True)
def equal_rows(a: Any, b: Any, dim: int) -> bool:
    """Say whether two points are the same."""
    for column in range(dim):  # noqa: SIM110 - numba compiles the plain loop best
        if a[column] != b[column]:
            return False
    return True


@njit(cache=True)
def hash_row(z: Any) -> int:
    """Give a non-negative hash of a point, equal for equal points."""
    h = np.uint64(1469598103934665603)
    for value in z:
        h = (h ^ np.uint64(hash(value))) * np.uint64(1099511628211)
        h ^= h >> np.uint64(29)
    return np.int64(h >> np.uint64(1))
