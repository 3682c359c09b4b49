"""`Trajectory`: where every token was at every layer, and whom it followed."""

import os
from dataclasses import dataclass, fields
from enum import Enum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hardmax._support.checks import shown
from hardmax.dynamics.packing import Array, read_only, restore, set_means
from hardmax.dynamics.rules.base import Rule
from hardmax.dynamics.storage import read_trajectory, write_trajectory
from hardmax.errors import InputError


class Status(Enum):
    """How a motion ended; the value is a sentence."""

    FROZEN = "No token will ever change whom it follows."
    NOT_FROZEN = "Tokens may still change whom they follow."
    NOT_FINITE = "The positions are no longer finite: the tokens or alpha are too large for the temperature."

    @property
    def sentence(self) -> str:
        """What it means."""
        return self.value


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The motion of one set of n tokens through K layers, as `simulate` returns it.

    Rules such as `Hardmax` move tokens at one position as one point, so the arrays below hold m distinct
    points; the methods speak of all n tokens. All arrays are read-only.

    Attributes
    ----------
    rule : Rule
        The rule that moved the tokens.
    points : (K + 1, m, d) array
        Positions of the distinct points, in the order in which they first appear.
    first, ties : (K + 1, m) int arrays
        The first point that each point follows, and how many it follows.
    targets : (m, d) array
        The target of each point at layer K.
    point_of : (n,) int array
        The point of each token.
    weights : (n,) array
        How many times each token counts in a mean.
    settled_at : (m,) int array
        The layer from which each point can never change whom it follows; -1 if that was not seen.
    """

    rule: Rule
    points: Array
    first: Array
    ties: Array
    targets: Array
    point_of: Array
    weights: Array
    settled_at: Array

    def __post_init__(self) -> None:
        for name in self._arrays():
            object.__setattr__(self, name, read_only(getattr(self, name)))

    __setstate__ = restore

    @classmethod
    def _arrays(cls) -> list[str]:
        return [field.name for field in fields(cls) if field.name != "rule"]

    def __repr__(self) -> str:
        return (
            f"<Trajectory of {self.n} tokens of dimension {self.dim} through {self.layers} layers, "
            f"{len(self.leaders())} leaders at the last>"
        )

    @property
    def n(self) -> int:
        """How many tokens."""
        return len(self.point_of)

    @property
    def dim(self) -> int:
        """The dimension d of the tokens."""
        return int(self.points.shape[2])

    @property
    def layers(self) -> int:
        """How many layers K."""
        return len(self.points) - 1

    @cached_property
    def positions(self) -> Array:
        """Positions of all tokens at all layers, (layers + 1, n, d)."""
        return read_only(self.points[:, self.point_of])

    @cached_property
    def means(self) -> Array:
        """The weighted mean of the tokens at each layer, (layers + 1, d); NaN when there is no token."""
        sums = np.bincount(self.point_of, self.weights, minlength=self.points.shape[1])
        m, count = len(sums), len(self.points)
        found = np.full((count, self.dim), 0.0 if m else np.nan, self.points.dtype)
        weights, offsets = np.tile(sums.astype(found.dtype), count), np.arange(count + 1) * m
        set_means(weights, offsets, np.concatenate(self.points), found)
        return read_only(found)

    @property
    def frozen_at(self) -> int | None:
        """The layer from which no token can change whom it follows; None if that was not seen."""
        return None if (self.settled_at < 0).any() else int(self.settled_at.max(initial=0))

    @property
    def status(self) -> Status:
        """How the motion ended."""
        if not np.isfinite(self.points[-1]).all():
            return Status.NOT_FINITE
        return Status.NOT_FROZEN if self.frozen_at is None else Status.FROZEN

    @property
    def ended(self) -> str:
        """How the motion ended, in words."""
        when = {
            Status.FROZEN: f"Frozen at layer {self.frozen_at}. ",
            Status.NOT_FROZEN: f"All {self.layers} layers were used. ",
        }
        return when.get(self.status, "") + self.status.sentence

    def follows(self, layer: int) -> npt.NDArray[np.int64]:
        """Return for each token the first token that it follows at `layer`, (n,).

        Parameters
        ----------
        layer : int
            0 to K; negative layers count from the end.

        Examples
        --------
        >>> from hardmax.dynamics import simulate
        >>> simulate([[1.0, 0.0], [0.5, 0.1]], layers=1).follows(0)
        array([0, 0])
        """
        points: Array = self.first[self.layer_number(layer)][self.point_of]
        return self._token_of_point[points]

    def followed(self, layer: int) -> list[npt.NDArray[np.int64]]:
        """Return for each token all tokens C_i that it follows at `layer`, ties and repeats included.

        Examples
        --------
        >>> from hardmax.dynamics import simulate
        >>> simulate([[1.0, 1.0], [1.0, -1.0], [0.5, 0.0]], layers=1).followed(0)
        [array([0]), array([1]), array([0, 1])]
        """
        order = np.argsort(self.point_of, kind="stable")
        members = np.split(order, np.cumsum(np.bincount(self.point_of, minlength=self.points.shape[1]))[:-1])
        per_point = [
            np.sort(np.concatenate([members[p] for p in points]))
            for points in self._followed_points(self.layer_number(layer))
        ]
        return [per_point[p] for p in self.point_of]

    def leaders(self, layer: int = -1) -> npt.NDArray[np.int64]:
        """Return one token for each distinct leader position at `layer`, ascending, (m,).

        A leader follows its own position alone (arXiv 2407.01602); repeats of a
        token are members of one leader, named by the first of them.

        Examples
        --------
        >>> from hardmax.dynamics import simulate
        >>> simulate([[1.0, 0.0], [1.0, 0.0], [0.5, 0.1]], layers=1).leaders()
        array([0])
        """
        k = self.layer_number(layer)
        own = np.arange(self.points.shape[1])
        leads = (self.ties[k] == 1) & (self.first[k] == own)
        for p in np.flatnonzero((self.ties[k] > 1) & (self.first[k] == own)):
            leads[p] = (self.points[k][self._followed_at(k, int(p))] == self.points[k, p]).all()
        found = np.flatnonzero(leads)
        if not self.rule.merges_equal_tokens and len(found):  # several may lead at one position
            found = found[np.sort(np.unique(self.points[k, found], axis=0, return_index=True)[1])]
        return self._token_of_point[found]

    def clusters(self, layer: int = -1) -> npt.NDArray[np.int64]:
        """Label the tokens by whom they follow at `layer`, (n,): equal labels for equal C_i.

        Once the trajectory is frozen, each label is one point of the limit. Labels count from 0 in
        the order of the tokens.

        Examples
        --------
        >>> from hardmax.dynamics import simulate
        >>> simulate([[1.0, 0.0], [-1.0, 0.0], [0.5, 0.1]], layers=1).clusters()
        array([0, 1, 0])
        """
        keys = [points.tobytes() for points in self._followed_points(self.layer_number(layer))]
        labels: dict[bytes, int] = {}
        of_point = np.array([labels.setdefault(key, len(labels)) for key in keys], dtype=np.int64)
        return of_point[self.point_of]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the trajectory to a NumPy ``.npz`` file, without pickle.

        Raises
        ------
        InputError
            When the file cannot be written, or a parameter of the rule is no number, string or array.
        """
        write_trajectory(path, self.rule, {name: getattr(self, name) for name in self._arrays()})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Trajectory":
        """Read a trajectory that `save` wrote.

        The class of a rule of your own is taken from its module, which is imported when its source defines
        that class. Where the class is not found, the trajectory has the parameters of the rule and its name.

        Raises
        ------
        InputError
            When there is no such file, or it is cut off or holds something else.
        """
        rule, arrays = read_trajectory(path, cls._arrays())
        return cls(rule=rule, **arrays)

    @cached_property
    def _token_of_point(self) -> npt.NDArray[np.int64]:
        """The first token at each point."""
        return read_only(np.unique(self.point_of, return_index=True)[1].astype(np.int64))

    def layer_number(self, layer: int) -> int:
        """Return the number of a layer, 0 to K, where negative ones count from the end."""
        count = len(self.points)
        if isinstance(layer, bool) or not isinstance(layer, int | np.integer) or not -count <= layer < count:
            raise InputError(
                f"there is no layer {shown(layer)}; give a whole number from 0 to {count - 1}, or from {-count} "
                "to -1 to count from the end"
            )
        return int(layer) % count

    def _followed_points(self, k: int) -> list[Array]:
        points = [self.first[k, p : p + 1].astype(np.int64) for p in range(self.points.shape[1])]
        for p in np.flatnonzero(self.ties[k] > 1):
            points[p] = self._followed_at(k, int(p))
        return points

    def _followed_at(self, k: int, p: int) -> Array:
        """C_p at layer k, which is that of the layer where p settled once it has."""
        if self.settled_at[p] >= 0:
            k = min(k, int(self.settled_at[p]))
        return self.rule.followed(self.points[k], [p])[0]
