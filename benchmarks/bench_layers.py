"""Hardmax layers for many reviews, against plain loops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from baselines import reference
from hardmax.dynamics import Hardmax
from hardmax.dynamics.packing import pack
from hardmax.dynamics.simulation import run_layers
from timing import Comparison, compare

REVIEWS, TOKENS, DIM, LAYERS, ALPHA, PART = 15_000, 128, 2, 8, 1.0, 4


def comparisons() -> Iterator[Comparison]:
    """Compare all reviews with a part of them in plain loops, scaled."""
    rng = np.random.default_rng(0)
    reviews = [rng.normal(size=(TOKENS, DIM)) for _ in range(REVIEWS)]
    starts = np.arange(REVIEWS + 1) * TOKENS
    sets = pack(np.concatenate(reviews), np.ones(REVIEWS * TOKENS), starts)
    judge = reference()
    yield compare(
        f"hardmax layers for {REVIEWS:,} reviews of {TOKENS} tokens, d = {DIM}, {LAYERS} layers",
        f"plain loops (on {PART} reviews, scaled)",
        500,
        lambda: run_layers(sets, Hardmax(ALPHA), LAYERS),
        lambda: [judge.simulate(review, ALPHA, LAYERS) for review in reviews[:PART]],
        repeats=5,
        scale=REVIEWS / PART,
    )
