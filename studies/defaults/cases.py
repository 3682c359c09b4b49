"""How good a training run is on films that it has not learned from: one `Case` at a time, in any process."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from typing import Any

from film_folds import Ids, films_of, fold
from hardmax._support.threads import using_threads
from hardmax.classifier import TrainedModel
from hardmax.classifier.fit import fit_prepared
from hardmax.data.reviews import Reviews
from hardmax.data.sources import read_reviews
from hardmax.experiments.measure import measure
from hardmax.network import HardmaxNetwork
from hardmax.text.pipelines import words_of
from hardmax.text.reading import Reading
from hardmax.text.tokens import tokens_of
from hardmax.training import Prepared, Settings, Training, prepare
from hardmax.training.loop import train
from shared import logistic_regression, reviews_folder
from variants import LearnedMatrix, LinesStart, SmallStart

BASE = Settings()
#: The folds that are measured, of those that `film_folds` makes.
MEASURED = (0, 1)
#: How many held-out reviews of a fold are followed through the layers.
FOLLOWED = 500
LOGISTIC = "logistic regression"
#: Networks that only this study has, by what a case calls them.
VARIANTS: dict[str, type[HardmaxNetwork]] = {
    "start ten times smaller": SmallStart,
    "start on the lines": LinesStart,
    "learned A": LearnedMatrix,
}

Run = dict[str, float]


@dataclass(frozen=True)
class Case:
    """One thing to measure.

    Attributes
    ----------
    changes : dict
        The settings that differ from `BASE`. Fold f adds f to the seed.
    how : str
        What is trained: 'network', a name in `VARIANTS`, or `LOGISTIC`.
    held_out : str
        What is held out, 'films' or 'reviews'.
    """

    changes: dict[str, Any] = field(default_factory=dict)
    how: str = "network"
    held_out: str = "films"

    @property
    def name(self) -> str:
        """What differs from the base, in words."""
        words = [self.how] if self.how != "network" else []
        words += [f"{name} = {value}" for name, value in self.changes.items()]
        words += ["any reviews held out"] if self.held_out != "films" else []
        return ", ".join(words) or "base"

    def settings(self, number: int = 0) -> Settings:
        """Return the settings of a fold."""
        settings = BASE.replace(**self.changes)
        return settings.replace(seed=settings.training.seed + number)


def measure_case(case: Case) -> list[Run]:
    """Train and measure each fold of a case, on one thread."""
    work = _logistic if case.how == LOGISTIC else _network
    with using_threads(1):
        return [work(case, number) for number in MEASURED]


@functools.cache
def reviews() -> Reviews:
    """Read the training reviews."""
    return read_reviews(reviews_folder(), "train")


@functools.cache
def films() -> Ids:
    """Return the film of each review."""
    return films_of(reviews().texts)


@functools.cache
def _documents(pipeline: str) -> list[list[str]]:
    return words_of(reviews().texts, pipeline)


@functools.lru_cache(maxsize=6)
def _prepared(settings: Settings, number: int, held_out: str) -> Prepared:
    """Read the reviews to learn from, and as `test` the held-out ones."""
    documents, labels = _documents(settings.reading.pipeline), reviews().labels
    learn, held = fold(films(), number, held_out)
    texts, held_texts = ([documents[i] for i in some] for some in (learn, held))
    return prepare(texts, labels[learn], settings, test=(held_texts, labels[held]))


def _network(case: Case, number: int) -> Run:
    settings = case.settings(number)
    # Without a validation split the training does not change what is read, so that cases share it.
    aside = settings.training if settings.training.validation else Training()
    prepared = _prepared(Settings(settings.reading, training=aside), number, case.held_out)
    trained = _trained(case.how, replace(prepared, test=None), settings)
    assert prepared.test is not None
    found = measure(trained, prepared.test, FOLLOWED)
    run = {"accuracy": found.accuracy, "loss": found.loss, "vocabulary": len(prepared.vocabulary)}
    if settings.shape.layers == 0:
        return run
    return run | {
        "clustering_strength": found.strength,
        "leaders": found.leaders.mean,
        "alpha": trained.network.attention.alpha.item(),
    }


def _trained(how: str, prepared: Prepared, settings: Settings) -> TrainedModel:
    if how not in VARIANTS:
        return fit_prepared(prepared, settings)
    network = VARIANTS[how](len(prepared.vocabulary), settings.shape, seed=settings.training.seed)
    train(network, prepared.train, settings.training, valid=prepared.valid)
    if isinstance(network, LearnedMatrix):
        network.absorb()
    return TrainedModel(network, prepared.vocabulary, settings)


def _logistic(case: Case, number: int) -> Run:
    reading: Reading = replace(case.settings().reading, repeats=True)
    tokens = [tokens_of(document, reading) for document in _documents(reading.pipeline)]
    labels = reviews().labels
    learn, held = fold(films(), number, case.held_out)
    fitted = logistic_regression(reading.pairs > 0).fit([tokens[i] for i in learn], labels[learn])
    return {
        "accuracy": float(fitted.score([tokens[i] for i in held], labels[held])),
        "vocabulary": len(fitted[0].vocabulary_),
    }
