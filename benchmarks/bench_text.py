"""The paper's text pipeline on the real reviews, against NLTK review by review."""

from __future__ import annotations

import os
from collections.abc import Iterator

from baselines import reference
from hardmax.data.sources import read_reviews
from hardmax.text.pipelines import words_of
from timing import Comparison, compare

PART = 2_000


def comparisons() -> Iterator[Comparison]:
    """Compare all reviews on two processes with a part of them through NLTK, scaled."""
    texts = read_reviews(os.environ["HARDMAX_DATA"]).texts
    judge = reference().paper_pipeline()
    part = texts[:: len(texts) // PART][:PART]
    if words_of(part, "paper") != [judge(text) for text in part]:
        raise SystemExit("the words are not the same")
    yield compare(
        f"the paper's text pipeline, {len(texts):,} reviews, 2 processes",
        f"NLTK review by review (on {PART:,} reviews, scaled)",
        10,
        lambda: words_of(texts, "paper", processes=2),
        lambda: [judge(text) for text in part],
        repeats=3,
        scale=len(texts) / PART,
    )
