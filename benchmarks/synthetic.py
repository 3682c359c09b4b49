"""Made-up reviews: ids of tokens that are as frequent as the words of a language."""

from __future__ import annotations

import numpy as np

from hardmax.dynamics.packing import merge_equal
from hardmax.text.bags import Bags


def language_ids(rng: np.random.Generator, reviews: int, tokens: int, words: int) -> np.ndarray:
    """Return ids from 1 to `words` - 1, (reviews, tokens), of falling frequency (Zipf)."""
    frequency = 1 / np.arange(1, words)
    return rng.choice(words - 1, (reviews, tokens), p=frequency / frequency.sum()) + 1


def bags_of(ids: np.ndarray) -> Bags:
    """Return the reviews of which `ids` (reviews, tokens) holds the tokens."""
    offsets = np.arange(len(ids) + 1) * ids.shape[1]
    points, counts, offsets, _ = merge_equal(ids.reshape(-1, 1), offsets, np.ones(ids.size, np.int64))
    return Bags(points[:, 0], counts.astype(np.float32), offsets)
