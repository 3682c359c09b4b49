"""Numba's `njit`, for machines of any kind."""

from collections.abc import Callable
from typing import Any

import numba

from hardmax.errors import InputError

if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
    raise InputError("NUMBA_DISABLE_JIT is set, but kernels must be compiled; unset it")


def njit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return the decorator `numba.njit`, which keeps no kernels on disk where no folder can be written to."""

    def compiled(kernel: Callable[..., Any]) -> Any:
        try:
            return numba.njit(**options)(kernel)
        except RuntimeError:  # as of a package that root installed, for a user without a home
            return numba.njit(**options | {"cache": False})(kernel)

    return compiled
