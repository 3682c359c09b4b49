"""Checking the values that a user gives, under the names that the user knows them by."""

import math
from collections.abc import Iterable
from numbers import Integral
from typing import Any

import numpy as np

from hardmax.errors import InputError

#: Sizes beyond this are a slip of the hand; they also fit the integers of all kernels.
LARGEST_COUNT = 2**31 - 1
LARGEST_SEED = 2**63 - 1  # torch takes no larger one


def whole_number(value: Any, name: str, least: int = 0, most: int = LARGEST_COUNT) -> int:
    """Return `value`, a whole number from `least` to `most`, as an int; True and 2.0 are refused."""
    if isinstance(value, bool) or not isinstance(value, Integral) or (number := int(value)) < least:
        raise InputError(f"{name} is {shown(value)}; give a whole number, {least} or more")
    if number > most:
        raise InputError(f"{name} is {shown(value)}; give one of at most {most}")
    return number


def real_number(value: Any, name: str, positive: bool = False, most: float = math.inf) -> float:
    """Return `value`, finite and from 0 to `most`, as a float; 0 is refused if `positive`."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise InputError(f"{name} is {shown(value)}; give a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or number < 0 or (positive and number == 0):
        bound = "greater than 0" if positive else "0 or greater"
        raise InputError(f"{name} is {shown(value)}; give a finite number {bound}")
    if number > most:
        raise InputError(f"{name} is {shown(value)}; give one of at most {most:g}")
    return number


def true_or_false(value: Any, name: str) -> None:
    """Raise `InputError` unless `value` is True or False."""
    if not isinstance(value, bool):
        raise InputError(f"{name} is {shown(value)}; give true or false")


def one_of(value: Any, name: str, choices: Iterable[str]) -> None:
    """Raise `InputError` unless `value` is one of the `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise InputError(f"{name} is {shown(value)}; give one of {', '.join(choices)}")


def keep_plain(instance: Any) -> None:
    """Replace NumPy's numbers in the fields of a frozen dataclass by those of Python, which files take."""
    for name, value in vars(instance).items():
        if isinstance(value, np.generic):
            plain = float(value) if isinstance(value, np.floating) else value.item()
            object.__setattr__(instance, name, plain)


def shown(value: Any) -> str:
    """Return how Python writes `value`; its type where that fails, as for a number of 5,000 digits."""
    try:
        return repr(value)
    except Exception:
        return f"a value of type {type(value).__name__}"
