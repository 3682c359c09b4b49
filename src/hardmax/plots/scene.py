"""The tokens of a trajectory in the plane, as artists that can be moved from layer to layer."""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path as Outline
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from hardmax.dynamics import Trajectory
from hardmax.errors import InputError
from hardmax.plots.following import Following
from hardmax.plots.leader_labels import LeaderLabels
from hardmax.plots.style import HALF_PLANES, INK, SMALL, marker_of, palette

Array = NDArray[np.float64]
Colour = tuple[float, float, float]
Limits = tuple[tuple[float, float], tuple[float, float]]

#: What can be drawn of the largest float: matplotlib needs room for differences and margins.
LARGEST = 1e-8


class Options(TypedDict, total=False):
    """The drawing options of `plot_tokens`, which explains them, and of `animate_tokens`."""

    words: Sequence[str] | None
    decoder: tuple[ArrayLike, float] | None
    title: str | None
    mean: bool
    trails: bool
    shading: bool
    start_white: bool
    limits: Limits | None


class Scene:
    """Draw what stays, once; then `show` a layer, again and again, by moving the same artists.

    A still figure shows one layer and an animation shows them one after the other, so both are the
    same picture. `last` is the last layer that will be shown; `size` scales all markers.
    """

    def __init__(
        self, ax: Axes, trajectory: Trajectory, last: int, *, size: float = 1.0, **options: Unpack[Options]
    ) -> None:
        _check(trajectory, options)
        self.ax = ax
        self.trajectory = trajectory
        self.following = Following.of(trajectory, last)
        self._start_white = options.get("start_white", False)
        self._title = options.get("title")
        words, decoder, limits = options.get("words"), options.get("decoder"), options.get("limits")
        mean, shading = options.get("mean", True), options.get("shading", True)

        colours = int(self.following.number_of.max()) + 1
        self.rgb = palette(colours, on_half_planes=decoder is not None and shading)
        self._outlines = [_outline(marker_of(number)) for number in range(colours)]
        x, y = _limits(trajectory.positions) if limits is None else limits
        ax.set(xlim=x, ylim=y, aspect="equal", autoscale_on=False)
        ax.tick_params(labelsize=SMALL)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
            axis.get_offset_text().set_fontsize(SMALL)
        if decoder is not None:
            v, b = _weights(decoder[0]), float(decoder[1])
            self._draw_decoder(v, b, shading)
            if self._title is None:
                self._title = f"{'Positive' if trajectory.means[-1] @ v + b > 0 else 'Negative'} review"

        # Above the frame of the axes (2.5), which an animation draws only once.
        marks: dict[str, Any] = {"edgecolors": INK}
        self.trails = PathCollection([], linewidths=0.6 * size, facecolors="none", zorder=3.0)
        self.trails.set_visible(options.get("trails", False))
        ax.add_collection(self.trails, autolim=False)
        self.tokens = ax.scatter([], [], s=22 * size, linewidths=0.3, zorder=3.1, **marks)
        self.rings = ax.scatter([], [], s=60 * size, linewidths=1.2, facecolors="none", zorder=3.2)
        self.stars = ax.scatter([], [], s=100 * size, marker="*", linewidths=0.5, zorder=3.3, **marks)
        self.mean = ax.scatter([], [], s=36, marker="^", color="black", zorder=3.4, visible=mean)
        self._labels = None
        if words is not None:
            means = trajectory.means if mean else None
            self._labels = LeaderLabels(ax, words, self.following, trajectory.positions, means)
        self.title = ax.set_title("", fontsize=SMALL + 2, parse_math=False)

    @property
    def moving(self) -> list[Artist]:
        """The artists that `show` changes, in the order in which they are drawn."""
        labels = [] if self._labels is None else self._labels.artists
        artists = [self.trails, self.tokens, self.rings, self.stars, self.mean, self.title, *labels]
        return sorted(artists, key=lambda artist: artist.zorder)

    def show(self, layer: int) -> None:
        """Move every artist to `layer`, which is not negative."""
        z = self.trajectory.positions[layer]
        numbers = self.following.numbers(layer)
        leaders = self.following.leaders[layer]
        follows = self.following.follows[layer]
        followed = np.setdiff1d(follows, leaders)
        dots = ~(np.isin(follows, leaders) & (z == z[follows]).all(axis=1))  # the others are stars

        self.tokens.set_offsets(z[dots])
        self.tokens.set_paths([self._outlines[number] for number in numbers[dots]])
        self.tokens.set_facecolor(self._paint(numbers[dots], layer))
        self.rings.set_offsets(z[followed])
        self.rings.set_edgecolor(self._paint(self.following.number_of[followed], layer))
        self.stars.set_offsets(z[leaders])
        self.stars.set_facecolor(self._paint(numbers[leaders], layer))
        self.mean.set_offsets(self.trajectory.means[layer])
        if self.trails.get_visible():
            self._show_trails(layer)
        self.title.set_text(f"{self._title} (K = {layer})" if self._title else f"K = {layer}")
        if self._labels is not None:
            self._labels.show(layer)

    def _paint(self, numbers: NDArray[np.int64], layer: int) -> list[Colour]:
        strength = layer / max(self.trajectory.layers, 1) if self._start_white else 1.0
        return list(map(tuple, 1.0 - strength * (1.0 - self.rgb[numbers])))

    def _show_trails(self, layer: int) -> None:
        positions = self.trajectory.positions[: layer + 1]
        steps = np.stack([positions[:-1], positions[1:]], axis=2).reshape(-1, 2, 2)
        numbers = self.following.numbers(slice(layer)).ravel()
        moved = (steps[:, 0] != steps[:, 1]).any(axis=1)
        used = np.unique(numbers[moved])
        # One outline for each colour: many short lines are slow.
        self.trails.set_paths([_lines(steps[moved & (numbers == number)]) for number in used])
        self.trails.set_edgecolor(list(map(tuple, self.rgb[used])))

    def _draw_decoder(self, v: Array, b: float, shading: bool) -> None:
        (left, right), (bottom, top) = self.ax.get_xlim(), self.ax.get_ylim()
        if shading:
            x, y = np.meshgrid(np.linspace(left, right, 200), np.linspace(bottom, top, 200))
            side = np.tanh((v[0] * x + v[1] * y + b) / 2)  # 2 sigma - 1
            place: dict[str, Any] = {"extent": (left, right, bottom, top), "origin": "lower", "zorder": 0}
            self.ax.imshow(side, cmap=HALF_PLANES, vmin=-1, vmax=1, interpolation="bilinear", **place)
        if v.any():
            nearest = -b * v / (v @ v)
            along = nearest + np.array([-v[1], v[0]]) / np.linalg.norm(v) * (right - left)
            self.ax.axline(tuple(nearest), tuple(along), color=INK, linewidth=0.9, linestyle="--", zorder=1.5)


