"""The page docs/peers.md: all its numbers are computed here, and its words are in the template."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hardmax.reports.pages import render

TEMPLATE = Path(__file__).with_name("peers.md.j2")
MEASURES = ("accuracy", "best_accuracy", "alpha", "bytes", "leaders", "clustering_strength")


def page(record: Mapping[str, Any]) -> str:
    """Return the page of a record, what ``results.json`` holds, as Markdown."""
    rows = [summary(row) for row in record["rows"]]
    lengths = dict.fromkeys(row["reads"] for row in rows)
    accuracy, tests = max(row["accuracy"] for row in rows), record["reviews"]["test"]
    return render(
        TEMPLATE,
        rows=rows,
        by_key={reads: {row["row"]: row for row in rows if row["reads"] == reads} for reads in lengths},
        described={row["name"]: row["settings"] for row in rows if isinstance(row["settings"], str)},
        highest=accuracy,
        standard_error=math.sqrt(accuracy * (1 - accuracy) / tests),
        reviews=record["reviews"],
        repeats=record["repeats"],
        machine=record["machine"],
    )


def summary(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with the means over its training runs, NaN where there is no such number.

    Times are those of the first run, which had the machine to itself.
    """
    runs = row["runs"]
    seeds = [run["seed"] for run in runs if run["seed"] is not None]
    columns = {name: np.array([run.get(name, np.nan) for run in runs], np.float64) for name in MEASURES}
    return {
        **row,
        **{name: float(values.mean()) for name, values in columns.items()},
        **{f"{name}_std": float(values.std(ddof=1)) for name, values in columns.items() if len(runs) > 1},
        "seeds": len(seeds) or None,
        "best_epochs": [run["best_epoch"] for run in runs if "best_epoch" in run],
        "train_seconds": runs[0]["train_seconds"],
        "predict_seconds": runs[0]["predict_seconds"],
        "has_layers": "alpha" in runs[0],
    }
