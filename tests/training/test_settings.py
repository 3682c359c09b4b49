"""`Settings`: flat names over three parts, values in range, and the training run of the paper."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from typing import Any

import pytest

from hardmax.errors import InputError
from hardmax.network.shape import Shape
from hardmax.text.reading import Reading
from hardmax.training.settings import PRESETS, Settings, Training


def test_the_preset_paper_is_the_training_run_of_the_paper() -> None:
    paper = PRESETS["paper"].to_dict()
    assert paper == {
        "dim": 2,
        "layers": 8,
        "alpha": "learn",
        "temperature": 1e-3,
        "gradient": "exact",
        "encoder": "free",
        "max_tokens": 128,
        "pairs": 0,
        "function_words": True,  # which pairs alone need
        "repeats": True,
        "pipeline": "paper",
        "min_count": 1,
        "vocabulary_from": "all",
        "pad": True,
        "alpha_floor": 0.0,
        "epochs": 101,
        "batch_size": 64,
        "learning_rate": 1e-3,
        "schedule": "constant",
        "clip": 5.0,
        "word_dropout": 0.0,
        "validation": 0.0,
        "patience": 0,
        "seed": 0,
    }


def test_the_default_preset_learns_from_the_training_texts_alone() -> None:
    default = PRESETS["default"]
    assert default == Settings()
    assert default.reading.vocabulary_from == "train" and not default.reading.pad
    assert default.shape.temperature == 0 and default.shape.alpha == "learn"


@pytest.mark.parametrize("texts", [*range(1, 160), 12_799, 12_800, 12_801, 25_000, 10**7])
def test_an_automatic_batch_leaves_fifty_steps_to_an_epoch(texts: int) -> None:
    size = Training().batch_of(texts)
    assert 1 <= size <= 256 and math.ceil(texts / size) >= min(50, texts)
    assert size == 256 or math.floor(texts / (size + 1)) < 50  # the next size leaves no fifty full steps
    assert Training(batch_size=7).batch_of(texts) == 7


def test_no_two_parts_have_a_setting_of_the_same_name() -> None:
    names = [each.name for part in (Reading, Shape, Training) for each in fields(part)]
    assert len(names) == len(set(names))
    assert sorted(Settings().to_dict()) == sorted(names)


@pytest.mark.parametrize("settings", PRESETS.values(), ids=PRESETS)
def test_settings_go_through_json_and_back(settings: Settings) -> None:
    assert Settings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


def test_what_a_file_does_not_name_is_the_default() -> None:
    assert Settings.from_dict({}) == Settings()
    assert Settings.from_dict({"dim": 5, "pairs": 0}) == Settings(Reading(pairs=0), Shape(dim=5))


def test_replacing_changes_what_is_named_and_nothing_else() -> None:
    before = Settings(Reading(pairs=2), Shape(dim=3), Training(epochs=7))
    after = before.replace(max_tokens=9, temperature=0.5, validation=0.1, patience=2)
    assert after.reading == Reading(pairs=2, max_tokens=9)
    assert after.shape == Shape(dim=3, temperature=0.5)
    assert after.training == Training(epochs=7, validation=0.1, patience=2)
    assert before == Settings(Reading(pairs=2), Shape(dim=3), Training(epochs=7))
    assert before.replace() == before


def test_equal_settings_are_one_key() -> None:
    assert len({Settings(), Settings().replace(dim=2), PRESETS["default"], PRESETS["paper"]}) == 2


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
        ("gradient", "straight"),
        ("gradient", None),
        ("encoder", "line"),
        ("encoder", ["lines"]),
        ("max_tokens", 0),
        ("pairs", -1),
        ("pairs", True),
        ("pairs", "yes"),
        ("function_words", "no"),
        ("repeats", 0),
        ("repeats", None),
        ("pipeline", "french"),
        ("min_count", 0),
        ("vocabulary_from", "test"),
        ("pad", 1),
        ("alpha_floor", -0.1),
        ("alpha_floor", float("nan")),
        ("alpha_floor", float("inf")),
        ("alpha_floor", "0.1"),
        ("alpha_floor", None),
        ("epochs", 0),
        ("batch_size", 0),
        ("batch_size", -1),
        ("batch_size", 2.5),
        ("batch_size", True),
        ("batch_size", None),
        ("batch_size", "Auto"),
        ("batch_size", "64"),
        ("learning_rate", 0.0),
        ("learning_rate", float("inf")),
        ("schedule", "linear"),
        ("clip", 0),
        ("word_dropout", 1.0),
        ("word_dropout", -0.1),
        ("validation", 1.0),
        ("patience", -1),
        ("patience", 1.5),
        ("patience", True),
        ("patience", 3),  # without texts to validate on
        ("seed", -1),
        ("seed", 2**63),
        ("seed", 0.5),
    ],
)
def test_a_value_out_of_range_is_named_in_one_line(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"^{name} is ") as caught:
        Settings().replace(**{name: value})
    assert "\n" not in str(caught.value) and (
        "; give" in str(caught.value) or "; choose" in str(caught.value)
    )


def test_patience_needs_a_fraction_to_validate_on() -> None:
    message = r"^patience is 2, but validation is 0; give a fraction, as validation=0\.1$"
    with pytest.raises(InputError, match=message):
        Training(patience=2)
    assert Training(patience=2, validation=0.1).patience == 2


@pytest.mark.parametrize("name", ["dimension", "reading", "to_dict", "cooling"])
def test_an_unknown_setting_is_named_with_the_known_ones(name: str) -> None:
    message = rf"config\.json: there is no setting '{name}'; known are alpha, .*word_dropout$"
    with pytest.raises(InputError, match=message):
        Settings.from_dict({name: 2}, source="config.json")
    with pytest.raises(InputError, match=f"^there is no setting '{name}'"):
        Settings().replace(dim=3, **{name: 2})


@pytest.mark.parametrize(
    "name", ["dim", "layers", "max_tokens", "pairs", "min_count", "epochs", "batch_size"]
)
def test_a_number_that_no_array_holds_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} is 100000000000000000000; give one of at most"):
        Settings().replace(**{name: 10**20})
