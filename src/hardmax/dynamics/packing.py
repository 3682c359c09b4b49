"""Sets of tokens, checked, reduced to their distinct points, and laid one after another for the kernels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hardmax.dynamics.kernels import TILE
from hardmax.dynamics.merging import merge_equal
from hardmax.errors import InputError

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class TokenSets:
    """Distinct points of several sets of tokens, with how often each counts.

    Attributes
    ----------
    points : (N, d) array
        The distinct points of all sets, one set after another.
    weights : (N,) array
        The summed weights of the tokens at each point.
    offsets : (S + 1,) int array
        Set s is ``points[offsets[s]:offsets[s + 1]]``.
    """

    points: Array
    weights: Array
    offsets: Array


def checked_tokens(tokens: npt.ArrayLike, name: str = "tokens") -> Array:
    """Give `tokens` as a C-contiguous (n, d) array of float32 or float64.

    Raises
    ------
    InputError
        When they are not numbers, not two-dimensional, or not finite.
    """
    if np.ma.is_masked(tokens):
        raise InputError(f"{name} have masked values; fill them, or leave those tokens out")
    try:
        array = np.asarray(tokens)
        if array.dtype not in (np.float32, np.float64):
            if array.dtype.kind not in "biuf":
                raise TypeError
            array = array.astype(np.float64)
    except (TypeError, ValueError, RuntimeError):  # torch raises the last for tensors that need gradients
        raise InputError(f"{name} are not an array of real numbers; give an (n, d) array") from None
    if array.ndim != 2 or array.shape[1] == 0:
        raise InputError(
            f"{name} have shape {array.shape}; give an (n, d) array, one token a row, d at least 1"
        )
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise InputError(f"{name}: row {row}, column {column} is {array[row, column]}; give finite numbers")
    # + 0 turns -0.0 into 0.0, the same point.
    checked: Array = np.ascontiguousarray(array) + array.dtype.type(0)
    return checked


def checked_weights(weights: npt.ArrayLike | None, tokens: Array, name: str = "weights") -> Array:
    """Give `weights` as an (n,) array of the dtype of `tokens`, all ones for None.

    Raises
    ------
    InputError
        When there is not one positive finite number for each token.
    """
    if weights is None:
        return np.ones(len(tokens), tokens.dtype)
    try:
        array = np.asarray(weights, tokens.dtype)
    except (TypeError, ValueError):
        raise InputError(f"{name} are not an array of real numbers; give one for each token") from None
    if array.shape != (len(tokens),):
        raise InputError(f"{name} have shape {array.shape}; give one for each of the {len(tokens)} tokens")
    wrong = ~(np.isfinite(array) & (array > 0))
    if wrong.any():
        i = int(np.argmax(wrong))
        raise InputError(f"{name}[{i}] is {array[i]}; give finite numbers greater than 0")
    return array


def powers_of_two(largest: npt.ArrayLike) -> Array:
    """Give the powers of two next below the magnitudes `largest`, in range for the dtype of those."""
    return np.asarray(np.ldexp(1.0, np.frexp(np.asarray(largest, np.float64))[1] - 1))


def tiles_of(offsets: Array) -> Array:
    """Cut the rows ``offsets[s]:offsets[s + 1]`` of each set s into tiles ``(s, begin, end)``."""
    sizes = np.diff(offsets)
    pieces = -(-sizes // TILE)
    owner = np.repeat(np.arange(len(sizes)), pieces)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    begin = offsets[owner] + rank * TILE
    end = np.minimum(begin + TILE, offsets[owner + 1])
    return np.stack([owner, begin, end], axis=1).astype(np.int64)


def merged(tokens: Sequence[Array], weights: Sequence[Array]) -> tuple[TokenSets, Array, Array]:
    """Reduce sets of tokens, all of one dtype and dimension, to their distinct points.

    Returns
    -------
    sets : TokenSets
    point_of : (n,) int array
        For each token of all sets, the row of its point in ``sets.points``.
    starts : (S + 1,) int array
        Set s owns the tokens ``starts[s]:starts[s + 1]`` of `point_of`.
    """
    starts = np.concatenate([[0], np.cumsum([len(t) for t in tokens])]).astype(np.int64)
    points, sums, offsets, point_of = merge_equal(np.concatenate(tokens), starts, np.concatenate(weights))
    return TokenSets(points, sums, offsets), point_of, starts
