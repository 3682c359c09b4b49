"""The rules by which a token chooses whom to follow, as small frozen values.

To add a rule: write its class here, its kernel in `hardmax.dynamics.kernels`, and its line in
`hardmax.dynamics.simulation.KERNELS`. Nothing else needs to change; the contract tests find it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from hardmax._support.checks import real_number
from hardmax.errors import InputError


@dataclass(frozen=True, eq=False)
class Rule:
    """What every rule has: the step `alpha`, the matrix `A`, and the tolerance for ties."""

    alpha: float = 0.5
    A: npt.NDArray[np.float64] | None = None
    tie_tol: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "alpha", real_number(self.alpha, "alpha", positive=True))
        if self.tie_tol is not None:
            object.__setattr__(self, "tie_tol", real_number(self.tie_tol, "tie_tol"))
        if self.A is not None:
            object.__setattr__(self, "A", _checked_matrix(self.A))

    def _key(self) -> tuple[object, ...]:
        values = (getattr(self, field.name) for field in fields(self))
        return tuple(v.tobytes() if isinstance(v, np.ndarray) else v for v in values)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Rule) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((type(self), self._key()))

    def matrix(self, dim: int) -> npt.NDArray[np.float64]:
        """Give `A` as a (dim, dim) array, the identity where it is None.

        Raises
        ------
        InputError
            When `A` has another size than the tokens.
        """
        if self.A is None:
            return np.eye(dim)
        if len(self.A) != dim:
            raise InputError(
                f"A is {len(self.A)} by {len(self.A)} but the tokens have dimension {dim}; "
                f"give an A of {dim} by {dim}"
            )
        return self.A

    def tolerance(self, dtype: npt.DTypeLike) -> float:
        """Give the relative tolerance for ties in force for tokens of this `dtype`."""
        if self.tie_tol is not None:
            return self.tie_tol
        return 1e-12 if np.dtype(dtype) == np.float64 else 1e-6


@dataclass(frozen=True, eq=False)
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
        largest. None is 1e-12 for float64 and 1e-6 for float32 tokens: room for rounding alone.
        With 0 only equal floating-point numbers tie.

    Raises
    ------
    InputError
        When a value is outside its range, or `A` is not symmetric positive definite.

    Examples
    --------
    >>> Hardmax(alpha=0.5) == Hardmax()
    True
    """


@dataclass(frozen=True, eq=False)
class Softmax(Rule):
    r"""Each token moves towards a mean of all tokens, weighted by the softmax of the scores.

    The weights are :math:`\mathrm{softmax}_j(\langle A z_i, z_j\rangle / \tau)`; as the
    `temperature` :math:`\tau` falls to 0 the rule becomes `Hardmax`. Whom a token follows is
    still the token of its largest score.

    Parameters
    ----------
    alpha, A, tie_tol
        As for `Hardmax`.
    temperature : float
        :math:`\tau`, greater than 0.

    Raises
    ------
    InputError
        As for `Hardmax`.

    Examples
    --------
    >>> Softmax(temperature=0.1).temperature
    0.1
    """

    temperature: float = 1e-3

    def __post_init__(self) -> None:
        super().__post_init__()
        temperature = real_number(self.temperature, "temperature", positive=True)
        object.__setattr__(self, "temperature", temperature)


def _checked_matrix(A: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Give a read-only copy of `A` after checking that it is symmetric positive definite."""
    try:
        given = np.asarray(A)
        if given.dtype.kind == "c":
            raise TypeError
        matrix = given.astype(np.float64)
    except (TypeError, ValueError, RuntimeError):  # torch raises the last for tensors that need gradients
        raise InputError(f"A is {A!r}; give a square array of numbers") from None
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise InputError(f"A has shape {matrix.shape}; give a square (d, d) array")
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise InputError(f"A[{row}, {column}] is {matrix[row, column]}; give finite numbers")
    scale = np.abs(matrix).max()
    uneven = np.abs(matrix - matrix.T) > 1e-10 * scale
    if uneven.any():
        row, column = np.argwhere(uneven)[0]
        raise InputError(
            f"A is not symmetric: A[{row}, {column}] is {matrix[row, column]:g} but "
            f"A[{column}, {row}] is {matrix[column, row]:g}; give a symmetric A"
        )
    matrix = matrix + (matrix.T - matrix) / 2  # the sum of both could overflow
    lowest = np.linalg.eigvalsh(matrix)[0]
    if lowest <= 1e-14 * scale:
        raise InputError(
            f"A is not positive definite: its smallest eigenvalue is {lowest:g}; give a positive definite A"
        )
    matrix.flags.writeable = False
    return matrix
