"""`SparseGradient`: one step's gradient, at the cost of the batch's tokens and not of the vocabulary."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hardmax.network.network import HardmaxNetwork
from hardmax.text.bags import Bags
from hardmax.training import _kernels


class SparseGradient:
    """The gradients of the parameters of a network on the CPU, in buffers that are zero between steps.

    A batch has some thousand of the hundred thousand rows of the embedding: filling, summing and clipping
    the whole table would take longer than the layers do. The numbers are those of plain torch.
    """

    def __init__(self, network: HardmaxNetwork) -> None:
        weight = network.encoder.weight
        self._network = network
        self._others = [p for p in network.parameters() if p is not weight]
        self._table = np.zeros(weight.shape, np.float32)
        self._touched = np.zeros(len(weight), np.bool_)
        weight.grad = torch.from_numpy(self._table)

    def points(self, bags: Bags) -> Tensor:
        """Return the embeddings of the tokens of a batch, (N, d), as a leaf of the graph."""
        weight = self._network.encoder.weight.detach()
        return F.embedding(torch.from_numpy(bags.ids), weight).requires_grad_()

    def collect(self, points: Tensor, bags: Bags, clip: float) -> None:
        """After a backward pass through `points`, fill the gradients and clip their norm."""
        assert points.grad is not None
        if self._network.on_lines:  # the other coordinates are not weights
            for grad in (points.grad, self._network.decoder.weight.grad):
                if grad is not None:
                    grad[:, 1:] = 0
        rows = np.ascontiguousarray(points.grad.numpy())
        self._distinct, square = _kernels.add_rows(bags.ids, rows, self._table, self._touched)
        grads = [p.grad for p in self._others if p.grad is not None]
        norm = math.sqrt(square + sum(float(grad.square().sum()) for grad in grads))
        if norm > clip:
            factor = clip / (norm + 1e-6)
            _kernels.scale_rows(self._distinct, np.float32(factor), self._table)
            for grad in grads:
                grad.mul_(factor)

    def clear(self) -> None:
        """Set all gradients to zero again."""
        _kernels.scale_rows(self._distinct, np.float32(0), self._table)
        for parameter in self._others:
            parameter.grad = None
