"""Checks of numbers that a user gives; errors call them by the name that the user knows."""

from __future__ import annotations

import math
import operator
from numbers import Real
from typing import Any

from hardmax.errors import InputError


def whole_number(value: Any, name: str, least: int = 0) -> int:
    """Return `value` as an int.

    Raises
    ------
    InputError
        When it is not a whole number (True and 2.0 are not), or less than `least`.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least or isinstance(value, bool):
        raise InputError(f"{name} is {value!r}; give a whole number, {least} or more")
    return number


def real_number(value: Any, name: str, positive: bool = False) -> float:
    """Return `value` as a float.

    Raises
    ------
    InputError
        When it is not a number (True and '2' are not), not finite, or negative; or 0 where it must be
        `positive`.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InputError(f"{name} is {value!r}; give a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or number < 0 or (positive and number == 0):
        bound = "greater than 0" if positive else "0 or greater"
        raise InputError(f"{name} is {value!r}; give a finite number {bound}")
    return number
