"""What all tests share: Hypothesis profiles, the reference formulas, the sample, small models, commands."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from hardmax import Reviews, TrainedModel

_common = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("short", max_examples=25, derandomize=True, database=None, **_common)
settings.register_profile("long", max_examples=1000, **_common)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    """The module tests/reference.py: the paper's formulas as plain loops."""
    spec = importlib.util.spec_from_file_location("reference", Path(__file__).with_name("reference.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def sample() -> Reviews:
    """The sample: 400 short reviews."""
    from hardmax import sample_reviews

    return sample_reviews()


@pytest.fixture(scope="session")
def sample_file(sample: Reviews, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The words of the sample as a file that is preprocessed already, so that no pipeline need run."""
    from hardmax.data import write_processed
    from hardmax.text import words_of

    path = tmp_path_factory.mktemp("sample") / "reviews.csv"
    write_processed(path, words_of(sample.texts), sample.labels.tolist())
    return path


@pytest.fixture(scope="session")
def small_model(sample: Reviews) -> TrainedModel:
    """A model of d = 3 trained on the first 300 reviews of the sample; tests must not change it."""
    from hardmax import Settings
    from hardmax.classifier import fit
    from hardmax.text import words_of

    settings = Settings().replace(dim=3, min_count=2, epochs=8)
    return fit(words_of(sample.texts[:300]), sample.labels[:300], settings)


# --- commands

Rows = Sequence[tuple[str, object]]


@dataclass
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run a command in this process."""

    def run(*arguments: object) -> Done:
        from hardmax.cli.app import main

        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return Done(caught.value.code, out, err)

    return run


@pytest.fixture
def refused(run: Callable[..., Done]) -> Callable[..., str]:
    """Run a command that must end with status 2; return the one short line of plain text that it prints."""

    def refused(*arguments: object) -> str:
        done = run(*arguments)
        assert done.status == 2, done
        assert done.out == "", done
        assert done.err.startswith("hardmax: ") and done.err.count("\n") == 1 and done.err.endswith("\n")
        assert "Traceback" not in done.err and len(done.err) > len("hardmax: \n")
        assert done.err[:-1].isprintable() and len(done.err) < 2_000, done.err[:2_000]
        return done.err.removeprefix("hardmax: ")

    return refused


@pytest.fixture
def process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command in a process of its own."""

    def process(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "hardmax", *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.run(line, **pipes | {"text": True, "timeout": 120} | options)

    return process


@pytest.fixture(scope="session")
def reviews() -> Rows:
    """Forty reviews with their labels."""
    return [
        ("A wonderful, moving film. I loved it!", 1),
        ("Boring. A dull and boring plot.", 0),
        ("Great actors and a wonderful plot.", 1),
        ("An awful film, simply dull.", 0),
    ] * 10


@pytest.fixture(scope="session")
def write_csv() -> Callable[..., Path]:
    def write_csv(path: Path, rows: Rows, header: str = "text,label") -> Path:
        lines = "".join(f'"{text}",{label}\n' for text, label in rows)
        path.write_text(f"{header}\n{lines}", encoding="utf-8")
        return path

    return write_csv


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, reviews: Rows, write_csv: Callable[..., Path]) -> Path:
    """A folder with reviews.csv, and a model trained on it in run/; no test changes it."""
    from hardmax.cli.app import main

    folder = tmp_path_factory.mktemp("home")
    file = write_csv(folder / "reviews.csv", reviews)
    options = ["--train", file, "--test", file, "--out", folder / "run", "--epochs", 2]
    with pytest.raises(SystemExit) as caught:
        main(["train", *map(str, options)])
    assert caught.value.code == 0
    return folder
