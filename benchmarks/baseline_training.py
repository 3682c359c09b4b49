"""The other side of the training benchmarks: the paper's model as plain dense torch code."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DenseClassifier(nn.Module):
    """Padded reviews through dense softmax layers; nothing is merged, nothing is skipped."""

    def __init__(self, words: int, dim: int, layers: int = 8, temperature: float = 1e-3) -> None:
        super().__init__()
        self.encoder = nn.Embedding(words, dim)
        self.alpha = nn.Parameter(torch.rand(()))
        self.decoder = nn.Linear(dim, 1)
        self.layers, self.temperature = layers, temperature

    def forward(self, ids: Tensor) -> Tensor:
        """Return the logits (B,) of reviews (B, n)."""
        Z = self.encoder(ids)
        for _ in range(self.layers):
            shares = torch.softmax(Z @ Z.transpose(1, 2) / self.temperature, dim=2)
            Z = (Z + self.alpha * (shares @ Z)) / (1 + self.alpha)
        return self.decoder(Z.mean(1))[:, 0]


def train_batches(model: DenseClassifier, ids: Tensor, labels: Tensor, batch_size: int = 64) -> None:
    """Take one optimiser step on each batch of ids (N, n), as the paper trains."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for begin in range(0, len(ids), batch_size):
        batch = slice(begin, begin + batch_size)
        loss = F.binary_cross_entropy_with_logits(model(ids[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
