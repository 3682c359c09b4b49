"""Predicting many reviews in float64, against float32; explaining one, against plain loops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from baselines import reference
from hardmax.classifier import load
from hardmax.data.sample import sample_reviews
from hardmax.network import HardmaxNetwork, Shape
from hardmax.network.predict import logits_of
from hardmax.training.loop import one_torch_thread
from synthetic import bags_of, language_ids
from timing import Comparison, compare

WORDS, REVIEWS, TOKENS, BATCH = 120_000, 15_000, 128, 1_024


def comparisons() -> Iterator[Comparison]:
    """Compare the prediction of all reviews, then the explanation of one text."""
    rng = np.random.default_rng(0)
    bags = bags_of(language_ids(rng, REVIEWS, TOKENS, WORDS))
    network = HardmaxNetwork(WORDS, Shape(alpha=1.0, encoder="free"))

    @torch.no_grad()
    @one_torch_thread()
    def in_float32() -> None:
        for batch in bags.batches(BATCH):
            network(batch)

    yield compare(
        f"predicting {REVIEWS:,} reviews of {TOKENS} tokens, d = 2",
        "the layers of the training, in float32",
        None,
        lambda: logits_of(network, bags),
        in_float32,
    )
    classifier = load("imdb-d2")
    text = " ".join(" ".join(sample_reviews().texts).split()[:TOKENS])
    start = classifier.explain(text).trajectory.positions[0]
    judge = reference()
    yield compare(
        f"explaining a text of {TOKENS} words with imdb-d2",
        "plain loops through the layers alone",
        None,
        lambda: classifier.explain(text),
        lambda: judge.simulate(start, 1.0, 8),
    )
