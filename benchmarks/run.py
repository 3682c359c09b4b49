"""Run the benchmarks, print their ratios, and write them to benchmarks/results/ as JSON.

Usage: python benchmarks/run.py [layers] [predict] [text] [animation] [training]

Both sides of a row run in turn in one process; a row's ratio is the median of the ratios of the
pairs. The text row needs the real reviews in HARDMAX_DATA and NLTK's word lists. Leave the
machine alone meanwhile.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import torch

from hardmax._support.files import write_json
from hardmax._support.machine import machine
from hardmax._support.threads import using_threads
from timing import Comparison

NAMES = ("layers", "predict", "text", "animation", "training")
RESULTS = Path(__file__).parent / "results"
THREADS = 2


def comparisons(name: str) -> Iterator[Comparison]:
    """Yield the rows of one benchmark, as they are measured."""
    if name == "text" and "HARDMAX_DATA" not in os.environ:
        print("text: left out, because HARDMAX_DATA names no folder of the real reviews")
        return
    yield from importlib.import_module(f"bench_{name}").comparisons()


def main(names: list[str]) -> None:
    """Measure and print the rows of the named benchmarks, all without names."""
    unknown = set(names) - set(NAMES)
    if unknown:
        raise SystemExit(f"there is no benchmark {unknown.pop()!r}; give some of {', '.join(NAMES)}")
    torch.set_num_threads(THREADS)
    with using_threads(THREADS):
        about = machine()
        print(f"{about['cpu']}, {about['cores']} cores, {about['threads']} threads")
        for name in names or NAMES:
            rows = [measured(row) for row in comparisons(name)]
            if rows:
                RESULTS.mkdir(exist_ok=True)
                write_json(RESULTS / f"{name}.json", {"machine": about, "rows": rows})


def measured(row: Comparison) -> dict[str, object]:
    """Print a row, and return it as plain data."""
    print(f"{row.name}: {row.ours_seconds:.3g} s; {row.against}: {row.theirs_seconds:.3g} s")
    found = f"    {row.ratio:.3g} x ({row.lowest:.3g} to {row.highest:.3g})"
    if row.at_least is not None:
        verdict = "reached" if row.ratio >= row.at_least else "NOT REACHED"
        found += f"; at least {row.at_least:g} x: {verdict}"
    print(found, flush=True)
    return asdict(row)


if __name__ == "__main__":
    main(sys.argv[1:])
