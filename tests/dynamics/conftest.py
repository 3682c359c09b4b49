"""Makes rules/toy_rules.py a module that the tests of this folder can import."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("toy_rules", Path(__file__).parent / "rules" / "toy_rules.py")
assert _spec is not None and _spec.loader is not None
sys.modules["toy_rules"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sys.modules["toy_rules"])
