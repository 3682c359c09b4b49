import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from hardmax.errors import InputError
from hardmax.sentiment.estimator import HardmaxClassifier
from hardmax.sentiment.sample import sample_reviews

REVIEWS = sample_reviews()
TEXTS, LABELS = REVIEWS.texts, REVIEWS.labels
QUICK = {"epochs": 30, "batch_size": 16, "learning_rate": 0.03, "random_state": 0}


@pytest.fixture(scope="module")
def fitted():
    return HardmaxClassifier(**QUICK).fit(TEXTS[:300], LABELS[:300])


def test_it_learns_the_sample(fitted):
    assert fitted.score(TEXTS[300:], LABELS[300:]) > 0.85


def test_probabilities_predictions_and_logits_agree(fitted):
    probability = fitted.predict_proba(TEXTS[300:])
    np.testing.assert_allclose(probability.sum(1), 1)
    np.testing.assert_array_equal(fitted.predict(TEXTS[300:]), probability.argmax(1))
    np.testing.assert_array_equal(fitted.decision_function(TEXTS[300:]) > 0, probability[:, 1] > 0.5)


def test_labels_are_given_back_as_they_came():
    words = np.where(LABELS == 1, "good", "bad")
    classifier = HardmaxClassifier(**QUICK).fit(np.array(TEXTS, dtype=object), words)
    assert classifier.classes_.tolist() == ["bad", "good"]
    assert set(classifier.predict(TEXTS[:20])) <= {"bad", "good"}


def test_three_classes_are_learned():
    topics = ["the cat purrs", "rain and wind today", "cheap shares rise"]
    texts = [f"{topic} {filler}" for filler in ("now", "again", "here", "there") * 20 for topic in topics]
    labels = ["animals", "weather", "money"] * 80
    classifier = HardmaxClassifier(**QUICK, dim=4, word_dropout=0.3).fit(texts, labels)
    assert classifier.score(texts, labels) > 0.95
    assert classifier.predict_proba(texts[:5]).shape == (5, 3)
    assert classifier.decision_function(texts[:5]).shape == (5, 3)


def test_a_weight_of_zero_is_as_good_as_absent_from_the_loss():
    wrong = np.concatenate([LABELS[:200], 1 - LABELS[:200]])
    weights = np.repeat([1.0, 0.0], 200)
    classifier = HardmaxClassifier(**QUICK, validation=0.0).fit(TEXTS[:200] * 2, wrong, sample_weight=weights)
    assert classifier.score(TEXTS[300:], LABELS[300:]) > 0.8


def test_the_same_random_state_gives_the_same_model(fitted):
    again = clone(fitted).fit(TEXTS[:300], LABELS[:300])
    np.testing.assert_array_equal(again.decision_function(TEXTS), fitted.decision_function(TEXTS))


def test_pickling_and_saving_keep_the_model(fitted, tmp_path):
    fitted.save(tmp_path / "model")
    for copy in (pickle.loads(pickle.dumps(fitted)), HardmaxClassifier.load(tmp_path / "model")):
        np.testing.assert_array_equal(copy.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
        assert copy.get_params()["epochs"] == 30


def test_it_works_inside_scikit_learn():
    classifier = HardmaxClassifier(**QUICK | {"epochs": 4})
    assert len(cross_val_score(make_pipeline(classifier), TEXTS, LABELS, cv=2)) == 2
    search = GridSearchCV(classifier, {"dim": [2, 3]}, cv=2).fit(TEXTS, LABELS)
    assert search.best_params_["dim"] in (2, 3)


def test_an_explanation_names_leaders(fitted):
    assert fitted.explain("A wonderful film, not boring at all.").leaders


@pytest.mark.parametrize(
    ("texts", "labels", "said"),
    [
        (["a b", "c d"], [1, 1], "one class only"),
        (["a b", None], [0, 1], r"X\[1\] is None"),
        (["a b", 3], [0, 1], r"X\[1\] is 3"),
        (["a b", "c d"], [0], "one label for each of the 2"),
        ("a b", [0], "list of texts"),
        (["", ""] * 20, [0, 1] * 20, "no word"),
    ],
)
def test_bad_input_is_said_in_one_line(texts, labels, said):
    with pytest.raises(InputError, match=said):
        HardmaxClassifier(**QUICK).fit(texts, labels)
