"""From texts to words, tokens and their ids; no torch."""

from hardmax._support.lazy import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__, __file__)