def _check(trajectory: Trajectory, options: Options) -> None:
    for name in options:
        if name not in Options.__annotations__:
            known = ", ".join(Options.__annotations__)
            raise TypeError(f"there is no drawing option {name!r}; the options are {known}")
    if trajectory.dim != 2:
        raise InputError(
            f"tokens of dimension {trajectory.dim} cannot be drawn in the plane; "
            "use a model of dim 2, or project them first"
        )
    if trajectory.n == 0:
        raise InputError("the trajectory has no tokens to draw; give at least one")
    if not np.isfinite(trajectory.positions).all():
        layer = int(np.flatnonzero(~np.isfinite(trajectory.positions).all(axis=(1, 2)))[0])
        raise InputError(
            f"the positions at layer {layer} are not finite and cannot be drawn; {trajectory.ended}"
        )
    largest = np.abs(trajectory.positions).max()
    if largest > LARGEST * np.finfo(largest.dtype).max:
        raise InputError(f"coordinates of up to {largest:g} are too large to draw; scale the tokens down")
    words = options.get("words")
    if words is not None and len(words) != trajectory.n:
        raise InputError(
            f"there are {len(words)} words for {trajectory.n} tokens; give one word for each token"
        )


def _limits(positions: Array) -> Limits:
    """Return a square around all tokens at all layers, with room for markers and words."""
    low, high = positions.min(axis=(0, 1)), positions.max(axis=(0, 1))
    middle, half = (low + high) / 2, (high - low).max() / 2
    # Where all tokens are one point there is no extent to go by; take the point's own size.
    half = 1.2 * half if half > 1e-9 * np.abs(middle).max() else 0.1 * np.abs(middle).max() or 1.0
    (x, y), side = middle, float(half)
    return (float(x) - side, float(x) + side), (float(y) - side, float(y) + side)


def _weights(v: ArrayLike) -> Array:
    weights = np.asarray(v, dtype=np.float64)
    if weights.shape != (2,) or not np.isfinite(weights).all():
        raise InputError(f"the decoder's weights must be two finite numbers, not {v!r}")
    return weights


def _outline(marker: str) -> Outline:
    style = MarkerStyle(marker)
    return style.get_path().transformed(style.get_transform())


def _lines(steps: Array) -> Outline:
    codes = np.tile(np.array([Outline.MOVETO, Outline.LINETO], dtype=np.uint8), len(steps))
    return Outline(steps.reshape(-1, 2), codes)
