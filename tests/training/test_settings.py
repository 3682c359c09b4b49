"""`Settings`: what a training can be told, and what it is told in the paper."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from hardmax.errors import InputError
from hardmax.training.settings import PRESETS, Settings


def test_the_preset_paper_is_the_training_of_the_paper() -> None:
    paper = PRESETS["paper"]
    assert (paper.dim, paper.layers, paper.alpha, paper.temperature) == (2, 8, "learn", 1e-3)
    assert (paper.batch_size, paper.learning_rate, paper.clip, paper.epochs) == (64, 1e-3, 5.0, 101)
    assert (paper.max_tokens, paper.pad, paper.vocabulary_from, paper.min_count) == (128, True, "all", 1)
    assert (paper.schedule, paper.word_dropout, paper.validation) == ("constant", 0.0, 0.0)
    assert (paper.pairs, paper.repeats, paper.encoder, paper.gradient) == (0, True, "free", "exact")
    assert (paper.alpha_floor, paper.cooling, paper.weight_decay) == (0.0, 0.0, 0.0)
    assert (paper.averaging, paper.patience) == (0.0, 0)
    assert paper.pipeline == "paper"


def test_the_default_preset_learns_from_the_training_part_alone() -> None:
    default = PRESETS["default"]
    assert default == Settings()
    assert default.vocabulary_from == "train" and not default.pad and default.temperature == 0
    assert (default.encoder, default.gradient, default.pairs) == ("lines", "straight-through", 1)


@pytest.mark.parametrize("texts", [*range(1, 160), 12_799, 12_800, 12_801, 25_000, 10**7])
def test_an_automatic_batch_leaves_fifty_steps_to_an_epoch(texts: int) -> None:
    size = Settings().batch_of(texts)
    assert 1 <= size <= 256 and math.ceil(texts / size) >= min(50, texts)
    assert size == 256 or math.floor(texts / (size + 1)) < 50  # the next size leaves no fifty full steps
    assert Settings(batch_size=7).batch_of(texts) == 7


@pytest.mark.parametrize("settings", PRESETS.values(), ids=PRESETS)
def test_settings_go_through_json_and_back(settings: Settings) -> None:
    assert Settings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dim", 0),
        ("dim", 2.0),
        ("dim", True),
        ("layers", -1),
        ("layers", "8"),
        ("alpha", 0.0),
        ("alpha", -1.0),
        ("alpha", "fast"),
        ("alpha", float("nan")),
        ("alpha", float("inf")),
        ("alpha", None),
        ("temperature", -1e-3),
        ("temperature", float("nan")),
        ("max_tokens", 0),
        ("min_count", 0),
        ("epochs", 0),
        ("batch_size", 0),
        ("learning_rate", 0.0),
        ("learning_rate", float("inf")),
        ("clip", 0),
        ("word_dropout", 1.0),
        ("word_dropout", -0.1),
        ("validation", 1.0),
        ("schedule", "linear"),
        ("vocabulary_from", "test"),
        ("seed", -1),
        ("seed", 2**63),
        ("seed", 0.5),
        ("alpha_floor", -0.1),
        ("alpha_floor", float("nan")),
        ("alpha_floor", float("inf")),
        ("alpha_floor", "0.1"),
        ("alpha_floor", None),
        ("cooling", -0.1),
        ("cooling", 1.0),
        ("cooling", float("nan")),
        ("cooling", True),
        ("gradient", "straight"),
        ("gradient", None),
        ("encoder", "line"),
        ("encoder", ["lines"]),
        ("pairs", -1),
        ("pairs", True),
        ("pairs", "yes"),
        ("repeats", 0),
        ("repeats", None),
        ("pad", 1),
        ("batch_size", -1),
        ("batch_size", 2.5),
        ("batch_size", True),
        ("batch_size", None),
        ("batch_size", "Auto"),
        ("batch_size", "64"),
        ("weight_decay", -1e-9),
        ("weight_decay", float("inf")),
        ("weight_decay", "small"),
        ("averaging", -0.1),
        ("averaging", 1.0),
        ("averaging", float("nan")),
        ("averaging", None),
        ("patience", -1),
        ("patience", 1.5),
        ("patience", True),
        ("patience", 3),  # without a validation part
    ],
)
def test_a_value_out_of_range_is_named_in_one_line(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"^{name} is ") as caught:
        Settings(**{name: value})
    assert "\n" not in str(caught.value) and "; give" in str(caught.value)


def test_cooling_needs_a_temperature_to_cool_from() -> None:
    with pytest.raises(InputError, match=r"^cooling is 0\.5, but temperature is 0; give one to cool from$"):
        Settings(cooling=0.5)
    assert Settings(cooling=0.5, temperature=0.1).cooling == 0.5


def test_patience_needs_a_validation_part() -> None:
    with pytest.raises(InputError, match=r"^patience is 2, but validation is 0; give a share, such as 0\.1$"):
        Settings(patience=2)
    assert Settings(patience=2, validation=0.1).patience == 2


def test_an_unknown_setting_is_named_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"config\.json: there is no setting 'dimension'; known are alpha, "):
        Settings.from_dict({"dimension": 2}, source="config.json")


@pytest.mark.parametrize(
    "name", ["dim", "layers", "max_tokens", "pairs", "min_count", "epochs", "batch_size"]
)
def test_a_number_that_no_array_holds_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} is 100000000000000000000; give one of at most"):
        Settings(**{name: 10**20})
