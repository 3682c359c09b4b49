"""`Trajectory`: where every token was at every layer, and whom it followed."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from hardmax.dynamics import kernels
from hardmax.dynamics.rules import Hardmax, Rule, Softmax
from hardmax.dynamics.packing import powers_of_two
from hardmax.errors import InputError
from hardmax._support.files import replacing

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The motion of one set of n tokens through K layers, as `simulate` gives it.

    Tokens at the same place at the start stay together, so the arrays below hold the m distinct
    points; the methods speak of all n tokens.

    Attributes
    ----------
    rule : Hardmax or Softmax
        The rule that moved the tokens.
    points : (K + 1, m, d) array
        Positions of the distinct points, in the order in which they first appear.
    first, ties : (K + 1, m) int arrays
        The first point that each point follows, and how many it follows.
    targets : (m, d) array
        What each point is drawn to at layer K.
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

    _arrays: ClassVar[tuple[str, ...]] = (
        "points",
        "first",
        "ties",
        "targets",
        "point_of",
        "weights",
        "settled_at",
    )

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
        return self.points[:, self.point_of]

    @cached_property
    def means(self) -> Array:
        """The weighted mean of the tokens at each layer, (layers + 1, d); NaN when there is no token."""
        if self.n == 0:
            return np.full((self.layers + 1, self.dim), np.nan, self.points.dtype)
        means: Array = np.average(self.positions, axis=1, weights=self.weights)
        return means

    @property
    def frozen_at(self) -> int | None:
        """The layer from which nobody can ever change whom they follow; None if that was not seen."""
        return None if (self.settled_at < 0).any() else int(self.settled_at.max(initial=0))

    @property
    def ended(self) -> str:
        """How the motion ended, in a sentence."""
        if not np.isfinite(self.points[-1]).all():
            return (
                "The positions are no longer finite: the tokens or alpha are too large for the temperature."
            )
        if self.frozen_at is None:
            return f"All {self.layers} layers were used; tokens may still change whom they follow."
        return f"Frozen at layer {self.frozen_at}: from there on nobody changes whom they follow."

    def follows(self, layer: int) -> npt.NDArray[np.int64]:
        """Give for each token the first token that it follows at `layer`, (n,).

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
        """Give for each token all tokens C_i that it follows at `layer`, ties and repeats included.

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
        """Give one token for each distinct leader position at `layer`, ascending, (m,).

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
        return self._token_of_point[np.flatnonzero(leads)]

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
            When the file cannot be written.
        """
        rule: dict[str, Any] = {"rule": type(self.rule).__name__}
        rule |= {
            key: value.tolist() if isinstance(value, np.ndarray) else value
            for key, value in vars(self.rule).items()
        }
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(
                file, about=np.array(json.dumps(rule)), **{name: getattr(self, name) for name in self._arrays}
            )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Trajectory:
        """Read a trajectory that `save` wrote.

        Raises
        ------
        InputError
            When there is no such file, or it is cut off or holds something else.
        """
        try:
            with np.load(Path(path), allow_pickle=False) as file:
                about = json.loads(str(file["about"]))
                arrays = {name: file[name] for name in cls._arrays}
            rule = {"Hardmax": Hardmax, "Softmax": Softmax}[about.pop("rule")](**about)
            loaded = cls(rule=rule, **arrays)
            loaded._check()
        except FileNotFoundError:
            raise InputError(f"there is no file {path}; give one that a trajectory was saved to") from None
        except (
            OSError,
            ValueError,
            KeyError,
            EOFError,
            TypeError,
            AttributeError,
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
        ) as error:
            raise InputError(f"{path} is not a trajectory, or is cut off ({error})") from error
        return loaded

    def _check(self) -> None:
        """Refuse arrays of a file that do not fit together."""
        if self.points.ndim != 3 or self.points.dtype not in (np.float32, np.float64):
            raise InputError(f"points are {self.points.dtype} of shape {self.points.shape}")
        layers, m, dim = self.points.shape
        shapes = {
            "first": (layers, m),
            "ties": (layers, m),
            "targets": (m, dim),
            "point_of": (self.point_of.size,),
            "weights": (self.point_of.size,),
            "settled_at": (m,),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise InputError(f"{name} has shape {getattr(self, name).shape}, not {shape}")
        if layers == 0 or len(np.unique(self.point_of)) != m:
            raise InputError("no layers, or points without a token")
        for rows in (self.first, self.point_of):
            if rows.dtype.kind != "i" or not ((rows >= 0) & (rows < m)).all():
                raise InputError("it names points that are not there")
        self.rule.matrix(dim)

    @cached_property
    def _token_of_point(self) -> npt.NDArray[np.int64]:
        """The first token at each point."""
        return np.unique(self.point_of, return_index=True)[1].astype(np.int64)

    def layer_number(self, layer: int) -> int:
        """Give the number of a layer, 0 to K, where negative ones count from the end.

        Raises
        ------
        InputError
            When there is no such layer.
        """
        count = len(self.points)
        if isinstance(layer, bool) or not isinstance(layer, int | np.integer) or not -count <= layer < count:
            raise InputError(
                f"there is no layer {layer!r}; give a whole number from 0 to {count - 1}, or from {-count} "
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
        Z = np.ascontiguousarray(self.points[k])
        Z = Z / Z.dtype.type(powers_of_two(np.abs(Z).max()))
        A = self.rule.matrix(self.dim)
        A = (A / powers_of_two(np.abs(A).max())).astype(Z.dtype)
        found: Array = kernels.followed(Z, A, 0, len(Z), p, Z.dtype.type(self.rule.tolerance(Z.dtype)))
        return found
