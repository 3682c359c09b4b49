"""Labelled texts: from files, archives and downloads, and the sample that comes with the package."""

from hardmax._support.lazy import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__, __file__)
