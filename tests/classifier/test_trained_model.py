"""`TrainedModel`: text in, probability out, to a folder and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from hardmax import Reviews, Settings, TrainedModel
from hardmax._support.files import read_json, write_json
from hardmax.data import Texts
from hardmax.errors import InputError
from hardmax.text import Vocabulary
from hardmax.training import PRESETS

VOCABULARY = Vocabulary(["wonderful", "film", "boring", "plot", "naïve"])
SETTINGS = Settings().replace(dim=3, layers=4, encoder="free")  # on lines tokens start without polarity
TEXTS = ["A wonderful film!", "Boring, boring plot.", "nothing known", "Wonderful boring plot"]


@pytest.fixture
def model() -> TrainedModel:
    return TrainedModel.start(VOCABULARY, SETTINGS)


@pytest.mark.parametrize("settings", [SETTINGS, PRESETS["paper"].replace(pipeline="default", alpha=0.3)])
def test_a_saved_model_comes_back_to_the_last_bit(settings: Settings, tmp_path: Path) -> None:
    saved = TrainedModel.start(VOCABULARY, settings)
    saved.save(tmp_path / "model")
    loaded = TrainedModel.load(tmp_path / "model")
    assert loaded.settings == settings and loaded.vocabulary == VOCABULARY
    assert loaded.probabilities(TEXTS).tolist() == saved.probabilities(TEXTS).tolist()


def test_saving_over_a_model_replaces_it(model: TrainedModel, tmp_path: Path) -> None:
    TrainedModel.start(VOCABULARY, SETTINGS.replace(seed=1)).save(tmp_path)
    model.save(tmp_path)
    assert TrainedModel.load(tmp_path).probabilities(TEXTS).tolist() == model.probabilities(TEXTS).tolist()


def test_a_probability_does_not_depend_on_the_other_texts(model: TrainedModel) -> None:
    alone = [model.probabilities([text])[0] for text in TEXTS]
    np.testing.assert_array_equal(model.probabilities(TEXTS), alone)
    assert model.probabilities([]).shape == (0, 2)


def test_more_classes_have_a_probability_each(tmp_path: Path) -> None:
    model = TrainedModel.start(VOCABULARY, SETTINGS, ("bad", "fair", "good"))
    probabilities = model.probabilities(TEXTS)
    assert probabilities.shape == (4, 3) and model.probabilities([]).shape == (0, 3)
    np.testing.assert_allclose(probabilities.sum(1), 1)
    logits = model.logits(TEXTS)
    np.testing.assert_allclose(probabilities[:, 1] / probabilities[:, 0], np.exp(logits[:, 1] - logits[:, 0]))
    model.save(tmp_path)
    loaded = TrainedModel.load(tmp_path)
    assert loaded.classes == model.classes
    assert loaded.probabilities(TEXTS).tolist() == probabilities.tolist()


def test_evaluating_counts_and_weighs_each_review(model: TrainedModel) -> None:
    labels = np.array([1, 0, 0, 1])
    p = model.probabilities(TEXTS)[:, 1]
    found = model.evaluate(Reviews(TEXTS, labels))
    assert found["n"] == 4 and found["accuracy"] == np.mean((p > 0.5) == labels)
    assert found["loss"] == pytest.approx(-np.mean(np.log(np.where(labels == 1, p, 1 - p))))


def test_reviews_of_a_class_that_was_not_learned_are_not_evaluated(model: TrainedModel) -> None:
    with pytest.raises(InputError, match="the label 'spam' is none of the 2"):
        model.evaluate(Reviews(["film"], np.array([1]), classes=("ham", "spam")))


def test_texts_cut_into_words_already_are_only_split(model: TrainedModel) -> None:
    texts = ["Wonderful film", "film's plot"]
    raw, cut = model.bags(texts), model.bags(Texts(texts, processed=True))
    assert [model.vocabulary.decode(ids) for ids in raw.split(raw.ids)] == [
        ["wonderful", "film"],
        ["film", "plot"],
    ]
    assert [model.vocabulary.decode(ids) for ids in cut.split(cut.ids)] == [["film"], ["plot"]]


def test_nothing_to_evaluate_is_said(model: TrainedModel) -> None:
    with pytest.raises(InputError, match="there is no text to evaluate"):
        model.evaluate(Reviews([], np.array([], np.int64)))


def test_what_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no folder .*none"):
        TrainedModel.load(tmp_path / "none")
    with pytest.raises(InputError, match="holds no model"):
        TrainedModel.load(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"there is no folder .*file"):
        TrainedModel.load(tmp_path / "file")


def test_weights_of_another_model_are_refused_in_one_line(model: TrainedModel, tmp_path: Path) -> None:
    model.save(tmp_path / "one")
    TrainedModel.start(VOCABULARY, SETTINGS.replace(dim=2)).save(tmp_path / "other")
    (tmp_path / "other" / "model.safetensors").replace(tmp_path / "one" / "model.safetensors")
    with pytest.raises(InputError, match=r"model\.safetensors does not fit config\.json") as caught:
        TrainedModel.load(tmp_path / "one")
    assert "\n" not in str(caught.value)


def test_stored_lines_that_do_not_fit_the_words_are_refused(tmp_path: Path) -> None:
    TrainedModel.start(Vocabulary(["good", "bad"]), Settings()).save(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    save_file(weights | {"encoder.line": weights["encoder.line"][:1].clone()}, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match=r"model\.safetensors does not fit"):
        TrainedModel.load(tmp_path)


@pytest.mark.parametrize("classes", [[], [1], [1, 1], [[0], [1]], [{}, {}], "a", [None, 1], 3])
def test_classes_that_cannot_be_are_refused(model: TrainedModel, classes: object, tmp_path: Path) -> None:
    model.save(tmp_path)
    config = read_json(tmp_path / "config.json")
    write_json(tmp_path / "config.json", config | {"classes": classes})
    with pytest.raises(InputError, match="no two or more different classes"):
        TrainedModel.load(tmp_path)


def _with_settings(folder: Path, **changes: object) -> None:
    """Change settings of a stored model."""
    config = read_json(folder / "config.json")
    config["settings"] |= changes
    write_json(folder / "config.json", config)


WITHDRAWN = ("cooling", "averaging", "weight_decay")


def test_a_model_of_an_earlier_version_loads_when_it_did_not_use_what_was_withdrawn(
    model: TrainedModel, tmp_path: Path
) -> None:
    model.save(tmp_path)
    _with_settings(tmp_path, **dict.fromkeys(WITHDRAWN, 0.0))
    loaded = TrainedModel.load(tmp_path)
    assert loaded.settings == SETTINGS
    assert loaded.probabilities(TEXTS).tolist() == model.probabilities(TEXTS).tolist()
    loaded.save(tmp_path / "again")
    assert not set(WITHDRAWN) & set(read_json(tmp_path / "again" / "config.json")["settings"])


@pytest.mark.parametrize("name", WITHDRAWN)
def test_a_model_of_an_earlier_version_that_used_what_was_withdrawn_is_refused(
    name: str, model: TrainedModel, tmp_path: Path
) -> None:
    model.save(tmp_path)
    _with_settings(tmp_path, **{name: 0.5})
    with pytest.raises(
        InputError, match=rf"config\.json has the setting {name}, which was withdrawn"
    ) as caught:
        TrainedModel.load(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_model_of_another_format_is_refused(model: TrainedModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    write_json(tmp_path / "config.json", read_json(tmp_path / "config.json") | {"format": 2})
    with pytest.raises(InputError, match="a model of format 2, and this version reads 3"):
        TrainedModel.load(tmp_path)


def test_what_else_the_config_holds_comes_back(model: TrainedModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    config = read_json(tmp_path / "config.json") | {"columns": ["text", "stars"]}
    write_json(tmp_path / "config.json", config)
    loaded = TrainedModel.load(tmp_path)
    assert loaded.about == {"columns": ["text", "stars"]}
    loaded.save(tmp_path / "again")
    assert read_json(tmp_path / "again" / "config.json") == config
