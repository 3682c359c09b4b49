"""The plain-loop reference of the tests, for the benchmarks."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType


def reference() -> ModuleType:
    """Return the module tests/reference.py."""
    path = Path(__file__).parent.parent / "tests" / "reference.py"
    spec = importlib.util.spec_from_file_location("reference", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
