"""Numbers that a user gives are checked under the name that the user knows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hardmax._support.checks import real_number, whole_number
from hardmax.errors import InputError


def test_numbers_of_numpy_become_those_of_python() -> None:
    assert type(whole_number(np.int64(3), "layers")) is int
    assert type(real_number(np.float32(0.5), "alpha")) is float


@pytest.mark.parametrize("value", [True, 2.0, "2", None, 0])
def test_what_is_not_a_whole_number_or_too_small_is_named(value: object) -> None:
    with pytest.raises(InputError, match=rf"^layers is {value!r}; give a whole number, 1 or more$"):
        whole_number(value, "layers", least=1)


@pytest.mark.parametrize("value", [True, "2", None, math.nan, math.inf, -1.0, 10**400])
def test_what_is_not_a_finite_number_or_is_negative_is_named(value: object) -> None:
    with pytest.raises(InputError, match=rf"^alpha is {value!r}; give a "):
        real_number(value, "alpha")


def test_zero_is_refused_where_a_number_must_be_positive() -> None:
    assert real_number(0, "alpha") == 0.0
    with pytest.raises(InputError, match="alpha is 0; give a finite number greater than 0"):
        real_number(0, "alpha", positive=True)
