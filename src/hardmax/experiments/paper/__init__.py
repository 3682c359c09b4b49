"""The whole paper in one call: from the reviews to models, tables, figures and a report."""

from hardmax._support.lazy import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__, __file__)
