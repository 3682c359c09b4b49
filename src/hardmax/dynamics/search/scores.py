"""The scores <A z_i, z_j> of tokens: arrays in, arrays out, no checks."""

from typing import Any

import numpy as np

from hardmax._support.kernels import njit


@njit(cache=True)
def queries(Z: Any, A: Any) -> Any:
    """Return the columns A z_i for the tokens Z (n, d), as (d, n)."""
    n, dim = Z.shape
    q = np.empty((dim, n), Z.dtype)
    for row in range(dim):
        for i in range(n):
            total = A[row, 0] * Z[i, 0]
            for column in range(1, dim):
                total += A[row, column] * Z[i, column]
            q[row, i] = total
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
    """Return <q_t, z>, the same bits as `scores_with`."""
    total = q[0, t] * z[0]
    for row in range(1, q.shape[0]):
        total += q[row, t] * z[row]
    return total


@njit(cache=True)
def least_tied(best: Any, tie_tol: Any) -> Any:
    """Return the least score that counts as tied with the largest."""
    return best - tie_tol * abs(best)
