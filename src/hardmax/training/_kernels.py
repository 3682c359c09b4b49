"""The inner loops of the gradient of an embedding: a batch touches few of its rows."""

from typing import Any

import numpy as np

from hardmax._support.kernels import njit


@njit(nogil=True, cache=True)
def add_rows(ids: Any, rows: Any, table: Any, touched: Any) -> Any:
    """Add rows[i] to table[ids[i]]; return the distinct ids and the sum of squares of their rows.

    `touched` (V,) is all false before and after.
    """
    dim = table.shape[1]
    distinct = np.empty_like(ids)
    count = 0
    for i in range(len(ids)):
        token = ids[i]
        if not touched[token]:
            touched[token] = True
            distinct[count] = token
            count += 1
        for column in range(dim):
            table[token, column] += rows[i, column]
    square = 0.0
    for token in distinct[:count]:
        touched[token] = False
        for column in range(dim):
            square += table[token, column] * table[token, column]
    return distinct[:count], square


@njit(nogil=True, cache=True)
def scale_rows(distinct: Any, factor: Any, table: Any) -> None:
    """Multiply the rows of `table` with the numbers `distinct` by `factor`."""
    for token in distinct:
        for column in range(table.shape[1]):
            table[token, column] *= factor
