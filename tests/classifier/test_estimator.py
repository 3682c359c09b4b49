"""`HardmaxClassifier` keeps the promises of scikit-learn's estimators, for texts."""

import datetime
import pickle
from pathlib import Path
from typing import ClassVar

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from hardmax import HardmaxClassifier, Settings, sample_reviews
from hardmax._support.threads import in_pieces
from hardmax.classifier.inputs import texts_of
from hardmax.errors import InputError

REVIEWS = sample_reviews()
TEXTS, LABELS = REVIEWS.texts, REVIEWS.labels
WORDS = np.where(LABELS == 1, "good", "bad")
QUICK = {"epochs": 30, "batch_size": 16, "learning_rate": 0.03, "random_state": 0}
TINY = QUICK | {"epochs": 2, "layers": 2}
TOPICS = ["the cat purrs", "rain and wind today", "cheap shares rise"]
TOPIC_TEXTS = [f"{topic} {filler}" for filler in ("now", "again", "here", "there") * 20 for topic in TOPICS]
TOPIC_LABELS = ["animals", "weather", "money"] * 80


@pytest.fixture(scope="module")
def fitted():
    return HardmaxClassifier(**QUICK).fit(TEXTS[:300], LABELS[:300])


@pytest.fixture(scope="module")
def of_topics():
    return HardmaxClassifier(**QUICK, dim=4, word_dropout=0.3).fit(TOPIC_TEXTS, TOPIC_LABELS)


def test_the_defaults_are_those_of_the_settings():
    defaults, own = Settings().to_dict(), HardmaxClassifier().get_params()
    assert own.keys() - defaults.keys() == {"class_weight", "verbose", "random_state", "n_jobs"}
    for name in own.keys() & defaults.keys():
        assert (type(own[name]), own[name]) == (type(defaults[name]), defaults[name])


def test_it_learns_the_sample(fitted):
    assert fitted.score(TEXTS[300:], LABELS[300:]) > 0.85


def test_probabilities_predictions_and_logits_agree(fitted):
    probability = fitted.predict_proba(TEXTS[300:])
    np.testing.assert_allclose(probability.sum(1), 1)
    np.testing.assert_array_equal(fitted.predict(TEXTS[300:]), probability.argmax(1))
    np.testing.assert_array_equal(fitted.decision_function(TEXTS[300:]) > 0, probability[:, 1] > 0.5)


def test_three_classes_are_learned(of_topics):
    assert of_topics.score(TOPIC_TEXTS, TOPIC_LABELS) > 0.95
    assert of_topics.classes_.tolist() == ["animals", "money", "weather"]
    logits, probability = (f(TOPIC_TEXTS) for f in (of_topics.decision_function, of_topics.predict_proba))
    np.testing.assert_array_equal(of_topics.classes_[logits.argmax(1)], of_topics.predict(TOPIC_TEXTS))
    np.testing.assert_allclose(np.exp(logits) / np.exp(logits).sum(1, keepdims=True), probability)


@pytest.mark.parametrize(
    "texts",
    [
        tuple(TEXTS),
        np.array(TEXTS),
        np.array(TEXTS, object),
        pd.Series(TEXTS, index=range(400, 0, -1)),
        pd.Series(TEXTS, dtype=object),
    ],
    ids=["tuple", "array", "objects", "Series", "Series of objects"],
)
def test_texts_may_come_in_any_sequence(texts):
    model = HardmaxClassifier(**TINY).fit(TEXTS, LABELS)
    other = HardmaxClassifier(**TINY).fit(texts, pd.Series(LABELS, index=range(7, 407)))
    np.testing.assert_array_equal(other.decision_function(texts), model.decision_function(TEXTS))


def test_texts_are_not_copied():
    for texts in (TEXTS, tuple(TEXTS), np.array(TEXTS), np.array(TEXTS, object)):
        assert texts_of(texts) is texts
    assert texts_of(pd.Series(TEXTS, dtype=object))[3] is TEXTS[3]


KINDS_OF_LABELS = {
    "text": ["bad", "good"],
    "array of text": np.array(["bad", "good"]),
    "objects of text": np.array(["bad", "good"], object),
    "bool": [False, True],
    "array of bool": np.array([False, True]),
    "int": [-1, 1],
    "int32": np.array([3, 7], np.int32),
    "uint8": np.array([3, 7], np.uint8),
    "whole floats": [1.0, 2.0],
    "float32": np.array([1, 2], np.float32),
    "pandas categories": pd.Series(["bad", "good"], dtype="category"),
    "numbers in objects": np.array([2, 2**70], object),
}
MORE_KINDS = {
    "tuples": [("film", -1), ("film", 1)],
    "dates": [datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)],
    "bytes": [b"bad", b"good"],
    "days": np.array(["2020-01-01", "2021-01-01"], "M8[D]"),
}


