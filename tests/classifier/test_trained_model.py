"""`TextModel`: text in, probability out, to a folder and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from hardmax.errors import InputError
from hardmax._support.files import read_json, write_json
from hardmax.data.sources import Reviews, documents_of
from hardmax.training.settings import PRESETS, Settings
from hardmax.classifier.trained_model import TextModel
from hardmax.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["wonderful", "film", "boring", "plot", "naïve"])
SETTINGS = Settings(dim=3, layers=4, encoder="free")  # on lines all words start without polarity
TEXTS = ["A wonderful film!", "Boring, boring plot.", "nothing known", "Wonderful boring plot"]


@pytest.fixture
def model() -> TextModel:
    return TextModel.start(VOCABULARY, SETTINGS)


@pytest.mark.parametrize("settings", [SETTINGS, replace(PRESETS["paper"], pipeline="default", alpha=0.3)])
def test_a_saved_model_comes_back_to_the_last_bit(settings: Settings, tmp_path: Path) -> None:
    saved = TextModel.start(VOCABULARY, settings)
    saved.save(tmp_path / "model")
    loaded = TextModel.load(tmp_path / "model")
    assert loaded.settings == settings and loaded.vocabulary == VOCABULARY
    assert loaded.probabilities(TEXTS).tolist() == saved.probabilities(TEXTS).tolist()


def test_saving_over_a_model_replaces_it(model: TextModel, tmp_path: Path) -> None:
    TextModel.start(VOCABULARY, replace(SETTINGS, seed=1)).save(tmp_path)
    model.save(tmp_path)
    assert TextModel.load(tmp_path).probabilities(TEXTS).tolist() == model.probabilities(TEXTS).tolist()


def test_a_probability_does_not_depend_on_the_other_texts(model: TextModel) -> None:
    alone = [model.probabilities([text])[0] for text in TEXTS]
    np.testing.assert_allclose(model.probabilities(TEXTS), alone, rtol=1e-6)
    assert model.probabilities([]).shape == (0,)


def test_more_classes_have_a_probability_each(tmp_path: Path) -> None:
    model = TextModel.start(VOCABULARY, SETTINGS, ("bad", "fair", "good"))
    probabilities = model.probabilities(TEXTS)
    assert probabilities.shape == (4, 3) and model.probabilities([]).shape == (0, 3)
    np.testing.assert_allclose(probabilities.sum(1), 1)
    logits = model.logits(TEXTS)
    np.testing.assert_allclose(probabilities[:, 1] / probabilities[:, 0], np.exp(logits[:, 1] - logits[:, 0]))
    model.save(tmp_path)
    loaded = TextModel.load(tmp_path)
    assert loaded.classes == model.classes
    assert loaded.probabilities(TEXTS).tolist() == probabilities.tolist()


def test_evaluating_counts_and_weighs_each_review(model: TextModel) -> None:
    labels = np.array([1, 0, 0, 1])
    p = model.probabilities(TEXTS)
    found = model.evaluate(Reviews(TEXTS, labels))
    assert found["n"] == 4 and found["accuracy"] == np.mean((p > 0.5) == labels)
    assert found["loss"] == pytest.approx(-np.mean(np.log(np.where(labels == 1, p, 1 - p))), abs=1e-6)


def test_texts_cut_into_words_already_are_only_split() -> None:
    reviews = Reviews(["Film film BORING", ""], np.array([1, 0]), processed=True)
    assert documents_of(reviews, "default")[0] == ["Film", "film", "BORING"]
    assert len(TextModel.start(VOCABULARY, SETTINGS).corpus(reviews).ids) == 1


def test_nothing_to_evaluate_is_said(model: TextModel) -> None:
    with pytest.raises(InputError, match="there is no review to evaluate"):
        model.evaluate(Reviews([], np.array([], np.int64)))


def test_what_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no folder .*none"):
        TextModel.load(tmp_path / "none")
    with pytest.raises(InputError, match="holds no model"):
        TextModel.load(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"there is no folder .*file"):
        TextModel.load(tmp_path / "file")


def test_weights_of_another_model_are_refused_in_one_line(model: TextModel, tmp_path: Path) -> None:
    model.save(tmp_path / "one")
    TextModel.start(VOCABULARY, replace(SETTINGS, dim=2)).save(tmp_path / "other")
    (tmp_path / "other" / "model.safetensors").replace(tmp_path / "one" / "model.safetensors")
    with pytest.raises(InputError, match=r"model\.safetensors does not fit config\.json") as caught:
        TextModel.load(tmp_path / "one")
    assert "\n" not in str(caught.value)


def test_stored_lines_that_do_not_fit_the_words_are_refused(tmp_path: Path) -> None:
    TextModel.start(Vocabulary(["good", "bad"]), Settings()).save(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    save_file(weights | {"encoder.line": weights["encoder.line"][:1].clone()}, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match=r"model\.safetensors does not fit"):
        TextModel.load(tmp_path)


@pytest.mark.parametrize("classes", [[], [1], [1, 1], [[0], [1]], [{}, {}], "a", [None, 1], 3])
def test_classes_that_cannot_be_are_refused(model: TextModel, classes: object, tmp_path: Path) -> None:
    model.save(tmp_path)
    config = read_json(tmp_path / "config.json")
    write_json(tmp_path / "config.json", config | {"classes": classes})
    with pytest.raises(InputError, match="no two or more different classes"):
        TextModel.load(tmp_path)
