"""The quick study and the quick reproduction, done once for all tests, and when their files were written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def studied(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a quick study of the sample; tests leave it as it was."""
    from hardmax.experiments.clustering import study

    folder = tmp_path_factory.mktemp("studied") / "out"
    assert study(folder, sample_file, quick=True) == folder / "study.md"
    return folder


@pytest.fixture(scope="session")
def reproduced(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a quick reproduction on the sample; tests leave it as it was."""
    from hardmax.experiments.paper import reproduce

    folder = tmp_path_factory.mktemp("reproduced") / "out"
    assert reproduce(folder, sample_file, quick=True) == folder / "report.html"
    return folder


@pytest.fixture(scope="session")
def times() -> Callable[[Path], dict[Path, int]]:
    """Return when each file in a folder was written."""

    def times(folder: Path) -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}

    return times
