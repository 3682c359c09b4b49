"""What a training reaches on films that it has not learned from: one `Case` at a time, in any process."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from films import Ids, films_of, fold
from hardmax.analysis import clustering_strength
from hardmax.text.bags import Corpus
from hardmax.data.sources import Reviews, read_reviews
from hardmax.explain.explanation import trajectories
from hardmax.network.line_encoder import start_on_lines
from hardmax.network.network import SentimentModel
from hardmax.text.tokens import tokens_of
from hardmax.classifier.runs import Prepared, prepare_documents
from hardmax.training.settings import Settings
from hardmax.text.pipelines import words_of
from hardmax.training.loop import evaluate, train
from hardmax._support.threads import using_threads

BASE = Settings()
#: How many held-out reviews of a fold are followed through the layers.
FOLLOWED = 500
#: How weakly logistic regression is held back when it reads words alone, and pairs too.
_LOGISTIC_C = {0: 2.0, 1: 10.0}
#: The settings of the training alone; with all others alike reviews are read alike, and once.
_TRAINING = (
    "dim",
    "layers",
    "alpha",
    "alpha_floor",
    "temperature",
    "cooling",
    "gradient",
    "encoder",
    "epochs",
    "batch_size",
    "learning_rate",
    "schedule",
    "clip",
    "word_dropout",
    "weight_decay",
    "averaging",
    "patience",
)

Run = dict[str, float]


@dataclass(frozen=True)
class Case:
    """One thing to measure.

    Attributes
    ----------
    changes : dict
        The settings that differ from `BASE`. Fold f adds f to the seed.
    how : str
        What is trained: a name in `HOW`.
    parts : str
        What is held out, 'films' or 'reviews'.
    folds : int
        How many folds are measured.
    """

    changes: dict[str, Any] = field(default_factory=dict)
    how: str = "network"
    parts: str = "films"
    folds: int = 2

    @property
    def name(self) -> str:
        """What differs from the base, in words."""
        parts = [self.how] if self.how != "network" else []
        parts += [f"{name} = {value}" for name, value in self.changes.items()]
        parts += ["any reviews held out"] if self.parts != "films" else []
        parts += ["one fold"] if self.folds == 1 else []
        return ", ".join(parts) or "base"

    def settings(self, number: int = 0) -> Settings:
        """Give the settings of a fold."""
        settings = replace(BASE, **self.changes)
        return replace(settings, seed=settings.seed + number)


def measure(case: Case) -> list[Run]:
    """Train and measure each fold of a case, on one thread."""
    with using_threads(1):
        return [HOW[case.how](case.settings(f), f, case.parts) for f in range(case.folds)]


@functools.cache
def reviews() -> Reviews:
    """Read the training reviews in the folder HARDMAX_DATA."""
    return read_reviews(os.environ["HARDMAX_DATA"], "train")


@functools.cache
def films() -> Ids:
    """Give the film of each review."""
    return films_of(reviews().texts)


@functools.cache
def _documents(pipeline: str) -> list[list[str]]:
    return words_of(reviews().texts, pipeline)


@functools.lru_cache(maxsize=6)
def _prepared(reading: Settings, number: int, parts: str) -> Prepared:
    documents, labels = _documents(reading.pipeline), reviews().labels
    learn, held = fold(films(), number, parts)
    texts, held_texts = ([documents[i] for i in some] for some in (learn, held))
    return prepare_documents(texts, labels[learn], held_texts, labels[held], reading)


def _network(
    settings: Settings,
    number: int,
    parts: str,
    start: Callable[[int, Settings], SentimentModel] = SentimentModel,
) -> Run:
    """Train the model that `start` makes of a number of words and the settings."""
    reading = replace(settings, **{name: getattr(BASE, name) for name in _TRAINING})
    if not settings.validation:
        reading = replace(reading, seed=BASE.seed)  # draws nothing, so that all seeds read once
    prepared = _prepared(reading, number, parts)
    model = start(len(prepared.vocabulary), settings)
    train(model, settings, prepared.train, prepared.valid)
    if isinstance(model, _LearnedMatrix):
        model.absorb()
    held = prepared.test
    assert held is not None
    loss, accuracy = evaluate(model, held)
    found = {"accuracy": accuracy, "loss": loss, "vocabulary": len(prepared.vocabulary)}
    if settings.layers == 0:
        return found
    moved = trajectories(held.take(np.arange(FOLLOWED)), model)
    return found | {
        "clustering_strength": float(np.mean([clustering_strength(one) for one in moved])),
        "leaders": float(np.mean([len(one.leaders()) for one in moved])),
        "alpha": float(model.attention.alpha.detach()),
    }


def _logistic(settings: Settings, number: int, parts: str) -> Run:
    """Fit logistic regression to the frequencies (tf-idf) of tokens, those said twice or more in all."""
    settings = replace(settings, repeats=True, min_count=2)
    documents, labels = _documents(settings.pipeline), reviews().labels
    tokens = [tokens_of(document, settings) for document in documents]
    learn, held = fold(films(), number, parts)
    vectors = TfidfVectorizer(analyzer=list, min_df=settings.min_count, sublinear_tf=True)
    X = vectors.fit_transform([tokens[i] for i in learn])
    fitted = LogisticRegression(C=_LOGISTIC_C[settings.pairs > 0], max_iter=300).fit(X, labels[learn])
    accuracy = fitted.score(vectors.transform([tokens[i] for i in held]), labels[held])
    return {"accuracy": float(accuracy), "vocabulary": X.shape[1]}


class _LearnedMatrix(SentimentModel):
    """Layers with the scores <B z, B z'>, that is with A = B^T B, and B learned."""

    def __init__(self, words: int, settings: Settings) -> None:
        super().__init__(words, settings)
        self.B = nn.Parameter(torch.eye(settings.dim))

    def decode(self, tokens: Tensor, corpus: Corpus) -> Tensor:
        counts, offsets = torch.from_numpy(corpus.counts), torch.from_numpy(corpus.offsets)
        means = self.attention.packed_mean(tokens @ self.B.T, counts, offsets)
        return self.decoder(torch.linalg.solve(self.B, means.T).T)

    def absorb(self) -> None:
        """Put B into the words and the decoder, which makes this a model with A = I and the same logits."""
        with torch.no_grad():
            self.encoder.weight.copy_(self.encoder.weight @ self.B.T)
            self.decoder.weight.copy_(torch.linalg.solve(self.B.T, self.decoder.weight.T).T)
            self.B.copy_(torch.eye(len(self.B)))


def _small_start(words: int, settings: Settings) -> SentimentModel:
    model = SentimentModel(words, settings)
    with torch.no_grad():
        model.encoder.weight.mul_(0.1)
    return model


def _lines_start(words: int, settings: Settings) -> SentimentModel:
    model = SentimentModel(words, settings)
    start_on_lines(model.encoder.weight, model.decoder.weight)
    return model


#: What can be trained, by the words for it.
HOW: dict[str, Callable[[Settings, int, str], Run]] = {
    "network": _network,
    "start ten times smaller": functools.partial(_network, start=_small_start),
    "start on the lines": functools.partial(_network, start=_lines_start),
    "learned A": functools.partial(_network, start=_LearnedMatrix),
    "logistic regression": _logistic,
}
