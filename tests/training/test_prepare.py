"""`prepare`: the vocabulary, the bags and the dataset splits of a training run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from hardmax.data import Reviews, sample_reviews
from hardmax.data.reviews import Texts
from hardmax.errors import InputError
from hardmax.network.network import HardmaxNetwork
from hardmax.text.bags import Bags
from hardmax.text.pipelines import words_of
from hardmax.training.prepare import Examples, Prepared, documents_of, prepare, prepare_reviews
from hardmax.training.settings import PRESETS, Settings

SETTINGS = Settings().replace(min_count=2, max_tokens=40)
TRAIN, TEST = sample_reviews("train"), sample_reviews("test")
DOCUMENTS = [["good", "film", "good", "late"], ["good", "film", "bad", "late"], ["bad", "bad", "bad"]]


def numbered(count: int, settings: Settings) -> tuple[Prepared, list[int], list[int]]:
    """Prepare texts that hold their own number; return the numbers in train and valid too."""
    labels = np.arange(count) % 3
    documents = [[f"w{number}"] for number in range(count)]
    settings = settings.replace(pairs=0, min_count=1, vocabulary_from="all")
    found = prepare(documents, labels, settings, classes=("a", "b", "c"))
    number_of = {number + 1: int(token[1:]) for number, token in enumerate(found.vocabulary.tokens)}
    splits = []
    for each in (found.train, found.valid):
        numbers = [] if each is None else [number_of[id_] for id_ in each.bags.ids]
        assert each is None or each.labels.tolist() == labels[numbers].tolist()
        splits.append(numbers)
    return found, *splits


def test_the_validation_texts_are_taken_from_the_training_texts() -> None:
    found = prepare_reviews(TRAIN, TEST, SETTINGS.replace(validation=0.1))
    assert found.valid is not None and found.test is not None
    assert (len(found.train), len(found.valid), len(found.test)) == (270, 30, 100)
    assert found.test.labels.tolist() == TEST.labels.tolist()


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 0.99])
def test_each_class_keeps_the_same_fraction_aside_and_one_text_to_learn_from(fraction: float) -> None:
    found, learned, aside = numbered(60, SETTINGS.replace(validation=fraction))
    assert sorted(learned + aside) == list(range(60))
    for label in range(3):
        assert sum(number % 3 == label for number in aside) == min(round(20 * fraction), 19)
    assert (found.valid is None) == (fraction == 0)


def test_the_seed_alone_draws_the_texts_kept_aside() -> None:
    settings = SETTINGS.replace(validation=0.5)
    _, _, aside = numbered(60, settings)
    assert aside == numbered(60, settings.replace(epochs=3))[2] != numbered(60, settings.replace(seed=1))[2]


def test_the_vocabulary_is_that_of_the_training_texts_unless_the_paper_is_followed() -> None:
    documents, test = [["good"], ["bad"], ["good"], ["dull"]], ([["new"]], np.array([1]))
    labels = np.array([1, 0, 1, 0])
    settings = SETTINGS.replace(min_count=1)
    assert prepare(documents, labels, settings, test=test).vocabulary.tokens == ["good", "bad", "dull"]
    whole = prepare(documents, labels, settings.replace(vocabulary_from="all"), test=test)
    assert whole.vocabulary.tokens == ["good", "bad", "dull", "new"]
    aside = prepare(documents, labels, settings.replace(validation=0.5), test=test)
    assert aside.valid is not None and len(aside.vocabulary.tokens) <= 2


@pytest.mark.parametrize(
    ("changes", "tokens"),
    [
        ({}, ["bad", "film", "good", "good film"]),
        ({"repeats": True}, ["bad", "bad bad", "film", "good", "good film"]),
        ({"repeats": True, "min_count": 3}, ["bad", "good"]),
        ({"pairs": 0}, ["bad", "film", "good"]),
        ({"max_tokens": 4}, ["bad", "film", "good", "good film", "late"]),
        ({"vocabulary_from": "all"}, ["bad", "bad late", "film", "good", "good film", "late"]),
    ],
)
def test_the_vocabulary_counts_what_is_read(changes: dict[str, object], tokens: list[str]) -> None:
    settings = Settings().replace(**{"max_tokens": 3, "min_count": 2} | changes)
    test = [["dull", "bad", "late"]], np.array([0])
    found = prepare(DOCUMENTS, np.array([1, 1, 0]), settings, test=test)
    assert sorted(found.vocabulary.tokens) == tokens


def test_the_paper_takes_every_word_of_whole_texts_of_both_splits_and_no_pairs() -> None:
    documents = [[f"a{i}" for i in range(300)], ["b"]]
    test = [[f"c{i}" for i in range(200)]], np.array([1])
    found = prepare(documents, np.array([1, 0]), PRESETS["paper"], test=test)
    assert set(found.vocabulary.tokens) == {*documents[0], "b", *(f"c{i}" for i in range(200))}
    assert found.test is not None
    for bags in (found.train.bags, found.test.bags):  # but reads the first 128 of each
        assert set(bags.frequencies(len(found.vocabulary))[1:].tolist()) <= {0, 1}
        assert [counts.sum() for counts in bags.split(bags.counts)] == [128] * len(bags)
    network = HardmaxNetwork(len(found.vocabulary), PRESETS["paper"].shape)
    assert not network.on_lines and not network.attention.straight_through


def test_reviews_are_prepared_as_their_words() -> None:
    found = prepare_reviews(TRAIN, TEST, SETTINGS)
    documents, test = words_of(TRAIN.texts), words_of(TEST.texts)
    wanted = prepare(documents, TRAIN.labels, SETTINGS, test=(test, TEST.labels))
    assert found.fingerprint == wanted.fingerprint
    processed = replace(TRAIN, texts=[" ".join(words) for words in documents], processed=True)
    assert prepare_reviews(processed, TEST, SETTINGS).fingerprint == found.fingerprint


def test_the_words_of_a_preprocessed_file_are_those_between_its_spaces() -> None:
    assert documents_of(Texts(["The FILM", ""], processed=True), "default") == [["The", "FILM"], []]
    assert documents_of(Texts(["The FILM", ""]), "default") == [["the", "film"], []]


def test_test_texts_are_numbered_by_the_classes_of_the_training_texts() -> None:
    train = Reviews(["fun film", "sad film"] * 4, np.array([0, 1] * 4), classes=("fun", "sad"))
    test = Reviews(["sad film", "fun film"], np.array([0, 1]), classes=("sad", "fun"))
    found = prepare_reviews(train, test, SETTINGS)
    assert found.classes == ("fun", "sad")
    assert found.test is not None and found.test.labels.tolist() == [1, 0]
    with pytest.raises(InputError, match="dull"):
        prepare_reviews(train, replace(test, classes=("sad", "dull")), SETTINGS)


@pytest.mark.parametrize(
    ("reviews", "changes", "message"),
    [
        (TRAIN[:0], {}, "there are 0 texts to train on"),
        (TRAIN[[0, int(TRAIN.labels.argmin())]], {"validation": 0.1}, "there are 2 texts to train on"),
        (TRAIN[TRAIN.labels == 1], {}, "have the label 1; give two classes"),
        (TRAIN[:20], {"min_count": 1000}, "no word is in 1000 texts"),
    ],
)
def test_too_few_reviews_are_refused(reviews: Reviews, changes: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        prepare_reviews(reviews, None, SETTINGS.replace(**changes))


def test_the_importance_of_a_text_stays_with_it() -> None:
    labels = np.arange(40) % 2
    importance = (np.arange(40) + 0.5).astype(np.float32)
    documents = [[f"w{number}"] for number in range(40)]
    settings = SETTINGS.replace(min_count=1, validation=0.25, vocabulary_from="all")
    found = prepare(documents, labels, settings, importance=importance)
    tokens = found.vocabulary.tokens
    for split in (found.train, found.valid):
        assert split is not None and split.importance is not None
        assert [f"w{int(value)}" for value in split.importance] == [tokens[id_ - 1] for id_ in split.bags.ids]


@pytest.fixture
def examples() -> Examples:
    bags = Bags(np.arange(1, 24), np.ones(23, np.float32), np.arange(24))
    return Examples(bags, np.arange(23) % 2, np.arange(23, dtype=np.float32))


@pytest.mark.parametrize("size", [1, 5, 23, 64])
def test_shuffled_batches_cover_each_example_once(examples: Examples, size: int) -> None:
    batches = list(examples.shuffled(size, np.random.default_rng(0)))
    assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
    found = [int(id_) for batch in batches for id_ in batch.bags.ids]
    assert sorted(found) == list(range(1, 24)) != found
    for batch in batches:
        assert batch.importance is not None
        assert batch.importance.tolist() == (batch.bags.ids - 1).tolist()
        assert batch.labels.tolist() == ((batch.bags.ids - 1) % 2).tolist()


def test_shuffled_batches_differ_by_epoch_and_repeat_by_seed(examples: Examples) -> None:
    def order(*seed: int) -> list[int]:
        return next(examples.shuffled(23, np.random.default_rng(seed))).bags.ids.tolist()

    assert order(0, 1) == order(0, 1) != order(0, 2)


def test_the_fingerprint_is_that_of_texts_labels_and_splits(examples: Examples, prepared: Callable) -> None:
    others = [replace(examples, labels=1 - examples.labels), replace(examples, importance=None)]
    others.append(examples.take(np.arange(22)))
    assert len({each.fingerprint for each in [examples, *others, examples.take(np.arange(23))]}) == 4
    found = prepared(SETTINGS.replace(validation=0.1))
    changed = [replace(found, valid=None), replace(found, test=None), replace(found, train=examples)]
    changed += [replace(found, classes=(1, 0)), replace(found, classes=("neg", "pos"))]
    assert len({each.fingerprint for each in [found, *changed, replace(found)]}) == 6
