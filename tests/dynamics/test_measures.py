"""How strongly tokens cluster, and the energy that never decreases."""

from __future__ import annotations

import numpy as np
import pytest

from hardmax.dynamics import Hardmax, Softmax, clustering_strength, energy, preset, simulate

Z = np.random.default_rng(0).normal(size=(20, 3))
A = np.array([[2.0, 0.3, 0.0], [0.3, 1.0, 0.1], [0.0, 0.1, 0.5]])


@pytest.mark.parametrize("alpha", [1e-6, 0.5, 3.0])
@pytest.mark.parametrize("layers", [0, 1, 8])
def test_the_strength_is_known_when_nobody_changes_whom_they_follow(alpha, layers):
    trajectory = simulate(preset("square"), Hardmax(alpha), layers)
    assert trajectory.frozen_at == 0
    assert clustering_strength(trajectory) == pytest.approx(1 - (1 + alpha) ** -layers, abs=1e-12)


def test_the_strength_is_the_weighted_share_of_the_way():
    trajectory = simulate(preset("emerging"), layers=3, weights=np.arange(1.0, 9.0))
    ends = trajectory.targets[trajectory.point_of]
    gone = total = 0.0
    for i in range(8):
        total += (i + 1) * np.linalg.norm(trajectory.positions[0, i] - ends[i])
        gone += (i + 1) * np.linalg.norm(trajectory.positions[-1, i] - ends[i])
    assert clustering_strength(trajectory) == pytest.approx(1 - gone / total)


@pytest.mark.parametrize("tokens", [np.eye(3), np.zeros((0, 2)), np.zeros((3, 2)), [[0.3, 0.4]]])
def test_tokens_with_no_way_to_go_have_arrived(tokens):
    assert clustering_strength(simulate(tokens, layers=2)) == 1.0


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_the_strength_does_not_depend_on_the_scale(scale):
    scaled, plain = simulate(Z * scale, layers=3), simulate(Z, layers=3)
    assert clustering_strength(scaled) == pytest.approx(clustering_strength(plain))


def test_repeats_and_weights_count_alike():
    counts = np.arange(1, 21)
    weighted, repeated = (
        simulate(Z, layers=2, weights=counts),
        simulate(np.repeat(Z, counts, axis=0), layers=2),
    )
    assert clustering_strength(weighted) == pytest.approx(clustering_strength(repeated))
    np.testing.assert_allclose(energy(weighted), energy(repeated))


@pytest.mark.parametrize("rule", [Hardmax(0.5), Hardmax(2.0, A), Softmax(0.5, A, temperature=0.01)], ids=str)
def test_the_energy_is_the_mean_square_of_the_norm_and_does_not_decrease(rule):
    trajectory = simulate(Z, rule, 10)
    matrix = rule.matrix(3)
    slow = [np.mean([z @ matrix @ z for z in layer]) for layer in trajectory.positions]
    np.testing.assert_allclose(energy(trajectory), slow, rtol=1e-13)
    assert (np.diff(energy(trajectory)) >= 0).all()


def test_the_energy_of_no_tokens_is_not_a_number():
    assert np.isnan(energy(simulate(np.zeros((0, 2)), layers=2))).tolist() == [True] * 3


def test_the_energy_keeps_the_dtype_of_the_tokens():
    assert energy(simulate(Z.astype(np.float32), layers=2)).dtype == np.float32
