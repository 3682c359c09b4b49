"""Curves of a training run: losses and accuracies by epoch."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from hardmax.errors import InputError
from hardmax.plots.style import HOLLOW, INK, SMALL, finish, new_axes, palette


class Columns(Protocol):
    """Anything with columns: a dict of arrays, a data frame, a `History`."""

    def __getitem__(self, column: str, /) -> ArrayLike: ...


def plot_losses(histories: Mapping[Any, Columns], *, ax: Axes | None = None) -> Axes:
    """Draw training losses by epoch on a log scale: softmax as lines, hardmax as hollow markers.

    Parameters
    ----------
    histories : mapping
        For each model, named by its dimension d (an int) or by a text, the columns ``epoch``, ``train_loss``
        and ``train_loss_hm``; the last may be NaN where it was not computed.
    ax : matplotlib.axes.Axes, optional
        Where to draw; on a new figure by default.

    Raises
    ------
    InputError
        When there is no history, or a column is missing.

    Examples
    --------
    >>> history = {"epoch": [0, 1], "train_loss": [0.7, 0.5], "train_loss_hm": [0.7, float("nan")]}
    >>> plot_losses({2: history}).get_ylabel()
    'training loss'
    """
    _check(histories)
    ax = new_axes(height=2.5) if ax is None else ax
    for (name, history), colour in zip(histories.items(), palette(len(histories)), strict=True):
        epoch, loss, hardmax = (_column(name, history, c) for c in ("epoch", "train_loss", "train_loss_hm"))
        label = _label(name)
        ax.plot(epoch, loss, color=colour, linewidth=1.1, label=f"{label}, softmax")
        there = ~np.isnan(hardmax)
        if there.any():
            ax.plot(epoch[there], hardmax[there], "o", color=colour, label=f"{label}, hardmax", **HOLLOW)
    ax.set_yscale("log")
    _finish(ax, "training loss")
    # Above the axes, where no curve can run through it.
    ax.legend(fontsize=SMALL, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return ax


def plot_accuracies(histories: Mapping[Any, Columns]) -> Figure:
    """Draw train and test accuracy by epoch, a panel for each model, and mark the best test accuracy.

    Parameters
    ----------
    histories : mapping
        As for `plot_losses`, with the columns ``epoch``, ``train_acc`` and ``test_acc``, from 0 to 1.

    Raises
    ------
    InputError
        As for `plot_losses`.

    Examples
    --------
    >>> history = {"epoch": [0, 1], "train_acc": [0.5, 0.9], "test_acc": [0.5, 0.8]}
    >>> len(plot_accuracies({2: history, 4: history}).axes)
    2
    """
    _check(histories)
    figure = Figure(figsize=(1.75 * max(len(histories), 2), 2.4), layout="constrained")
    panels = figure.subplots(1, len(histories), sharey=True, squeeze=False)[0]
    for ax, (name, history) in zip(panels, histories.items(), strict=True):
        _draw_accuracy(ax, name, history)
        _finish(ax, "accuracy" if ax is panels[0] else "")
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, fontsize=SMALL, frameon=False, loc="outside lower center", ncols=2)
    return figure


def _draw_accuracy(ax: Axes, name: Any, history: Columns) -> None:
    epoch, train, test = (_column(name, history, c) for c in ("epoch", "train_acc", "test_acc"))
    blue, orange = palette(2)
    ax.plot(epoch, train, color=blue, linewidth=1.1, label="train")
    ax.plot(epoch, test, color=orange, linewidth=1.1, linestyle=(0, (4, 1)), label="test")
    best = "no test accuracy"
    if not np.isnan(test).all():
        i = int(np.nanargmax(test))
        best = f"best test {test[i]:.4f} (epoch {epoch[i]:g})"
        ax.plot(epoch[i], test[i], "o", markersize=4, color=orange, markeredgecolor=INK, markeredgewidth=0.6)
    ax.set_title(f"{_label(name)}\n{best}", fontsize=SMALL, parse_math=False)


def _check(histories: Mapping[Any, Columns]) -> None:
    if not histories:
        raise InputError("there is no history to draw; give at least one")


def _column(name: Any, history: Columns, column: str) -> NDArray[np.float64]:
    try:
        return np.asarray(history[column], dtype=np.float64)
    except (KeyError, IndexError, AttributeError):
        raise InputError(f"the history of {_label(name)} has no column {column!r}") from None


def _label(name: Any) -> str:
    return f"d = {name}" if isinstance(name, int) else str(name)


def _finish(ax: Axes, y: str) -> None:
    finish(ax, "epoch", y)
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
