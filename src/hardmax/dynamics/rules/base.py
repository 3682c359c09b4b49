"""`Rule`: what all rules have, and what a user's own rule defines."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from hardmax._support.checks import keep, real_number, shown
from hardmax.dynamics.packing import Array, check_finite, powers_of_two, read_only, restore
from hardmax.dynamics.rules.matrix import checked_matrix
from hardmax.dynamics.search.exhaustive import followed
from hardmax.errors import InputError


class View(NamedTuple):
    """What a rule and its kernels see of one layer of several sets of tokens, which lie one after another.

    Coordinates are divided by a power of two for each set, and A by one too, which changes no digit and
    keeps products of very large or small numbers in range.
    """

    points: Array  # (N, d): the tokens of set s, divided by scale[s], are points[offsets[s]:offsets[s + 1]]
    weights: Array  # (N,): how many times each token counts
    offsets: Array  # (S + 1,)
    A: Array  # (d, d): the matrix of the rule divided by A_scale, of the dtype of the points
    tie_tol: Any  # the relative tolerance for ties, of the dtype of the points
    scale: Array  # (S,)
    A_scale: float
    layer: int
    rows: Array  # (R,): the tokens to search for, ascending; the others have settled
    tiles: Array  # (T, 3): pieces (s, begin, end) of the work, each some of the rows of set s


@dataclass(frozen=True, eq=False)
class Rule:
    """How tokens move: each goes a fraction alpha / (1 + alpha) of the way to its target.

    A rule of your own is a subclass with the method `targets`; see docs/own-rule.md. One that has further
    parameters is a ``@dataclass(frozen=True)``; lists and arrays among them become read-only arrays.

    Parameters
    ----------
    alpha : float
        Step, greater than 0.
    A : (d, d) array, optional
        Symmetric positive definite; None is the identity.
    tie_tol : float, optional
        Relative tolerance for ties; None is 1e-12 for float64 and 1e-6 for float32 tokens.

    Examples
    --------
    >>> class Mean(Rule):
    ...     def targets(self, Z, weights):
    ...         return np.broadcast_to(np.average(Z, axis=0, weights=weights), Z.shape)
    >>> from hardmax.dynamics import simulate
    >>> simulate([[0.0], [1.0]], Mean(alpha=1.0), layers=1).positions[1]
    array([[0.25],
           [0.75]])
    """

    alpha: float = 0.5
    A: npt.NDArray[np.float64] | None = None
    tie_tol: float | None = None

    #: Whether tokens at one position may be moved as one, with the sum of their weights.
    merges_equal_tokens: ClassVar[bool] = False
    #: Whether each target is the weighted mean of the tokens of the largest score <A z_i, z_j> in the whole
    #: set, and of those tied with it. Tokens that then can never change whom they follow, as settling.py
    #: shows, are not searched again.
    can_settle: ClassVar[bool] = False

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        own = {"targets", "scores", "followed"} & vars(cls).keys()
        if own and cls.attend is not Rule.attend and "attend" not in vars(cls):
            raise TypeError(
                f"{cls.__name__} defines {min(own)}, which the kernel that it inherits does not ask for; "
                "make it a subclass of hardmax.Rule"
            )
        if cls.can_settle and (cls.scores is not Rule.scores or cls.followed is not Rule.followed):
            raise TypeError(f"{cls.__name__} says itself whom tokens follow, so they cannot settle")
        for name in {"__eq__", "__hash__"} - vars(cls).keys():
            setattr(cls, name, getattr(Rule, name))  # else `dataclass` writes its own, which fail for arrays

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {"alpha": real_number(self.alpha, "alpha", positive=True)}
        if self.tie_tol is not None:
            checked["tie_tol"] = real_number(self.tie_tol, "tie_tol")
        if self.A is not None:
            checked["A"] = checked_matrix(self.A)
        own = {name: value for name, value in self.values().items() if name not in checked}
        keep(self, **checked, **{name: _parameter(value, name) for name, value in own.items()})

    __setstate__ = restore

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Rule) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((type(self), self._key()))

    def _key(self) -> tuple[object, ...]:
        values = [
            (value.shape, *value.ravel().tolist()) if isinstance(value, np.ndarray) else (value,)
            for value in self.values().values()
        ]
        # One object for all NaN, because a tuple that holds it equals another that does.
        return tuple(
            math.nan if isinstance(each, float) and math.isnan(each) else each for each in chain(*values)
        )

    def targets(self, Z: Array, weights: Array) -> npt.ArrayLike:
        """Return the point that each token moves towards.

        Parameters
        ----------
        Z : (n, d) array
            One set of tokens, read-only; n is at least 1.
        weights : (n,) array
            How many times each token counts.

        Returns
        -------
        (n, d) array
        """
        raise InputError(f"{type(self).__name__} has no method targets(self, Z, weights); define it")

    def scores(self, Z: Array) -> Array:
        """Return how much token i looks at token j, (n, n): by default <A z_i, z_j>.

        Token i follows the tokens of the largest score; -inf keeps it from following one.
        """
        return np.asarray(Z @ self.matrix(Z.shape[1]).T.astype(Z.dtype) @ Z.T)

    def followed(self, Z: Array, rows: Sequence[int] | Array | None = None) -> list[Array]:
        """Return the tokens C_i that each token follows, ascending: those of the largest score, and ties.

        Parameters
        ----------
        Z : (n, d) array
            One set of tokens.
        rows : sequence of int, optional
            The tokens i that are asked for; all when not given.
        """
        check_finite(Z, "the positions of the tokens")
        rows = range(len(Z)) if rows is None else rows
        tie_tol = Z.dtype.type(self.tolerance(Z.dtype))
        if type(self).scores is Rule.scores:  # the search needs no (n, n) array
            A = self.matrix(Z.shape[1])
            A = (A / powers_of_two(np.abs(A).max())).astype(Z.dtype)
            Z = np.ascontiguousarray(Z / Z.dtype.type(powers_of_two(np.abs(Z).max(initial=0))))
            return [followed(Z, A, 0, len(Z), i, tie_tol) for i in rows]
        name = f"{type(self).__name__}.scores"
        scores = _checked(self.scores(Z), name, (len(Z), len(Z))) + Z.dtype.type(0)
        best = scores.max(axis=1, initial=-np.inf)
        if not (best > -np.inf).all():  # NaN among them
            i = int(np.argmin(best > -np.inf))
            raise InputError(
                f"{name}: the largest score of token {i} is {best[i]}; let each token follow at least one"
            )
        least = np.where(best < np.inf, best - tie_tol * np.abs(best), best)
        return [np.flatnonzero(scores[i] >= least[i]) for i in rows]

    def attend(self, view: View, targets: Array, first: Array, ties: Array) -> None:
        """Write the targets of the tokens of all sets, and whom they follow; fast rules run a kernel here.

        Parameters
        ----------
        view : View
            The tokens.
        targets : (N, d) array
            Write to it the target of each of ``view.rows``, on the scale of ``view.points``.
        first, ties : (N,) int arrays
            Write to them the first row that each of these rows follows, and how many it follows.
        """
        bounds = np.searchsorted(view.rows, view.offsets)
        for s in np.flatnonzero(np.diff(bounds)):
            lo, hi = view.offsets[s], view.offsets[s + 1]
            mine = view.rows[bounds[s] : bounds[s + 1]]
            scale = targets.dtype.type(view.scale[s])
            Z, weights = read_only(view.points[lo:hi] * scale), read_only(view.weights[lo:hi].copy())
            name = f"{type(self).__name__}.targets at layer {view.layer}"
            found = _checked(self.targets(Z, weights), name, Z.shape)
            check_finite(found, name)
            targets[mine] = found[mine - lo] / scale
            whom = self.followed(Z, mine - lo)
            first[mine] = [lo + C[0] for C in whom]
            ties[mine] = [len(C) for C in whom]

    def matrix(self, dim: int) -> npt.NDArray[np.float64]:
        """Return `A` as a (dim, dim) array, the identity where it is None."""
        if self.A is None:
            return np.eye(dim)
        if len(self.A) != dim:
            raise InputError(
                f"A is {len(self.A)} by {len(self.A)} but the tokens have dimension {dim}; "
                f"give an A of {dim} by {dim}"
            )
        return self.A

    def tolerance(self, dtype: npt.DTypeLike) -> float:
        """Return the relative tolerance for ties in force for tokens of this `dtype`."""
        if self.tie_tol is not None:
            return min(self.tie_tol, float(np.finfo(dtype).max))
        return 1e-12 if np.dtype(dtype) == np.float64 else 1e-6

    def values(self) -> dict[str, Any]:
        """Return the parameters by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def to_dict(self) -> dict[str, Any]:
        """Return what a file keeps of the rule: where its class is, and its parameters."""
        type(self)(**self.values())  # a TypeError where a class has an `__init__` of its own
        return {"module": type(self).__module__, "name": type(self).__qualname__, "values": self.values()}


