"""Tokens in motion: rules, `simulate`, `Trajectory`, `limit`. NumPy and Numba alone."""

from hardmax.dynamics.limits import Limit, limit
from hardmax.dynamics.examples import PRESETS, preset
from hardmax.dynamics.rules import Hardmax, Rule, Softmax
from hardmax.dynamics.simulation import simulate
from hardmax.dynamics.trajectory import Trajectory

__all__ = ["PRESETS", "Hardmax", "Limit", "Rule", "Softmax", "Trajectory", "limit", "preset", "simulate"]
