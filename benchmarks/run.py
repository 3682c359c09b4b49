"""Run the benchmarks, print their ratios, and write them to benchmarks/results/ as JSON.

Usage: python benchmarks/run.py [layers] [text] [animation] [training]

Both sides of a row run in turn in one process; a row's ratio is the median of the ratios of the
pairs. The text row needs the real reviews in HARDMAX_DATA and NLTK's word lists. Leave the
machine alone meanwhile.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numba
import torch

from hardmax._support.files import write_json
from timing import Comparison

NAMES = ("layers", "text", "animation", "training")
RESULTS = Path(__file__).parent / "results"
THREADS = 2


def machine() -> dict[str, object]:
    """Describe what the numbers were measured on."""
    cpu = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].partition(":")[2].strip() if names else cpu
    packages = ("hardmax", "numpy", "numba", "torch", "nltk", "matplotlib", "pillow")
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "threads": THREADS,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in packages},
    }


def comparisons(name: str) -> Iterator[Comparison]:
    """Give the rows of one benchmark, as they are measured."""
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
    about = machine()
    print(f"{about['cpu']}, {about['cores']} cores, {THREADS} threads, numba {numba.__version__}")
    for name in names or NAMES:
        rows = []
        for row in comparisons(name):
            verdict = "reached" if row.ratio >= row.at_least else "NOT REACHED"
            print(f"{row.name}: {row.ours_seconds:.3f} s; {row.against}: {row.theirs_seconds:.3f} s")
            print(
                f"    {row.ratio:.1f} x ({row.lowest:.1f} to {row.highest:.1f}); "
                f"at least {row.at_least:g} x: {verdict}"
            )
            rows.append(asdict(row))
        if rows:
            RESULTS.mkdir(exist_ok=True)
            write_json(RESULTS / f"{name}.json", {"machine": about, "rows": rows})


if __name__ == "__main__":
    main(sys.argv[1:])
