"""Sets of tokens, checked and laid one after another in one array, for the kernels.

All sets lie in one array `Z` (N, d); set s is the rows ``offsets[s]:offsets[s + 1]``. The work is cut
into tiles, rows of ``(set, begin, end)``. Kernels take arrays and check nothing; those that begin with
``begin, end`` do a piece of the work, for `hardmax._support.threads.in_pieces`. One thread computes each
number, in one order, so results do not depend on the number of threads. Loops run over the tokens of a
tile innermost, which compiles to vector instructions without `fastmath`; ties, infinities and NaN keep
their meaning.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hardmax._support.checks import keep, shown
from hardmax._support.kernels import njit
from hardmax.errors import InputError

Array = npt.NDArray[Any]

#: Tokens that one tile holds: a review in one tile, and a tile's scratch space in the first-level cache.
TILE = 128
#: Coordinates of a token. A rule has a matrix of as many rows and columns, and a slip that makes a million of
#: them should not take the memory of the machine.
LARGEST_DIM = 2**14


def read_only(array: Array) -> Array:
    """Return a view of `array` that is read-only."""
    array = array.view()
    array.flags.writeable = False
    return array


def restore(instance: Any, state: dict[str, Any]) -> None:
    """Set what pickle or a copy stored of a frozen dataclass with read-only arrays: a `__setstate__`."""
    keep(
        instance,
        **{name: read_only(each) if isinstance(each, np.ndarray) else each for name, each in state.items()},
    )


class TokenSets(NamedTuple):
    """Several sets of tokens, which lie one after another, and their points, with how often each counts."""

    points: Array  # (N, d)
    weights: Array  # (N,): the sum of the weights of the tokens at each point
    offsets: Array  # (S + 1,): set s has the points[offsets[s]:offsets[s + 1]]
    point_of: Array  # (n,): the row of the point of each token
    counts: Array  # (n,): the weight of each token
    starts: Array  # (S + 1,): set s has the tokens starts[s]:starts[s + 1]


def checked_tokens(tokens: npt.ArrayLike, name: str = "tokens") -> Array:
    """Return `tokens` as a C-contiguous (n, d) array of float32 or float64, all finite."""
    if np.ma.is_masked(tokens):
        raise InputError(f"{name} have masked values; fill them, or leave those tokens out")
    try:
        array = np.asarray(tokens)
        if array.dtype not in (np.float32, np.float64):
            if array.dtype.kind not in "biuf":
                raise TypeError
            with np.errstate(over="ignore"):  # what becomes infinite is refused below
                array = array.astype(np.float64)
    except (TypeError, ValueError, RuntimeError):  # torch raises the last for tensors that need gradients
        raise InputError(f"{name} are not an array of real numbers; give an (n, d) array") from None
    if array.ndim != 2 or array.shape[1] == 0:
        raise InputError(
            f"{name} have shape {array.shape}; give an (n, d) array, one token a row, d at least 1"
        )
    if array.shape[1] > LARGEST_DIM:
        raise InputError(f"{name} have dimension {array.shape[1]:,}; give tokens of at most {LARGEST_DIM:,}")
    check_finite(array, name)
    # + 0 turns -0.0 into 0.0, the same point.
    checked: Array = np.ascontiguousarray(array) + array.dtype.type(0)
    return checked


def check_finite(array: Array, name: str) -> None:
    """Raise `InputError` unless all numbers of an (n, d) array are finite."""
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise InputError(f"{name}: row {row}, column {column} is {array[row, column]}; give finite numbers")


def checked_weights(weights: npt.ArrayLike | None, tokens: Array, name: str = "weights") -> Array:
    """Return `weights` as an (n,) array of the dtype of `tokens`, all positive; ones for None."""
    if weights is None:
        return np.ones(len(tokens), tokens.dtype)
    try:
        with np.errstate(over="ignore"):
            array = np.array(weights, tokens.dtype)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise InputError(f"{name} are not an array of real numbers; give one for each token") from None
    if array.shape != (len(tokens),):
        raise InputError(f"{name} have shape {array.shape}; give one for each of the {len(tokens)} tokens")
    wrong = ~(np.isfinite(array) & (array > 0))
    if wrong.any():
        i = int(np.argmax(wrong))
        raise InputError(f"{name}[{i}] is {array[i]}; give finite numbers greater than 0")
    return array


def checked_batch(tokens: Sequence[npt.ArrayLike], weights: Any) -> tuple[list[Array], list[Array]]:
    """Return the tokens and weights of several sets, all of one dimension, as arrays of one dtype."""
    arrays = [checked_tokens(each, f"tokens[{s}]") for s, each in enumerate(tokens)]
    for s, array in enumerate(arrays):
        if array.shape[1] != arrays[0].shape[1]:
            raise InputError(
                f"tokens[{s}] has dimension {array.shape[1]} but tokens[0] has {arrays[0].shape[1]}; "
                "give all sets of a batch the same dimension"
            )
    if weights is None:
        weights = [None] * len(arrays)
    elif not hasattr(weights, "__len__") or len(weights) != len(arrays):
        raise InputError(
            f"weights are {shown(weights)}; give one array for each of the {len(arrays)} sets of the batch"
        )
    dtype = np.result_type(np.float32, *arrays)
    arrays = [array.astype(dtype, copy=False) for array in arrays]
    each = enumerate(zip(weights, arrays, strict=True))
    return arrays, [checked_weights(given, array, f"weights[{s}]") for s, (given, array) in each]


def is_batch(tokens: Any) -> bool:
    """Return whether these are several sets of tokens: a list of them, or an (S, n, d) array of any kind."""
    try:
        if isinstance(tokens, list | tuple):
            return all(np.ndim(each) == 2 for each in tokens)
        return np.ndim(tokens) == 3
    except ValueError:  # rows of different lengths
        return False


def powers_of_two(largest: npt.ArrayLike) -> Array:
    """Return the powers of two next below the magnitudes `largest`, in range for the dtype of those."""
    return np.asarray(np.ldexp(1.0, np.frexp(np.asarray(largest, np.float64))[1] - 1))


@njit(cache=True)
def tiles_of(offsets: Any) -> Any:
    """Cut the rows ``offsets[s]:offsets[s + 1]`` of each set s into tiles ``(s, begin, end)``, (T, 3)."""
    tiles = np.empty((offsets[-1] // TILE + len(offsets), 3), np.int64)  # as many as there can be
    count = 0
    for s in range(len(offsets) - 1):
        for begin in range(offsets[s], offsets[s + 1], TILE):
            tiles[count] = s, begin, min(begin + TILE, offsets[s + 1])
            count += 1
    return tiles[:count]


@njit(cache=True)
def tile_of(view: Any, tile: int) -> Any:
    """Return the set of a tile of a `View`, the tokens lo..hi-1 of that set, and the rows to search for."""
    s, begin, end = view.tiles[tile, 0], view.tiles[tile, 1], view.tiles[tile, 2]
    return s, view.offsets[s], view.offsets[s + 1], view.rows[begin:end]


def pack(tokens: Array, counts: Array, starts: Array, merge: bool = True) -> TokenSets:
    """Return sets of checked tokens as points; with `merge` each set is reduced to its distinct points.

    Set s has the tokens ``starts[s]:starts[s + 1]``, each of which counts `counts` times.
    """
    if not merge:
        return TokenSets(tokens, counts, starts, np.arange(len(tokens)), counts, starts)
    points, weights, offsets, point_of = merge_equal(tokens, starts, counts)
    return TokenSets(points, weights, offsets, point_of, counts, starts)


@njit(cache=True)
def merge_equal(Z: Any, offsets: Any, weights: Any) -> Any:
    """Reduce each set to its distinct points, in the order in which they first appear.

    Return the points, their summed weights, the offsets of the reduced sets, and for each token
    the row of its point.
    """
    dim = Z.shape[1]
    points = np.empty_like(Z)
    sums = np.zeros(len(Z), Z.dtype)
    point_of = np.empty(len(Z), np.int64)
    bounds = np.zeros_like(offsets)
    count = 0
    for s in range(len(offsets) - 1):
        size = 2
        while size < 2 * (offsets[s + 1] - offsets[s]):
            size *= 2
        table = np.full(size, -1, np.int64)
        for i in range(offsets[s], offsets[s + 1]):
            slot = hash_row(Z[i]) & (size - 1)
            while table[slot] >= 0 and not equal_rows(points[table[slot]], Z[i], dim):
                slot = (slot + 1) & (size - 1)
            if table[slot] < 0:
                table[slot] = count
                points[count] = Z[i]
                count += 1
            sums[table[slot]] += weights[i]
            point_of[i] = table[slot]
        bounds[s + 1] = count
    return points[:count].copy(), sums[:count].copy(), bounds, point_of


@njit(cache=True)
def equal_rows(a: Any, b: Any, dim: int) -> bool:
    """Return whether two points are the same."""
    for column in range(dim):  # noqa: SIM110 - numba compiles the plain loop best
        if a[column] != b[column]:
            return False
    return True


@njit(cache=True)
def hash_row(z: Any) -> Any:
    """Return a non-negative hash of a point, equal for equal points."""
    h = np.uint64(1469598103934665603)
    for value in z:
        h = (h ^ np.uint64(hash(value))) * np.uint64(1099511628211)
        h ^= h >> np.uint64(29)
    return np.int64(h >> np.uint64(1))


@njit(nogil=True, cache=True)
def set_means(weights: Any, offsets: Any, Z: Any, found: Any) -> None:
    """Add to `found` (S, d) the weighted mean of the rows of Z of each set."""
    for s in range(len(offsets) - 1):
        total = weights[offsets[s] : offsets[s + 1]].sum()
        for i in range(offsets[s], offsets[s + 1]):
            share = weights[i] / total
            for column in range(Z.shape[1]):
                found[s, column] += share * Z[i, column]
