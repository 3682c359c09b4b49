"""`Gradient`: one step's gradient, which costs what the words of the batch cost, not the vocabulary."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hardmax.classifier import kernels
from hardmax.text.bags import Corpus
from hardmax.network.network import SentimentModel


class Gradient:
    """The gradients of a model on the CPU, kept in buffers that are zero between steps.

    A batch has some thousand of the hundred thousand rows of the embedding: filling, summing and clipping
    the whole table would take longer than the layers do. The numbers are those of plain torch.

    Parameters
    ----------
    model : SentimentModel
        Its parameters get their gradients from here.
    """

    def __init__(self, model: SentimentModel) -> None:
        weight = model.encoder.weight
        self._model = model
        self._others = [p for p in model.parameters() if p is not weight]
        self._table = np.zeros(weight.shape, np.float32)
        self._touched = np.zeros(len(weight), np.bool_)
        weight.grad = torch.from_numpy(self._table)

    def tokens(self, corpus: Corpus) -> Tensor:
        """Give the embeddings of the words of a batch, (N, d), as a leaf of the graph."""
        return F.embedding(torch.from_numpy(corpus.ids), self._model.encoder.weight.detach()).requires_grad_()

    def collect(self, tokens: Tensor, corpus: Corpus, clip: float) -> None:
        """After a backward pass through `tokens`, fill the gradients and clip their norm."""
        assert tokens.grad is not None
        if self._model.on_lines:  # the other coordinates are no weights
            for grad in (tokens.grad, self._model.decoder.weight.grad):
                if grad is not None:
                    grad[:, 1:] = 0
        rows = np.ascontiguousarray(tokens.grad.numpy())
        self._distinct, square = kernels.add_rows(corpus.ids, rows, self._table, self._touched)
        grads = [p.grad for p in self._others if p.grad is not None]
        norm = math.sqrt(square + sum(float(grad.square().sum()) for grad in grads))
        if norm > clip:
            factor = clip / (norm + 1e-6)
            kernels.scale_rows(self._distinct, np.float32(factor), self._table)
            for grad in grads:
                grad.mul_(factor)

    def clear(self) -> None:
        """Set all gradients to zero again."""
        kernels.scale_rows(self._distinct, np.float32(0), self._table)
        for parameter in self._others:
            parameter.grad = None
