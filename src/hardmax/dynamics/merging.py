"""Reducing sets of tokens to their distinct points: arrays in, arrays out, no checks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


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
def hash_row(z: Any) -> Any:
    """Give a non-negative hash of a point, equal for equal points."""
    h = np.uint64(1469598103934665603)
    for value in z:
        h = (h ^ np.uint64(hash(value))) * np.uint64(1099511628211)
        h ^= h >> np.uint64(29)
    return np.int64(h >> np.uint64(1))
