"""Whom each token follows, with one name for each place at all layers; without matplotlib."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardmax.dynamics import Trajectory

Ints = NDArray[np.int64]

_SAME_PLACE = 1e-6  # closer than this fraction of the extent of all tokens, two places look like one
_SAME_POINT = 0.01  # moved by less than this fraction of that, a token has stayed


@dataclass(frozen=True)
class Following:
    """Whom the tokens follow from layer 0 to `layer`, and the colours that go with it.

    When several tokens reach one place, the token that `Trajectory.follows` names for it can change
    from one layer to the next. Here a place is named after the token that was there first, so that
    a leader keeps its word and its colour.

    Attributes
    ----------
    follows : (layer + 1, n) int array
        The token that each token follows, at each layer.
    number_of : (n,) int array
        The number of each token's own colour, counted in the order in which tokens are first
        followed; -1 for a token that is never followed.
    leaders : list of int arrays
        The leaders at each layer.
    """

    follows: Ints
    number_of: Ints
    leaders: list[Ints]

    @classmethod
    def of(cls, trajectory: Trajectory, layer: int) -> "Following":
        """Return whom the tokens follow up to `layer`, which is not negative."""
        positions = trajectory.positions
        tolerance = _SAME_PLACE * float(np.ptp(positions[0], axis=0).max())
        follows = np.empty((layer + 1, positions.shape[1]), dtype=np.int64)
        leaders = []
        places: list[_Place] = []
        for k in range(layer + 1):
            heads, group = np.unique(trajectory.follows(k), return_inverse=True)
            places = [_place_of(head, positions, k, tolerance, places) for head in heads]
            names = np.array([place.stays.argmax() for place in places])  # the first of the longest
            follows[k] = names[group]
            # A leader follows itself, so it has a name already.
            leaders.append(np.unique(follows[k, trajectory.leaders(k)]))
        tokens, first = np.unique(follows, return_index=True)
        number_of = np.full(positions.shape[1], -1)
        number_of[tokens[np.argsort(first)]] = np.arange(len(tokens))
        return cls(follows, number_of, leaders)

    def numbers(self, layer: int | slice) -> Ints:
        """Return the number of each token's colour, which is that of the token it follows."""
        return np.asarray(self.number_of[self.follows[layer]])


@dataclass(frozen=True)
class _Place:
    """A place at a layer, and for how many layers up to it each token has stayed there, (n,)."""

    point: NDArray[np.floating]
    stays: Ints


def _place_of(
    token: int, positions: NDArray[np.floating], layer: int, tolerance: float, before: list[_Place]
) -> _Place:
    """Return the place of a token, which is one of those `before`, at the last layer, unless it has moved."""
    here = positions[layer, token]
    for place in before:
        if np.abs(place.point - here).max() <= _SAME_POINT * tolerance:
            there = np.abs(positions[layer] - place.point).max(axis=1) <= tolerance
            return _Place(place.point, np.where(there, place.stays + 1, 0))
    stays = np.zeros(positions.shape[1], dtype=np.int64)
    there = np.arange(len(stays))
    for k in range(layer, -1, -1):
        there = there[np.abs(positions[k, there] - here).max(axis=1) <= tolerance]
        stays[there] += 1
        if len(there) < 2:  # the longest is known
            break
    return _Place(here, stays)
