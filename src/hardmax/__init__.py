"""Token dynamics under hardmax self-attention, and an interpretable classifier of texts built on them.

The public names are listed in ``__init__.pyi``; each is loaded when it is first used, so that importing
hardmax loads neither torch nor matplotlib.
"""

from hardmax._support.lazy import attach as _attach

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = _attach(__name__, __file__)
