"""What a trajectory tells, and that it comes back from a file as it was."""

from __future__ import annotations

import numpy as np
import pytest

from hardmax.dynamics import Hardmax, Softmax, Trajectory, preset, simulate
from hardmax.errors import InputError

A = np.array([[2.0, 0.3], [0.3, 1.0]])


@pytest.mark.parametrize(
    "rule", [Hardmax(0.7), Hardmax(0.7, A, tie_tol=1e-9), Softmax(0.7, A, temperature=0.1)], ids=str
)
def test_a_saved_trajectory_comes_back_whole(tmp_path, rule):
    saved = simulate(np.repeat(preset("faces"), 2, axis=0), rule, 5)
    saved.save(tmp_path / "t.npz")
    loaded = Trajectory.load(tmp_path / "t.npz")
    assert loaded.rule == rule
    assert loaded.frozen_at == saved.frozen_at and loaded.ended == saved.ended
    np.testing.assert_array_equal(loaded.positions, saved.positions)
    np.testing.assert_array_equal(loaded.weights, saved.weights)
    for k in range(6):
        np.testing.assert_array_equal(loaded.leaders(k), saved.leaders(k))
        np.testing.assert_array_equal(loaded.clusters(k), saved.clusters(k))
        assert [c.tolist() for c in loaded.followed(k)] == [c.tolist() for c in saved.followed(k)]


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


def write_with_another_rule(path):
    simulate(preset("square"), layers=3).save(path)
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **arrays | {"about": np.array('{"rule": "Ridge", "alpha": 1.0}')})


def write_without_the_last_token(name):
    def write(path):
        simulate(preset("square"), layers=3).save(path)
        with np.load(path) as file:
            arrays = dict(file)
        np.savez(path, **arrays | {name: arrays[name][..., :-1]})

    return write


def write_with_a_bad_point(path):
    simulate(preset("square"), layers=3).save(path)
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **arrays | {"first": arrays["first"] + 99})


FOREIGN = {
    "a_token_less": write_without_the_last_token("point_of"),
    "a_coordinate_less": write_without_the_last_token("targets"),
    "points_not_there": write_with_a_bad_point,
    "about_no_rule": lambda path: np.savez(path, about=np.array("3")),
    "cut_off": write_cut_off,
    "another_rule": write_with_another_rule,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("tokens"),
    "other_arrays": lambda path: np.savez(path, tokens=np.ones(3)),
    "one_array": lambda path: np.save(path.open("wb"), np.ones(3)),
    "pickle": lambda path: np.savez(path, about=np.array([{}], dtype=object)),
    "folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_that_holds_no_trajectory_is_refused(tmp_path, kind):
    path = tmp_path / "t.npz"
    FOREIGN[kind](path)
    with pytest.raises(InputError, match=r"t\.npz is not a trajectory"):
        Trajectory.load(path)


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


def test_how_it_ended_is_said_in_a_sentence():
    assert simulate(preset("square"), layers=3).ended.startswith("Frozen at layer 0")
    assert simulate(preset("emerging"), layers=0).ended.startswith("All 0 layers were used")
    assert simulate(preset("square"), Softmax(), layers=3).ended.startswith("All 3 layers were used")
