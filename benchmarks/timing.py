"""Timing two ways of doing the same work, in turn, in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """What was measured of one row of the table, and the ratio that it has to reach, if any."""

    name: str
    against: str
    at_least: float | None
    ours_seconds: float
    theirs_seconds: float
    ratio: float
    lowest: float
    highest: float


def compare(
    name: str,
    against: str,
    at_least: float | None,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    repeats: int = 5,
    scale: float = 1.0,
) -> Comparison:
    """Run both in turn `repeats` times after one run that does not count; return medians and ratios.

    Parameters
    ----------
    scale : float
        How many times more work `ours` does in a call than `theirs`; the time of `theirs` is multiplied.
    """

    def seconds(work: Callable[[], object]) -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    ours(), theirs()
    pairs = [(seconds(ours), seconds(theirs) * scale) for _ in range(repeats)]
    ratios = [slow / fast for fast, slow in pairs]
    return Comparison(
        name,
        against,
        at_least,
        statistics.median(fast for fast, _ in pairs),
        statistics.median(slow for _, slow in pairs),
        statistics.median(ratios),
        min(ratios),
        max(ratios),
    )
