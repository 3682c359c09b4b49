"""From one row a cell to one row for the cells that differ in the seed alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from hardmax.experiments.paper.tables import Table

_CELL = ("training", "d", "alpha")


def summary_of(rows: Sequence[dict[str, Any]]) -> Table:
    """Give mean and standard deviation over the seeds of all that was measured.

    Parameters
    ----------
    rows : list of dict
        Of ``study.csv``, cells that differ in the seed alone one after another.

    Returns
    -------
    list of dict
        `training`, `d`, `alpha`, `seeds` (how many), and of each measure `x_mean` and `x_std`, the standard
        deviation of a sample; None where a seed has no number, and the deviation for one seed.

    Examples
    --------
    >>> cell = {"training": "free", "d": 2, "alpha": 1}
    >>> rows = summary_of([{**cell, "seed": 0, "leaders": 2.0}, {**cell, "seed": 1, "leaders": 4.0}])
    >>> rows[0]["leaders_mean"], rows[0]["leaders_std"]
    (3.0, 1.414214)
    """
    summary = []
    for cell, of_seeds in groupby(rows, key=lambda row: tuple(row[name] for name in _CELL)):
        group = list(of_seeds)
        row: dict[str, Any] = {**dict(zip(_CELL, cell, strict=True)), "seeds": len(group)}
        for name in group[0]:
            if name not in (*_CELL, "seed"):
                values = np.array([each[name] for each in group], dtype=np.float64)  # None becomes NaN
                row[f"{name}_mean"] = _number(values.mean())
                row[f"{name}_std"] = _number(values.std(ddof=1)) if len(values) > 1 else None
        summary.append(row)
    return summary


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)
