"""Figures and animations of trajectories, training and leader words.

Every function takes plain data (a `Trajectory`, columns of numbers, lists of counts), draws on
the Axes it is given or on a new figure of its own, and leaves matplotlib's global state alone.
matplotlib is loaded at the first use of a name, not when this package is imported.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hardmax.errors import MissingExtraError

if TYPE_CHECKING:
    from hardmax.plots.animation import animate_tokens
    from hardmax.plots.leader_bars import plot_leader_words
    from hardmax.plots.panels import plot_dynamics
    from hardmax.plots.plane import plot_tokens
    from hardmax.experiments.clustering.figure import plot_study
    from hardmax.plots.style import palette, save_figure, save_figures
    from hardmax.plots.curves import plot_accuracies, plot_losses

__all__ = [
    "animate_tokens",
    "palette",
    "plot_accuracies",
    "plot_dynamics",
    "plot_leader_words",
    "plot_losses",
    "plot_study",
    "plot_tokens",
    "save_figure",
    "save_figures",
]

_ROOM_OF = {
    "animate_tokens": "animation",
    "palette": "style",
    "plot_accuracies": "training",
    "plot_dynamics": "panels",
    "plot_leader_words": "leaders",
    "plot_losses": "training",
    "plot_study": "study",
    "plot_tokens": "plane",
    "save_figure": "style",
    "save_figures": "style",
}
_PACKAGES = {"matplotlib": "matplotlib", "PIL": "pillow"}


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        room = importlib.import_module(f"{__name__}.{_ROOM_OF[name]}")
    except ModuleNotFoundError as error:
        package = _PACKAGES.get((error.name or "").partition(".")[0])
        if package is None:
            raise
        raise MissingExtraError(package, "plots") from error
    return getattr(room, name)


def __dir__() -> list[str]:
    return __all__
