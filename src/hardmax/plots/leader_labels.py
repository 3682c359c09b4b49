"""The words of leaders beside their stars."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.text import Annotation
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

from hardmax.plots.following import Following
from hardmax.plots.label_placement import place_labels
from hardmax.plots.style import INK, SMALL, shorten

Array = NDArray[np.float64]

_EARLY = 5  # layers whose tokens the words avoid; later on, tokens are near their leaders
# In points, whatever the figure's resolution:
_GAP = 6.0  # from the leader to its word
_FAR = 12.0  # from here on a thin line joins the two
_STAR = 5.0  # half of what a star takes up
_PAD = 1.5  # around a word


class LeaderLabels:
    """Place the leaders' words at all layers of `following`, then `show` those of one layer.

    From layer to layer a word stays where it is, unless its place is taken. A word without a free
    place, or with its leader outside the axes, is left out.
    """

    def __init__(
        self, ax: Axes, words: Sequence[str], following: Following, positions: Array, means: Array | None
    ) -> None:
        self._positions = positions
        ever = np.unique(np.concatenate(following.leaders))
        self._texts = {int(leader): _annotation(ax, words[leader]) for leader in ever}
        boxes: dict[str, Any] = {"facecolor": "white", "alpha": 0.7, "linewidth": 0, "zorder": 3.5}
        lines: dict[str, Any] = {"facecolor": "none", "edgecolor": INK, "linewidth": 0.4, "zorder": 3.25}
        # Of size 1, so that their outlines are in points from the leader; lines end under the stars (3.3).
        self._boxes = ax.scatter([], [], s=1, **boxes)
        self._lines = ax.scatter([], [], s=1, **lines)
        self._sizes = {leader: _size(text.get_text()) for leader, text in self._texts.items()}

        engine = ax.figure.canvas.figure.get_layout_engine()
        if engine is not None:
            engine.execute(ax.figure.canvas.figure)
        ax.apply_aspect()
        # Points, not pixels, so that a file of another resolution has the same places.
        to_points = 72.0 / ax.figure.dpi
        room = np.asarray(ax.bbox.extents) * to_points
        early = ax.transData.transform(np.unique(positions[:_EARLY].reshape(-1, 2), axis=0)) * to_points
        self._offsets: list[dict[int, Array]] = []
        for layer, leaders in enumerate(following.leaders):
            anchors = ax.transData.transform(positions[layer, leaders]) * to_points
            mean = None if means is None else ax.transData.transform(means[layer]) * to_points
            self._offsets.append(self._place(leaders, anchors, mean, early, room))

    @property
    def artists(self) -> list[Artist]:
        """What `show` changes, from the bottom to the top."""
        return [self._lines, self._boxes, *self._texts.values()]

    def show(self, layer: int) -> None:
        """Move the words to their places at `layer`."""
        offsets = self._offsets[layer]
        for leader, text in self._texts.items():
            text.set_visible(leader in offsets)
            if leader in offsets:
                text.xy = tuple(self._positions[layer, leader])
                text.xyann = tuple(offsets[leader])
        at = self._positions[layer, list(offsets)]
        self._boxes.set_offsets(at)
        self._boxes.set_paths([_box(offset, self._sizes[leader]) for leader, offset in offsets.items()])
        self._lines.set_offsets(at)
        self._lines.set_paths([self._line(leader, offset) for leader, offset in offsets.items()])

    def _line(self, leader: int, offset: Array) -> Path:
        """Join a leader and the edge of its word's box, when the word is far away."""
        half = self._sizes[leader] / 2
        between = np.maximum(np.abs(offset) - half, 0.0)
        inside = (half / np.maximum(np.abs(offset), half)).min()  # the fraction of the line under the box
        return Path([(0.0, 0.0), tuple((1 - inside) * offset) if np.hypot(*between) > _FAR else (0.0, 0.0)])

    def _place(
        self, leaders: NDArray[np.int64], anchors: Array, mean: Array | None, soft: Array, room: Array
    ) -> dict[int, Array]:
        """Return the words' offsets from their leaders."""
        seen = ((anchors >= room[:2]) & (anchors <= room[2:])).all(axis=1)
        leaders, anchors = leaders[seen], anchors[seen]
        if len(leaders) == 0:
            return {}
        marks = anchors if mean is None else np.vstack([anchors, mean])
        walls = np.hstack([marks - _STAR, marks + _STAR])
        before = self._offsets[-1] if self._offsets else {}
        kept = anchors + np.array([before.get(int(leader), (np.nan, np.nan)) for leader in leaders])
        sizes = np.array([self._sizes[int(leader)] for leader in leaders])
        offsets = place_labels(anchors, sizes, room, walls, soft, _GAP, kept) - anchors
        placed = zip(leaders, offsets, strict=True)
        return {int(leader): offset for leader, offset in placed if not np.isnan(offset[0])}


def _annotation(ax: Axes, word: str) -> Annotation:
    place: dict[str, Any] = {"textcoords": "offset points", "ha": "center", "va": "center", "zorder": 3.6}
    style: dict[str, Any] = {"fontsize": SMALL, "color": INK, "parse_math": False}  # a word may hold dollars
    return ax.annotate(shorten(word), (0.0, 0.0), (0.0, 0.0), in_layout=False, **place, **style)


def _box(centre: Array, size: Array) -> Path:
    left, bottom = centre - size / 2
    right, top = centre + size / 2
    return Path([(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)], closed=True)


def _size(text: str) -> Array:
    """Width and height in points, from the letters' outlines: the same for every kind of file."""
    font = FontProperties(size=SMALL)
    width, height, descent = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    _, usual, usual_descent = text_to_path.get_text_width_height_descent("lp", font, ismath=False)
    above, below = max(height - descent, usual - usual_descent), max(descent, usual_descent)
    return np.array([width, above + below]) + 2 * _PAD