def _parameter(value: Any, name: str) -> Any:
    """Return a parameter of a user's rule as it is kept: lists and arrays as read-only arrays."""
    if isinstance(value, np.generic):
        return value.item()
    try:
        if isinstance(value, list | tuple | np.ndarray):
            value = np.array(value)
            if value.dtype.hasobject:
                raise TypeError
            return read_only(value) if value.ndim else value.item()
        hash(value)
    except (TypeError, ValueError):  # no rows of one length, nor numbers, nor what can be compared
        raise InputError(
            f"{name} is {shown(value)}; give a number, text, or an array of one of these"
        ) from None
    return value


def _checked(value: npt.ArrayLike, name: str, shape: tuple[int, ...]) -> Array:
    """Return what a method of a user's rule returned as an array of numbers of that shape."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):  # torch raises the last for tensors that need gradients
        array = np.empty(0, object)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} is not an array of real numbers; return one of shape {shape}")
    if array.shape != shape:
        raise InputError(f"{name} has shape {array.shape}; return an array of shape {shape}")
    return array


def checked_rule(rule: Rule | None, default: Rule) -> Rule:
    """Return `rule`, or the default for None."""
    if rule is None:
        return default
    if not isinstance(rule, Rule):
        raise InputError(f"rule is {shown(rule)}; give a rule, such as hardmax.Hardmax(alpha=0.5)")
    return rule
