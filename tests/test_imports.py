"""Every public name is there, and a part of hardmax needs its own packages and no others."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import hardmax

HEAVY = (
    "torch",
    "matplotlib",
    "pandas",
    "sklearn",
    "plotly",
    "PIL",
    "pyarrow",
    "nltk",
    "safetensors",
    "jinja2",
)
PACKAGES = ["hardmax", *(m.name for m in pkgutil.walk_packages(hardmax.__path__, "hardmax.") if m.ispkg)]
#: The beginning of a script in which one package is not installed.
WITHOUT = """
import sys

class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == {!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""


def stub(package: str) -> Path:
    """Return where the names of a package stand that are loaded when they are first used."""
    return Path(hardmax.__file__).parent.joinpath(*package.split(".")[1:], "__init__.pyi")


def loaded_by(code: str) -> set[str]:
    """Return the heavy packages that a fresh interpreter has loaded after `code`."""
    code += f"\nimport sys; print(*sorted(set({HEAVY!r}) & set(sys.modules)), sep='\\n', end='')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split("\n")) - {""}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_there(package: str) -> None:
    module = importlib.import_module(package)
    names = getattr(module, "__all__", [])
    assert len(set(names)) == len(names) and set(names) <= set(dir(module))
    for name in names:
        assert getattr(module, name) is not None


@pytest.mark.parametrize("package", [package for package in PACKAGES if stub(package).exists()])
def test_the_names_for_type_checkers_are_those_that_are_loaded(package: str) -> None:
    imports = [node for node in ast.parse(stub(package).read_text()).body if isinstance(node, ast.ImportFrom)]
    names = [(node.module, each.name, each.asname) for node in imports for each in node.names]
    module = importlib.import_module(package)
    assert sorted(name for _, name, _ in names) == sorted(module.__all__)
    for home, name, shown in names:
        assert shown == name  # else type checkers take it as private
        assert getattr(module, name) is getattr(importlib.import_module(f"{package}.{home}"), name)


def test_the_package_has_the_names_that_users_are_promised() -> None:
    promised = {"simulate", "limit", "Trajectory", "Hardmax", "Softmax", "HardmaxClassifier", "load"}
    assert promised <= set(dir(hardmax))
    assert hardmax.HardmaxClassifier is importlib.import_module("hardmax.classifier").HardmaxClassifier


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        hardmax.nonsense  # noqa: B018


@pytest.mark.parametrize(
    "module",
    [
        *PACKAGES,
        "hardmax.cli.app",
        "hardmax.data.sources",
        "hardmax.training.settings",
        "hardmax.training.history",
        "hardmax.classifier.bundled",
    ],
)
def test_importing_loads_no_heavy_package(module: str) -> None:
    assert loaded_by(f"import {module}") == set()


def test_simulating_loads_no_heavy_package() -> None:
    assert loaded_by("import hardmax as hx; hx.simulate(hx.preset('faces'), layers=3)") == set()


def test_asking_for_help_loads_no_heavy_package() -> None:
    code = "import contextlib, io\nfrom hardmax.cli.app import main\n"
    code += (
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main(['--help'])"
    )
    assert loaded_by(code) == set()


def test_training_loads_no_drawing() -> None:
    assert loaded_by("import hardmax.classifier.runs") <= {"torch", "safetensors"}


LOADING = ("from hardmax import load; load('imdb-d2')", "from hardmax import HardmaxClassifier")


@pytest.mark.parametrize(
    ("missing", "extra", "lines"),
    [
        *((name, "sentiment", LOADING) for name in ("sklearn", "safetensors", "pandas", "joblib", "tqdm")),
        ("torch", "sentiment", (*LOADING, "from hardmax.network import HardmaxNetwork")),
        (
            "matplotlib",
            "plots",
            ("from hardmax.plots import plot_tokens", "from hardmax.experiments.paper import reproduce"),
        ),
    ],
)
def test_where_a_package_is_missing_the_command_that_brings_it_is_said(
    missing: str, extra: str, lines: tuple[str, ...]
) -> None:
    code = WITHOUT.format(missing)
    for line in lines:
        code += f"try:\n    {line}\nexcept ImportError as error:\n    print(type(error).__name__, error)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    said = done.stdout.splitlines()
    assert len(said) == len(lines)
    for line in said:
        assert line.startswith("MissingExtraError") and f"pip install 'hardmax[{extra}]'" in line
