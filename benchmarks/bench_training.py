"""A training epoch, optimiser and all, against dense torch softmax layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from baseline_training import DenseClassifier, train_batches
from hardmax.dynamics.merging import merge_equal
from hardmax.text.bags import Corpus
from hardmax.network.network import SentimentModel
from hardmax.training.settings import PRESETS
from hardmax.training.loop import train
from timing import Comparison, compare

WORDS, TOKENS, REVIEWS, BATCH = 120_000, 128, 25_000, 64


def synthetic_reviews(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Give word ids (REVIEWS, TOKENS) of the frequencies of a language (Zipf), and labels."""
    rng = np.random.default_rng(seed)
    share = 1 / np.arange(1, WORDS)
    return rng.choice(WORDS - 1, (REVIEWS, TOKENS), p=share / share.sum()) + 1, rng.integers(0, 2, REVIEWS)


def comparisons() -> Iterator[Comparison]:
    """Compare at d = 2 and 16, hardmax and temperature 0.001."""
    ids, labels = synthetic_reviews()
    starts = np.arange(REVIEWS + 1) * TOKENS
    points, counts, offsets, _ = merge_equal(ids.reshape(-1, 1), starts, np.ones(ids.size, np.int64))
    corpus = Corpus(points[:, 0], counts.astype(np.float32), offsets, labels)
    padded, targets = torch.from_numpy(ids), torch.from_numpy(labels).float()
    for dim, temperature, at_least in ((2, 0.0, 20), (2, 1e-3, 6), (16, 0.0, 6), (16, 1e-3, 3)):
        # Epochs from 1 on, without the hardmax loss that the paper's training measures every tenth epoch.
        settings = replace(PRESETS["paper"], dim=dim, temperature=temperature, epochs=1, batch_size=BATCH)
        model = SentimentModel(WORDS, settings)
        dense = DenseClassifier(WORDS, dim)
        layers = "hardmax" if temperature == 0 else f"temperature {temperature}, fused"
        yield compare(
            f"training epoch, d = {dim}, {layers}",
            "dense torch softmax, temperature 0.001",
            at_least,
            lambda model=model, settings=settings: train(model, settings, corpus),
            lambda dense=dense: train_batches(dense, padded, targets),
            repeats=3,
        )
