"""The machine and the versions of packages with which numbers were computed."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numba
import torch

PACKAGES = ("hardmax", "numpy", "numba", "scipy", "torch", "scikit-learn", "pandas", "matplotlib", "nltk")


def machine() -> dict[str, str]:
    """Return the processor, the system, the numbers of threads and the versions, for people to read."""
    return {
        "Processor": f"{_processor()}, {os.cpu_count()} cores",
        "System": platform.platform(),
        "Threads": f"{numba.get_num_threads()} (numba), {torch.get_num_threads()} (torch)",
        "Python": platform.python_version(),
        "Packages": ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name))),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
