"""`simulate`: tokens move from layer to layer as a rule says."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple, overload

import numpy as np
import numpy.typing as npt

from hardmax._support.checks import whole_number
from hardmax._support.threads import in_pieces
from hardmax.dynamics.packing import (
    Array,
    TokenSets,
    checked_batch,
    checked_tokens,
    checked_weights,
    is_batch,
    pack,
    powers_of_two,
    set_means,
    tiles_of,
)
from hardmax.dynamics.rules.base import Rule, View, checked_rule
from hardmax.dynamics.rules.hardmax import Hardmax
from hardmax.dynamics.settling import find_leaders, find_settled
from hardmax.dynamics.stepping import step
from hardmax.dynamics.trajectory import Trajectory

#: Fewer rows are stepped sooner than they are handed to a thread.
_ROWS_OF_A_THREAD = 10_000


class Motion:
    """Sets of tokens at one layer, the `view`, which `search` and `step` take to the next one.

    Tokens that can never change whom they follow are not searched again, because their targets are known.
    The arrays have the names that they have in `Trajectory`, and `leads` are those seen to follow their own
    position only, as they then always do.
    """

    def __init__(self, sets: TokenSets, rule: Rule) -> None:
        n, dim = sets.points.shape
        dtype = sets.points.dtype
        A = rule.matrix(dim)
        A_scale, scale = powers_of_two(np.abs(A).max()), powers_of_two(_largest_in_sets(sets))
        self._units = np.repeat(scale, np.diff(sets.offsets) * dim).reshape(n, dim).astype(dtype)
        self._rate = dtype.type(rule.alpha / (1 + rule.alpha))
        self.rule = rule
        self.view = View(
            points=sets.points / self._units,
            weights=sets.weights,
            offsets=sets.offsets,
            A=(A / A_scale).astype(dtype),
            tie_tol=dtype.type(rule.tolerance(dtype)),
            scale=scale,
            A_scale=float(A_scale),
            layer=0,
            rows=np.arange(n),
            tiles=tiles_of(sets.offsets),
        )
        self.targets = np.empty((n, dim), dtype)
        self.first, self.ties = np.zeros((2, n), np.int32)
        self.leads, self.settled_at = np.zeros(n, np.bool_), np.full(n, -1)

    def search(self) -> None:
        """Find whom the rows that have not settled follow, and their targets."""
        view, whom = self.view, (self.targets, self.first, self.ties)
        if len(view.rows) == 0:
            return
        self.rule.attend(view, *whom)
        if self.rule.can_settle:
            in_pieces(find_leaders, len(view.tiles), view, *whom, self.leads)
            in_pieces(find_settled, len(view.tiles), view, *whom, self.leads, self.settled_at)
            rows = view.rows[self.settled_at[view.rows] < 0]
            self.view = view._replace(rows=rows, tiles=tiles_of(np.searchsorted(rows, view.offsets)))

    def step(self, to: Array | None = None) -> None:
        """Move all rows a step towards their targets, in place or `to` another array."""
        points = self.view.points
        to = points if to is None else to
        in_pieces(step, len(to), points, self.targets, self._rate, to, least=_ROWS_OF_A_THREAD)
        self.view = self.view._replace(points=to, layer=self.view.layer + 1)

    @np.errstate(over="ignore", invalid="ignore")  # a softmax may leave the range of floats
    def unscaled(self, points: Array) -> Array:
        """Return `points` (..., N, d) in the units of the tokens, in place."""
        points *= self._units
        return points


def _largest_in_sets(sets: TokenSets) -> Array:
    """Return the largest magnitude in each set, 0 for an empty one."""
    filled = np.diff(sets.offsets) > 0
    starts = sets.offsets[:-1][filled] * sets.points.shape[1]
    largest = np.zeros(len(filled))
    largest[filled] = np.maximum.reduceat(np.abs(sets.points).ravel(), starts)
    return largest


class Layers(NamedTuple):
    """Several sets of tokens at layers 0 to K, or at layer K alone; see `Trajectory` for the arrays."""

    sets: TokenSets
    rule: Rule
    points: Array
    first: Array
    ties: Array
    targets: Array
    settled_at: Array

    def means(self) -> Array:
        """Return the weighted mean of each set at each layer, (K + 1, S, d); the origin for an empty set."""
        layers, _, dim = self.points.shape
        found = np.zeros((layers, len(self.sets.offsets) - 1, dim), self.points.dtype)
        for points, means in zip(self.points, found, strict=True):
            set_means(self.sets.weights, self.sets.offsets, points, means)
        return found

    def trajectories(self) -> list[Trajectory]:
        """Return the trajectory of each set, from all layers."""
        bounds = zip(pairwise(self.sets.offsets), pairwise(self.sets.starts), strict=True)
        return [
            Trajectory(
                rule=self.rule,
                points=self.points[:, lo:hi],
                first=self.first[:, lo:hi] - np.int32(lo),
                ties=self.ties[:, lo:hi],
                targets=self.targets[lo:hi],
                point_of=self.sets.point_of[begin:end] - lo,
                weights=self.sets.counts[begin:end],
                settled_at=self.settled_at[lo:hi],
            )
            for (lo, hi), (begin, end) in bounds
        ]


def run_layers(sets: TokenSets, rule: Rule, layers: int, last_only: bool = False) -> Layers:
    """Move the points of `sets` through `layers` layers of `rule`; keep every layer, or the last one only.

    With `last_only` whom tokens follow at the last layer is not searched for.
    """
    motion = Motion(sets, rule)
    kept = 1 if last_only else layers + 1
    points = np.empty((kept, *sets.points.shape), sets.points.dtype)
    first, ties = np.empty((2, kept, len(sets.points)), np.int32)
    points[0] = motion.view.points
    for k in range(layers + 1):
        if k > 0:
            motion.step(points[k % kept])
        if k < layers or not last_only:
            motion.search()
            first[k % kept], ties[k % kept] = motion.first, motion.ties
    targets = motion.unscaled(motion.targets)
    return Layers(sets, rule, motion.unscaled(points), first, ties, targets, motion.settled_at)


@overload
def simulate(
    tokens: Sequence[npt.NDArray[Any]],
    rule: Rule | None = ...,
    layers: int = ...,
    weights: Sequence[npt.ArrayLike] | None = ...,
) -> list[Trajectory]: ...
@overload
def simulate(
    tokens: npt.ArrayLike, rule: Rule | None = ..., layers: int = ..., weights: npt.ArrayLike | None = ...
) -> Trajectory: ...


def simulate(
    tokens: npt.ArrayLike | Sequence[npt.NDArray[Any]],
    rule: Rule | None = None,
    layers: int = 30,
    weights: Any = None,
) -> Trajectory | list[Trajectory]:
    """Move tokens through the layers of a pure-attention transformer.

    Parameters
    ----------
    tokens : (n, d) array, or a list of such arrays
        One token a row, float32 or float64 (anything else becomes float64); any n, 0 among them.
        A list, or an (S, n, d) array or tensor, is a batch of sets that do not see each other;
        their sizes may differ.
    rule : Rule, optional
        `Hardmax`, `Softmax` or a rule of your own; ``Hardmax(alpha=0.5)`` when not given.
    layers : int
        How many layers K, 0 or more.
    weights : (n,) array, or a list of such arrays, optional
        How many times each token counts in a mean, greater than 0; once when not given.

    Returns
    -------
    Trajectory, or a list of them for a batch

    Raises
    ------
    InputError
        When the tokens are not finite, the shapes do not fit, or `layers` is negative.

    Notes
    -----
    The rules are those of arXiv 2407.01602. The result is the same to the last bit for any number of
    threads, and alone or in a batch.

    Examples
    --------
    >>> trajectory = simulate([[1.0, 0.0], [0.5, 0.1], [-1.0, 0.0]], Hardmax(alpha=1.0), layers=2)
    >>> trajectory.positions[:, 1]
    array([[0.5  , 0.1  ],
           [0.75 , 0.05 ],
           [0.875, 0.025]])
    >>> trajectory.leaders()
    array([0, 2])
    """
    rule = checked_rule(rule, Hardmax())
    layers = whole_number(layers, "layers")
    if not is_batch(tokens):
        array = checked_tokens(tokens)
        return _simulate([array], [checked_weights(weights, array)], rule, layers)[0]
    return _simulate(*checked_batch(tokens, weights), rule, layers)  # type: ignore[arg-type]


def _simulate(tokens: list[Array], weights: list[Array], rule: Rule, layers: int) -> list[Trajectory]:
    if not tokens:
        return []
    starts = np.concatenate([[0], np.cumsum([len(each) for each in tokens])]).astype(np.int64)
    sets = pack(np.concatenate(tokens), np.concatenate(weights), starts, rule.merges_equal_tokens)
    return run_layers(sets, rule, layers).trajectories()
