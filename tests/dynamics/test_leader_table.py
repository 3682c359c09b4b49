"""Counting leaders."""

from __future__ import annotations

import numpy as np
import pytest

from hardmax.dynamics import Softmax, leader_counts, leader_table, preset, simulate
from hardmax.errors import InputError


def test_the_count_grows_when_a_leader_emerges():
    assert leader_counts(simulate(preset("emerging"), layers=3)).tolist() == [2, 3, 3, 3]


@pytest.mark.parametrize("rule", [None, Softmax(temperature=0.05)])
def test_counts_are_those_of_the_reference(reference, rule):
    trajectory = simulate(np.random.default_rng(0).normal(size=(20, 2)), rule, layers=4)
    slow = [len(reference.leaders(Z, tie_tol=1e-12)) for Z in trajectory.positions]
    assert leader_counts(trajectory).tolist() == slow


def test_repeats_are_counted_as_one_leader():
    assert leader_counts(simulate(np.repeat(preset("square"), 3, axis=0), layers=2)).tolist() == [4, 4, 4]


def test_the_table_is_that_of_plain_loops(reference):
    rng = np.random.default_rng(1)
    sets = [preset("emerging"), *(rng.normal(size=(n, 2)) for n in (1, 5, 9, 12))]
    counts, fractions = [], []
    for Z in sets:
        states = reference.simulate(Z, 0.5, 6)
        at_start, last = (
            reference.leaders(states[0], tie_tol=1e-12),
            reference.leaders(states[-1], tie_tol=1e-12),
        )
        counts.append(len(last))
        fractions.append(sum(i in at_start for i in last) / len(last))
    table = leader_table(simulate(sets, layers=6))
    assert (table.min, table.max, table.sets) == (min(counts), max(counts), 5)
    assert table.mean == pytest.approx(np.mean(counts))
    assert table.std == pytest.approx(np.std(counts))
    assert table.initial_fraction == pytest.approx(np.mean(fractions))
    assert table.initial_fraction < 1


def test_an_empty_set_has_no_leaders_and_no_fraction():
    table = leader_table(simulate([np.zeros((0, 2)), np.ones((1, 2))], layers=1))
    assert (table.mean, table.min, table.max, table.initial_fraction) == (0.5, 0, 1, 1.0)
    assert np.isnan(leader_table([simulate(np.zeros((0, 2)), layers=1)]).initial_fraction)


def test_a_table_of_nothing_is_refused():
    with pytest.raises(InputError, match="give at least one"):
        leader_table([])
