"""From texts cut into words to what a training reads."""

from __future__ import annotations

def documents_of(
    reviews: Reviews,
    pipeline: str,
    processes: int = 1,
    progress: Callable[[int], object] | None = None,
) -> list[list[str]]:
    """Give the words of each review, which a preprocessed file holds already; see `words_of`."""
    if reviews.processed:
        return [text.split() for text in reviews.texts]
    return words_of(reviews.texts, pipeline, processes, progress)


@dataclass(frozen=True)
class Prepared:
    """Reviews as a model reads them.

    Attributes
    ----------
    vocabulary : Vocabulary
        The words kept.
    train, valid, test : Corpus
        The parts; None where there is none.
    classes : tuple
        The names of the classes.
    """

    vocabulary: Vocabulary
    train: Corpus
    valid: Corpus | None
    test: Corpus | None
    classes: tuple[int | str, ...] = (0, 1)

    @property
    def fingerprint(self) -> str:
        """A digest of the words and all parts."""
        words = hashlib.sha256("\n".join(self.vocabulary.words).encode()).hexdigest()[:16]
        parts = (self.train, self.valid, self.test)
        if self.classes != (0, 1):
            words += "-" + hashlib.sha256("\n".join(map(str, self.classes)).encode()).hexdigest()[:16]
        return "-".join([words, *("none" if part is None else part.fingerprint() for part in parts)])


def prepare(train: Reviews, test: Reviews | None, settings: Settings, processes: int = 1) -> Prepared:
    """Cut reviews into words, choose the vocabulary, and set a validation part aside.

    Raises
    ------
    InputError
        When there are too few reviews, they are of one class, or no word is left; when a class of the
        test reviews is none of the training reviews.
    """
    if len(train) and len(set(train.labels.tolist())) < 2:
        only = train.classes[train.labels[0]]
        raise InputError(f"all {len(train)} reviews to train on have the label {only!r}; give two classes")
    test = None if test is None else test.named_as(train.classes)
    documents = documents_of(train, settings.pipeline, processes)
    test_documents = documents_of(test, settings.pipeline, processes) if test is not None else []
    labels = None if test is None else test.labels
    found = prepare_documents(documents, train.labels, test_documents, labels, settings)
    return replace(found, classes=train.classes)


def prepare_documents(
    documents: list[list[str]],
    labels: np.ndarray,
    test_documents: list[list[str]],
    test_labels: np.ndarray | None,
    settings: Settings,
    importance: npt.NDArray[np.float32] | None = None,
) -> Prepared:
    """Do what `prepare` does, from reviews cut into words already, each of some importance in training."""
    learn, choose = _parted(labels, settings)
    if len(learn) == 0 or (settings.validation and len(choose) == 0):
        asked = f", too few for validation = {settings.validation}" if settings.validation else ""
        raise InputError(f"there are {len(documents)} reviews to train on{asked}; give more")
    if settings.vocabulary_from == "all":
        everything = [*documents, *test_documents]
        whole = replace(settings, max_tokens=max(1, *map(len, everything)))
        vocabulary = vocabulary_of(everything, whole)
    else:
        vocabulary = vocabulary_of([documents[i] for i in learn], settings)
    if not vocabulary.words:
        raise InputError(
            f"no word is in {settings.min_count} reviews or more; give more reviews or a lower min_count"
        )

    def corpus(numbers: np.ndarray) -> Corpus:
        counts = None if importance is None else importance[numbers]
        return Corpus.build([documents[i] for i in numbers], labels[numbers], vocabulary, settings, counts)

    return Prepared(
        vocabulary,
        corpus(learn),
        corpus(choose) if len(choose) else None,
        None if test_labels is None else Corpus.build(test_documents, test_labels, vocabulary, settings),
    )


def _parted(labels: np.ndarray, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Give the numbers of the texts to learn from, and of those set aside: the same share of each class.

    Each class leaves at least one text to learn from.
    """
    order = np.random.default_rng(settings.seed).permutation(len(labels))
    aside = np.zeros(len(labels), np.bool_)
    for label in np.unique(labels):
        own = order[labels[order] == label]
        aside[own[: min(round(settings.validation * len(own)), len(own) - 1)]] = True
    return np.flatnonzero(~aside), np.flatnonzero(aside)
