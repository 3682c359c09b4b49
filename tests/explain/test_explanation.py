"""`Explanation`: what it says is what the model does."""

from __future__ import annotations

import gc
import json
import tracemalloc
from types import ModuleType

import numpy as np
import pytest
import torch

from hardmax import Settings, TrainedModel, load
from hardmax.errors import InputError
from hardmax.network.predict import logits_of, trajectories
from hardmax.text import Bags, Vocabulary
from hardmax.training import PRESETS

VOCABULARY = Vocabulary(["wonderful", "film", "boring", "plot", "great", "actor", "music"])
TEXT = "A wonderful film with a boring plot; great, great actor and music. Unheard!"
HARDMAX = Settings().replace(layers=6, alpha=0.5, encoder="free", gradient="exact", pairs=0, repeats=True)
PAPER = PRESETS["paper"].replace(pipeline="default", max_tokens=12)


def started(settings: Settings, classes: tuple[object, ...] = (0, 1)) -> TrainedModel:
    return TrainedModel.start(VOCABULARY, settings, classes)


@pytest.mark.parametrize("dim", [1, 2, 5])
@pytest.mark.parametrize(
    "settings", [HARDMAX, HARDMAX.replace(layers=0), HARDMAX.replace(temperature=0.3), PAPER]
)
def test_the_probability_is_that_of_the_model(settings: Settings, dim: int) -> None:
    model = started(settings.replace(dim=dim))
    explanation = model.explain(TEXT)
    assert explanation.probability == model.probabilities([TEXT])[0, 1]
    assert explanation.probability == explanation.probability_by_layer[-1]
    assert len(explanation.probability_by_layer) == settings.shape.layers + 1
    assert explanation.label == (explanation.probability > 0.5)


def test_the_probability_by_layer_is_that_of_a_model_with_fewer_layers() -> None:
    by_layer = started(HARDMAX).explain(TEXT).probability_by_layer
    fewer = [started(HARDMAX.replace(layers=layers)) for layers in range(len(by_layer))]
    assert by_layer.tolist() == [model.probabilities([TEXT])[0, 1] for model in fewer]


def test_leaders_are_those_of_the_plain_loops(reference: ModuleType) -> None:
    model = started(HARDMAX)
    explanation = model.explain(TEXT)
    assert explanation.tokens == VOCABULARY.tokens
    Z = model.network.encoder.weight.detach().double().numpy()[1:]
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
    assert found["label"] == int(explanation.probability > 0.5)
    assert set(found["leaders"]) <= set(found["follows"]) <= set(found["tokens"])


@pytest.mark.parametrize("text", ["", "   ", "Unheard words alone", "!?."])
@pytest.mark.parametrize("settings", [HARDMAX, PAPER])
def test_a_text_without_known_words_is_refused(text: str, settings: Settings) -> None:
    reason = "the model knows none of its words" if "words" in text else "the text has no word to read alone"
    with pytest.raises(InputError, match=f"nothing to read: {reason}"):
        started(settings).explain(text)


def test_the_label_is_that_of_the_classes() -> None:
    model = started(HARDMAX, ("bad", "good"))
    explanation = model.explain(TEXT)
    likeliest = "good" if explanation.probability > 0.5 else "bad"
    assert explanation.label == explanation.to_dict()["label"] == likeliest
    assert explanation.probabilities.tolist() == model.probabilities([TEXT])[0].tolist()


@pytest.mark.parametrize("settings", [HARDMAX, Settings().replace(dim=3), PAPER])
def test_more_than_two_classes_have_a_probability_each(settings: Settings) -> None:
    model = started(settings, ("a", "b", "c", "d"))
    explanation = model.explain(TEXT)
    probabilities = model.probabilities([TEXT])[0]
    assert explanation.probabilities.tolist() == probabilities.tolist()
    assert explanation.label == "abcd"[probabilities.argmax()]
    assert explanation.probabilities_by_layer.shape == (settings.shape.layers + 1, 4)
    logits = explanation.weight @ explanation.trajectory.means[-1] + explanation.bias
    np.testing.assert_allclose(np.exp(logits) / np.exp(logits).sum(), explanation.probabilities)
    found = json.loads(json.dumps(explanation.to_dict()))
    assert found["label"] == explanation.label and found["classes"] == ["a", "b", "c", "d"]
    assert found["probabilities"] == explanation.probabilities.tolist()
    assert found["probabilities_by_layer"] == explanation.probabilities_by_layer.tolist()


