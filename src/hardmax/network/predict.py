"""The predictions of a network: logits, probabilities, loss and accuracy of texts.

The layers of `hardmax.dynamics`, the same as behind `hardmax.simulate`, move the tokens in float64, and their
mean is decoded in one order of operations. So the logits of a text do not depend on the texts
beside it, on the number of threads, or on whether the text is predicted or explained.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from scipy.special import expit, softmax
from torch import Tensor

from hardmax._support.threads import on_threads
from hardmax.dynamics.packing import TokenSets, merge_equal, set_means
from hardmax.dynamics.simulation import last_points
from hardmax.network.network import HardmaxNetwork
from hardmax.text.bags import Bags

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

#: Texts that go through a network at once: few enough for their tokens to stay in the cache.
_BATCH = 128


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Keep torch's own operations to one thread inside the block.

    They are small here, the threads that torch keeps waiting for them would take the processors
    from those of the kernels, and sums come out the same bits for any number of threads.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@one_torch_thread()
def logits(network: HardmaxNetwork, bags: Bags, temperature: float | None = None) -> Floats:
    """Return the logits of all texts of `bags`, (S, outputs).

    Parameters
    ----------
    network : HardmaxNetwork
        The network.
    bags : Bags
        S texts; the mean of one without tokens is the origin.
    temperature : float, optional
        0 for hardmax layers, greater for softmax layers; the network's own when not given.
    """

    def of(batch: Bags) -> Floats:
        return network.decoder.logits(_means(network, batch, temperature))

    empty = np.empty((0, network.decoder.out_features))
    return np.concatenate([empty, *on_threads(of, bags.batches(_BATCH))])


def _means(network: HardmaxNetwork, bags: Bags, temperature: float | None) -> Floats:
    """Return the mean of the tokens of each text after the last layer, (S, d)."""
    weights = bags.counts.astype(np.float64)
    points, weights, offsets, _ = merge_equal(network.points(bags), bags.offsets, weights)
    sets = TokenSets(points, weights, offsets)
    end = last_points(sets, network.rule(temperature), network.attention.layers)
    means = np.zeros((len(bags), end.shape[1]))
    set_means(weights, offsets, end, means)
    return means


def probabilities_of(logits: Floats) -> Floats:
    """Return the probability of each class, (n, C), from logits (n, 1) of two classes or (n, C) of more."""
    if logits.shape[1] == 1:
        return np.hstack([expit(-logits), expit(logits)])
    return np.asarray(softmax(logits, axis=1))


def score(logits: Floats, labels: Labels) -> tuple[float, float]:
    """Return the mean loss and the accuracy of logits (S, outputs)."""
    found = torch.from_numpy(logits)
    return float(loss_of(found, labels)), correct(found, labels) / len(labels)


def loss_of(logits: Tensor, labels: Labels, importance: npt.NDArray[np.float32] | None = None) -> Tensor:
    """Return the mean cross-entropy of texts, binary for one output; `importance` multiplies that of each."""
    targets = torch.from_numpy(labels).to(logits.device)
    if logits.shape[1] == 1:
        losses = F.binary_cross_entropy_with_logits(logits[:, 0], targets.to(logits.dtype), reduction="none")
    else:
        losses = F.cross_entropy(logits, targets, reduction="none")
    if importance is None:
        return losses.mean()
    return (losses * torch.from_numpy(importance).to(losses)).mean()


def likeliest(logits: npt.NDArray[np.floating]) -> Labels:
    """Return the number of the likeliest class of each text, (S,)."""
    return np.asarray((logits[:, 0] > 0) if logits.shape[1] == 1 else logits.argmax(axis=1), np.int64)


def correct(logits: Tensor, labels: Labels) -> int:
    """Return how many texts have their label as the likeliest class."""
    return int((likeliest(logits.detach().cpu().numpy()) == labels).sum())
