"""From labelled texts to what a training run reads: vocabulary, bags of ids, dataset splits."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hardmax.data.reviews import Reviews, Texts
from hardmax.errors import InputError
from hardmax.text.bags import Bags
from hardmax.text.pipelines import words_of
from hardmax.text.tokens import vocabulary_of
from hardmax.text.vocabulary import Vocabulary
from hardmax.training.settings import Settings, Training

Labels = npt.NDArray[np.int64]
Importance = npt.NDArray[np.float32]
Documents = list[list[str]]


@dataclass(frozen=True)
class Examples:
    """Labelled texts."""

    bags: Bags  # S texts
    labels: Labels  # (S,): the class of each
    importance: Importance | None = None  # (S,): how much the loss of each counts; 1 for all when None

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, texts: npt.NDArray[np.int64]) -> "Examples":
        """Return the examples with these numbers, in this order."""
        importance = None if self.importance is None else self.importance[texts]
        return Examples(self.bags.take(texts), self.labels[texts], importance)

    def shuffled(self, size: int, rng: np.random.Generator) -> "Iterator[Examples]":
        """Yield all examples in an order drawn from `rng`, `size` at a time."""
        order = rng.permutation(len(self))
        for begin in range(0, len(self), size):
            yield self.take(order[begin : begin + size])

    @property
    def fingerprint(self) -> str:
        """A short digest of texts and labels."""
        return self.bags.fingerprint(self.labels, self.importance)


@dataclass(frozen=True)
class Prepared:
    """Labelled texts as a training run reads them, in dataset splits; None where there is none."""

    vocabulary: Vocabulary  # the tokens kept
    train: Examples
    valid: Examples | None = None
    test: Examples | None = None
    classes: tuple[int | str, ...] = (0, 1)  # the names of the classes

    @property
    def fingerprint(self) -> str:
        """A digest of the tokens and all splits."""
        names = _digest(self.vocabulary.tokens)
        if self.classes != (0, 1):
            names += "-" + _digest(list(map(str, self.classes)))
        splits = (self.train, self.valid, self.test)
        return "-".join([names, *("none" if split is None else split.fingerprint for split in splits)])


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def documents_of(
    texts: Texts | Reviews, pipeline: str, processes: int = 1, progress: Callable[[int], object] | None = None
) -> Documents:
    """Return the words of each text, which a preprocessed file holds already; see `words_of`."""
    if texts.processed:
        return [text.split() for text in texts.texts]
    return words_of(texts.texts, pipeline, processes, progress)


def prepare_reviews(train: Reviews, test: Reviews | None, settings: Settings, processes: int = 1) -> Prepared:
    """Cut reviews into words, choose the vocabulary, and set a validation split aside; see `prepare`.

    Reviews of one class are refused, and so are test reviews of a class that no training review has.
    """
    if len(train) and len(set(train.labels.tolist())) < 2:
        only = train.classes[train.labels[0]]
        raise InputError(f"all {len(train)} texts to train on have the label {only!r}; give two classes")
    pipeline = settings.reading.pipeline
    measured = None
    if test is not None:
        test = test.named_as(train.classes)
        measured = documents_of(test, pipeline, processes), test.labels
    documents = documents_of(train, pipeline, processes)
    return prepare(documents, train.labels, settings, test=measured, classes=train.classes)


def prepare(
    documents: Documents,
    labels: Labels,
    settings: Settings,
    *,
    test: tuple[Documents, Labels] | None = None,
    importance: Importance | None = None,
    classes: tuple[int | str, ...] = (0, 1),
) -> Prepared:
    """Choose the vocabulary of texts cut into words, and set a validation split aside.

    Parameters
    ----------
    documents, labels : list, (n,) int array
        The words and the number of the class of each training text.
    settings : Settings
        Its `reading`, and of its `training` the `validation` and the `seed`, are used.
    test : (documents, labels), optional
        Texts to measure on.
    importance : (n,) float32 array, optional
        How much the loss of each training text counts.
    classes : tuple
        The names of the classes.

    Raises
    ------
    InputError
        When there are too few texts, or no token is left.
    """
    reading, training = settings.reading, settings.training
    learn, choose = _validation_split(labels, training)
    if len(learn) == 0 or (training.validation and len(choose) == 0):
        asked = f", too few for validation = {training.validation}" if training.validation else ""
        raise InputError(f"there are {len(documents)} texts to train on{asked}; give more")
    test_documents, test_labels = test or ([], None)
    whole = reading.vocabulary_from == "all"
    counted = [*documents, *test_documents] if whole else [documents[i] for i in learn]
    vocabulary = vocabulary_of(counted, reading)
    if not vocabulary.tokens:
        raise InputError(
            f"no word is in {reading.min_count} texts or more; give more texts or a lower min_count"
        )

    bags = Bags.build(test_documents, vocabulary, reading)
    measured = None if test_labels is None else Examples(bags, test_labels)
    every = Examples(Bags.build(documents, vocabulary, reading), labels, importance)
    chosen = every.take(choose) if len(choose) else None
    return Prepared(vocabulary, every.take(learn), chosen, measured, classes)


def _validation_split(labels: Labels, training: Training) -> tuple[Labels, Labels]:
    """Return the numbers of the texts to learn from, and of those kept aside.

    The fraction kept aside is the same for each class, which has at least one text left to learn from.
    """
    order = np.random.default_rng(training.seed).permutation(len(labels))
    aside = np.zeros(len(labels), np.bool_)
    for label in np.unique(labels):
        own = order[labels[order] == label]
        aside[own[: min(round(training.validation * len(own)), len(own) - 1)]] = True
    return np.flatnonzero(~aside), np.flatnonzero(aside)
