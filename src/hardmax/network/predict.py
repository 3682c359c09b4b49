"""Every prediction: one forward pass in float64, for predicting, explaining, drawing and counting.

A text is cut into words (`words_of`), which become tokens (`Bags.build`). `forward` takes these through the
layers by the code of `hardmax.simulate`, and decodes their mean; `probabilities_of` makes probabilities of
the logits. So does `HardmaxClassifier.predict_proba`, by `TrainedModel.logits` and `logits_of`, and so does
`Explanation.probability`, by `explain_document`. The result depends neither on the texts beside it, nor on
the number of threads, nor on what is asked for.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.special import expit, softmax

from hardmax._support.threads import on_threads
from hardmax.dynamics import Trajectory
from hardmax.dynamics.packing import pack
from hardmax.dynamics.simulation import Layers, run_layers
from hardmax.network.network import HardmaxNetwork
from hardmax.text.bags import Bags

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

#: Texts that go through a network at once, few enough for their tokens to stay in the cache; and coordinates
#: of one token of each at all layers, for fewer texts where a network is large.
_BATCH, _COORDINATES = 128, 2**15


def forward(
    network: HardmaxNetwork, bags: Bags, temperature: float | None = None, last_only: bool = False
) -> tuple[Layers, Floats]:
    """Move the tokens of all texts of `bags` through the layers of `network`, and decode their means.

    Parameters
    ----------
    network, bags
        The network, and S texts.
    temperature : float, optional
        0 for hardmax layers, greater for softmax layers; the network's own when not given.
    last_only : bool
        Whether the last layer alone is kept.

    Returns
    -------
    layers, logits : Layers, (K + 1, S, outputs) array
        The tokens, and the logits of the mean of each text, at each layer, or at the last one alone.
    """
    rule = network.rule(temperature)
    sets = pack(network.points(bags), bags.counts.astype(np.float64), bags.offsets, rule.merges_equal_tokens)
    layers = run_layers(sets, rule, network.attention.layers, last_only)
    return layers, np.array([network.decoder.logits(means) for means in layers.means()])


def logits_of(network: HardmaxNetwork, bags: Bags, temperature: float | None = None) -> Floats:
    """Return the logits of all texts of `bags` at the last layer, (S, outputs); see `forward`."""

    def last(batch: Bags) -> Floats:
        _, logits = forward(network, batch, temperature, last_only=True)
        return logits[-1, :]

    empty = np.empty((0, network.decoder.out_features))
    return np.concatenate([empty, *on_threads(last, _batches(network, bags))])


def trajectories(
    network: HardmaxNetwork, bags: Bags, temperature: float | None = None
) -> Iterator[tuple[npt.NDArray[np.int64], Trajectory]]:
    """Yield the ids of the distinct tokens of each text, and their motion; see `forward`."""
    for batch in _batches(network, bags):
        layers, _ = forward(network, batch, temperature)
        yield from zip(batch.split(batch.ids), layers.trajectories(), strict=True)


def _batches(network: HardmaxNetwork, bags: Bags) -> Iterator[Bags]:
    path = network.encoder.embedding_dim * (network.attention.layers + 1)
    return bags.batches(max(1, min(_BATCH, _COORDINATES // path)))


def probabilities_of(logits: Floats) -> Floats:
    """Return the probability of each class, (n, C), from logits (n, 1) of two classes or (n, C) of more."""
    if logits.shape[1] == 1:
        return np.hstack([expit(-logits), expit(logits)])
    return np.asarray(softmax(logits, axis=1))


def likeliest(logits: npt.NDArray[np.floating]) -> Labels:
    """Return the number of the likeliest class of each text, (S,)."""
    return np.asarray((logits[:, 0] > 0) if logits.shape[1] == 1 else logits.argmax(axis=1), np.int64)
