"""Token dynamics under hardmax self-attention, and a transformer for sentiment built on them."""

from importlib.metadata import version as _version

from hardmax.dynamics import PRESETS, Hardmax, Limit, Softmax, Trajectory, limit, preset, simulate
from hardmax.errors import InputError

__version__ = _version("hardmax")

__all__ = [
    "PRESETS",
    "Hardmax",
    "InputError",
    "Limit",
    "Softmax",
    "Trajectory",
    "__version__",
    "limit",
    "preset",
    "simulate",
]
