"""`HardmaxClassifier`: the model as a scikit-learn estimator for texts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import check_is_fitted

from hardmax.errors import InputError
from hardmax.sentiment.corpus import Corpus
from hardmax.sentiment.explain import Explanation
from hardmax.sentiment.run import prepare_documents
from hardmax.sentiment.settings import Settings
from hardmax.sentiment.text import words_of
from hardmax.sentiment.text_model import TextModel
from hardmax.sentiment.training import logits, train

Array = npt.NDArray[Any]


class HardmaxClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    r"""Classify texts by letting their words gather around leaders.

    Parameters
    ----------
    dim, layers, alpha, max_tokens
        Dimension of the embedding, layers, their step (a number or 'learn'), and words read of a text.
    alpha_floor, temperature, cooling, gradient, encoder, pairs, repeats, pipeline, min_count, epochs, \
    batch_size, learning_rate, schedule, word_dropout, weight_decay, averaging, validation, patience
        As in `hardmax.sentiment.Settings`; all defaults are the same.
    class_weight : mapping, 'balanced' or None
        How much each class counts in the loss.
    verbose : bool
        Whether to show a progress bar.
    random_state : int, RandomState or None
        With an int, the same texts give the same model, bit for bit.

    Attributes
    ----------
    classes_ : (C,) array
        The labels, sorted.
    text_model_ : TextModel
        The trained model with its words.
    history_ : History
        What was measured in each epoch.

    Examples
    --------
    >>> from hardmax.sentiment import sample_reviews
    >>> reviews = sample_reviews()
    >>> classifier = HardmaxClassifier(epochs=40, batch_size=16, learning_rate=0.03, random_state=0)
    >>> classifier = classifier.fit(reviews.texts[:300], reviews.labels[:300])
    >>> bool(classifier.score(reviews.texts[300:], reviews.labels[300:]) > 0.8)
    True
    """

    def __init__(
        self,
        dim: int = 2,
        layers: int = 8,
        alpha: float | str = "learn",
        max_tokens: int = 128,
        *,
        alpha_floor: float = 0.0,
        temperature: float = 0.0,
        cooling: float = 0.0,
        gradient: str = "straight-through",
        encoder: str = "lines",
        pairs: bool = True,
        repeats: bool = False,
        pipeline: str = "default",
        min_count: int = 5,
        epochs: int = 20,
        batch_size: int | str = "auto",
        learning_rate: float = 2e-2,
        schedule: str = "cosine",
        word_dropout: float = 0.7,
        weight_decay: float = 0.0,
        averaging: float = 0.0,
        validation: float = 0.0,
        patience: int = 0,
        class_weight: Mapping[Any, float] | str | None = None,
        verbose: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.dim = dim
        self.layers = layers
        self.alpha = alpha
        self.max_tokens = max_tokens
        self.alpha_floor = alpha_floor
        self.temperature = temperature
        self.cooling = cooling
        self.gradient = gradient
        self.encoder = encoder
        self.pairs = pairs
        self.repeats = repeats
        self.pipeline = pipeline
        self.min_count = min_count
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.word_dropout = word_dropout
        self.weight_decay = weight_decay
        self.averaging = averaging
        self.validation = validation
        self.patience = patience
        self.class_weight = class_weight
        self.verbose = verbose
        self.random_state = random_state

    def fit(
        self, X: Sequence[str], y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> HardmaxClassifier:
        """Train on texts `X` with labels `y`.

        Parameters
        ----------
        X : sequence of str
            n texts.
        y : (n,) array
            Labels, two or more different ones.
        sample_weight : (n,) array, optional
            How much each text counts in the loss, 0 or more.

        Raises
        ------
        InputError
            When there are not as many labels as texts, one class only, or no word to learn from.
        """
        texts = _checked_texts(X)
        labels = np.asarray(y)
        if labels.shape != (len(texts),):
            raise InputError(f"y has shape {labels.shape}; give one label for each of the {len(texts)} texts")
        self.classes_, encoded = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise InputError(f"y holds one class only, {labels[:1].tolist()}; give at least two")
        importance = compute_sample_weight(self.class_weight, labels)
        if sample_weight is not None:
            importance = importance * _checked_weights(sample_weight, len(texts))
        importance = (importance / importance.mean()).astype(np.float32)
        settings = self._settings()
        documents = words_of(texts, settings.pipeline)
        prepared = prepare_documents(documents, encoded, [], None, settings, importance)
        self.text_model_ = TextModel.start(prepared.vocabulary, settings, tuple(self.classes_.tolist()))
        outcome = train(
            self.text_model_.model, settings, prepared.train, prepared.valid, progress=self.verbose
        )
        if outcome.interrupted:
            raise KeyboardInterrupt
        self.history_ = outcome.history
        return self

    def decision_function(self, X: Sequence[str]) -> Array:
        """Give the logits: (n,) of the second of two classes, else (n, C)."""
        check_is_fitted(self)
        documents = words_of(_checked_texts(X), self.text_model_.settings.pipeline)
        labels = np.zeros(len(documents), np.int64)
        corpus = Corpus.build(documents, labels, self.text_model_.vocabulary, self.text_model_.settings)
        found: Array = logits(self.text_model_.model, corpus).double().numpy()
        return found[:, 0] if len(self.classes_) == 2 else found

    def predict_proba(self, X: Sequence[str]) -> Array:
        """Give the probability of each class, (n, C)."""
        found = self.decision_function(X)
        if found.ndim == 1:
            return np.column_stack([expit(-found), expit(found)])
        return np.asarray(softmax(found, axis=1))

    def predict(self, X: Sequence[str]) -> Array:
        """Give the likeliest label of each text, (n,)."""
        found = self.decision_function(X)
        likeliest = (found > 0).astype(int) if found.ndim == 1 else found.argmax(1)
        labels: Array = self.classes_[likeliest]
        return labels

    def explain(self, text: str) -> Explanation:
        """Follow the words of `text` through the layers to the decision between two classes."""
        check_is_fitted(self)
        return self.text_model_.explain(text)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the model to `folder`, as the command line does: no code, no pickle."""
        check_is_fitted(self)
        self.text_model_.save(folder)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> HardmaxClassifier:
        """Read a model that `save`, or ``hardmax train``, wrote."""
        text_model = TextModel.load(folder)
        names = cls._get_param_names()
        known = {name: value for name, value in text_model.settings.to_dict().items() if name in names}
        loaded = cls(**known, random_state=text_model.settings.seed)
        loaded.text_model_ = text_model
        loaded.classes_ = np.array(text_model.classes)
        return loaded

    def _settings(self) -> Settings:
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31)
        names = Settings().to_dict().keys() & self.get_params().keys()
        return Settings(**{name: getattr(self, name) for name in names}, seed=int(seed))

    def __sklearn_tags__(self) -> Any:
        """Say that the inputs are texts."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def _checked_texts(X: Sequence[str]) -> list[str]:
    if isinstance(X, str):
        raise InputError("X is one text; give a list of texts")
    texts = list(X)
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"X[{number}] is {text!r}, not a text; give texts alone")
    return texts


def _checked_weights(weights: npt.ArrayLike, n: int) -> Array:
    array = np.asarray(weights, float)
    if array.shape != (n,) or not np.isfinite(array).all() or (array < 0).any() or not array.any():
        raise InputError(f"sample_weight must be {n} finite numbers, 0 or more and not all 0")
    return array
