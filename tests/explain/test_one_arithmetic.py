"""What is explained is what is predicted, to the last bit: alone, in any batch and order, on any threads."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import expit

from hardmax import Explanation, HardmaxClassifier, load, read_reviews, sample_reviews
from hardmax._support.threads import using_threads

#: Real reviews where there are some.
DATA = os.environ.get("HARDMAX_DATA")
TEXTS = (read_reviews(DATA, "test") if DATA else sample_reviews()).texts[:1000]


def of_classes(number: int) -> HardmaxClassifier:
    """Return a model of the sample with its reviews dealt out to so many classes."""
    texts = sample_reviews().texts
    labels = np.array(list("abcde"))[np.arange(len(texts)) % number]
    return HardmaxClassifier(dim=3, epochs=3, random_state=0).fit(texts, labels)


MODELS: dict[str, Callable[[], HardmaxClassifier]] = {
    "imdb-d2": lambda: load("imdb-d2"),
    "imdb-d16": lambda: load("imdb-d16"),
    "three classes": lambda: of_classes(3),
    "five classes": lambda: of_classes(5),
}


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> HardmaxClassifier:
    return MODELS[request.param]()


@pytest.fixture(scope="module")
def explanations(model: HardmaxClassifier) -> list[Explanation]:
    return [model.explain(text) for text in TEXTS]


def test_an_explanation_has_the_probabilities_of_any_batch(
    model: HardmaxClassifier, explanations: list[Explanation]
) -> None:
    explained = np.array([explanation.probabilities for explanation in explanations])
    np.testing.assert_array_equal(model.predict_proba(TEXTS), explained)
    order = np.random.default_rng(0).permutation(len(TEXTS))
    np.testing.assert_array_equal(model.predict_proba([TEXTS[i] for i in order]), explained[order])
    parts = np.split(np.arange(len(TEXTS)), [1, 3, 130, 387])
    apart = [model.predict_proba([TEXTS[i] for i in part]) for part in parts]
    np.testing.assert_array_equal(np.concatenate(apart), explained)
    alone = [model.predict_proba([text])[0] for text in TEXTS[:100]]
    np.testing.assert_array_equal(alone, explained[:100])


def test_an_explanation_has_the_label_of_the_prediction(
    model: HardmaxClassifier, explanations: list[Explanation]
) -> None:
    assert [explanation.label for explanation in explanations] == model.predict(TEXTS).tolist()


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_changes_no_bit(
    threads: int, model: HardmaxClassifier, explanations: list[Explanation]
) -> None:
    with using_threads(threads):
        explained = [model.explain(text).probabilities for text in TEXTS[:100]]
        predicted = model.predict_proba(TEXTS)
    wanted = np.array([explanation.probabilities for explanation in explanations])
    np.testing.assert_array_equal(explained, wanted[:100])
    np.testing.assert_array_equal(predicted, wanted)


def test_the_last_text_of_1025_has_the_probability_that_it_has_alone(model: HardmaxClassifier) -> None:
    texts = [*(TEXTS * 3)[:1024], TEXTS[7]]
    together = model.predict_proba(texts)
    np.testing.assert_array_equal(together[-1], model.predict_proba([TEXTS[7]])[0])
    np.testing.assert_array_equal(together[-1], together[7])


def test_the_probability_by_layer_is_the_decoder_at_the_mean_of_each_layer(
    explanations: list[Explanation],
) -> None:
    for explanation in explanations[:50]:
        weight, bias = explanation.weight.tolist(), explanation.bias.tolist()
        if len(explanation.classes) == 2:
            assert (weight, bias) == ([explanation.v.tolist()], [explanation.b])
        logits = np.array(
            [
                [_plain(row, offset, mean) for row, offset in zip(weight, bias, strict=True)]
                for mean in explanation.trajectory.means.tolist()
            ]
        )
        if len(explanation.classes) == 2:
            assert explanation.probability_by_layer.tolist() == expit(logits[:, 0]).tolist()
        else:
            odds = np.exp(logits)
            wanted = odds / odds.sum(axis=1, keepdims=True)
            np.testing.assert_allclose(explanation.probabilities_by_layer, wanted, rtol=1e-12)


def _plain(weight: list[float], bias: float, mean: list[float]) -> float:
    total = bias
    for w, x in zip(weight, mean, strict=True):
        total += w * x
    return total
