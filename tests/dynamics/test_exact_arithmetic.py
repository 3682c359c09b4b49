"""Against rational arithmetic: integer grids full of ties, late leaders, and followers that have arrived."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from hardmax.dynamics import Hardmax, limit, simulate


@st.composite
def grids(draw):
    """Tokens on a small integer grid, where almost everything ties."""
    dim = draw(st.integers(1, 3))
    size = draw(st.integers(1, 7))
    reach = draw(st.sampled_from([1, 2, 5]))
    return np.array(
        draw(
            st.lists(
                st.lists(st.integers(-reach, reach), min_size=dim, max_size=dim), min_size=size, max_size=size
            )
        )
    )


def matrix(dim):
    return 3 * np.eye(dim) - np.ones((dim, dim)) / 2


def assert_exact(reference, Z, alpha, layers, A=None):
    trajectory = simulate(Z, Hardmax(alpha, A), layers)
    exact = reference.exact_simulate(Z, alpha, layers, A)
    rational = None if A is None else [[Fraction(x) for x in row] for row in A.tolist()]
    for k, states in enumerate(exact):
        assert [c.tolist() for c in trajectory.followed(k)] == reference.followed(states, rational), (
            f"layer {k}"
        )
        assert trajectory.leaders(k).tolist() == reference.leaders(states, rational), f"layer {k}"
    expected = np.array(exact, dtype=float).reshape(trajectory.positions.shape)
    np.testing.assert_allclose(trajectory.positions, expected, rtol=0, atol=1e-12 * max(1, np.abs(Z).max()))


@given(Z=grids(), alpha=st.sampled_from([0.25, 0.5, 1.0, 2.0, 10.0]))
@example(Z=np.array([(0, 0), (1, 0), (-1, 2), (0, -2)]), alpha=0.5)
@example(Z=np.array([(0, 0), (3, 0), (-1, 2), (-2, -2), (1, 1), (-1, -1)]), alpha=0.5)
def test_integer_grids_are_exact(reference, Z, alpha):
    assert_exact(reference, Z, alpha, layers=5)


@given(Z=grids(), alpha=st.sampled_from([0.5, 1.0]))
def test_integer_grids_are_exact_under_a_matrix(reference, Z, alpha):
    assert_exact(reference, Z, alpha, layers=4, A=matrix(Z.shape[1]))


@given(Z=grids())
def test_integer_grids_are_exact_for_a_small_step(reference, Z):
    assert_exact(reference, Z, 2.0**-14, layers=3)


# After a step of alpha, the scores of the third token for the second and itself part by about alpha² / 6.
NEARLY_TIED = np.array([(0, 0, 0), (1, 2, 0), (1, 1, -1), (-2, 0, -2), (2, 2, 2), (0, 0, -2), (-1, -1, -1)])


@given(Z=grids(), alpha=st.sampled_from([2.0**-14, 2.0**-20, 2.0**-24]))
@example(Z=NEARLY_TIED, alpha=2.0**-14)
@example(Z=NEARLY_TIED, alpha=2.0**-20)
def test_integer_grids_are_exact_for_a_tiny_step_up_to_the_tolerance(reference, Z, alpha):
    tie_tol = 1e-10
    trajectory = simulate(Z, Hardmax(alpha, tie_tol=tie_tol), 3)
    (states,) = reference.exact_simulate(Z, alpha, 0)
    for k in range(4):
        followed = reference.followed(states, tie_tol=Fraction(tie_tol))
        assert [c.tolist() for c in trajectory.followed(k)] == followed, f"layer {k}"
        assert trajectory.leaders(k).tolist() == reference.leaders(states, tie_tol=Fraction(tie_tol))
        expected = np.array(states, dtype=float)
        np.testing.assert_allclose(trajectory.positions[k], expected, rtol=0, atol=1e-14)
        states = reference.hardmax_layer(states, Fraction(alpha), tie_tol=Fraction(tie_tol))


@pytest.mark.parametrize(("alpha", "followed"), [(2.0**-14, [1]), (2.0**-20, [1, 2])])
def test_the_nearly_tied_tokens_tie_within_the_tolerance_alone(alpha, followed):
    assert simulate(NEARLY_TIED, Hardmax(alpha, tie_tol=1e-10), 1).followed(1)[2].tolist() == followed


@given(Z=grids(), alpha=st.sampled_from([1.0, 3.0, 7.0]))
@example(Z=np.array([(2, 4), (2, -2), (1, 0)]), alpha=1.0)
def test_numbers_that_floats_hold_are_exact_to_the_last_bit_without_a_tolerance(reference, Z, alpha):
    exact = reference.exact_simulate(Z, alpha, 4)
    # Steps of 1 - 2^-k and means over 1, 2 or 4 tokens: every coordinate keeps to 23 binary digits.
    assume(all(len(C) in (1, 2, 4) for states in exact for C in reference.followed(states)))
    trajectory = simulate(Z * 2.0**-20, Hardmax(alpha, tie_tol=0), 4)
    for k, states in enumerate(exact):
        assert [c.tolist() for c in trajectory.followed(k)] == reference.followed(states), f"layer {k}"
        assert trajectory.leaders(k).tolist() == reference.leaders(states), f"layer {k}"
        np.testing.assert_array_equal(trajectory.positions[k], np.array(states, dtype=float) * 2.0**-20)


@given(Z=grids(), alpha=st.sampled_from([100.0, 1e6]))
def test_leaders_are_exact_for_a_huge_step(reference, Z, alpha):
    trajectory = simulate(Z, Hardmax(alpha), 6)
    for k, states in enumerate(reference.exact_simulate(Z, alpha, 6)):
        assert trajectory.leaders(k).tolist() == reference.leaders(states), f"layer {k}"


THREE_IN_SPACE = np.array(
    [(4, 0, 0), (0, 4, 0), (0, 0, 4), (1, 1, 1), (2, 2, 2), (2, 2, 1), (-3, -3, -3), (0, 0, 0)]
)


@pytest.mark.parametrize("alpha", [0.5, 10.0])
def test_ties_among_three_vertices_are_exact(reference, alpha):
    assert_exact(reference, THREE_IN_SPACE, alpha, layers=5)


def test_tokens_tied_among_three_vertices_end_on_the_projection_of_the_origin():
    Z = np.array([(4, 0, 0), (0, 4, 0), (0, 0, 4), (1, 1, 1), (0.5, 0.5, 0.5), (-3, -3, -3)])
    result = limit(Z)
    assert result.certified
    np.testing.assert_allclose(result.positions[3:5], np.full((2, 3), 4 / 3), rtol=0, atol=1e-15)


def test_a_tie_whose_mean_leaves_it_is_not_frozen(reference):
    # The third token is tied between both leaders; from their mean only the first is followed.
    Z = np.array([(2, 4), (2, -2), (1, 0)])
    trajectory = simulate(Z, Hardmax(0.5), 3)
    assert trajectory.followed(0)[2].tolist() == [0, 1]
    assert trajectory.frozen_at == 1
    np.testing.assert_array_equal(limit(Z).positions[2], (2, 4))
    assert_exact(reference, Z, 0.5, layers=4)


def chain(links, angle):
    """Tokens on a spiral, each followed by the next: leaders appear late, if at all."""
    k = np.arange(links)
    radius = np.cos(angle) ** (-0.5 * (links - k))
    return np.column_stack([radius * np.cos(k * angle), radius * np.sin(k * angle)])


@pytest.mark.parametrize(("links", "angle"), [(4, 0.5), (6, 0.5), (8, 0.7), (9, 0.3)])
@pytest.mark.parametrize("alpha", [0.05, 0.5, 3.0])
def test_chains_of_followers_are_exact_until_they_are_frozen(reference, links, angle, alpha):
    Z = np.round(chain(links, angle) * 256) / 256
    assert_exact(reference, Z, alpha, layers=6)


EMERGING = np.array([(12, 4), (-1, 1), (-12, -12), (0, 3), (-4, -8), (-7, -11), (10, 1), (7, 2)])


@pytest.mark.parametrize("alpha", [0.125, 0.5, 1.0, 4.0])
def test_emerging_leaders_are_exact(reference, alpha):
    assert_exact(reference, EMERGING, alpha, layers=6)


def test_two_leaders_may_emerge_one_after_the_other(reference):
    # A copy of the emerging case, turned over and enlarged, in two further coordinates.
    first = np.hstack([EMERGING, np.zeros_like(EMERGING)])
    second = np.hstack([np.zeros_like(EMERGING), -2 * EMERGING])
    assert_exact(reference, np.vstack([first, second]), 0.5, layers=4)


ROUND_THE_ORIGIN = [
    np.array([[-2], [1], [-1], [0], [2]]),
    np.array([(2, 2), (2, -2), (-2, -2), (-2, 2), (1, 0), (-1, 0), (0, 0), (1, 1), (-1, -1)]),
    np.array([(3, 0), (-3, 0), (0, 1), (0, -1), (0, 0), (1, 0), (-1, 0)]),
]


@pytest.mark.parametrize("Z", ROUND_THE_ORIGIN)
@pytest.mark.parametrize("alpha", [0.5, 10.0, 1e6])
def test_leaders_stay_themselves_after_their_followers_have_arrived(reference, Z, alpha):
    # The token at the origin stays there and keeps the set from freezing for many layers, in which the
    # others reach their leaders to the last bit.
    trajectory = simulate(Z, Hardmax(alpha), 200)
    targets = trajectory.targets[trajectory.point_of]
    arrived = (layer for layer in range(201) if np.array_equal(trajectory.positions[layer], targets))
    assert trajectory.frozen_at == next(arrived, None)
    assert (trajectory.frozen_at is None) == (alpha < 1)  # a step below 1 / 2 never closes the last bit
    at_start = reference.leaders(Z)
    origin = np.flatnonzero((Z == 0).all(axis=1))
    for k in range(201):
        assert trajectory.leaders(k).tolist() == at_start
        np.testing.assert_array_equal(trajectory.positions[k, at_start], Z[at_start])
        np.testing.assert_array_equal(trajectory.positions[k, origin], 0)
        assert trajectory.followed(k)[origin[0]].tolist() == list(range(len(Z)))


@pytest.mark.parametrize(
    "Z", [np.array([(12, 4), (-1, 1), (-12, -12), (0, 3), (-4, -8)]), THREE_IN_SPACE[:-1]]
)
def test_frozen_layers_go_on_in_closed_form(Z):
    alpha, layers = 10.0, 200
    trajectory = simulate(Z, Hardmax(alpha), layers)
    start = trajectory.frozen_at
    targets = trajectory.targets[trajectory.point_of]
    for k in range(start, layers + 1):
        shrunk = targets + (1 + alpha) ** -float(k - start) * (trajectory.positions[start] - targets)
        np.testing.assert_allclose(trajectory.positions[k], shrunk, rtol=0, atol=1e-14)
        np.testing.assert_array_equal(trajectory.leaders(k), trajectory.leaders(start))
        np.testing.assert_array_equal(trajectory.clusters(k), trajectory.clusters(start))


def test_without_a_tolerance_only_equal_scores_tie():
    Z = np.array([(1, 1), (1, -1 + 1e-13), (0.5, 0)])
    assert [c.tolist() for c in simulate(Z, Hardmax(tie_tol=0), 0).followed(0)] == [[0], [1], [0, 1]]
    Z = np.array([(1 + 1e-13, 1), (1, -1), (0.5, 0)])
    assert simulate(Z, Hardmax(tie_tol=0), 0).followed(0)[2].tolist() == [0]
    assert simulate(Z, Hardmax(), 0).followed(0)[2].tolist() == [0, 1]
