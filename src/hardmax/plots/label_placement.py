"""Placing labels beside points so that no two overlap: arrays in, arrays out."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_DIRECTIONS = np.deg2rad(np.array([45, 135, 315, 225, 0, 180, 90, 270, 22, 158, 338, 202, 67, 113, 293, 247]))
_RINGS = np.geomspace(1.0, 8.0, 10)  # in gaps
_TRIED = 64  # at most so many free places are compared


def place_labels(
    anchors: Array,
    sizes: Array,
    room: Array,
    walls: Array,
    soft: Array,
    gap: float,
    kept: Array | None = None,
) -> Array:
    """Return the centres of the labels near their anchors, (m, 2), found greedily, one after the other.

    A label stays where it was while it is free there. Otherwise it takes the free place that costs
    least: near its anchor, over few of the points, with no label across the line to its anchor. Its
    centre is NaN where no place is free.

    `anchors` (m, 2) are the points to label, `sizes` (m, 2) the widths and heights of the labels; `room` (4,)
    is the rectangle left, bottom, right, top in which all must lie. Labels touch none of the rectangles
    `walls` (w, 4), and avoid the points `soft` (s, 2) where possible. `gap` is the least distance of a label
    from its anchor, and the unit of larger ones; `kept` (m, 2) are the centres before, NaN where there was
    none.

    Examples
    --------
    >>> none, room = np.empty((0, 4)), np.array([0.0, 0.0, 99.0, 99.0])
    >>> place_labels(np.array([[50.0, 50.0]]), np.array([[10.0, 4.0]]), room, none, none[:, :2], gap=5.0)
    array([[59., 56.]])
    """
    half = sizes / 2
    centres = np.full(anchors.shape, np.nan) if kept is None else kept.copy()
    for i in np.flatnonzero(~np.isnan(centres[:, 0])):
        others = np.vstack([walls, _boxes(centres[:i], half[:i])])
        if not _free(_boxes(centres[i : i + 1], half[i : i + 1]), room, others)[0]:
            centres[i] = np.nan

    # The most crowded anchors choose first; the others have room to give way.
    crowd = (np.linalg.norm(anchors[:, None] - anchors, axis=2) < 4 * sizes.max(initial=0.0)).sum(axis=1)
    for i in sorted(np.flatnonzero(np.isnan(centres[:, 0])), key=lambda i: -crowd[i]):
        placed = _boxes(centres, half)
        taken = np.vstack([walls, placed[~np.isnan(placed[:, 0])]])
        options, cost = _free_places(anchors[i], half[i], room, taken, gap)
        if len(options) > 0:
            covered = _covered(_boxes(options, half[i]), soft)
            crossed = _crossed(anchors[i], options, placed)
            centres[i] = options[(cost + 0.5 * covered + 6.0 * crossed).argmin()]
    return centres


def _free_places(anchor: Array, half: Array, room: Array, taken: Array, gap: float) -> tuple[Array, Array]:
    """Return centres at which a label fits, near the anchor or else anywhere, and what each costs."""
    for places in (_near, _far):
        options, cost = places(anchor, half, room, gap)
        free = np.flatnonzero(_free(_boxes(options, half), room, taken))[:_TRIED]
        if len(free) > 0:
            break
    return options[free], cost[free]


def _near(anchor: Array, half: Array, _: Array, gap: float) -> tuple[Array, Array]:
    """Return centres on rings around an anchor, the cheapest first, and what each costs."""
    unit = np.column_stack([np.cos(_DIRECTIONS), np.sin(_DIRECTIONS)])
    # On the diagonals a corner of the label faces the anchor, on the axes the middle of a side.
    shift = np.clip(np.sqrt(2) * unit, -1.0, 1.0) * half
    options = anchor + gap * _RINGS[:, None, None] * unit + shift
    cost = _RINGS[:, None] + 0.05 * np.arange(len(unit))
    # Rounded, so that the last bits, which differ between machines, decide nothing.
    return np.round(options.reshape(-1, 2)), cost.ravel()


def _far(anchor: Array, _: Array, room: Array, gap: float) -> tuple[Array, Array]:
    """Return centres on a grid over the whole room, the cheapest first, and what each costs."""
    x, y = np.arange(room[0], room[2], gap), np.arange(room[1], room[3], gap)
    options = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    cost = np.round(np.linalg.norm(options - anchor, axis=1) / gap, 6)
    order = np.argsort(cost, kind="stable")
    return options[order], cost[order]


def _boxes(centres: Array, half: Array) -> Array:
    return np.hstack([centres - half, centres + half])


def _free(boxes: Array, room: Array, walls: Array) -> NDArray[np.bool_]:
    inside = (boxes[:, :2] >= room[:2]).all(axis=1) & (boxes[:, 2:] <= room[2:]).all(axis=1)
    apart = (boxes[:, None, :2] >= walls[:, 2:]) | (boxes[:, None, 2:] <= walls[:, :2])
    return np.asarray(inside & np.all(apart.any(axis=2), axis=1))


def _covered(boxes: Array, points: Array) -> NDArray[np.intp]:
    """Return how many points lie in each box."""
    within = (points >= boxes[:, None, :2]) & (points <= boxes[:, None, 2:])
    return np.asarray(within.all(axis=2).sum(axis=1))


def _crossed(anchor: Array, options: Array, placed: Array) -> NDArray[np.intp]:
    """Return how many of nine points of the line from the anchor to each option lie under labels."""
    steps = np.linspace(0.1, 0.9, 9)[:, None, None]
    line = (anchor + steps * (options - anchor))[:, :, None]
    within = (line >= placed[:, :2]) & (line <= placed[:, 2:])
    return np.asarray(within.all(axis=3).sum(axis=(0, 2)))