def labelled(two):
    return [two[i] for i in LABELS] if isinstance(two, list) else two[LABELS]


@pytest.mark.parametrize("two", (KINDS_OF_LABELS | MORE_KINDS).values(), ids=(KINDS_OF_LABELS | MORE_KINDS))
def test_labels_are_given_back_as_they_came(two):
    classifier = HardmaxClassifier(**TINY).fit(TEXTS, labelled(two))
    plain = HardmaxClassifier(**TINY).fit(TEXTS, LABELS)
    found, numbers = classifier.predict(TEXTS), plain.predict(TEXTS)
    wanted = two if isinstance(two, list) else np.asarray(two).tolist()
    assert [(type(label), label) for label in found.tolist()] == [
        (type(wanted[i]), wanted[i]) for i in numbers
    ]
    if isinstance(two, np.ndarray):
        assert found.dtype == two.dtype


@pytest.mark.parametrize("two", KINDS_OF_LABELS.values(), ids=KINDS_OF_LABELS)
def test_a_saved_model_gives_back_the_same_labels(two, tmp_path):
    classifier = HardmaxClassifier(**TINY).fit(TEXTS, labelled(two))
    classifier.save(tmp_path / "model")
    loaded = HardmaxClassifier.load(tmp_path / "model")
    assert loaded.classes_.dtype == classifier.classes_.dtype
    found, wanted = loaded.predict(TEXTS), classifier.predict(TEXTS)
    assert [(type(label), label) for label in found] == [(type(label), label) for label in wanted]


@pytest.mark.parametrize("two", MORE_KINDS.values(), ids=MORE_KINDS)
def test_labels_that_a_file_would_not_give_back_are_not_saved(two, tmp_path):
    classifier = HardmaxClassifier(**TINY).fit(TEXTS, labelled(two))
    with pytest.raises(InputError, match=r"the label .* would not come back as it is"):
        classifier.save(tmp_path / "model")
    assert not (tmp_path / "model").exists()
    assert pickle.loads(pickle.dumps(classifier)).classes_.tolist() == classifier.classes_.tolist()


def test_classes_of_another_type_are_said(fitted, tmp_path):
    fitted.save(tmp_path)
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace('"<i8"', '"<M9"'))
    with pytest.raises(InputError, match=r"config\.json: the classes are not of the label_type"):
        HardmaxClassifier.load(tmp_path)


def test_a_weight_of_zero_is_as_good_as_absent_from_the_loss():
    wrong = np.concatenate([LABELS[:200], 1 - LABELS[:200]])
    weights = np.repeat([1.0, 0.0], 200)
    classifier = HardmaxClassifier(**QUICK).fit(TEXTS[:200] * 2, wrong, sample_weight=weights)
    assert classifier.score(TEXTS[300:], LABELS[300:]) > 0.8


@pytest.mark.parametrize(
    ("class_weight", "as_weights"),
    [
        ({"bad": 3}, np.where(WORDS == "bad", 3, 1)),
        ({"bad": 3, "good": 1, "of another fold": 2}, np.where(WORDS == "bad", 3, 1)),
        ("balanced", np.where(WORDS == "bad", 1 / 100, 1 / 200)),
    ],
)
def test_the_weight_of_a_class_is_that_of_its_texts(class_weight, as_weights):
    kept = np.r_[np.flatnonzero(LABELS == 0)[:100], np.flatnonzero(LABELS == 1)]
    texts, labels = np.array(TEXTS)[kept], WORDS[kept]
    weighted = HardmaxClassifier(**TINY, class_weight=class_weight).fit(texts, labels)
    other = HardmaxClassifier(**TINY).fit(texts, labels, sample_weight=as_weights[kept])
    np.testing.assert_allclose(weighted.decision_function(TEXTS), other.decision_function(TEXTS), atol=1e-4)


def test_the_same_random_state_gives_the_same_model(fitted):
    again = clone(fitted).fit(TEXTS[:300], LABELS[:300])
    np.testing.assert_array_equal(again.decision_function(TEXTS), fitted.decision_function(TEXTS))
    states = (np.random.RandomState(5), np.random.RandomState(5), np.random.RandomState(6), 5)
    logits = [
        HardmaxClassifier(**TINY | {"random_state": state}).fit(TEXTS, LABELS).decision_function(TEXTS)
        for state in states
    ]
    np.testing.assert_array_equal(logits[0], logits[1])
    assert (logits[0] != logits[2]).any() and (logits[0] != logits[3]).any()


