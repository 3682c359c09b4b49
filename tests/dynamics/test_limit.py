"""`limit`: where it can be certified, and what is given where not."""

import numpy as np
import pytest

from hardmax.dynamics import Hardmax, limit, preset, simulate

CORNERS = [[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0], [-1.0, 1.0]]


@pytest.mark.parametrize("resting", [[0.0, 0.0], [1.0, 0.0]])
def test_a_token_that_rests_at_the_mean_of_the_leaders_it_follows_freezes(resting):
    result = limit([*CORNERS, resting])
    assert result.certified
    np.testing.assert_array_equal(result.positions, [*CORNERS, resting])
    assert result.leaders.tolist() == [0, 1, 2, 3]


def test_a_token_freezes_that_follows_a_resting_token_beside_leaders():
    result = limit([*CORNERS, [1.0, 0.0], [0.5, 0.0]])
    assert result.certified
    np.testing.assert_array_equal(result.positions[4:], [[1.0, 0.0], [1.0, 0.0]])


def test_the_origin_among_moving_tokens_is_not_certified_but_the_limits_of_the_others_are_exact():
    tokens = [[1.0], [-1.0], [0.5], [-0.5], [0.0]]
    result = limit(tokens, Hardmax(alpha=1e-3))
    assert not result.certified
    np.testing.assert_array_equal(result.positions[:4, 0], [1.0, -1.0, 1.0, -1.0])
    assert abs(result.positions[4, 0]) < 1e-12


@pytest.mark.parametrize("name", ["triangle", "emerging", "square", "faces"])
def test_the_limit_agrees_with_the_trajectory(name):
    tokens = np.repeat(preset(name), 2, axis=0)[::-1]
    result, trajectory = limit(tokens), simulate(tokens, layers=30)
    assert result.layers == trajectory.frozen_at
    np.testing.assert_array_equal(result.positions, trajectory.targets[trajectory.point_of])
    np.testing.assert_array_equal(result.leaders, trajectory.leaders())


def test_no_tokens_have_an_empty_limit():
    result = limit(np.empty((0, 2)))
    assert result.certified and result.positions.shape == (0, 2) and len(result.leaders) == 0
