"""The matrix A of a rule."""

import numpy as np
import numpy.typing as npt

from hardmax._support.checks import shown
from hardmax.dynamics.packing import Array, read_only
from hardmax.errors import InputError

#: The largest quotient of the largest and the smallest eigenvalue of A; scores beyond it are rounding errors.
LARGEST_CONDITION = 1e14


def checked_matrix(A: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return a read-only copy of `A` in float64, which must be finite, symmetric and positive definite."""
    try:
        given = np.asarray(A)
        if given.dtype.kind not in "biufO" or np.ma.is_masked(A):
            raise TypeError
        with np.errstate(over="ignore"):  # what becomes infinite is refused below
            matrix = given.astype(np.float64)
    except (TypeError, ValueError, RuntimeError, OverflowError):  # torch's tensors that need gradients, too
        raise InputError(f"A is {shown(A)}; give a square array of numbers") from None
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise InputError(f"A has shape {matrix.shape}; give a square (d, d) array")
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise InputError(f"A[{row}, {column}] is {matrix[row, column]}; give finite numbers")
    scale = np.abs(matrix).max() or 1.0
    uneven = np.abs(matrix - matrix.T) > 1e-10 * scale
    if uneven.any():
        row, column = np.argwhere(uneven)[0]
        raise InputError(
            f"A is not symmetric: A[{row}, {column}] is {matrix[row, column]:g} but "
            f"A[{column}, {row}] is {matrix[column, row]:g}; give a symmetric A"
        )
    matrix = matrix + (matrix.T - matrix) / 2  # the sum of both could overflow
    _check_definite(matrix / scale, scale)
    return read_only(matrix)


def _check_definite(matrix: Array, scale: float) -> None:
    lowest, highest = np.linalg.eigvalsh(matrix)[[0, -1]]
    if lowest * LARGEST_CONDITION > highest:
        return
    try:
        np.linalg.cholesky(matrix)
        definite = lowest > 0
    except np.linalg.LinAlgError:
        definite = False
    if definite:
        raise InputError(
            f"A has the condition number {highest / lowest:.2g}, past which scores are rounding errors; "
            f"give an A whose largest eigenvalue is less than {LARGEST_CONDITION:g} times its smallest"
        )
    raise InputError(
        f"A is not positive definite: its smallest eigenvalue is {lowest * scale:g}; "
        "give a positive definite A"
    )
