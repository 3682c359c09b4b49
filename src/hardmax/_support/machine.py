"""The machine and the versions of packages with which numbers were computed."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from hardmax._support.threads import thread_count

#: The packages on which numbers, times and pictures depend.
PACKAGES = (
    "hardmax",
    "numpy",
    "numba",
    "scipy",
    "torch",
    "scikit-learn",
    "joblib",
    "nltk",
    "matplotlib",
    "pillow",
)


def machine() -> dict[str, Any]:
    """Return the processor, the system, the threads of the kernels and the versions, as plain JSON.

    Examples
    --------
    >>> list(machine())
    ['cpu', 'cores', 'system', 'threads', 'python', 'versions']
    """
    return {
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "threads": thread_count(),
        "python": platform.python_version(),
        "versions": {name: found for name in PACKAGES if (found := _version(name))},
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
