"""The step of tokens towards their targets: arrays in, arrays out, no checks."""

from typing import Any

from hardmax._support.kernels import njit


@njit(nogil=True, cache=True)
def step(begin: int, end: int, Z: Any, targets: Any, rate: Any, moved: Any) -> None:
    """For rows begin..end-1 write z_i + rate (target_i - z_i) to `moved`; rate is alpha / (1 + alpha).

    In this form a token that is its own target keeps all its bits.
    """
    for i in range(begin, end):
        for column in range(Z.shape[1]):
            moved[i, column] = Z[i, column] + rate * (targets[i, column] - Z[i, column])
