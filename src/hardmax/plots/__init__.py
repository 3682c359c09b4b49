"""Figures and animations: a `Trajectory` or a `History` in, matplotlib Axes or a file out."""

from hardmax._support.lazy import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__, __file__)