@pytest.mark.parametrize("name", ["probability", "probability_by_layer", "v", "b"])
def test_what_is_of_two_classes_alone_is_refused_for_more(name: str) -> None:
    explanation = started(HARDMAX, (1, 2, 3)).explain(TEXT)
    with pytest.raises(InputError, match="the model has 3 classes, and this is only defined for two"):
        getattr(explanation, name)


@pytest.mark.parametrize(("bias", "label"), [(1e-20, 1), (0.0, 0), (-1e-20, 0)])
def test_a_logit_too_small_to_be_seen_in_the_probability_decides(bias: float, label: int) -> None:
    model = started(HARDMAX)
    with torch.no_grad():
        model.network.decoder.weight.zero_()
        model.network.decoder.bias.fill_(bias)
    explanation = model.explain(TEXT)
    assert (explanation.probability, explanation.label) == (0.5, label)


def test_alpha_at_zero_moves_nothing() -> None:
    model = started(HARDMAX.replace(alpha="learn"))
    with torch.no_grad():
        model.network.attention.alpha.fill_(0)
    explanation = model.explain(TEXT)
    positions = explanation.trajectory.positions
    np.testing.assert_array_equal(positions[-1], positions[0])
    assert explanation.probability == model.probabilities([TEXT])[0, 1]


def test_padding_is_shown_as_a_word_where_the_model_sees_it() -> None:
    explanation = started(PAPER).explain("wonderful boring film")
    assert explanation.tokens == ["wonderful", "boring", "film", "<pad>"]
    assert explanation.trajectory.weights.tolist() == [1, 1, 1, 9]


def test_trajectories_of_many_texts_are_those_of_each_and_end_at_the_logits() -> None:
    model = started(HARDMAX)
    texts = ["great", "boring film", TEXT, "film"] * 200  # more than are followed at once
    bags = model.bags(texts)
    found = list(trajectories(model.network, bags))
    assert [ids.tolist() for ids, _ in found] == [ids.tolist() for ids in bags.split(bags.ids)]
    for number in (0, 1, 2, 511, 512, 799):
        ((ids, alone),) = trajectories(model.network, bags.take([number]))
        np.testing.assert_array_equal(found[number][0], ids)
        np.testing.assert_array_equal(found[number][1].positions, alone.positions)
    means = np.array([path.means[-1] for _, path in found])
    np.testing.assert_array_equal(model.network.decoder.logits(means), logits_of(model.network, bags))


def test_a_text_without_known_words_has_a_trajectory_of_no_tokens() -> None:
    model = started(HARDMAX)
    (_, path), (ids, empty) = trajectories(model.network, model.bags(["film", "nothing known here"]))
    assert (path.n, empty.n, len(ids)) == (1, 0, 0)
    assert list(trajectories(model.network, model.bags([]))) == []


def test_a_trajectory_of_another_temperature_is_that_of_a_model_of_it() -> None:
    model, soft = started(HARDMAX), started(HARDMAX.replace(temperature=0.3))
    bags = Bags.build([TEXT.lower().split()], VOCABULARY, HARDMAX.reading)
    ((_, found),) = trajectories(model.network, bags, temperature=0.3)
    ((_, wanted),) = trajectories(soft.network, bags)
    np.testing.assert_array_equal(found.positions, wanted.positions)
    ((_, hard),) = trajectories(soft.network, bags, temperature=0.0)
    assert hard.rule == model.network.rule()


def test_an_explanation_of_a_long_text_keeps_less_than_a_megabyte() -> None:
    model = load("imdb-d2").trained_model_
    text = " ".join(word for word in model.vocabulary.tokens[:400] if " " not in word)
    model.explain(text)  # what the model keeps for all texts
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        explanation = model.explain(text)
        shape = explanation.trajectory.positions.shape
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert shape[1] > 128 and after - before < 1_000_000
