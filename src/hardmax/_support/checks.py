"""Checking the values that a user gives, under the names that the user knows them by."""

import math
import operator
from collections.abc import Iterable
from numbers import Real
from typing import Any

from hardmax.errors import InputError

#: Sizes beyond this are a slip of the hand; they also fit the integers of all kernels.
LARGEST_COUNT = 2**31 - 1


def whole_number(value: Any, name: str, least: int = 0, most: int | None = None) -> int:
    """Return `value`, a whole number from `least` to `most`, as an int; True and 2.0 are refused."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least or isinstance(value, bool):
        raise InputError(f"{name} is {value!r}; give a whole number, {least} or more")
    if most is not None and number > most:
        raise InputError(f"{name} is {value}; give one of at most {most}")
    return number


def real_number(value: Any, name: str, positive: bool = False) -> float:
    """Return `value` as a float; it must be finite and not negative, and not 0 if `positive`."""
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


def true_or_false(value: Any, name: str) -> None:
    """Raise `InputError` unless `value` is True or False."""
    if not isinstance(value, bool):
        raise InputError(f"{name} is {value!r}; give true or false")


def one_of(value: Any, name: str, choices: Iterable[str]) -> None:
    """Raise `InputError` unless `value` is one of the `choices`."""
    if value not in list(choices):
        raise InputError(f"{name} is {value!r}; give one of {', '.join(choices)}")
