"""Bad input is refused in one line that names the value, its place, and what to do."""

from __future__ import annotations

import numpy as np
import pytest

from hardmax.dynamics import Hardmax, Softmax, limit, preset, simulate
from hardmax.errors import InputError

Z = np.ones((2, 2))
NAN = np.array([[1.0, 2.0], [3.0, np.nan]])
NOT_POSITIVE = [[1.0, 2.0], [2.0, 1.0]]

CASES = {
    "nan_token": (lambda: simulate(NAN), "row 1, column 1 is nan"),
    "infinite_token": (lambda: simulate([[np.inf, 0.0]]), "row 0, column 0 is inf"),
    "nan_in_a_batch": (lambda: simulate([Z, NAN]), r"tokens\[1\]: row 1, column 1 is nan"),
    "strings": (lambda: simulate([["a", "b"]]), "not an array of real numbers"),
    "strings_in_a_batch": (
        lambda: simulate([Z, [["a", "b"]]]),
        r"tokens\[1\] are not an array of real numbers",
    ),
    "complex": (lambda: simulate([[1j, 2.0]]), "not an array of real numbers"),
    "ragged": (lambda: simulate([[1.0, 2.0], [3.0]]), "not an array of real numbers"),
    "nothing": (lambda: simulate(None), "not an array of real numbers"),
    "one_axis": (lambda: simulate([1.0, 2.0]), r"shape \(2,\)"),
    "no_coordinates": (lambda: simulate(np.ones((2, 0))), "d at least 1"),
    "mixed_dimensions": (
        lambda: simulate([Z, np.ones((2, 3))]),
        r"tokens\[1\] has dimension 3 but tokens\[0\] has 2",
    ),
    "negative_layers": (lambda: simulate(Z, layers=-1), "layers is -1"),
    "half_a_layer": (lambda: simulate(Z, layers=0.5), "layers is 0.5"),
    "layers_in_words": (lambda: simulate(Z, layers="ten"), "layers is 'ten'"),
    "no_rule": (lambda: simulate(Z, "hardmax"), "rule is 'hardmax'; give a rule, such as"),
    "alpha_zero": (lambda: Hardmax(alpha=0), "alpha is 0; give a finite number greater than 0"),
    "alpha_negative": (lambda: Softmax(alpha=-0.5), "alpha is -0.5"),
    "alpha_nan": (lambda: Hardmax(alpha=np.nan), "alpha is nan"),
    "alpha_in_words": (lambda: Hardmax(alpha="big"), "alpha is 'big'; give a number"),
    "temperature_zero": (lambda: Softmax(temperature=0), "temperature is 0"),
    "tie_tol_negative": (lambda: Hardmax(tie_tol=-1e-9), "tie_tol is -1e-09"),
    "A_not_symmetric": (
        lambda: Hardmax(A=[[1.0, 0.5], [0.25, 1.0]]),
        r"A\[0, 1\] is 0.5 but A\[1, 0\] is 0.25",
    ),
    "A_not_positive_definite": (lambda: Hardmax(A=NOT_POSITIVE), "smallest eigenvalue is -1"),
    "A_singular": (lambda: Hardmax(A=np.zeros((2, 2))), "not positive definite"),
    "A_nearly_singular": (
        lambda: Hardmax(A=np.diag([1.0, 1e16])),
        r"A has the condition number 1e\+16, .* less than 1e\+14 times its smallest",
    ),
    "A_singular_but_for_rounding": (lambda: Hardmax(A=np.ones((3, 3)) / 3), "not positive definite"),
    "A_not_square": (lambda: Hardmax(A=np.ones((2, 3))), r"A has shape \(2, 3\)"),
    "A_not_finite": (lambda: Hardmax(A=[[1.0, 0.0], [0.0, np.nan]]), r"A\[1, 1\] is nan"),
    "A_in_words": (lambda: Hardmax(A="identity"), "A is 'identity'"),
    "A_of_another_size": (
        lambda: simulate(Z, Hardmax(A=np.eye(3))),
        "A is 3 by 3 but the tokens have dimension 2",
    ),
    "weights_too_few": (lambda: simulate(Z, weights=[1.0]), r"weights have shape \(1,\)"),
    "weight_zero": (lambda: simulate(Z, weights=[1.0, 0.0]), r"weights\[1\] is 0.0"),
    "weights_in_words": (lambda: simulate(Z, weights=["a", "b"]), "weights are not an array"),
    "weights_of_a_batch_too_few": (lambda: simulate([Z, Z], weights=[[1.0, 1.0]]), "each of the 2 sets"),
    "weights_of_a_batch_one_number": (lambda: simulate([Z, Z], weights=3), "each of the 2 sets"),
    "preset_unknown": (
        lambda: preset("circle"),
        "there is no preset 'circle'; give one of triangle, emerging",
    ),
    "limit_of_softmax": (
        lambda: limit(Z, Softmax()),
        "known only for rules whose tokens can settle, such as Hardmax",
    ),
    "limit_of_a_batch": (lambda: limit([Z, Z]), "give an"),
    "layer_too_late": (
        lambda: simulate(Z, layers=2).follows(3),
        "there is no layer 3; give a whole number from 0 to 2",
    ),
    "layer_too_early": (lambda: simulate(Z, layers=2).leaders(-4), "there is no layer -4"),
    "layer_between": (
        lambda: simulate(Z, layers=2).follows(0.5),
        "there is no layer 0.5; give a whole number",
    ),
    "alpha_true": (lambda: Hardmax(alpha=True), "alpha is True; give a number"),
    "seed_between": (lambda: preset("faces", seed=0.5), "seed is 0.5; give a whole number"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_named_in_one_line(case):
    call, message = CASES[case]
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_whole_numbers_and_lists_are_tokens():
    assert simulate([[1, 0], [0, 1]], layers=1).positions.dtype == np.float64


def test_rules_are_values():
    A = np.eye(2)
    assert Hardmax(A=A) == Hardmax(A=[[1.0, 0.0], [0.0, 1.0]])
    assert hash(Hardmax(A=A)) == hash(Hardmax(A=A.copy()))
    assert Hardmax() != Softmax() and Hardmax(0.5) != Hardmax(0.6)


def test_a_rule_keeps_its_own_copy_of_A():
    A = np.eye(2)
    rule = Hardmax(A=A)
    A[0, 0] = -1.0
    assert rule.A[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        rule.A[0, 0] = 2.0


def test_masked_tokens_are_refused_rather_than_used_as_they_stand():
    tokens = np.ma.masked_greater([[1.0, 0.0], [9.0, 0.0]], 5.0)
    for given in (tokens, [tokens]):
        with pytest.raises(InputError, match="masked"):
            simulate(given)
    assert len(simulate(np.ma.array([[1.0, 0.0]])).positions[0]) == 1


def test_a_complex_matrix_and_numbers_past_the_floats_are_named():
    with pytest.raises(InputError, match="A is"):
        Hardmax(A=np.eye(2) + 1j)
    with pytest.raises(InputError, match="alpha is 1000"):
        Hardmax(alpha=10**400)


def test_a_matrix_near_the_largest_floats_is_taken():
    tokens = np.array([[1.0, 0.0], [0.5, 0.1]])
    large = simulate(tokens, Hardmax(A=np.eye(2) * 1e308))
    assert (large.positions == simulate(tokens).positions).all()


def test_a_matrix_of_a_condition_number_below_the_bound_is_taken():
    assert Hardmax(A=np.diag([1e-3, 1e10])).A is not None


class ArrayLike:
    """What has no more in common with an array than that NumPy can make one of it."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array

    def __len__(self):
        return len(self.array)

    def __getitem__(self, index):
        return self.array[index]


@pytest.mark.parametrize("kind", ["torch", "ArrayLike"])
def test_arrays_of_another_kind_are_tokens_and_batches(kind):
    make = pytest.importorskip("torch").from_numpy if kind == "torch" else ArrayLike
    sets = np.random.default_rng(0).normal(size=(3, 4, 2))
    for given, wanted in zip(simulate(make(sets), layers=2), simulate(list(sets), layers=2), strict=True):
        np.testing.assert_array_equal(given.positions, wanted.positions)
    np.testing.assert_array_equal(
        simulate(make(sets[0]), layers=2).positions, simulate(sets[0], layers=2).positions
    )


def test_a_batch_of_ragged_sets_is_refused():
    with pytest.raises(InputError, match="not an array of real numbers"):
        simulate([[[1.0, 2.0], [3.0]]])


def test_the_weights_of_a_trajectory_are_its_own():
    weights = np.array([1.0, 2.0])
    trajectory = simulate(Z, weights=weights)
    weights[0] = 5.0
    assert trajectory.weights.tolist() == [1.0, 2.0]
