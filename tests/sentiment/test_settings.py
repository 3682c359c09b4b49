"""`Settings`: what a training can be told, and what it is told in the paper."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hardmax.errors import InputError
from hardmax.sentiment.settings import PRESETS, Settings


def test_the_preset_paper_is_the_training_of_the_paper() -> None:
    paper = PRESETS["paper"]
    assert (paper.dim, paper.layers, paper.alpha, paper.temperature) == (2, 8, "learn", 1e-3)
    assert (paper.batch_size, paper.learning_rate, paper.clip, paper.epochs) == (64, 1e-3, 5.0, 101)
    assert (paper.max_tokens, paper.pad, paper.vocabulary_from, paper.min_count) == (128, True, "all", 1)
    assert (paper.schedule, paper.word_dropout, paper.validation) == ("constant", 0.0, 0.0)
    assert paper.pipeline == "paper"


def test_the_default_preset_learns_from_the_training_part_alone() -> None:
    default = PRESETS["default"]
    assert default == Settings()
    assert default.vocabulary_from == "train" and not default.pad and default.temperature == 0


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
    ],
)
def test_a_value_out_of_range_is_named_in_one_line(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"^{name} is ") as caught:
        Settings(**{name: value})
    assert "\n" not in str(caught.value) and "; give" in str(caught.value)


def test_an_unknown_setting_is_named_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"config\.json: there is no setting 'dimension'; known are alpha, "):
        Settings.from_dict({"dimension": 2}, source="config.json")
