"""The dynamics at several layers, side by side: Figure 2 of the paper."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from hardmax.dynamics import Trajectory
from hardmax.errors import InputError
from hardmax.plots.scene import Scene
from hardmax.plots.style import TEXT, THIN

_PANEL = 1.35  # inches
_LAYERS = (0, 1, 2, 5, 30)  # those of the paper


def plot_dynamics(trajectories: Mapping[str, Trajectory], *, layers: Sequence[int] | None = None) -> Figure:
    """Draw trajectories in the plane, each in a row, at several layers (arXiv 2407.01602, Figure 2).

    Tokens and their trails are coloured by whom they follow, leaders are stars, a followed token
    that is no leader has a ring in its own colour. The last column shades the polygon of the leaders.

    Parameters
    ----------
    trajectories : mapping of str to Trajectory
        The rows and their names; tokens of dimension 2.
    layers : sequence of int, optional
        The columns; by default those of layers 0, 1, 2, 5 and 30 that all trajectories have, and the
        last layer that all have.

    Raises
    ------
    InputError
        When there is no trajectory or no layer to draw; when a trajectory has no such layer or
        cannot be drawn in the plane.

    Examples
    --------
    >>> from hardmax.dynamics import preset, simulate
    >>> rows = {"square": simulate(preset("square"), layers=5)}
    >>> [ax.get_title() for ax in plot_dynamics(rows).axes]
    ['K = 0', 'K = 1', 'K = 2', 'K = 5']
    """
    if layers is None:
        last = min((trajectory.layers for trajectory in trajectories.values()), default=0)
        layers = sorted({layer for layer in _LAYERS if layer < last} | {last})
    if not trajectories or not layers:
        raise InputError("there is nothing to draw; give at least one trajectory and one layer")
    for name, trajectory in trajectories.items():
        wrong = [layer for layer in layers if not 0 <= layer <= trajectory.layers]
        if wrong:
            raise InputError(
                f"trajectory {name!r} has no layer {wrong[0]}; give layers from 0 to {trajectory.layers}"
            )
    rows, columns = len(trajectories), len(layers)
    layout = ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0.02)
    figure = Figure(figsize=(_PANEL * columns + 0.3, _PANEL * rows + 0.2), layout=layout)
    grid = figure.subplots(rows, columns, squeeze=False)
    for row, (name, trajectory) in zip(grid, trajectories.items(), strict=True):
        row[0].set_ylabel(name, fontsize=TEXT)
        for ax, layer in zip(row, layers, strict=True):
            _draw_panel(ax, trajectory, layer, title=name == next(iter(trajectories)))
        _shade_leaders(row[-1], trajectory, layers[-1])
    return figure


def _draw_panel(ax: Axes, trajectory: Trajectory, layer: int, title: bool) -> None:
    side = 1.2 * float(np.abs(trajectory.positions[0]).max(initial=0.0)) or 1.0
    limits = ((-side, side), (-side, side))
    scene = Scene(ax, trajectory, layer, mean=False, trails=True, limits=limits, size=0.8)
    scene.show(layer)
    scene.title.set(text=f"K = {layer}" if title else "", fontsize=TEXT)
    ax.axhline(0.0, color=THIN, linewidth=0.4, zorder=0.5)
    ax.axvline(0.0, color=THIN, linewidth=0.4, zorder=0.5)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(linewidth=0.4, color=THIN)


def _shade_leaders(ax: Axes, trajectory: Trajectory, layer: int) -> None:
    corners = trajectory.positions[layer][trajectory.leaders(layer)]
    if len(corners) == 0:
        return
    # Leaders are in convex position, so their order around the centre is that of the polygon.
    angles = np.arctan2(*(corners - corners.mean(axis=0)).T[::-1])
    x, y = corners[np.argsort(angles)].T
    ax.fill(x, y, facecolor="#e4e4e4", edgecolor="#b0b0b0", linewidth=0.5, zorder=0.2)
