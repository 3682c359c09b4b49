"""Following the tokens of many texts through a network."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from hardmax.dynamics import Trajectory, simulate
from hardmax.network.network import HardmaxNetwork
from hardmax.text.bags import Bags

#: Texts whose trajectories are in memory at once.
_BATCH = 512


def trajectories(
    network: HardmaxNetwork, bags: Bags, temperature: float | None = None
) -> Iterator[tuple[npt.NDArray[np.int64], Trajectory]]:
    """Yield the ids of the distinct tokens of each text, and their motion.

    The layers are those that predict, in `hardmax.network.predict`: the mean of the last one is the point
    that the network decodes, to the last bit.

    Parameters
    ----------
    network : HardmaxNetwork
        The network.
    bags : Bags
        The texts.
    temperature : float, optional
        0 for hardmax layers, greater for softmax layers; the network's own when not given.
    """
    rule, layers = network.rule(temperature), network.attention.layers
    for batch in bags.batches(_BATCH):
        weights = batch.split(batch.counts.astype(np.float64))
        found: list[Trajectory] = simulate(batch.split(network.points(batch)), rule, layers, weights)
        yield from zip(batch.split(batch.ids), found, strict=True)
