"""Whom each token follows, with one name for each place at all layers; without matplotlib."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardmax.dynamics import Trajectory

Ints = NDArray[np.int64]

_SAME_PLACE = 1e-6  # closer than this fraction of the extent of all tokens, two places look like one


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
        for k in range(layer + 1):
            heads, group = np.unique(trajectory.follows(k), return_inverse=True)
            names = np.array([_first_there(positions, k, head, tolerance) for head in heads])
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


def _first_there(positions: NDArray[np.floating], layer: int, token: int, tolerance: float) -> int:
    """Return the token that has been longest where `token` is at `layer`."""
    here = positions[layer, token]
    there = np.arange(positions.shape[1])
    for k in range(layer, -1, -1):
        still = there[np.abs(positions[k, there] - here).max(axis=1) <= tolerance]
        if len(still) == 0:
            break
        there = still
    return int(there[0])
