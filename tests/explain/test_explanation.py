"""`Explanation`: what it says is what the model does."""

from __future__ import annotations

import json
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
import torch

from hardmax.errors import InputError
from hardmax.text.bags import Corpus
from hardmax.explain.explanation import trajectories
from hardmax.training.settings import PRESETS, Settings
from hardmax.classifier.trained_model import TextModel
from hardmax.training.loop import logits
from hardmax.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["wonderful", "film", "boring", "plot", "great", "actor", "music"])
TEXT = "A wonderful film with a boring plot; great, great actor and music. Unheard!"
HARDMAX = Settings(layers=6, alpha=0.5, encoder="free", gradient="exact", pairs=0, repeats=True)
PAPER = replace(PRESETS["paper"], pipeline="default", max_tokens=12)


def started(settings: Settings) -> TextModel:
    return TextModel.start(VOCABULARY, settings)


@pytest.mark.parametrize("dim", [1, 2, 5])
@pytest.mark.parametrize(
    "settings", [HARDMAX, replace(HARDMAX, layers=0), replace(HARDMAX, temperature=0.3), PAPER]
)
def test_the_probability_is_that_of_the_model(settings: Settings, dim: int) -> None:
    model = started(replace(settings, dim=dim))
    explanation = model.explain(TEXT)
    assert explanation.probability == pytest.approx(model.probabilities([TEXT])[0], abs=1e-5)
    assert explanation.probability == explanation.probability_by_layer[-1]
    assert len(explanation.probability_by_layer) == settings.layers + 1
    assert explanation.positive == (explanation.probability > 0.5)


def test_the_probability_by_layer_is_that_of_a_model_with_fewer_layers() -> None:
    model = started(HARDMAX)
    by_layer = model.explain(TEXT).probability_by_layer
    for layers, probability in enumerate(by_layer):
        model.model.attention.layers = layers
        assert probability == pytest.approx(model.probabilities([TEXT])[0], abs=1e-5)


def test_leaders_are_those_of_the_plain_loops(reference: ModuleType) -> None:
    model = started(HARDMAX)
    explanation = model.explain(TEXT)
    assert explanation.tokens == ["wonderful", "film", "boring", "plot", "great", "actor", "music"]
    E = model.model.encoder.weight.detach().double().numpy()
    Z = E[VOCABULARY.encode(explanation.tokens)]
    weights = [1.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0]
    assert explanation.trajectory.weights.tolist() == weights
    last = reference.simulate(Z, 0.5, 6, weights=weights)[-1]
    np.testing.assert_allclose(explanation.trajectory.positions[-1], last, atol=1e-12)
    wanted = reference.leaders(Z)  # they stay, and here none emerges
    assert explanation.leaders == [explanation.tokens[i] for i in wanted]


def test_it_is_plain_data_for_json() -> None:
    explanation = started(HARDMAX).explain(TEXT)
    found = json.loads(json.dumps(explanation.to_dict()))
    assert found["tokens"] == explanation.tokens and found["counts"] == [1, 1, 1, 1, 2, 1, 1]
    assert found["probability"] == explanation.probability
    assert found["label"] == int(explanation.positive)
    assert set(found["leaders"]) <= set(found["follows"]) <= set(found["tokens"])


def test_the_decoder_is_given_along() -> None:
    model = started(HARDMAX)
    explanation = model.explain(TEXT)
    mean = explanation.trajectory.means[-1]
    logit = explanation.v @ mean + explanation.b
    assert 1 / (1 + np.exp(-logit)) == pytest.approx(explanation.probability)


@pytest.mark.parametrize("text", ["", "   ", "Unheard words alone", "!?."])
@pytest.mark.parametrize("settings", [HARDMAX, PAPER])
def test_a_text_without_known_words_is_refused(text: str, settings: Settings) -> None:
    reason = "the model knows none of its words" if "words" in text else "the text has no word to read alone"
    with pytest.raises(InputError, match=f"nothing to read: {reason}"):
        started(settings).explain(text)


def test_the_label_is_that_of_the_classes() -> None:
    model = TextModel.start(VOCABULARY, HARDMAX, ("bad", "good"))
    explanation = model.explain(TEXT)
    assert explanation.label == explanation.to_dict()["label"] == ("good" if explanation.positive else "bad")
    assert explanation.probabilities.tolist() == pytest.approx(
        [1 - explanation.probability, explanation.probability]
    )


@pytest.mark.parametrize("settings", [HARDMAX, Settings(dim=3), PAPER])
def test_more_than_two_classes_have_a_probability_each(settings: Settings) -> None:
    model = TextModel.start(VOCABULARY, settings, ("a", "b", "c", "d"))
    explanation = model.explain(TEXT)
    probabilities = model.probabilities([TEXT])[0]
    np.testing.assert_allclose(explanation.probabilities, probabilities, atol=1e-5)
    assert explanation.label == "abcd"[probabilities.argmax()]
    assert explanation.probabilities_by_layer.shape == (settings.layers + 1, 4)
    logits = explanation.weight @ explanation.trajectory.means[-1] + explanation.bias
    np.testing.assert_allclose(np.exp(logits) / np.exp(logits).sum(), explanation.probabilities)
    found = json.loads(json.dumps(explanation.to_dict()))
    assert found["label"] == explanation.label and found["classes"] == ["a", "b", "c", "d"]
    assert found["probabilities"] == explanation.probabilities.tolist()
    assert found["probabilities_by_layer"] == explanation.probabilities_by_layer.tolist()


@pytest.mark.parametrize("name", ["probability", "probability_by_layer", "positive", "v", "b"])
def test_what_is_of_two_classes_alone_is_refused_for_more(name: str) -> None:
    explanation = TextModel.start(VOCABULARY, HARDMAX, (1, 2, 3)).explain(TEXT)
    with pytest.raises(InputError, match="the model has 3 classes, and this is of two alone"):
        getattr(explanation, name)


def test_alpha_at_zero_moves_nothing() -> None:
    model = started(replace(HARDMAX, alpha="learn"))
    with torch.no_grad():
        model.model.attention.alpha.fill_(0)
    explanation = model.explain(TEXT)
    positions = explanation.trajectory.positions
    np.testing.assert_array_equal(positions[-1], positions[0])
    assert explanation.probability == pytest.approx(model.probabilities([TEXT])[0], abs=1e-5)


def test_padding_is_shown_as_a_word_where_the_model_sees_it() -> None:
    explanation = started(PAPER).explain("wonderful boring film")
    assert explanation.tokens == ["wonderful", "boring", "film", "<pad>"]
    assert explanation.trajectory.weights.tolist() == [1, 1, 1, 9]


def test_trajectories_of_many_texts_are_those_of_each() -> None:
    model = started(HARDMAX)
    texts = [TEXT, "boring film", "nothing known here", "great"]
    documents = [text.lower().replace(",", "").split() for text in texts]
    corpus = Corpus.build(documents, [0] * 4, VOCABULARY, HARDMAX)
    found = trajectories(corpus, model.model)
    assert [t.n for t in found] == np.diff(corpus.offsets).tolist()
    alone = [trajectories(corpus.take([i]), model.model)[0] for i in range(4)]
    for one, other in zip(found, alone, strict=True):
        np.testing.assert_array_equal(one.positions, other.positions)
    assert trajectories(corpus.take([]), model.model) == []
    v, b = model.model.decoder.weight[0].detach().double().numpy(), model.model.decoder.bias.item()
    means = np.array([t.means[-1] if t.n else np.zeros(2) for t in found])
    np.testing.assert_allclose(means @ v + b, logits(model.model, corpus)[:, 0].numpy(), atol=1e-5)
