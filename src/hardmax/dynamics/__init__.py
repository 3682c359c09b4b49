"""Tokens in motion: rules, `simulate`, `Trajectory`, `limit`, measures. Needs NumPy and Numba only."""

from hardmax.dynamics.examples import PRESETS, preset
from hardmax.dynamics.limits import Limit, limit
from hardmax.dynamics.measures import LeaderTable, clustering_strength, energy, leader_counts, leader_table
from hardmax.dynamics.rules import Hardmax, Rule, Softmax
from hardmax.dynamics.simulation import simulate
from hardmax.dynamics.trajectory import Status, Trajectory

__all__ = [
    "PRESETS",
    "Hardmax",
    "LeaderTable",
    "Limit",
    "Rule",
    "Softmax",
    "Status",
    "Trajectory",
    "clustering_strength",
    "energy",
    "leader_counts",
    "leader_table",
    "limit",
    "preset",
    "simulate",
]
