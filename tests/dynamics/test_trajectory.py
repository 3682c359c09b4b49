"""What a trajectory tells, and that it comes back from a file as it was."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hardmax.dynamics import Hardmax, Softmax, Status, Trajectory, preset, simulate
from hardmax.dynamics.packing import pack
from hardmax.dynamics.simulation import run_layers
from hardmax.errors import InputError


def test_a_trajectory_of_no_tokens_can_be_saved(tmp_path):
    simulate(np.zeros((0, 2)), layers=2).save(tmp_path / "t.npz")
    loaded = Trajectory.load(tmp_path / "t.npz")
    assert (loaded.n, loaded.dim, loaded.layers) == (0, 2, 2)
    assert loaded.positions.shape == (3, 0, 2)
    assert np.isnan(loaded.means).all()
    assert loaded.followed(0) == [] and len(loaded.leaders()) == len(loaded.clusters()) == 0


def write_cut_off(path):
    simulate(preset("square"), layers=3).save(path)
    path.write_bytes(path.read_bytes()[:-200])


def with_changed(change):
    """Return a function that writes a trajectory of which some arrays are changed."""

    def write(path):
        simulate(preset("square"), layers=3).save(path)
        with np.load(path) as file:
            arrays = dict(file)
        np.savez(path, **arrays | change(arrays))

    return write


def with_about(**about):
    return with_changed(lambda arrays: {"about": np.array(json.dumps(about))})


def with_rule(module, name, **values):
    return with_about(rule={"module": module, "name": name, "values": values})


FOREIGN = {
    "a_token_less": with_changed(lambda arrays: {"point_of": arrays["point_of"][:-1]}),
    "a_coordinate_less": with_changed(lambda arrays: {"targets": arrays["targets"][:, :-1]}),
    "points_not_there": with_changed(lambda arrays: {"first": arrays["first"] + 99}),
    "a_rule_of_the_first_format_unknown": with_about(rule="Ridge", alpha=1.0),
    "a_parameter_of_the_first_format_unknown": with_about(rule="Hardmax", alpha=0.5, temperature=3),
    "a_rule_of_the_package_unknown": with_rule("hardmax", "Sigmoid", alpha=0.5),
    "a_rule_without_parameters": with_rule("no_module", "Sigmoid"),
    "a_parameter_unknown": with_rule("toy_rules", "UpToItself", alpha=0.5, width=3),
    "a_parameter_out_of_range": with_rule("toy_rules", "UpToItself", alpha=-1.0),
    "a_matrix_of_another_dimension": with_rule("toy_rules", "UpToItself", A=[[1.0]]),
    "numbers_for_names": with_about(rule={"module": 3, "name": 4, "values": 5}),
    "a_number_for_a_rule": with_about(rule=3),
    "about_no_rule": lambda path: np.savez(path, about=np.array("3")),
    "cut_off": write_cut_off,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("tokens"),
    "other_arrays": lambda path: np.savez(path, tokens=np.ones(3)),
    "one_array": lambda path: np.save(path.open("wb"), np.ones(3)),
    "too_many_brackets": lambda path: np.savez(path, about=np.array("[" * 100_000)),
    "pickle": lambda path: np.savez(path, about=np.array([{}], dtype=object)),
    "folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_that_holds_no_trajectory_is_refused(tmp_path, kind):
    path = tmp_path / "t.npz"
    FOREIGN[kind](path)
    with pytest.raises(InputError, match=r"t\.npz is not a trajectory, or is cut off"):
        Trajectory.load(path)


def test_files_of_the_first_format_are_read(tmp_path):
    parameters = {"alpha": 0.7, "A": [[2.0, 0.0], [0.0, 2.0]], "tie_tol": None, "temperature": 0.1}
    with_about(rule="Softmax", **parameters)(tmp_path / "t.npz")
    assert Trajectory.load(tmp_path / "t.npz").rule == Softmax(**parameters)


def test_a_missing_file_and_a_missing_folder_are_named(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        Trajectory.load(tmp_path / "none.npz")
    with pytest.raises(InputError, match="cannot write"):
        simulate([[1.0]], layers=1).save(tmp_path / "none" / "t.npz")


def test_negative_layers_count_from_the_end():
    trajectory = simulate(preset("emerging"), layers=4)
    for k in range(5):
        np.testing.assert_array_equal(trajectory.follows(k - 5), trajectory.follows(k))
        np.testing.assert_array_equal(trajectory.leaders(k - 5), trajectory.leaders(k))


def test_repeats_are_members_of_one_leader():
    trajectory = simulate([[0.5, 0.1], [1.0, 0.0], [1.0, 0.0]], layers=2)
    assert trajectory.leaders().tolist() == [1]
    assert [c.tolist() for c in trajectory.followed(-1)] == [[1, 2]] * 3
    assert trajectory.clusters().tolist() == [0, 0, 0]


def test_clusters_are_equal_C_i_in_the_order_of_the_tokens():
    trajectory = simulate(preset("faces"), layers=0)
    C = [tuple(c) for c in trajectory.followed(0)]
    labels = trajectory.clusters(0)
    for i in range(trajectory.n):
        for j in range(trajectory.n):
            assert (labels[i] == labels[j]) == (C[i] == C[j])
    assert list(dict.fromkeys(labels.tolist())) == list(range(labels.max() + 1))


ENDINGS = {
    Status.FROZEN: ((preset("square"), Hardmax()), "Frozen at layer 0. No token will ever change"),
    Status.NOT_FROZEN: ((preset("square"), Softmax()), "All 3 layers were used. Tokens may still change"),
}


@pytest.mark.parametrize("status", ENDINGS, ids=str)
def test_how_it_ended_is_a_value_and_a_sentence(status):
    (tokens, rule), sentence = ENDINGS[status]
    trajectory = simulate(tokens, rule, layers=3)
    assert trajectory.status is status
    assert trajectory.ended.startswith(sentence) and trajectory.ended.endswith(status.sentence)


def test_positions_that_leave_the_range_of_floats_end_a_motion():
    trajectory = simulate(preset("square"), Softmax(), layers=1)
    overflown = replace(trajectory, points=trajectory.points * np.inf)
    assert overflown.status is Status.NOT_FINITE
    assert overflown.ended == Status.NOT_FINITE.sentence


def starts_of(sets):
    return np.concatenate([[0], np.cumsum([len(Z) for Z in sets])])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_mean_of_a_set_is_the_same_bits_from_a_trajectory_and_from_packed_sets(dtype):
    rng = np.random.default_rng(0)
    sets = [np.round(rng.normal(size=(n, 3)), 1).astype(dtype) for n in (30, 1, 7, 200)]
    weights = [rng.integers(1, 4, len(Z)).astype(dtype) for Z in sets]
    packed = pack(np.concatenate(sets), np.concatenate(weights), starts_of(sets))
    for layers in range(4):
        means = run_layers(packed, Hardmax(), layers, last_only=True).means()[-1]
        for mean, trajectory in zip(means, simulate(sets, Hardmax(), 3, weights), strict=True):
            np.testing.assert_array_equal(mean, trajectory.means[layers])
            slow = np.average(trajectory.positions[layers].astype(float), axis=0, weights=trajectory.weights)
            np.testing.assert_allclose(mean, slow, rtol=0, atol=1e-5 if dtype == np.float32 else 1e-14)


@pytest.mark.parametrize("rule", [Hardmax(2.0), Softmax(0.5, temperature=0.1)], ids=str)
def test_the_last_points_alone_are_those_of_the_trajectory(rule):
    sets = [preset("square"), np.zeros((0, 2)), preset("emerging") * 1e-200, preset("faces") * 1e300]
    packed = pack(np.concatenate(sets), np.ones(sum(map(len, sets))), starts_of(sets))
    for layers in (0, 1, 12):
        wanted = [t.points[-1] for t in simulate(sets, rule, layers)]
        last = run_layers(packed, rule, layers, last_only=True)
        np.testing.assert_array_equal(last.points, [np.concatenate(wanted)])


@pytest.mark.parametrize(
    "name", ["points", "first", "ties", "targets", "point_of", "weights", "settled_at", "positions", "means"]
)
def test_the_arrays_of_a_trajectory_are_read_only(name):
    trajectory = simulate(preset("square"), layers=2)
    with pytest.raises(ValueError, match="read-only"):
        getattr(trajectory, name)[0] = 0
