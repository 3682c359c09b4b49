"""Rules as somebody would write them in a script of their own."""

from dataclasses import dataclass
from typing import Any

import numpy as np

import hardmax as hx


class UpToItself(hx.Rule):
    """Tokens follow themselves and those before them; nothing to set but what every rule has."""

    def scores(self, Z):
        scores = super().scores(Z)
        scores[np.triu_indices(len(Z), 1)] = -np.inf
        return scores

    def targets(self, Z, weights):
        return [np.average(Z[C], axis=0, weights=weights[C]) for C in self.followed(Z)]


@dataclass(frozen=True)
class Anchored(hx.Rule):
    """Tokens move towards a point between the mean of all tokens and an anchor."""

    anchor: Any = (1.0, 0.0)
    pull: float = 0.25

    def targets(self, Z, weights):
        mean = np.average(Z, axis=0, weights=weights)
        return np.broadcast_to((1 - self.pull) * mean + self.pull * self.anchor, Z.shape)