@pytest.mark.parametrize("jobs", [1, 2, -1])
def test_no_result_depends_on_the_number_of_jobs(jobs):
    texts, labels = TEXTS * 7, np.tile(LABELS, 7)  # enough for two processes to have a part each
    alone = HardmaxClassifier(**TINY).fit(texts, labels)
    together = HardmaxClassifier(**TINY, n_jobs=jobs).fit(texts, labels)
    np.testing.assert_array_equal(together.decision_function(texts), alone.decision_function(texts))


def test_jobs_are_processes(monkeypatch):
    seen = []
    monkeypatch.setattr(joblib, "Parallel", lambda jobs=None, **more: seen.append(more["n_jobs"]) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        HardmaxClassifier(n_jobs=3).fit(TEXTS * 20, np.tile(LABELS, 20))
    assert seen == [3]


class Counting(str):
    """A text that notes, when it is read, how many threads work."""

    seen: ClassVar[set[int]] = set()

    def lower(self):
        pieces = []
        in_pieces(lambda begin, end: pieces.append(begin), 1000)
        self.seen.add(len(pieces))
        return super().lower()


def test_jobs_are_threads():
    texts = [Counting(text) for text in TEXTS]
    for jobs in (1, 3, 5):
        Counting.seen.clear()
        classifier = HardmaxClassifier(**TINY, n_jobs=jobs).fit(texts, LABELS)
        assert Counting.seen == {jobs}
        Counting.seen.clear()
        classifier.predict(texts[:10])
        assert Counting.seen == {jobs}


def test_the_best_epoch_by_validation_is_kept_and_ends_the_training():
    classifier = HardmaxClassifier(**QUICK | {"epochs": 200}, validation=0.25, patience=3)
    history = classifier.fit(TEXTS, LABELS).history_
    assert len(history) == history["valid_acc"].argmax() + 1 + 3 < 200


def test_a_bar_is_shown_when_asked_for(capsys):
    HardmaxClassifier(**TINY).fit(TEXTS, LABELS)
    assert capsys.readouterr().err == ""
    HardmaxClassifier(**TINY, verbose=True).fit(TEXTS, LABELS)
    assert "epoch 2/2" in capsys.readouterr().err


def test_pickling_and_saving_keep_the_model(fitted, of_topics, tmp_path):
    for number, model in enumerate((fitted, of_topics)):
        model.save(tmp_path / str(number))
        for copy in (pickle.loads(pickle.dumps(model)), HardmaxClassifier.load(tmp_path / str(number))):
            np.testing.assert_array_equal(copy.predict_proba(TEXTS), model.predict_proba(TEXTS))
            assert copy.get_params()["epochs"] == 30
            assert clone(copy).get_params() == copy.get_params()


def test_it_works_inside_scikit_learn(tmp_path):
    classifier = HardmaxClassifier(**QUICK | {"epochs": 4})
    assert len(cross_val_score(make_pipeline(classifier), TEXTS, WORDS, cv=2, error_score="raise")) == 2
    grid = {"dim": np.arange(2, 4), "word_dropout": np.linspace(0.3, 0.7, 2), "pairs": np.array([1])}
    search = GridSearchCV(classifier, grid, cv=2, error_score="raise").fit(TEXTS, LABELS)
    assert search.best_params_["dim"] in (2, 3)
    search.best_estimator_.save(tmp_path / "model")  # with NumPy's numbers as its parameters
    calibrated = CalibratedClassifierCV(classifier, cv=2).fit(TEXTS, WORDS)
    assert calibrated.predict_proba(TEXTS).shape == (400, 2)
    assert calibrated.score(TEXTS, WORDS) > 0.8


def test_an_explanation_names_leaders_and_the_label(fitted, of_topics):
    text = "A wonderful film, not boring at all."
    explanation = fitted.explain(text)
    assert explanation.leaders
    assert explanation.probability == fitted.predict_proba([text])[0, 1]
    explanation = of_topics.explain(TOPIC_TEXTS[1])
    assert explanation.label == "weather"
    np.testing.assert_array_equal(explanation.probabilities, of_topics.predict_proba(TOPIC_TEXTS[1:2])[0])


def test_a_text_of_unknown_words_is_one_without_words(fitted, of_topics):
    for model in (fitted, of_topics):
        probabilities = model.predict_proba(["", "xyzzy qwertz", "?!"])
        assert (probabilities == probabilities[0]).all() and probabilities[0].sum() == pytest.approx(1)
        assert set(model.predict(["", "xyzzy"])) <= set(model.classes_)
        assert model.predict([]).shape == (0,)
        assert model.predict_proba([]).shape == (0, len(model.classes_))


@pytest.mark.parametrize("validation", [0.0, 0.9])
def test_a_class_of_one_text_is_learned(validation):
    labels = [*WORDS[:-1], "odd"]
    classifier = HardmaxClassifier(**TINY, validation=validation).fit(TEXTS, labels)
    assert classifier.classes_.tolist() == ["bad", "good", "odd"]


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function", "explain", "save"])
def test_it_says_that_it_is_not_fitted(method):
    with pytest.raises(NotFittedError):
        getattr(HardmaxClassifier(), method)("model")
    assert not Path("model").exists()


def test_a_training_that_fails_leaves_the_former_model(fitted):
    model = pickle.loads(pickle.dumps(fitted))
    with pytest.raises(InputError, match="no word"):
        model.fit(["", ""] * 20, ["a", "b"] * 20)
    np.testing.assert_array_equal(model.predict(TEXTS), fitted.predict(TEXTS))


@pytest.mark.parametrize(
    ("texts", "labels", "weights", "said"),
    [
        (TEXTS, np.ones(400), None, r"y holds one class only, 1\.0"),
        ([], [], None, r"Found array with 0 sample\(s\)"),
        (["a b", None], [0, 1], None, r"X\[1\] is None"),
        (["a b", 3], [0, 1], None, r"X\[1\] is 3"),
        (["a b", np.nan], [0, 1], None, r"X\[1\] is nan"),
        ([np.eye(9), "a"], [0, 1], None, r"X\[0\] is array"),
        (pd.Series(["a b", None]), [0, 1], None, r"X\[1\] is (nan|None)"),
        (np.array([["a"], ["b"]]), [0, 1], None, r"ndarray of shape \(2, 1\)"),
        (pd.DataFrame({"text": ["a", "b"]}), [0, 1], None, r"DataFrame of shape \(2, 1\)"),
        ("a b", [0], None, "list or 1d array of texts"),
        ({"a b": 1}, [0], None, "dict of shape"),
        (["a b", "c d"], [0], None, r"inconsistent numbers of samples: \[2, 1\]"),
        (["", ""] * 20, [0, 1] * 20, None, "no word"),
        (["!?", "the"] * 20, [0, 1] * 20, None, "no word"),
        (TEXTS, None, None, "y should be a 1d array"),
        (TEXTS, np.eye(400), None, "y should be a 1d array"),
        (TEXTS, [*WORDS[:-1], None], None, r"y contains NaN: y\[399\] is None"),
        (TEXTS, [*WORDS[:-1], np.nan], None, r"y contains NaN: y\[399\] is nan"),
        (TEXTS, [*LABELS[:-1], np.nan], None, r"y contains NaN: y\[399\] is nan"),
        (TEXTS, pd.array([*LABELS[:-1], None], "Int64"), None, r"y contains NaN: y\[399\]"),
        (TEXTS, LABELS + 0.5, None, "continuous"),
        (TEXTS, [*LABELS[:-1], "1"], None, "labels of type int64, str, which cannot be"),
        (TEXTS, [[0], [1]] * 200, None, "labels of type list, which cannot be"),
        (TEXTS, LABELS, np.r_[np.ones(399), np.nan], r"sample_weight\[399\] is nan"),
        (TEXTS, LABELS, np.r_[-1, np.ones(399)], r"sample_weight\[0\] is -1"),
        (TEXTS, LABELS, np.ones(3), r"sample_weight.shape == \(3,\), expected \(400,\)"),
        (TEXTS, LABELS, np.zeros(400), "weight of every text is zero"),
    ],
)
def test_bad_input_is_said_in_one_line(texts, labels, weights, said):
    with pytest.raises(ValueError, match=said) as caught:
        HardmaxClassifier(**TINY).fit(texts, labels, weights)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"dim": 0}, "dim is 0"),
        ({"alpha": "learned"}, "alpha is 'learned'"),
        ({"n_jobs": 0}, "n_jobs is 0"),
        ({"n_jobs": "all"}, "n_jobs is 'all'"),
        ({"random_state": "seed"}, "seed"),
        ({"random_state": -1}, "seed is -1"),
        ({"class_weight": "equal"}, "class_weight"),
        ({"class_weight": {"god": 2}}, "class_weight names 'god', which is not among the labels"),
        ({"class_weight": {"good": -2}}, r"class_weight\['good'\] is -2"),
        ({"class_weight": {"good": 0, "bad": 0}}, "weight of every text is zero"),
    ],
)
def test_a_bad_parameter_is_said_in_one_line(parameters, said):
    with pytest.raises(ValueError, match=said) as caught:
        HardmaxClassifier(**TINY | parameters).fit(TEXTS, WORDS)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("weight", [1j, object(), "much"])
def test_weights_that_are_no_numbers_get_one_line(weight):
    with pytest.raises(InputError, match="sample_weight holds something that is not a number"):
        HardmaxClassifier(**TINY).fit(TEXTS, LABELS, sample_weight=[weight] * len(TEXTS))
