"""Random texts as bags of token ids, for networks that need no words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hardmax.text.bags import Bags


def _random_bags(sizes: list[int], tokens: int, seed: int = 0) -> Bags:
    rng = np.random.default_rng(seed)
    ids = [rng.choice(tokens, size, replace=False) for size in sizes]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    counts = rng.integers(1, 4, int(offsets[-1])).astype(np.float32)
    return Bags(np.concatenate([np.empty(0, np.int64), *ids]), counts, offsets)


@pytest.fixture(scope="session")
def random_bags() -> Callable[..., Bags]:
    """Make texts of these numbers of distinct tokens out of `tokens`, each counting 1 to 3 times."""
    return _random_bags
