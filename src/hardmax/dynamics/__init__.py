"""Tokens in motion: rules, `simulate`, `Trajectory`, `limit`, measures. Needs NumPy and Numba only."""

from hardmax._support.lazy import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__, __file__)
