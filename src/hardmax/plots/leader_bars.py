"""How often words are leaders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from hardmax.errors import InputError
from hardmax.plots.style import GREEN, INK, RED, SMALL, TEXT, new_axes, palette, shorten

_POSITIVE: dict[str, Any] = {"facecolor": GREEN}
_NEGATIVE: dict[str, Any] = {
    "facecolor": RED,
    "edgecolor": "white",
    "hatch": "////",
}  # a second code beside the colour


def plot_leader_words(
    counts: Sequence[tuple[str, int]],
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

    Returns
    -------
    matplotlib.axes.Axes

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
    words, numbers = [word for word, _ in rows], [count for _, count in rows]
    places = range(len(rows))
    ax = new_axes(height=0.6 + 0.17 * len(rows)) if ax is None else ax

    bars = ax.barh(places, numbers, height=0.72, color=palette(1)[0])
    for bar, word in zip(bars, words, strict=True):
        side = 0.0 if sides is None else sides.get(word, 0.0)
        if side:
            bar.set(**_POSITIVE if side > 0 else _NEGATIVE)
    handles: list[Artist] = []
    if sides is not None:
        handles += [Patch(**_POSITIVE, label="positive"), Patch(**_NEGATIVE, label="negative")]
    ends = list(numbers)
    if published is not None:
        known = [place for place, word in enumerate(words) if word in published]
        ends = [max(end, published.get(word, end)) for end, word in zip(ends, words, strict=True)]
        diamonds: dict[str, Any] = {
            "markerfacecolor": "none",
            "color": INK,
            "markeredgewidth": 0.9,
            "linestyle": "none",
        }
        handles += ax.plot(
            [published[words[place]] for place in known],
            known,
            "D",
            markersize=4.5,
            label="published",
            **diamonds,
        )
    for place, end, number in zip(places, ends, numbers, strict=True):
        ax.annotate(
            f"{number}", (end, place), (6, 0), textcoords="offset points", va="center", fontsize=SMALL
        )
    if handles:
        style: dict[str, Any] = {
            "fontsize": SMALL,
            "frameon": False,
            "ncols": len(handles),
            "columnspacing": 1.0,
            "handlelength": 1.2,
        }
        ax.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), **style)
    ax.set_yticks(places, [shorten(word) for word in words], fontsize=TEXT, parse_math=False)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.set(xlim=(0, 1.18 * max(*ends, 1)), ylim=(len(rows) - 0.4, -0.6))
    ax.set_xlabel("times a leader", fontsize=TEXT)
    ax.spines[["top", "right"]].set_visible(False)
    return ax
