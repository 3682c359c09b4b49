"""A training epoch, optimiser and all, against dense torch softmax layers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from baseline_training import DenseClassifier, train_batches
from hardmax.network import HardmaxNetwork
from hardmax.training import PRESETS, Examples
from hardmax.training.loop import train
from synthetic import bags_of, language_ids
from timing import Comparison, compare

WORDS, TOKENS, REVIEWS, BATCH = 120_000, 128, 25_000, 64


def comparisons() -> Iterator[Comparison]:
    """Compare at d = 2 and 16, hardmax and temperature 0.001."""
    rng = np.random.default_rng(0)
    ids = language_ids(rng, REVIEWS, TOKENS, WORDS)
    labels = rng.integers(0, 2, REVIEWS)
    examples = Examples(bags_of(ids), labels)
    padded, targets = torch.from_numpy(ids), torch.from_numpy(labels).float()
    for dim, temperature, at_least in ((2, 0.0, 20), (2, 1e-3, 6), (16, 0.0, 6), (16, 1e-3, 3)):
        # Epochs from 1 on, without the hardmax loss that the paper's training measures every tenth epoch.
        settings = PRESETS["paper"].replace(dim=dim, temperature=temperature, epochs=1, batch_size=BATCH)
        network = HardmaxNetwork(WORDS, settings.shape)
        dense = DenseClassifier(WORDS, dim)
        layers = "hardmax" if temperature == 0 else f"temperature {temperature}, fused"
        yield compare(
            f"training epoch, d = {dim}, {layers}",
            "dense torch softmax, temperature 0.001",
            at_least,
            lambda network=network, training=settings.training: train(network, examples, training),
            lambda dense=dense: train_batches(dense, padded, targets),
            repeats=3,
        )
