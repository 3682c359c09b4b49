"""Accuracy, clustering and leaders of many models: means over seeds, with standard deviations."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hardmax.errors import InputError
from hardmax.experiments.clustering.sentences import NAMES
from hardmax.plots.style import SMALL, TEXT, THIN, finish, new_axes, palette

Rows = Sequence[Mapping[str, Any]]

#: What each row of panels shows: x, y, and what y is compared with.
_PANELS = (
    ("strength", "test_accuracy", None),
    ("step", "strength", None),
    ("step", "leading", None),
    ("step", "opinion_of_leading_words", "opinion_of_words"),
)
_LABELS = {
    "strength": "clustering strength",
    "test_accuracy": "test accuracy",
    "step": "alpha",
    "leading": "tokens that lead",
    "opinion_of_leading_words": "opinion words\namong leading words",
    "opinion_of_words": "among all words",
} | NAMES
_LINEAR = 0.03  # alphas below this are on a linear scale, which has a place for 0


def plot_means(rows: Rows, x: str, y: str, *, ax: Axes | None = None) -> Axes:
    """Draw the mean of `y` against the mean of `x`: a curve for each training, with error bars.

    Rows are those of ``summary.csv``, with None where there is no number. Each curve connects its rows in
    their order; those with the ``alpha`` 'learn' are stars beside it. Measures are named as in
    ``strength_mean``.
    """
    trainings = _distinct(rows, "training")
    ax = new_axes(height=2.5) if ax is None else ax
    for number, (training, colour) in enumerate(zip(trainings, palette(len(trainings)), strict=True)):
        own = [row for row in rows if row["training"] == training]
        learned = [row for row in own if row["alpha"] == "learn"]
        fixed = [row for row in own if row["alpha"] != "learn"]
        label, dashes = _LABELS.get(training, training), "-" if number == 0 else (0, (3, 1.5))
        style: dict[str, Any] = {"color": colour, "linewidth": 1.0, "elinewidth": 0.7}
        ax.errorbar(**_bars(fixed, x, y), **style, linestyle=dashes, marker="o", markersize=2.5, label=label)
        if learned:
            label += ", alpha learned"
            ax.errorbar(**_bars(learned, x, y), **style, fmt="*", markersize=6.5, zorder=3, label=label)
    if x == "step":
        ax.set_xscale("symlog", linthresh=_LINEAR, linscale=0.4)
        ticks = sorted({row["alpha"] for row in rows} - {"learn"})
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
    finish(ax, _LABELS.get(x, x), _LABELS.get(y, y))
    return ax


def plot_study(rows: Rows) -> Figure:
    """Draw accuracy by clustering, and clustering, leaders and opinion words by alpha: a column for each d.

    Rows are those of ``summary.csv``, as for `plot_means`.
    """
    dims = _distinct(rows, "d")
    size = (max(1.8 * len(dims), 3.4), 1.6 * len(_PANELS) + 0.4)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(len(_PANELS), len(dims), sharex="row", sharey="row", squeeze=False)
    for line, (x, y, beside) in zip(panels, _PANELS, strict=True):
        for ax, dim in zip(line, dims, strict=True):
            of_dim = [row for row in rows if row["d"] == dim]
            plot_means(of_dim, x, y, ax=ax)
            if beside is not None:
                level = np.nanmean(_numbers(of_dim, f"{beside}_mean"))
                ax.axhline(level, color=THIN, linewidth=0.9, linestyle=(0, (4, 2)), label=_LABELS[beside])
            if ax is not line[0]:
                ax.set_ylabel("")
    for ax, dim in zip(panels[0], dims, strict=True):
        ax.set_title(f"d = {dim}", fontsize=TEXT)
    handles = panels[-1, 0].get_legend_handles_labels()
    figure.legend(*handles, fontsize=SMALL, frameon=False, loc="outside lower center", ncols=3)
    return figure


def _distinct(rows: Rows, column: str) -> list[Any]:
    if not rows:
        raise InputError("there is no row to draw; give at least one")
    return list(dict.fromkeys(_column(rows, column)))


def _bars(rows: Rows, x: str, y: str) -> dict[str, Any]:
    columns = {"x": f"{x}_mean", "y": f"{y}_mean", "xerr": f"{x}_std", "yerr": f"{y}_std"}
    return {name: _numbers(rows, column) for name, column in columns.items()}


def _numbers(rows: Rows, column: str) -> NDArray[np.float64]:
    return np.array(_column(rows, column), dtype=np.float64)  # None becomes NaN, which is not drawn


def _column(rows: Rows, column: str) -> list[Any]:
    for number, row in enumerate(rows):
        if column not in row:
            raise InputError(f"row {number} has no column {column!r}; it has {', '.join(row)}")
    return [row[column] for row in rows]
