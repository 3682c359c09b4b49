"""The house of the package: which room may import which, no circles, and nothing too large."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import hardmax

SOURCE = Path(hardmax.__file__).parent
MOST_FILES, MOST_LINES, LONGEST_FUNCTION = 10, 400, 60

#: From the ground up: each room of the package, and those that its modules may import besides its own.
#: Imports for type checkers and inside functions count too.
CONTRACT = {
    "errors": "",
    "_support": "errors",
    "dynamics": "errors _support",
    "text": "errors _support",
    "data": "errors _support",
    "network": "errors _support dynamics text",
    "training": "errors _support text data network",
    "explain": "errors _support dynamics text network",
    "classifier": "errors _support text data network training explain",
    "plots": "errors _support dynamics",
    "reports": "errors _support",
    "experiments": "errors _support dynamics text data network training explain classifier plots reports",
    "cli": "errors _support dynamics text data network training explain classifier plots reports experiments",
    "__main__": "cli",
    "hardmax": "_support",  # the package itself, which all may import: its version is there
}


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def modules(root: Path) -> dict[str, Path]:
    """Return the files of all modules under the folder of a package, by their names."""
    names = {}
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root.parent).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return names


def lazy_names(files: dict[str, Path]) -> dict[str, str]:
    """Return the module of each name that a package loads when it is first used, from its ``.pyi`` file."""
    found = {}
    for package, file in files.items():
        stub = file.with_suffix(".pyi")
        for node in ast.walk(ast.parse(stub.read_text())) if stub.exists() else ():
            if isinstance(node, ast.ImportFrom):
                found |= {f"{package}.{name.name}": f"{package}.{node.module}" for name in node.names}
    return found


def import_graph(root: Path) -> dict[str, set[str]]:
    """Return for each module under `root` those that it imports, anywhere in it."""
    files = modules(root)
    lazy = lazy_names(files)
    graph: dict[str, set[str]] = {}
    for module, file in files.items():
        graph[module] = set()
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                graph[module] |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                for name in node.names:
                    full = f"{node.module}.{name.name}"
                    graph[module].add(full if full in files else lazy.get(full, str(node.module)))
        graph[module] &= set(files)
    return graph


def arrows_upwards(graph: dict[str, set[str]]) -> list[str]:
    """Return the imports that the contract does not allow."""
    found = []
    for module, imported in graph.items():
        allowed = ["hardmax", room_of(module), *CONTRACT[room_of(module)].split()]
        found += [f"{module} imports {other}" for other in imported if room_of(other) not in allowed]
    return sorted(found)


def functions() -> Iterator[tuple[str, int]]:
    """Yield where each function of the package is, and how many lines it has."""
    for module, file in modules(SOURCE).items():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                yield f"{module}.{node.name}", node.end_lineno - node.lineno + 1


def test_every_room_is_in_the_contract() -> None:
    assert {room_of(module) for module in modules(SOURCE)} == set(CONTRACT)


def test_no_room_imports_what_is_above_it() -> None:
    assert arrows_upwards(import_graph(SOURCE)) == []


def test_no_import_goes_in_a_circle() -> None:
    TopologicalSorter(import_graph(SOURCE)).prepare()


def test_no_folder_file_or_function_is_too_large() -> None:
    folders = [folder for folder in (SOURCE, *SOURCE.rglob("*")) if folder.is_dir()]
    count = {folder: len([*folder.glob("*.py")]) - (folder / "__init__.py").exists() for folder in folders}
    assert [str(folder) for folder, files in count.items() if files > MOST_FILES] == []
    lines = {name: len(file.read_text().splitlines()) for name, file in modules(SOURCE).items()}
    assert [name for name, number in lines.items() if number > MOST_LINES] == []
    assert [name for name, number in functions() if number > LONGEST_FUNCTION] == []


@pytest.mark.parametrize(
    "line",
    [
        "import hardmax.training.loop",
        "from hardmax.training import loop",
        "from hardmax.training.loop import train",
        "def f():\n    from hardmax.training import train",
        "if TYPE_CHECKING:\n    from hardmax import train",
    ],
)
def test_an_arrow_upwards_is_found_wherever_it_is(line: str, tmp_path: Path) -> None:
    for name, content in {
        "__init__.py": "",
        "__init__.pyi": "from .training.loop import train as train",
        "dynamics/__init__.py": "",
        "dynamics/flow.py": line,
        "training/__init__.py": "",
        "training/__init__.pyi": "from .loop import train as train",
        "training/loop.py": "import hardmax.dynamics.flow",
    }.items():
        file = tmp_path / "hardmax" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    graph = import_graph(tmp_path / "hardmax")
    assert "hardmax.dynamics.flow imports hardmax.training.loop" in arrows_upwards(graph)
    with pytest.raises(CycleError):
        TopologicalSorter(graph).prepare()
