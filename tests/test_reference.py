"""The judge itself, against numbers worked out by hand."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

Z = [[2.0, 0.0], [1.0, 1.0], [-1.0, 0.0]]


def test_a_hardmax_layer_by_hand(reference):
    # <z_2, z_1> = <z_2, z_2> = 2: the second token follows the first two.
    assert reference.followed(Z) == [[0], [0, 1], [2]]
    assert reference.leaders(Z) == [0, 2]
    assert reference.hardmax_layer(Z, alpha=1.0) == [[2.0, 0.0], [1.25, 0.75], [-1.0, 0.0]]
    exact = reference.exact_simulate(Z, Fraction(1, 2), 1)
    assert exact[1][1] == [Fraction(7, 6), Fraction(5, 6)]


def test_a_softmax_layer_by_hand(reference):
    moved = reference.softmax_layer([[1.0], [0.0]], alpha=1.0, temperature=1.0)
    p = math.e / (1 + math.e)
    assert moved[0][0] == pytest.approx((1 + p) / 2)
    assert moved[1][0] == pytest.approx(0.25)


def test_a_classification_by_hand(reference):
    E = [[0.0, 0.0], *Z]
    masked = reference.classify(E, [1, 2, 3, 0], alpha=1.0, layers=1, v=[1.0, 2.0], b=0.5, pad=0)
    assert masked == pytest.approx(1 / (1 + math.exp(-(2.25 / 3 + 2 * 0.75 / 3 + 0.5))))
    padded = reference.classify(E, [1, 2, 3, 0], alpha=1.0, layers=0, v=[1.0, 2.0], b=0.5)
    assert padded == pytest.approx(1 / (1 + math.exp(-(2.0 / 4 + 2 * 1.0 / 4 + 0.5))))
