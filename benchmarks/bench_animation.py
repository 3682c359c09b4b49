"""The animation of a review, against one figure a frame through files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from baseline_animation import animate_through_files
from hardmax.dynamics import Hardmax, simulate
from hardmax.plots import animate_tokens
from timing import Comparison, compare

TOKENS, LAYERS, ALPHA = 128, 8, 1.0


def comparisons() -> Iterator[Comparison]:
    """Compare with and without trails."""
    trajectory = simulate(np.random.default_rng(0).normal(size=(TOKENS, 2)), Hardmax(ALPHA), LAYERS)
    words = [f"word{i}" for i in range(TOKENS)]
    decoder = (np.array([3.0, 1.0]), 0.1)
    for trails in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            ours, theirs = Path(folder) / "ours.gif", Path(folder) / "theirs.gif"
            yield compare(
                f"the animation of a review of {TOKENS} words{' with trails' if trails else ''}",
                "one figure a frame through files",
                3,
                lambda t=trails, p=ours: animate_tokens(
                    trajectory, p, words=words, decoder=decoder, trails=t
                ),
                lambda t=trails, p=theirs: animate_through_files(
                    trajectory, p, words=words, decoder=decoder, trails=t
                ),
                repeats=3,
            )
