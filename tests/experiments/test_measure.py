"""`measure`: each number beside plain loops over the texts."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from hardmax import Reviews, Settings, TrainedModel
from hardmax.classifier import fit
from hardmax.experiments.measure import Bin, Measurement, calibration, measure
from hardmax.experiments.opinions import opinion_fractions
from hardmax.text import Bags, Vocabulary, words_of
from hardmax.training import Examples

LEXICON = frozenset({"good", "wonderful", "boring", "awful", "dull"})


@pytest.fixture(scope="module")
def reviews(sample: Reviews) -> Reviews:
    return sample[300:]


@pytest.fixture(scope="module")
def found(small_model: TrainedModel, reviews: Reviews) -> Measurement:
    return measure(small_model, Examples(small_model.bags(reviews), reviews.labels))


def test_accuracy_and_loss_are_those_of_each_review(
    found: Measurement, small_model: TrainedModel, reviews: Reviews
) -> None:
    right, losses = 0, []
    for text, label in zip(reviews.texts, reviews.labels.tolist(), strict=True):
        positive = small_model.explain(text).probability
        right += (positive > 0.5) == label
        losses.append(-math.log(positive if label else 1 - positive))
    assert (found.texts, found.accuracy) == (100, right / 100)
    assert found.loss == pytest.approx(sum(losses) / 100)
    assert small_model.evaluate(reviews) == {"accuracy": found.accuracy, "loss": found.loss, "n": 100}


def test_leaders_are_those_of_the_explanations(
    found: Measurement, small_model: TrainedModel, reviews: Reviews
) -> None:
    explanations = [small_model.explain(text) for text in reviews.texts]
    counts = [len(explanation.leaders) for explanation in explanations]
    assert (found.leaders.mean, found.leaders.std) == pytest.approx((np.mean(counts), np.std(counts)))
    assert (found.leaders.min, found.leaders.max) == (min(counts), max(counts))
    assert found.tokens == sum(len(explanation.tokens) for explanation in explanations) / 100
    for number, token in enumerate(small_model.vocabulary.tokens, start=1):
        assert found.frequencies[number] == sum(token in each.tokens for each in explanations)
        assert found.leading[number] == sum(token in each.leaders for each in explanations)


def test_strength_is_the_fraction_of_the_distance_that_all_tokens_of_all_texts_moved(
    found: Measurement, small_model: TrainedModel, reviews: Reviews
) -> None:
    left = whole = 0.0
    for text in reviews.texts:
        path = small_model.explain(text).trajectory
        for i in range(path.n):
            end = path.targets[path.point_of[i]]
            whole += path.weights[i] * np.linalg.norm(path.positions[0, i] - end)
            left += path.weights[i] * np.linalg.norm(path.positions[-1, i] - end)
    assert 0 < found.strength < 1 and found.strength == pytest.approx(1 - left / whole)


def test_a_part_of_the_texts_can_be_followed_and_all_are_scored(
    found: Measurement, small_model: TrainedModel, reviews: Reviews
) -> None:
    bags = small_model.bags(reviews)
    part = measure(small_model, Examples(bags, reviews.labels), follow=25)
    assert (part.accuracy, part.loss, part.calibration) == (found.accuracy, found.loss, found.calibration)
    fourth = np.arange(0, 100, 4)
    alone = measure(small_model, Examples(bags.take(fourth), reviews.labels[fourth]))
    assert (part.leaders, part.strength, part.tokens) == (alone.leaders, alone.strength, alone.tokens)
    assert part.leading.tolist() == alone.leading.tolist()
    more = measure(small_model, Examples(bags, reviews.labels), follow=1000)
    assert (more.leaders, more.strength) == (found.leaders, found.strength)


def test_a_softmax_model_is_measured_by_its_own_logits_and_followed_by_hardmax_layers(
    sample: Reviews,
) -> None:
    settings = Settings().replace(epochs=2, min_count=2, temperature=0.5, encoder="free", gradient="exact")
    model = fit(words_of(sample.texts), sample.labels, settings)
    examples = Examples(model.bags(sample), sample.labels)
    found = measure(model, examples)
    assert found.loss == model.evaluate(sample)["loss"]
    hard = TrainedModel.start(model.vocabulary, settings.replace(temperature=0.0))
    hard.network.load_state_dict(model.network.state_dict())
    of_hard = measure(hard, examples)
    assert (found.leaders, found.strength) == (of_hard.leaders, of_hard.strength)
    assert found.loss != of_hard.loss


def test_calibration_counts_reviews_by_tenths_of_their_probability(
    found: Measurement, small_model: TrainedModel, reviews: Reviews
) -> None:
    positive = small_model.probabilities(reviews)[:, 1]
    for each in found.calibration:
        inside = (positive >= each.low) & ((positive < each.high) | (each.high == 1))
        assert each.texts == inside.sum() > 0
        assert each.predicted == pytest.approx(positive[inside].mean())
        assert each.positive == pytest.approx(reviews.labels[inside].mean())
    assert sum(each.texts for each in found.calibration) == 100
    error = sum(abs(each.predicted - each.positive) * each.texts for each in found.calibration) / 100
    assert found.calibration_error == pytest.approx(error)


def test_certain_and_undecided_reviews_have_a_bin() -> None:
    bins = calibration(np.array([[1000.0], [0.0], [-1000.0]]), np.array([1, 0, 1]))
    assert bins == [
        Bin(0.0, 0.1, 1, 0.0, 1.0),
        Bin(0.5, 0.6, 1, 0.5, 0.0),
        Bin(0.9, 1.0, 1, 1.0, 1.0),
    ]


def test_more_than_two_classes_have_no_calibration(sample: Reviews) -> None:
    labels = np.arange(400) % 3
    model = fit(words_of(sample.texts), labels, Settings().replace(epochs=1), classes=("a", "b", "c"))
    found = measure(model, Examples(model.bags(sample), labels))
    assert found.calibration == [] and 0 < found.accuracy < 1


def _model(layers: int = 1) -> TrainedModel:
    """Return a model of d = 1, with 'good' and 'bad' farthest from 0 on either side."""
    vocabulary = Vocabulary(["good", "bad", "film", "not good", "bad film"])
    settings = Settings().replace(dim=1, layers=layers, alpha=1.0, encoder="free")
    model = TrainedModel.start(vocabulary, settings)
    with torch.no_grad():
        model.network.encoder.weight.copy_(torch.tensor([[0.0], [2.0], [-2.0], [1.0], [0.5], [-1.0]]))
    return model


def _examples(model: TrainedModel, *texts: str) -> Examples:
    documents = [text.split() for text in texts]
    return Examples(
        Bags.build(documents, model.vocabulary, model.settings.reading), np.ones(len(texts), np.int64)
    )


@pytest.mark.parametrize(("layers", "strength"), [(0, 0.0), (1, 0.5), (8, 1 - 2**-8)])
def test_each_layer_of_alpha_1_halves_all_distances(layers: int, strength: float) -> None:
    model = _model(layers)
    found = measure(model, _examples(model, "good film", "bad film", "not good film"))
    assert found.strength == pytest.approx(strength)


def test_where_every_token_leads_there_is_no_distance_to_go() -> None:
    model = _model()
    assert measure(model, _examples(model, "good", "bad")).strength == 1


def test_a_token_counts_once_in_each_text_among_all_and_among_leaders() -> None:
    model = _model()
    # What is known of them: good, film | film | bad, film, 'bad film' | good, 'not good'.
    found = measure(model, _examples(model, "good film film", "film", "bad film", "not good"))
    # Leaders: good | film | bad, film | good. On either side of 0 it is the farthest token.
    assert (found.tokens, found.leaders.mean) == (8 / 4, 5 / 4)
    assert opinion_fractions(found, model.vocabulary, LEXICON) == {
        "leading": 5 / 8,
        "opinion_of_words": 2 / 6,
        "opinion_of_leading_words": 2 / 5,
        "opinion_of_pairs": 1 / 2,
        "opinion_of_leading_pairs": None,
        "opinion_of_tokens": 3 / 8,
        "opinion_of_leaders": 2 / 5,
    }
