"""`HardmaxClassifier`: the model as a scikit-learn estimator for texts."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted

from hardmax._support.checks import shown
from hardmax._support.threads import using_threads
from hardmax.classifier.fit import fit
from hardmax.classifier.inputs import encoded_labels, importance_of, labels_of, texts_of
from hardmax.classifier.trained_model import CONFIG, TrainedModel
from hardmax.errors import InputError
from hardmax.explain.explanation import Explanation
from hardmax.network.predict import likeliest, probabilities_of
from hardmax.text.pipelines import words_of
from hardmax.training.settings import Settings

Array = npt.NDArray[Any]


@dataclass(eq=False, repr=False)
class HardmaxClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classify texts by letting their words gather around leaders.

    Parameters
    ----------
    dim, layers, alpha, temperature, gradient, encoder
        What the network is, see `hardmax.network.Shape`.
    max_tokens, pairs, function_words, repeats, pipeline, min_count, vocabulary_from, pad
        How texts are read, see `hardmax.text.Reading`.
    alpha_floor, epochs, batch_size, learning_rate, schedule, clip, word_dropout, validation, patience
        How the network is trained, see `hardmax.training.Training`.
    class_weight : mapping, 'balanced' or None
        How much each class counts in the loss: numbers by label, where a label left out counts 1; in
        inverse proportion to how many texts it has; or all the same.
    verbose : bool
        Whether to show a progress bar.
    random_state : int, RandomState or None
        With an int, the same texts give the same model, bit for bit on the same kind of processor.
    n_jobs : int or None
        Processes that cut texts into words, and threads of the layers; -1 is one for each processor. None
        is one process, and as many threads as there are processors. No result depends on it.

    Attributes
    ----------
    classes_ : (C,) array
        The labels, sorted.
    trained_model_ : TrainedModel
        The trained network with its vocabulary.
    history_ : History
        What was measured in each epoch; a loaded model has none.

    Examples
    --------
    >>> from hardmax import sample_reviews
    >>> reviews = sample_reviews()
    >>> classifier = HardmaxClassifier(epochs=40, batch_size=16, learning_rate=0.03, random_state=0)
    >>> classifier = classifier.fit(reviews.texts[:300], reviews.labels[:300])
    >>> bool(classifier.score(reviews.texts[300:], reviews.labels[300:]) > 0.8)
    True
    """

    dim: int = 2
    layers: int = 8
    alpha: float | str = "learn"
    max_tokens: int = 128
    _: KW_ONLY
    alpha_floor: float = 1.0
    temperature: float = 0.0
    gradient: str = "straight-through"
    encoder: str = "lines"
    pairs: int = 1
    function_words: bool = True
    repeats: bool = False
    pipeline: str = "default"
    min_count: int = 5
    vocabulary_from: str = "train"
    pad: bool = False
    epochs: int = 20
    batch_size: int | str = "auto"
    learning_rate: float = 2e-2
    schedule: str = "cosine"
    clip: float = 5.0
    word_dropout: float = 0.7
    validation: float = 0.0
    patience: int = 0
    class_weight: Mapping[Any, float] | str | None = None
    verbose: bool = False
    random_state: int | np.random.RandomState | None = None
    n_jobs: int | None = None

    def fit(
        self, X: Sequence[str], y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> "HardmaxClassifier":
        """Train on texts `X` with labels `y`.

        Parameters
        ----------
        X : list, tuple, array or Series of str
            n texts.
        y : (n,) array-like
            Labels of two or more classes: any that have a hash and an order.
        sample_weight : (n,) array-like, optional
            How much each text counts in the loss, 0 or more.

        Raises
        ------
        ValueError
            When an X is no text or a label is missing, there are not as many of one as of the other, there
            is one class only or no word to learn from, or a weight or a parameter is out of its range.
        """
        texts, labels = texts_of(X), labels_of(y)
        check_consistent_length(texts, labels)
        classes, encoded = encoded_labels(labels)
        importance = importance_of(self.class_weight, sample_weight, classes.tolist(), encoded)
        settings = self._settings()
        with _working(self.n_jobs) as processes:
            trained = fit(
                words_of(texts, settings.reading.pipeline, processes),
                encoded,
                settings,
                importance=importance,
                classes=tuple(classes.tolist()),
                progress=self.verbose,
            )
        self.classes_, self.trained_model_, self.history_ = classes, trained, trained.outcome.history
        return self

    def decision_function(self, X: Sequence[str]) -> Array:
        """Return the logits: (n,) of the second of two classes, else (n, C).

        To the model a text of which it knows no word is the same as one without words.
        """
        logits = self._logits(X)
        return logits[:, 0] if len(self.classes_) == 2 else logits

    def predict_proba(self, X: Sequence[str]) -> Array:
        """Return the probability of each class, (n, C), as `hardmax.network.predict` computes it."""
        return probabilities_of(self._logits(X))

    def predict(self, X: Sequence[str]) -> Array:
        """Return the likeliest label of each text, (n,)."""
        logits = self._logits(X)  # first, because it says when there is no model yet
        labels: Array = self.classes_[likeliest(logits)]
        return labels

    def explain(self, text: str) -> Explanation:
        """Follow the words of `text` through the layers to the decision; see `Explanation`.

        Raises
        ------
        InputError
            When the model knows none of the words.
        """
        check_is_fitted(self)
        return self.trained_model_.explain(text)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the model to `folder`, as the command line does: no code, no pickle.

        Raises
        ------
        InputError
            When the labels are no str, int, float or bool, or the folder cannot be written.
        """
        check_is_fitted(self)
        about = self.trained_model_.about | {"label_type": self.classes_.dtype.str}
        replace(self.trained_model_, about=about).save(folder)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> "HardmaxClassifier":
        """Read a model that `save`, or ``hardmax train``, wrote; see `TrainedModel.load`."""
        trained = TrainedModel.load(folder)
        own, settings = cls._get_param_names(), trained.settings.to_dict()
        known = {name: value for name, value in settings.items() if name in own}
        loaded = cls(**known, random_state=settings["seed"])
        classes = _array_of(trained.classes, trained.about.get("label_type"))
        if classes is None:
            raise InputError(
                f"{Path(folder) / CONFIG}: the classes are not of the label_type; train the model again"
            )
        loaded.classes_ = classes
        loaded.trained_model_ = trained
        return loaded

    def _logits(self, X: Sequence[str]) -> Array:
        check_is_fitted(self)
        with _working(self.n_jobs) as processes:
            return self.trained_model_.logits(texts_of(X), processes)

    def _settings(self) -> Settings:
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31)
        known = Settings().to_dict()
        values = {name: value for name, value in self.get_params().items() if name in known}
        return Settings().replace(**values, seed=seed)

    def __sklearn_tags__(self) -> Any:
        """Return the tags of scikit-learn, which say that the inputs are texts."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def _array_of(classes: tuple[Any, ...], label_type: Any) -> Array | None:
    """Return labels as an array of the type that a file names, None where they would be others."""
    try:
        dtype = None if label_type is None else np.dtype(str(label_type))
        if dtype is not None and dtype.kind not in "biufMmOU":
            return None
        if dtype is not None and dtype.kind == "U":
            dtype = None  # text is as long as the longest label, whatever a file says
        with np.errstate(over="ignore"):
            found: Array = np.array(classes, dtype)
    except Exception:  # NumPy has many ways to refuse a type
        return None
    return found if found.tolist() == list(classes) else None


@contextmanager
def _working(n_jobs: int | None) -> Iterator[int]:
    """Compute with the threads of `n_jobs` inside the block; yield the number of processes."""
    if n_jobs is not None and (not isinstance(n_jobs, int | np.integer) or n_jobs == 0):
        raise InputError(f"n_jobs is {shown(n_jobs)}; give None or a whole number, -1 for all processors")
    processes = effective_n_jobs(n_jobs)
    with nullcontext() if n_jobs is None else using_threads(processes):
        yield processes
