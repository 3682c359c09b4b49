"""Every rule against the plain loops of reference.py, on every kind of input."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from toy_rules import Anchored, UpToItself

import hardmax
from hardmax._support.threads import using_threads
from hardmax.dynamics import Hardmax, Rule, Softmax, Trajectory, preset, simulate
from hardmax.dynamics.rules import RULES


@dataclass(frozen=True)
class Judge:
    """What a rule is compared with, and the parameters to make it with."""

    #: The name of a function of reference.py, a layer of the rule in plain loops.
    layer: str
    #: From the dimension of the tokens to the parameters that this rule has beyond those of every rule;
    #: `layer` has the same.
    own: Callable[[int], dict[str, Any]] = lambda dim: {}
    #: Parameters of `layer`, and of `followed` of reference.py, where tokens do not look at all others.
    sees: dict[str, Any] = field(default_factory=dict)


JUDGES = {
    Hardmax: Judge("hardmax_layer"),
    Softmax: Judge("softmax_layer", own=lambda dim: {"temperature": 0.2}),
    UpToItself: Judge("hardmax_layer", sees={"causal": True}),
    Anchored: Judge("anchored_layer", own=lambda dim: {"anchor": np.arange(dim), "pull": 0.25}),
}
KINDS = list(dict.fromkeys([*RULES, *JUDGES]))
NAME = operator.attrgetter("__name__")
every_rule = pytest.mark.parametrize("kind", KINDS, ids=NAME)

LAYERS = 6


def spd(dim, seed=0):
    """A random symmetric positive definite matrix that is well conditioned."""
    M = np.random.default_rng(seed).normal(size=(dim, dim))
    return M @ M.T + np.eye(dim)


def random(n, d, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


INPUTS = {
    "random_2d": random(20, 2),
    "random_3d": random(17, 3),
    "random_5d": random(12, 5),
    "random_9d": random(12, 9),
    "one_dimension": random(9, 1),
    "one_dimension_negative": -np.abs(random(5, 1)),
    "tied_corners": np.array([(1, 1), (1, -1), (-1, -1), (-1, 1), (0.5, 0), (0, -0.25), (-0.5, 0.25)]),
    "tied_three_in_space": np.array(
        [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.25, 0.25, 0.25), (0.5, 0.5, 0), (-0.5, -0.5, -0.5)]
    ),
    "tied_octahedron": np.vstack([np.eye(3), -np.eye(3), [(0.5, 0.5, 0.5), (0.25, 0.25, 0)]]),
    "repeated": np.repeat(random(5, 2, seed=3), [1, 4, 2, 1, 3], axis=0),
    "all_equal": np.full((4, 2), 0.5),
    "zero_among_others": np.vstack([np.zeros((2, 2)), random(6, 2, seed=4)]),
    "all_zero": np.zeros((3, 2)),
    "single": np.array([[0.3, -0.7]]),
    "single_zero": np.zeros((1, 3)),
    "signed_zeros": np.array([(0.0, 1.0), (-0.0, 1.0), (0.5, -0.0), (0.5, 0.0)]),
    "on_a_line": np.outer(np.linspace(0.1, 1, 7), [2.0, 1.0]),
    "far_from_the_origin": random(10, 2, seed=5) + np.array([30.0, 20.0]),
    "empty": np.zeros((0, 2)),
}


def judge_of(kind):
    assert kind in JUDGES, f"give {kind.__name__} a judge in JUDGES of tests/dynamics/rules/test_contract.py"
    return JUDGES[kind]


def made(kind, dim, matrix, tie_tol=None):
    return kind(0.5, spd(dim) if matrix else None, tie_tol, **judge_of(kind).own(dim))


def expected_positions(reference, Z, rule, layers=LAYERS, tie_tol=1e-12, weights=None):
    judge = judge_of(type(rule))
    layer, further = getattr(reference, judge.layer), judge.own(Z.shape[1]) | judge.sees
    return reference.simulate(Z, rule.alpha, layers, rule.A, tie_tol, weights, layer, **further)


@pytest.mark.parametrize("kind", RULES, ids=NAME)
def test_a_rule_of_the_package_is_a_public_name(kind):
    assert getattr(hardmax, kind.__name__, None) is kind, (
        f"give {kind.__name__} a line in src/hardmax/__init__.pyi"
    )


@pytest.mark.parametrize("matrix", [False, True], ids=["A=I", "A"])
@pytest.mark.parametrize("name", INPUTS)
@every_rule
def test_positions_and_whom_tokens_follow_are_the_references(reference, kind, name, matrix):
    Z = INPUTS[name]
    rule = made(kind, Z.shape[1], matrix)
    trajectory = simulate(Z, rule, LAYERS)
    expected = expected_positions(reference, Z, rule)
    scale = np.abs(Z).max(initial=1.0)
    np.testing.assert_allclose(trajectory.positions, expected, rtol=0, atol=1e-12 * scale)
    assert trajectory.positions.dtype == np.float64
    for k in range(LAYERS + 1):
        C = reference.followed(expected[k], rule.A, 1e-12, **judge_of(kind).sees)
        assert [c.tolist() for c in trajectory.followed(k)] == C
        assert trajectory.follows(k).tolist() == [c[0] for c in C]
        leaders = reference.leaders(trajectory.positions[k], rule.A, 1e-12, **judge_of(kind).sees)
        assert trajectory.leaders(k).tolist() == leaders


@pytest.mark.parametrize("name", INPUTS)
@every_rule
def test_float32_tokens_stay_float32_and_close_to_the_reference(reference, kind, name):
    Z = INPUTS[name].astype(np.float32)
    rule = made(kind, Z.shape[1], matrix=False)
    trajectory = simulate(Z, rule, LAYERS)
    assert trajectory.positions.dtype == np.float32
    expected = expected_positions(reference, Z, rule, tie_tol=1e-6)
    np.testing.assert_allclose(trajectory.positions, expected, rtol=0, atol=2e-6 * np.abs(Z).max(initial=1.0))
    C = reference.followed(Z.astype(np.float64), None, 1e-6, **judge_of(kind).sees)
    assert [c.tolist() for c in trajectory.followed(0)] == C


@every_rule
def test_a_set_of_several_tiles_is_the_references(reference, kind):
    Z = np.round(random(300, 2, seed=6), 2)  # a coarse grid, so that tokens repeat and tie
    rule = made(kind, 2, matrix=True)
    trajectory = simulate(Z, rule, 2)
    np.testing.assert_allclose(
        trajectory.positions, expected_positions(reference, Z, rule, 2), rtol=0, atol=1e-12
    )
    C = reference.followed(Z, rule.A, 1e-12, **judge_of(kind).sees)
    assert [c.tolist() for c in trajectory.followed(0)] == C


def test_a_thousand_tokens_follow_the_largest_scores():
    Z = random(1000, 3, seed=7)
    trajectory = simulate(Z, layers=1)
    assert (trajectory.follows(0) == (Z @ Z.T).argmax(axis=1)).all()
    assert (
        trajectory.follows(1) == (trajectory.positions[1] @ trajectory.positions[1].T).argmax(axis=1)
    ).all()


@every_rule
def test_a_weight_counts_like_repeats(reference, kind):
    counts = np.array([1, 3, 2, 1, 1, 4])
    Z = np.array([(1, 1), (1, -1), (-1, -1), (-1, 1), (0.5, 0), (0, 0.25)])
    rule = made(kind, 2, matrix=False)
    weighted = simulate(Z, rule, LAYERS, weights=counts)
    repeated = simulate(np.repeat(Z, counts, axis=0), rule, LAYERS)
    first = np.cumsum(counts) - counts
    rounding = 0 if kind.merges_equal_tokens else 1e-15  # apart, repeats are added one by one
    np.testing.assert_allclose(weighted.positions, repeated.positions[:, first], rtol=0, atol=rounding)
    np.testing.assert_allclose(weighted.means, repeated.means, rtol=0, atol=1e-15)
    np.testing.assert_allclose(
        weighted.positions, expected_positions(reference, Z, rule, weights=counts), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_rule
def test_a_batch_gives_the_bits_of_single_runs(kind, dtype):
    sets = [Z.astype(dtype) for Z in INPUTS.values() if Z.shape[1] == 2] + [random(300, 2).astype(dtype)]
    rule = made(kind, 2, matrix=True)
    for Z, together in zip(sets, simulate(sets, rule, LAYERS), strict=True):
        alone = simulate(Z, rule, LAYERS)
        np.testing.assert_array_equal(together.positions, alone.positions)
        np.testing.assert_array_equal(together.targets, alone.targets)
        assert together.frozen_at == alone.frozen_at
        for k in range(LAYERS + 1):
            np.testing.assert_array_equal(together.follows(k), alone.follows(k))
            np.testing.assert_array_equal(together.leaders(k), alone.leaders(k))
            np.testing.assert_array_equal(together.clusters(k), alone.clusters(k))


def test_a_batch_may_be_one_array_of_equal_sets():
    sets = random(12, 2).reshape(3, 4, 2)
    for Z, together in zip(sets, simulate(sets, layers=3), strict=True):
        np.testing.assert_array_equal(together.positions, simulate(Z, layers=3).positions)


# A rule's own scores are taken as they are, and overflow for tokens of this size.
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.scores is Rule.scores], ids=NAME)
def test_sets_of_a_batch_do_not_share_a_scale(kind):
    Z, rule = INPUTS["random_2d"], made(kind, 2, matrix=False)
    _, together = simulate([Z * 1e200, Z * 1e-200], rule, 3)
    np.testing.assert_array_equal(together.positions, simulate(Z * 1e-200, rule, 3).positions)


@every_rule
def test_a_saved_trajectory_comes_back_whole(tmp_path, kind):
    Z = np.repeat(preset("faces"), 2, axis=0)
    saved = simulate(Z, made(kind, 2, matrix=True, tie_tol=1e-9), LAYERS)
    saved.save(tmp_path / "t.npz")
    loaded = Trajectory.load(tmp_path / "t.npz")
    assert type(loaded.rule) is kind and loaded.rule == saved.rule
    assert loaded.frozen_at == saved.frozen_at and loaded.ended == saved.ended
    np.testing.assert_array_equal(loaded.positions, saved.positions)
    np.testing.assert_array_equal(loaded.weights, saved.weights)
    np.testing.assert_array_equal(simulate(Z, loaded.rule, LAYERS).positions, saved.positions)
    for k in range(LAYERS + 1):
        np.testing.assert_array_equal(loaded.leaders(k), saved.leaders(k))
        np.testing.assert_array_equal(loaded.clusters(k), saved.clusters(k))
        assert [c.tolist() for c in loaded.followed(k)] == [c.tolist() for c in saved.followed(k)]


@every_rule
def test_the_number_of_threads_changes_no_bit(kind):
    sets = [random(n, 2, seed=n) for n in (5, 300, 40, 129, 1, 0, 128)]
    rule = made(kind, 2, matrix=True)
    runs = []
    for count in (1, 3):
        with using_threads(count):
            runs.append(simulate(sets, rule, LAYERS))
    for one, two in zip(*runs, strict=True):
        np.testing.assert_array_equal(one.positions, two.positions)
        np.testing.assert_array_equal(one.first, two.first)
        np.testing.assert_array_equal(one.ties, two.ties)


@pytest.mark.parametrize(
    ("dtype", "scale"),
    [(np.float64, 2.0**664), (np.float64, 2.0**-664), (np.float32, 2.0**125), (np.float32, 2.0**-120)],
)
def test_very_large_and_very_small_tokens_move_as_scaled_ones(dtype, scale):
    Z = (INPUTS["random_2d"] / 4).astype(dtype)
    scaled, plain = simulate(Z * dtype(scale), layers=LAYERS), simulate(Z, layers=LAYERS)
    np.testing.assert_array_equal(scaled.positions, plain.positions * dtype(scale))
    for k in range(LAYERS + 1):
        np.testing.assert_array_equal(scaled.leaders(k), plain.leaders(k))
        np.testing.assert_array_equal(scaled.clusters(k), plain.clusters(k))


@pytest.mark.parametrize("largest", [1e308, 1e200, 1e-200, 1e-310])
def test_no_size_of_tokens_changes_who_leads(largest):
    Z = INPUTS["random_2d"]
    scaled = simulate(Z / np.abs(Z).max() * largest, layers=2)
    assert np.isfinite(scaled.positions).all()
    np.testing.assert_array_equal(scaled.leaders(), simulate(Z, layers=2).leaders())


def test_the_softmax_of_huge_tokens_is_the_hardmax():
    Z = INPUTS["random_2d"] * 1e200
    soft, hard = simulate(Z, Softmax(), 3), simulate(Z, Hardmax(), 3)
    np.testing.assert_allclose(soft.positions / 1e200, hard.positions / 1e200, rtol=0, atol=1e-12)


def test_the_softmax_of_tiny_tokens_follows_the_mean():
    Z = INPUTS["random_2d"] * 1e-200
    moved = simulate(Z, Softmax(alpha=1.0), 1).positions[1]
    np.testing.assert_allclose(moved, (Z + Z.mean(axis=0)) / 2, rtol=1e-10)


def test_tokens_are_not_written_to():
    Z = INPUTS["random_2d"].copy()
    simulate(Z, layers=3)
    np.testing.assert_array_equal(Z, INPUTS["random_2d"])
