"""The network of arXiv 2407.01602 in torch: encoder, attention layers, mean, decoder."""

from hardmax._support.lazy import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__, __file__)
