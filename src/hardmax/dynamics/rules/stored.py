"""Rules as files keep them: where the class of a rule is, and its parameters."""

import ast
import importlib
import json
import sys
from dataclasses import dataclass, fields
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hardmax.dynamics.rules import RULES
from hardmax.dynamics.rules.base import Rule
from hardmax.errors import InputError

_BUILT_IN = {rule.__name__: rule for rule in RULES}
_OF_EVERY_RULE = [field.name for field in fields(Rule)]


@dataclass(frozen=True)
class StoredRule(Rule):
    """A rule whose class was not found when a trajectory was loaded: its name and parameters.

    It compares and is saved like the rule itself, but moves no tokens. Where tokens tie, it takes the scores
    to be <A z_i, z_j>. The parameters that not every rule has are in `others`, as JSON.
    """

    module: str = ""
    name: str = ""
    others: str = "{}"

    def to_dict(self) -> dict[str, Any]:
        """Return what the file kept of the rule."""
        values = {name: getattr(self, name) for name in _OF_EVERY_RULE} | json.loads(self.others)
        return {"module": self.module, "name": self.name, "values": values}

    def targets(self, Z: npt.NDArray[Any], weights: npt.NDArray[Any]) -> npt.ArrayLike:
        """Refuse to move tokens."""
        raise InputError(
            f"the class of the rule {self.name} was not found in the module {self.module}; "
            "import or define it, then load the trajectory again"
        )


def rule_of(about: dict[str, Any]) -> Rule:
    """Return the rule that `Rule.to_dict` wrote, as a `StoredRule` where its class is not found."""
    module, name, values = about["module"], about["name"], about["values"]
    if module.partition(".")[0] == "hardmax":
        return _BUILT_IN[name](**values)
    found = _class_of(module, name)
    if found is not None:
        return found(**values)
    own = {name: values.pop(name) for name in _OF_EVERY_RULE}
    return StoredRule(**own, module=module, name=name, others=json.dumps(values))


def _class_of(module: str, name: str) -> type[Rule] | None:
    """Return the class of a rule, or None.

    A module that is not imported yet is imported only when its source is seen to define a class of that name
    at the top level: a file must not be able to run whatever modules it names.
    """
    if module not in sys.modules:
        if not _defines_class(module, name):
            return None
        try:
            importlib.import_module(module)
        except (Exception, SystemExit):  # whatever the module raises: the trajectory is there without it
            return None
    found: Any = sys.modules[module]
    for part in name.split("."):
        found = vars(found).get(part) if hasattr(found, "__dict__") else None
    return found if isinstance(found, type) and issubclass(found, Rule) else None


def _defines_class(module: str, name: str) -> bool:
    """Return whether the source of a module, found without importing anything, defines a subclass `name`."""
    spec: ModuleSpec | None = None
    path: list[str] | None = None
    try:
        for part in module.split("."):  # a part alone, since a dotted name asks for its parent to be imported
            spec = PathFinder.find_spec(part, path)
            if spec is None:
                return False
            path = list(spec.submodule_search_locations or [])
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            return False
        tree = ast.parse(Path(spec.origin).read_bytes())
    except (ImportError, KeyError, OSError, SyntaxError, ValueError, RecursionError):
        return False
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    imports = (node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
    uses_rules = any("hardmax" in ast.unparse(node) for node in imports)
    return uses_rules and any(node.name == name and node.bases for node in classes)


def plain(value: Any) -> Any:
    """Return an array or a NumPy number as plain lists and numbers, for `json.dumps`."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"{value!r} is no number, string, list or array")
