"""Training a network: settings, the loop over epochs, checkpoints, the history."""

from hardmax._support.lazy import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__, __file__)
