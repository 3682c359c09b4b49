"""The study of accuracy against clustering, and of whether leaders carry the meaning."""

from hardmax._support.lazy import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__, __file__)
