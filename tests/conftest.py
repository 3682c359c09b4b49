"""What all tests share: Hypothesis profiles, the reference formulas, the sample, a small trained model."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

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
