"""`simulate`, the only loop over layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from hardmax._support.checks import whole_number
from hardmax.dynamics import kernels
from hardmax.dynamics.rules import Hardmax, Rule, Softmax
from hardmax.dynamics.packing import (
    Array,
    TokenSets,
    checked_tokens,
    checked_weights,
    merged,
    powers_of_two,
    tiles_of,
)
from hardmax.dynamics.trajectory import Trajectory
from hardmax.errors import InputError
from hardmax._support.threads import in_pieces

#: The kernel that computes where the tokens are drawn to, for each rule.
KERNELS: dict[type[Rule], Callable[..., None]] = {
    Hardmax: kernels.hardmax_targets,
    Softmax: kernels.softmax_targets,
}


@dataclass(frozen=True)
class Layers:
    """All layers of several sets of tokens: the plain arrays behind trajectories.

    Attributes
    ----------
    points : (K + 1, N, d) array
        Positions.
    first, ties : (K + 1, N) int32 arrays
        The first row that each row follows, and how many it follows.
    targets : (N, d) array
        What each row is drawn to at layer K.
    settled_at : (N,) int array
        The layer from which C_i of a row cannot change, -1 where that was not seen.
    leads : (N,) bool array
        Whether a row was seen to follow its own position alone, which it then does for ever.
    """

    points: Array
    first: Array
    ties: Array
    targets: Array
    settled_at: Array
    leads: Array


@np.errstate(over="ignore", invalid="ignore")  # a softmax may leave the range of floats
def run_layers(sets: TokenSets, rule: Rule, layers: int, to_the_end: bool = False) -> Layers:
    """Move the distinct points of `sets` through `layers` layers of `rule`.

    Tokens that can never change whom they follow are not searched again: the rest of their
    motion is known (see `kernels.find_settled`). With `to_the_end` the last layer alone is kept, and it
    is the first at which that is so of all tokens, if there is one.
    """
    n, dim = sets.points.shape
    dtype = sets.points.dtype
    kept = 2 if to_the_end else layers + 1
    points = np.empty((kept, n, dim), dtype)
    first, ties = np.empty((2, kept, n), np.int32)
    targets = np.empty((n, dim), dtype)
    settled_at = np.full(n, -1)

    # Powers of two change no digit, and keep products of very large or small numbers in range.
    A = rule.matrix(dim)
    A_scale, scale = powers_of_two(np.abs(A).max()), powers_of_two(_largest_in_sets(sets))
    A = (A / A_scale).astype(dtype)
    scale_of_row = np.repeat(scale, np.diff(sets.offsets) * dim).reshape(n, dim).astype(dtype)
    points[0] = sets.points / scale_of_row
    tie_tol = dtype.type(rule.tolerance(dtype))
    limits = np.finfo(dtype)
    temperature = np.clip(
        getattr(rule, "temperature", 0.0) / A_scale / scale / scale, limits.tiny, limits.max
    ).astype(dtype)
    rate = dtype.type(rule.alpha / (1 + rule.alpha))

    leads, settled = np.zeros((2, n), np.bool_)
    rows = np.arange(n)
    for k in range(layers + 1):
        tiles = tiles_of(np.searchsorted(rows, sets.offsets))
        now, before = k % kept, (k - 1) % kept
        if k > 0:
            in_pieces(kernels.step, n, points[before], targets, rate, points[now])
            first[now], ties[now] = first[before], ties[before]
        where = (points[now], A, sets.offsets, rows, tiles, tie_tol)
        whom = (targets, first[now], ties[now])
        in_pieces(KERNELS[type(rule)], len(tiles), *where, sets.weights, temperature, *whom)
        if isinstance(rule, Hardmax):
            in_pieces(kernels.find_leaders, len(tiles), *where, *whom, leads)
            in_pieces(kernels.find_settled, len(tiles), *where, *whom, leads, settled.copy(), settled)
            settled_at[rows[settled[rows]]] = k
            rows = rows[~settled[rows]]
            if to_the_end and len(rows) == 0:
                break
    if to_the_end:
        points, first, ties = points[[now]], first[[now]], ties[[now]]
    points *= scale_of_row
    targets *= scale_of_row
    return Layers(points, first, ties, targets, settled_at, leads)


def _largest_in_sets(sets: TokenSets) -> Array:
    """Give the largest magnitude in each set, 0 for an empty one."""
    largest = np.zeros(len(sets.offsets) - 1)
    filled = np.diff(sets.offsets) > 0
    if filled.any():
        starts = sets.offsets[:-1][filled] * sets.points.shape[1]
        largest[filled] = np.maximum.reduceat(np.abs(sets.points).ravel(), starts)
    return largest


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
        A list, or an (S, n, d) array, is a batch of sets that do not see each other; their sizes
        may differ.
    rule : Hardmax or Softmax, optional
        ``Hardmax(alpha=0.5)`` when not given.
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
    The rules are those of arXiv 2407.01602. Tokens at equal positions are moved once, with
    their number as weight. The result is the same to the last bit for any number of threads.

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
    rule = Hardmax() if rule is None else rule
    if type(rule) not in KERNELS:
        names = ", ".join(known.__name__ for known in KERNELS)
        raise InputError(f"rule is {rule!r}; give one of {names}")
    layers = whole_number(layers, "layers")
    if not _is_batch(tokens):
        array = checked_tokens(tokens)
        return _simulate_batch([array], [checked_weights(weights, array)], rule, layers)[0]
    arrays = [checked_tokens(each, f"tokens[{s}]") for s, each in enumerate(tokens)]  # type: ignore[arg-type]
    if not arrays:
        return []
    for s, array in enumerate(arrays):
        if array.shape[1] != arrays[0].shape[1]:
            raise InputError(
                f"tokens[{s}] has dimension {array.shape[1]} but tokens[0] has {arrays[0].shape[1]}; "
                "give all sets of a batch the same dimension"
            )
    dtype = np.result_type(*arrays)
    arrays = [array.astype(dtype, copy=False) for array in arrays]
    if weights is not None and (not hasattr(weights, "__len__") or len(weights) != len(arrays)):
        raise InputError(
            f"weights are {weights!r}; give one array for each of the {len(arrays)} sets of the batch"
        )
    each_weights = [
        checked_weights(None if weights is None else weights[s], array, f"weights[{s}]")
        for s, array in enumerate(arrays)
    ]
    return _simulate_batch(arrays, each_weights, rule, layers)


def _is_batch(tokens: Any) -> bool:
    if isinstance(tokens, np.ndarray):
        return tokens.ndim == 3
    return isinstance(tokens, list | tuple) and all(np.ndim(each) == 2 for each in tokens)


def _simulate_batch(tokens: list[Array], weights: list[Array], rule: Rule, layers: int) -> list[Trajectory]:
    sets, point_of, starts = merged(tokens, weights)
    result = run_layers(sets, rule, layers)
    trajectories = []
    for s in range(len(tokens)):
        lo, hi = sets.offsets[s], sets.offsets[s + 1]
        trajectories.append(
            Trajectory(
                rule=rule,
                points=result.points[:, lo:hi],
                first=result.first[:, lo:hi] - np.int32(lo),
                ties=result.ties[:, lo:hi],
                targets=result.targets[lo:hi],
                point_of=point_of[starts[s] : starts[s + 1]] - lo,
                weights=weights[s],
                settled_at=result.settled_at[lo:hi],
            )
        )
    return trajectories
