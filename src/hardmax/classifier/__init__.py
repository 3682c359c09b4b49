"""What users hold: `fit`, `HardmaxClassifier`, trained and bundled models, training runs in a folder."""

from hardmax._support.lazy import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__, __file__)
