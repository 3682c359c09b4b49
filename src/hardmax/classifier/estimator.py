"""`HardmaxClassifier`: the model as a scikit-learn estimator for texts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import effective_n_jobs  # type: ignore[import-untyped]
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted

from hardmax.errors import InputError
from hardmax._support.files import read_json
from hardmax.explain.explanation import Explanation, probabilities_of
from hardmax.classifier.inputs import encoded_labels, importance_of, labels_of, texts_of
from hardmax.classifier.runs import prepare_documents
from hardmax.training.settings import Settings
from hardmax.text.pipelines import words_of
from hardmax.classifier.trained_model import CONFIG, TextModel
from hardmax.training.loop import train
from hardmax._support.threads import using_threads

Array = npt.NDArray[Any]


class HardmaxClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classify texts by letting their words gather around leaders.

    The defaults are those of `hardmax.classifier.Settings`, which `fit` checks all parameters by.

    Parameters
    ----------
    dim : int
        Dimension d of the embedding.
    layers : int
        Number K of layers.
    alpha : float or 'learn'
        The step of the layers; learned, or fixed and greater than 0.
    max_tokens : int
        How many words of a text are read, from its beginning; function words are not counted.
    alpha_floor : float
        A learned alpha does not fall below this.
    temperature : float
        0 trains through hardmax layers, greater through softmax layers of that temperature.
    cooling : float
        Share of the training over which `temperature` falls to 0; with 0 it stays as it is.
    gradient : {'straight-through', 'exact'}
        Whether the gradient of the point at which a word ends goes to the word, or to the leader that
        took it there.
    encoder : {'lines', 'free'}
        Whether a word of two classes has its polarity alone to learn, or all coordinates; more classes
        are always 'free'.
    pairs : int
        Two words at most this far apart are a token too, function words left out; with 0 words alone are
        read.
    function_words : bool
        Whether a function word and its neighbour are a pair too, such as 'must see', where there are pairs
        and the pipeline keeps function words.
    repeats : bool
        Whether what is said twice counts twice.
    pipeline : str
        How a text becomes words: a name in `hardmax.classifier.PIPELINES`.
    min_count : int
        Words and pairs in fewer texts than this are left out of the vocabulary; where what is said twice
        counts twice, those said less often.
    epochs : int
        Passes over the texts.
    batch_size : int or 'auto'
        Texts in a step; 'auto' is 256, or less where an epoch would have fewer than 50 steps.
    learning_rate : float
        Of Adam, at the start.
    schedule : {'cosine', 'constant'}
        Whether the learning rate falls to 0.
    clip : float
        Largest norm of the gradient.
    word_dropout : float
        Share of the words left out at random, anew in every epoch.
    weight_decay : float
        This times the mean squared norm of a batch's words is added to the loss.
    averaging : float
        Share of the epochs, the last ones, whose weights are averaged; with 0 one epoch is kept.
    validation : float
        Share of the texts kept aside to choose the best epoch; with 0 the last is kept.
    patience : int
        Training stops after so many epochs without a better one, by `validation`; with 0 it does not.
    class_weight : mapping, 'balanced' or None
        How much each class counts in the loss: numbers by label, where a label left out counts 1; in
        inverse proportion to how many texts it has; or all the same.
    verbose : bool
        Whether to show a progress bar.
    random_state : int, RandomState or None
        With an int, the same texts give the same model, bit for bit.
    n_jobs : int or None
        Processes that cut texts into words, and threads of the layers; -1 is one for each processor. None
        is one process, and as many threads as there are processors. No result depends on it.

    Attributes
    ----------
    classes_ : (C,) array
        The labels, sorted.
    text_model_ : TextModel
        The trained model with its words.
    history_ : History
        What was measured in each epoch; a loaded model has none.

    Examples
    --------
    >>> from hardmax.classifier import sample_reviews
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
        alpha_floor: float = 1.0,
        temperature: float = 0.0,
        cooling: float = 0.0,
        gradient: str = "straight-through",
        encoder: str = "lines",
        pairs: int = 1,
        function_words: bool = True,
        repeats: bool = False,
        pipeline: str = "default",
        min_count: int = 5,
        epochs: int = 20,
        batch_size: int | str = "auto",
        learning_rate: float = 2e-2,
        schedule: str = "cosine",
        clip: float = 5.0,
        word_dropout: float = 0.7,
        weight_decay: float = 0.0,
        averaging: float = 0.0,
        validation: float = 0.0,
        patience: int = 0,
        class_weight: Mapping[Any, float] | str | None = None,
        verbose: bool = False,
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
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
        self.function_words = function_words
        self.repeats = repeats
        self.pipeline = pipeline
        self.min_count = min_count
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.clip = clip
        self.word_dropout = word_dropout
        self.weight_decay = weight_decay
        self.averaging = averaging
        self.validation = validation
        self.patience = patience
        self.class_weight = class_weight
        self.verbose = verbose
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(
        self, X: Sequence[str], y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> HardmaxClassifier:
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
            documents = words_of(texts, settings.pipeline, processes)
            prepared = prepare_documents(documents, encoded, [], None, settings, importance)
            text_model = TextModel.start(prepared.vocabulary, settings, tuple(classes.tolist()))
            outcome = train(text_model.model, settings, prepared.train, prepared.valid, progress=self.verbose)
        if outcome.interrupted:
            raise KeyboardInterrupt
        self.classes_, self.text_model_, self.history_ = classes, text_model, outcome.history
        return self

    def decision_function(self, X: Sequence[str]) -> Array:
        """Give the logits: (n,) of the second of two classes, else (n, C).

        A text of which no word is known is the same to the model as one without words.
        """
        logits = self._logits(X)
        return logits[:, 0] if len(self.classes_) == 2 else logits

    def predict_proba(self, X: Sequence[str]) -> Array:
        """Give the probability of each class, (n, C)."""
        return probabilities_of(self._logits(X))

    def predict(self, X: Sequence[str]) -> Array:
        """Give the likeliest label of each text, (n,)."""
        logits = self._logits(X)
        likeliest = logits.argmax(1) if len(self.classes_) > 2 else (logits[:, 0] > 0).astype(int)
        labels: Array = self.classes_[likeliest]
        return labels

    def explain(self, text: str) -> Explanation:
        """Follow the words of `text` through the layers to the decision; see `Explanation`.

        Raises
        ------
        InputError
            When the model knows none of the words.
        """
        check_is_fitted(self)
        return self.text_model_.explain(text)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the model to `folder`, as the command line does: no code, no pickle.

        Raises
        ------
        InputError
            When the labels are no str, int, float or bool, or the folder cannot be written.
        """
        check_is_fitted(self)
        self.text_model_.save(folder, {"label_type": self.classes_.dtype.str})

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> HardmaxClassifier:
        """Read a model that `save`, or ``hardmax train``, wrote.

        Raises
        ------
        InputError
            When a file is missing, cut off, or does not fit the others.
        """
        text_model = TextModel.load(folder)
        names = cls._get_param_names()
        known = {name: value for name, value in text_model.settings.to_dict().items() if name in names}
        loaded = cls(**known, random_state=text_model.settings.seed)
        config = Path(folder) / CONFIG
        try:
            loaded.classes_ = np.array(text_model.classes, read_json(config).get("label_type"))
        except (TypeError, ValueError):
            raise InputError(
                f"{config}: the classes are not of the label_type; train the model again"
            ) from None
        loaded.text_model_ = text_model
        return loaded

    def _logits(self, X: Sequence[str]) -> Array:
        check_is_fitted(self)
        with _working(self.n_jobs) as processes:
            return self.text_model_.logits(texts_of(X), processes)

    def _settings(self) -> Settings:
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31)
        names = Settings().to_dict().keys() & self.get_params().keys()
        values = {name: getattr(self, name) for name in names} | {"seed": seed}
        # A grid of np.linspace gives NumPy's numbers, which no JSON file takes.
        return Settings(**{n: v.item() if isinstance(v, np.generic) else v for n, v in values.items()})

    def __sklearn_tags__(self) -> Any:
        """Say that the inputs are texts."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


@contextmanager
def _working(n_jobs: int | None) -> Iterator[int]:
    """Compute with the threads of `n_jobs` inside the block; give the number of processes."""
    if n_jobs is not None and (not isinstance(n_jobs, int | np.integer) or n_jobs == 0):
        raise InputError(f"n_jobs is {n_jobs!r}; give None or a whole number, -1 for all processors")
    processes = effective_n_jobs(n_jobs)
    with nullcontext() if n_jobs is None else using_threads(processes):
        yield processes
