"""Tokens that several tests of figures draw."""

import numpy as np
import pytest


@pytest.fixture
def corners():
    """Return the corners of a square: four tokens that are leaders at every layer."""
    return [[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0], [-1.0, 1.0]]


@pytest.fixture
def circle():
    """Return a function of m, and of how many tokens lie inside: m leaders on a circle."""

    def tokens(m, inner=0):
        angles = np.linspace(0, 2 * np.pi, m, endpoint=False) + 0.1
        inside = 0.2 * np.random.default_rng(0).normal(size=(inner, 2))
        return np.vstack([np.c_[np.cos(angles), np.sin(angles)], inside])

    return tokens
