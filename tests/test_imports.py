"""What importing loads: a part of hardmax needs its own packages and no others."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "matplotlib", "pandas", "sklearn", "plotly", "PIL", "pyarrow", "nltk", "safetensors")


def loaded_by(code: str) -> set[str]:
    """Give the heavy packages that a fresh interpreter has loaded after `code`."""
    code += f"\nimport sys; print(*sorted(set({HEAVY!r}) & set(sys.modules)), sep='\\n', end='')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split("\n")) - {""}


@pytest.mark.parametrize(
    "module",
    [
        "hardmax",
        "hardmax.dynamics",
        "hardmax.analysis",
        "hardmax.plots",
        "hardmax.cli.app",
        "hardmax.classifier",
        "hardmax.data.sources",
        "hardmax.training.settings",
        "hardmax.training.history",
        "hardmax.text.pipelines",
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


def test_every_public_name_is_there() -> None:
    import hardmax

    for name in hardmax.__all__:
        assert getattr(hardmax, name) is not None
