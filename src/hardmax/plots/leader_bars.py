"""How often words are leaders."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from hardmax.errors import InputError
from hardmax.plots.style import GREEN, HOLLOW, INK, RED, SMALL, TEXT, finish, new_axes, palette, shorten

_SIDES: dict[str, dict[str, Any]] = {
    "positive": {"facecolor": GREEN},
    "negative": {"facecolor": RED, "edgecolor": "white", "hatch": "////"},  # a second code beside the colour
}

Counts = Sequence[tuple[str, int]]


def plot_leader_words(
    counts: Counts,
    *,
    top: int = 15,
    published: Mapping[str, int] | None = None,
    sides: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the words that are leaders most often as bars (arXiv 2407.01602).

    Parameters
    ----------
    counts : sequence of (word, count)
        In any order.
    top : int
        How many words to show, the most frequent ones.
    published : mapping of word to count, optional
        Counts to compare with, drawn as hollow diamonds.
    sides : mapping of word to number, optional
        The sign of <v, x> + b at the word: positive words are green, negative ones red and hatched.
    ax : matplotlib.axes.Axes, optional
        Where to draw; on a new figure by default.

    Raises
    ------
    InputError
        When there are no counts, or `top` is not positive.

    Examples
    --------
    >>> ax = plot_leader_words([("great", 3), ("worst", 5)])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['worst', 'great']
    """
    if not counts or top < 1:
        raise InputError(f"there are {len(counts)} words of which to show {top}; give at least one of each")
    rows = sorted(counts, key=lambda row: (-row[1], row[0]))[:top]
    ax = new_axes(height=0.6 + 0.17 * len(rows)) if ax is None else ax
    handles = _draw_rows(ax, rows, published, sides)
    if handles:
        columns: dict[str, Any] = {"ncols": len(handles), "columnspacing": 1.0, "handlelength": 1.2}
        place: dict[str, Any] = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0)}
        ax.legend(handles=handles, fontsize=SMALL, frameon=False, **place, **columns)
    finish(ax, "times a leader", "")
    ax.set_yticks(range(len(rows)), [shorten(word) for word, _ in rows], fontsize=TEXT, parse_math=False)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    return ax


def _draw_rows(
    ax: Axes, counts: Counts, published: Mapping[str, int] | None, sides: Mapping[str, float] | None
) -> list[Artist]:
    """Draw bars, diamonds and numbers, and return what a legend explains."""
    handles: list[Artist] = []
    words, numbers = zip(*counts, strict=True)
    bars = ax.barh(range(len(words)), numbers, height=0.72, color=palette(1)[0])
    if sides is not None:
        for bar, word in zip(bars, words, strict=True):
            if side := sides.get(word, 0.0):
                bar.set(**_SIDES["positive" if side > 0 else "negative"])
        handles += [Patch(**style, label=name) for name, style in _SIDES.items()]
    ends: Sequence[int] = numbers
    if published is not None:
        rows = {row: published[word] for row, word in enumerate(words) if word in published}
        handles += ax.plot(list(rows.values()), list(rows), "D", color=INK, label="published", **HOLLOW)
        ends = [max(number, rows.get(row, number)) for row, number in enumerate(numbers)]
    for row, (number, end) in enumerate(zip(numbers, ends, strict=True)):
        ax.annotate(f"{number}", (end, row), (6, 0), textcoords="offset points", va="center", fontsize=SMALL)
    ax.set_xlim(0, 1.18 * max(*ends, 1))
    return handles
