"""Every fact of arXiv 2407.01602 that can be tested, as a property of random tokens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog

from hardmax.dynamics import Hardmax, Softmax, limit, simulate

LAYERS = 12
seeds = st.integers(0, 2**32 - 1)
alphas = st.floats(0.05, 5.0)


@st.composite
def token_sets(draw, min_dim=1):
    """Random tokens: spherical, off-centre, or flat, so that leaders are few or many."""
    rng = np.random.default_rng(draw(seeds))
    n, dim = draw(st.integers(2, 15)), draw(st.integers(min_dim, 4))
    Z = rng.normal(size=(n, dim)) * rng.uniform(0.1, 2.0, dim) + draw(st.sampled_from([0.0, 0.5, 3.0]))
    return Z / np.linalg.norm(Z, axis=1, keepdims=True) if dim > 1 and draw(st.booleans()) else Z


def spd_for(Z, seed):
    M = np.random.default_rng(seed).normal(size=(Z.shape[1],) * 2)
    return M @ M.T + 0.1 * np.eye(Z.shape[1])


def in_hull(points, vertices):
    """Whether each point is a convex combination of the vertices, by a linear program."""
    scale = np.abs(vertices).max()
    equations = np.vstack([vertices.T / scale, np.ones(len(vertices))])
    for point in points:
        # Distance in the 1-norm from the hull: the slacks u, v of a phase-1 program.
        slack = np.eye(len(equations))
        program = linprog(
            np.concatenate([np.zeros(len(vertices)), np.ones(2 * len(equations))]),
            A_eq=np.hstack([equations, slack, -slack]),
            b_eq=np.append(point / scale, 1.0),
        )
        if program.fun > 1e-9:
            return False
    return True


def test_the_judge_of_hulls_can_say_no():
    square = np.array([(1, 1), (1, -1), (-1, -1), (-1, 1)], dtype=float)
    assert in_hull(np.array([(0.5, 1.0), (0.0, 0.0)]), square)
    assert not in_hull(np.array([(0.5, 1.0001)]), square)


@given(Z=token_sets(), alpha=alphas, seed=seeds)
def test_the_hull_shrinks(Z, alpha, seed):
    positions = simulate(Z, Hardmax(alpha, spd_for(Z, seed)), 3).positions
    for k in range(3):
        assert in_hull(positions[k + 1], positions[k])


@given(Z=token_sets(), alpha=alphas, seed=seeds)
def test_the_norm_of_a_token_never_decreases(Z, alpha, seed):
    A = spd_for(Z, seed)
    positions = simulate(Z, Hardmax(alpha, A), LAYERS).positions
    norms = np.einsum("kid,de,kie->ki", positions, A, positions)
    assert (np.diff(norms, axis=0) >= -1e-12 * norms.max()).all()


@given(Z=token_sets(), alpha=alphas, seed=seeds)
def test_a_token_of_largest_norm_is_a_leader(Z, alpha, seed):
    A = spd_for(Z, seed)
    norms = np.einsum("id,de,ie->i", Z, A, Z)
    assume(np.sort(norms)[-2] < norms.max() * (1 - 1e-9))
    assert norms.argmax() in simulate(Z, Hardmax(alpha, A), 0).leaders(0)


@given(Z=token_sets(), alpha=alphas, seed=seeds)
def test_a_leader_never_moves_and_stays_a_leader(Z, alpha, seed):
    trajectory = simulate(Z, Hardmax(alpha, spd_for(Z, seed)), 40)
    leaders = trajectory.leaders(0)
    for k in range(1, 41):
        np.testing.assert_array_equal(trajectory.positions[k, leaders], trajectory.positions[k - 1, leaders])
        assert set(leaders) <= set(trajectory.leaders(k))
        leaders = trajectory.leaders(k)


@given(Z=token_sets(), alpha=alphas)
def test_a_leader_is_an_exposed_vertex_of_the_hull(Z, alpha):
    trajectory = simulate(Z, Hardmax(alpha), 3)
    for k in range(4):
        points = trajectory.positions[k]
        for leader in trajectory.leaders(k):
            others = np.delete(points, leader, axis=0)
            # The plane through the leader, at right angles to it, has all other tokens strictly on one side.
            assert (others @ points[leader] < points[leader] @ points[leader]).all()
            assert not in_hull(points[leader : leader + 1], others)


@given(Z=token_sets(), alpha=alphas, seed=seeds)
def test_a_frozen_set_moves_in_closed_form(reference, Z, alpha, seed):
    rule = Hardmax(alpha, spd_for(Z, seed))
    trajectory = simulate(Z, rule, LAYERS)
    assume(trajectory.frozen_at is not None)
    start = trajectory.positions[trajectory.frozen_at]
    slow = reference.simulate(start, alpha, 6, rule.A)
    targets = trajectory.targets[trajectory.point_of]
    for m in range(7):
        closed = targets + (1 + alpha) ** -m * (start - targets)
        np.testing.assert_allclose(slow[m], closed, rtol=0, atol=1e-12 * np.abs(Z).max())


@given(Z=token_sets(), alpha=alphas)
def test_no_two_tokens_meet(Z, alpha):
    # For x' = (x + alpha p) / (1 + alpha), p in the subgradient of the support function of the hull,
    # which is monotone: |x' - y'| >= |x - y| / (1 + alpha).
    positions = simulate(Z, Hardmax(alpha), 4).positions
    distances = np.linalg.norm(positions[:, :, None] - positions[:, None], axis=-1)
    assert (distances[1:] >= distances[:-1] / (1 + alpha) - 1e-12).all()


@given(Z=token_sets(), alpha=alphas, seed=seeds)
def test_any_matrix_reduces_to_the_identity(Z, alpha, seed):
    A = spd_for(Z, seed)
    values, vectors = np.linalg.eigh(A)
    root = (vectors * np.sqrt(values)) @ vectors.T
    with_A, plain = simulate(Z, Hardmax(alpha, A), LAYERS), simulate(Z @ root, Hardmax(alpha), LAYERS)
    np.testing.assert_allclose(
        with_A.positions @ root, plain.positions, rtol=0, atol=1e-10 * np.abs(Z @ root).max()
    )
    for k in range(LAYERS + 1):
        np.testing.assert_array_equal(with_A.leaders(k), plain.leaders(k))


@pytest.mark.parametrize("kind", [Hardmax, Softmax])
@given(Z=token_sets(), alpha=alphas, seed=seeds)
def test_the_order_of_the_tokens_does_not_matter(kind, Z, alpha, seed):
    order = np.random.default_rng(seed).permutation(len(Z))
    plain, shuffled = simulate(Z, kind(alpha), LAYERS), simulate(Z[order], kind(alpha), LAYERS)
    np.testing.assert_allclose(
        shuffled.positions, plain.positions[:, order], rtol=0, atol=1e-11 * np.abs(Z).max()
    )
    assert sorted(order[shuffled.leaders()]) == plain.leaders().tolist()


@pytest.mark.parametrize("kind", [Hardmax, Softmax])
@given(Z=token_sets(), alpha=alphas, seed=seeds)
def test_a_rotation_turns_the_whole_motion(kind, Z, alpha, seed):
    Q = np.linalg.qr(np.random.default_rng(seed).normal(size=(Z.shape[1],) * 2))[0]
    rule = kind(alpha) if kind is Hardmax else Softmax(alpha, temperature=0.1)
    plain, turned = simulate(Z, rule, LAYERS), simulate(Z @ Q, rule, LAYERS)
    np.testing.assert_allclose(turned.positions, plain.positions @ Q, rtol=0, atol=1e-10 * np.abs(Z).max())


@given(Z=token_sets(), alpha=alphas, factor=st.floats(1e-100, 1e100))
def test_a_positive_factor_scales_the_whole_motion(Z, alpha, factor):
    plain, scaled = simulate(Z, Hardmax(alpha), LAYERS), simulate(Z * factor, Hardmax(alpha), LAYERS)
    np.testing.assert_allclose(
        scaled.positions / factor, plain.positions, rtol=0, atol=1e-10 * np.abs(Z).max()
    )
    np.testing.assert_array_equal(scaled.clusters(), plain.clusters())


def test_a_translation_changes_the_motion():
    Z = np.array([(1.0, 0.0), (-1.0, 0.0), (0.2, 0.1)])
    assert simulate(Z, layers=1).leaders().tolist() == [0, 1]
    assert simulate(Z + 5, layers=1).leaders().tolist() == [0]


@given(Z=token_sets(), alpha=alphas, seed=seeds)
def test_the_softmax_becomes_the_hardmax_as_the_temperature_falls(Z, alpha, seed):
    A = spd_for(Z, seed)
    hard = simulate(Z, Hardmax(alpha, A), 3).positions
    scores = np.sort(np.einsum("kid,de,kje->kij", hard, A, hard), axis=-1)
    assume((scores[..., -1] - scores[..., -2]).min() > 1e-6)  # no near tie, which a temperature would mix
    soft = simulate(Z, Softmax(alpha, A, temperature=1e-8), 3).positions
    np.testing.assert_allclose(soft, hard, rtol=0, atol=1e-12 * np.abs(Z).max())
    assert np.abs(simulate(Z, Softmax(alpha, A, temperature=10.0), 3).positions - hard).max() > 1e-12


@given(Z=token_sets(), alpha=alphas, seed=seeds)
def test_equal_tokens_stay_equal_and_count_as_often_as_they_come(reference, Z, alpha, seed):
    rng = np.random.default_rng(seed)
    repeats = rng.integers(1, 4, len(Z))
    order = rng.permutation(repeats.sum())
    owner = np.repeat(np.arange(len(Z)), repeats)[order]
    trajectory = simulate(Z[owner], Softmax(alpha, temperature=0.3), 4)
    for i in range(len(Z)):
        members = trajectory.positions[:, owner == i]
        assert (members == members[:, :1]).all()
    slow = reference.simulate(Z[owner], alpha, 4, temperature=0.3)
    np.testing.assert_allclose(trajectory.positions, slow, rtol=0, atol=1e-12 * np.abs(Z).max())


@given(Z=token_sets(), alpha=st.floats(0.3, 5.0), seed=seeds)
def test_the_limit_is_where_a_long_motion_ends(reference, Z, alpha, seed):
    rule = Hardmax(alpha, spd_for(Z, seed))
    result = limit(Z, rule)
    long = simulate(Z, rule, max(result.layers, 0) + 150)
    assert result.certified
    np.testing.assert_allclose(result.positions, long.positions[-1], rtol=0, atol=1e-11 * np.abs(Z).max())
    assert set(result.leaders) == set(long.leaders())
    slow = reference.simulate(Z, alpha, 40, rule.A)[-1]
    gap = 2 * np.abs(Z).max() * (1 + alpha) ** -(40.0 - min(result.layers, 40))
    assert np.abs(slow - result.positions).max() <= gap + 1e-11 * np.abs(Z).max()


@given(Z=token_sets(min_dim=2), alpha=alphas)
def test_every_point_of_the_limit_is_a_leader_or_the_projection_of_the_origin_on_a_face(Z, alpha):
    result = limit(Z, Hardmax(alpha))
    leaders = result.positions[result.leaders]
    for point in result.positions:
        # x is the projection of the origin on the face of all leaders of largest score.
        scores = leaders @ point
        assert abs(scores.max() - point @ point) <= 1e-10 * scores.max()


def test_leaders_seldom_emerge_from_random_tokens():
    rng = np.random.default_rng(0)
    sets = [rng.normal(size=(12, 2)) for _ in range(300)]
    new = [len(set(t.leaders()) - set(t.leaders(0))) for t in simulate(sets, Hardmax(0.5), layers=30)]
    assert sum(new) <= 5
