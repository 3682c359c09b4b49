"""The four rows of Figure 2 end as the paper says."""

from __future__ import annotations

import numpy as np
import pytest

from hardmax.dynamics import PRESETS, Hardmax, limit, preset, simulate

CORNERS = [(1, 1), (1, -1), (-1, -1), (-1, 1)]


def test_the_emerging_leader_is_the_second_token_at_layer_1():
    trajectory = simulate(preset("emerging"), Hardmax(0.5), layers=30)
    assert 1 not in trajectory.leaders(0)
    for k in range(1, 31):
        assert 1 in trajectory.leaders(k)
        np.testing.assert_allclose(
            trajectory.positions[k, 1], (-1 / 18, 5 / 36), rtol=0, atol=1e-15
        )  # (-0.0556, 0.1389)


def test_the_triangle_has_its_two_outer_vertices_as_leaders():
    trajectory = simulate(preset("triangle"), layers=30)
    assert {0, 2} <= set(trajectory.leaders().tolist())
    assert trajectory.frozen_at is not None


@pytest.mark.parametrize("seed", range(5))
def test_the_square_has_its_corners_as_leaders(seed):
    trajectory = simulate(preset("square", seed), layers=30)
    assert trajectory.leaders().tolist() == [0, 1, 2, 3]
    assert {tuple(p) for p in limit(preset("square", seed)).positions} <= set(CORNERS)


@pytest.mark.parametrize("seed", range(5))
def test_two_tokens_of_faces_end_on_faces(seed):
    result = limit(preset("faces", seed), Hardmax(0.5))
    assert result.certified
    assert result.leaders.tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(result.positions[4:6], [(-1, 0), (1, 0)], rtol=0, atol=1e-15)


def test_faces_end_on_faces_under_200_random_matrices():
    Z = preset("faces")
    rng = np.random.default_rng(0)
    for _ in range(200):
        M = rng.normal(size=(2, 2))
        values, vectors = np.linalg.eigh(M @ M.T + 0.05 * np.eye(2))
        root, inverse_root = (vectors * values**power @ vectors.T for power in (0.5, -0.5))
        result = limit(Z @ inverse_root, Hardmax(0.5, A=(vectors * values) @ vectors.T))
        assert result.certified
        assert result.leaders.tolist() == [0, 1, 2, 3]
        np.testing.assert_allclose((result.positions @ root)[4:6], [(-1, 0), (1, 0)], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_the_same_for_the_same_seed(name):
    np.testing.assert_array_equal(preset(name, 3), preset(name, 3))
    assert (preset(name, 3) != preset(name, 4)).any() == (name != "emerging")


@pytest.mark.parametrize("name", PRESETS)
def test_every_layer_of_a_preset_is_the_references(reference, name):
    Z = preset(name, 1)
    trajectory = simulate(Z, Hardmax(0.5), layers=30)
    np.testing.assert_allclose(trajectory.positions, reference.simulate(Z, 0.5, 30), rtol=0, atol=1e-12)
    for k in range(31):
        assert trajectory.leaders(k).tolist() == reference.leaders(trajectory.positions[k], tie_tol=1e-12)
