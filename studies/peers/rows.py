"""The peers: what each of them is, and what is measured of one training run."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline

from hardmax.classifier.fit import fit_prepared
from hardmax.data.reviews import Reviews
from hardmax.data.sample import sample_reviews
from hardmax.experiments.measure import measure
from hardmax.text.bags import Bags
from hardmax.text.pipelines import splitter, words_of
from hardmax.text.reading import Reading
from hardmax.text.tokens import tokens_of
from hardmax.training import PRESETS, Examples, Settings, prepare
from shared import logistic_regression

#: How many words of a review are read; no review has as many as the second.
READS = {"first 128 words": 128, "whole reviews": 1_000_000}
#: How many test reviews prediction is timed on, how often, and how many are followed through the layers.
PREDICTED, REPEATS, FOLLOWED = 10_000, 3, 1_000

Documents = list[list[str]]


@dataclass(frozen=True)
class Peer:
    """One row of the table, for each of the lengths that it reads."""

    name: str
    model: Settings | Pipeline
    reads: tuple[str, ...] = tuple(READS)
    most_seeds: int = 1_000
    pairs: int = 1  # read by a model of scikit-learn

    @property
    def pipeline(self) -> str:
        """The text pipeline that cuts its words."""
        return self.model.reading.pipeline if isinstance(self.model, Settings) else "default"

    def settings(self, reads: str) -> dict[str, Any] | str:
        """Describe it: a row measured with other settings is measured again."""
        if isinstance(self.model, Pipeline):
            return f"pairs={self.pairs}, " + " ".join(repr(self.model).split())
        described = self.model.replace(max_tokens=READS[reads]).to_dict()
        del described["seed"]
        return described

    def seeds(self, count: int) -> list[int | None]:
        """Return the seeds to train with; None for what is the same with any."""
        return [None] if isinstance(self.model, Pipeline) else list(range(min(count, self.most_seeds)))


def _paper(dim: int) -> Peer:
    settings = PRESETS["paper"].replace(dim=dim)
    return Peer(f"the paper's own training, d = {dim}", settings, ("first 128 words",), 1)


# Binary counts and min_df did best of a few that were tried on held-out films of the training reviews, before
# pairs held function words.
PEERS = {
    "bayes": Peer(
        "naive Bayes, words and pairs",
        make_pipeline(CountVectorizer(analyzer=list, min_df=2, binary=True), MultinomialNB()),
    ),
    "words": Peer("TF-IDF and logistic regression, words", logistic_regression(pairs=False), pairs=0),
    "pairs": Peer("TF-IDF and logistic regression, words and pairs", logistic_regression(pairs=True)),
    "mean": Peer("mean of embeddings (no layers), d = 2", Settings().replace(layers=0)),
    "d2": Peer("hardmax, d = 2, alpha = 1", Settings().replace(alpha=1.0)),
    "d2-small": Peer("hardmax, d = 2, alpha = 0.02", Settings().replace(alpha=0.02)),
    "d2-learn": Peer("hardmax, d = 2, alpha learned freely", Settings().replace(alpha_floor=0.0)),
    "d4": Peer("hardmax, d = 4, alpha = 1", Settings().replace(dim=4, alpha=1.0)),
    "d16": Peer("hardmax, d = 16, alpha = 1", Settings().replace(dim=16, alpha=1.0)),
    "d16-pairs": Peer(
        "hardmax, d = 16, alpha = 1, pairs up to two words apart",
        Settings().replace(dim=16, alpha=1.0, pairs=2),
    ),
    "d16-learn": Peer(
        "hardmax, d = 16, alpha learned freely, pairs up to two words apart",
        Settings().replace(dim=16, alpha_floor=0.0, pairs=2),
    ),
    "paper-d2": _paper(2),
    "paper-d16": _paper(16),
}


@dataclass
class Data:
    """Reviews to learn from and to test on, and their words, cut once for all that read them."""

    train: Reviews
    test: Reviews
    _words: dict[str, tuple[Documents, Documents]] = field(default_factory=dict)

    def words(self, pipeline: str) -> tuple[Documents, Documents]:
        """Return the words of the reviews of both splits."""
        if pipeline not in self._words:
            train, test = (words_of(split.texts, pipeline) for split in (self.train, self.test))
            self._words[pipeline] = train, test
        return self._words[pipeline]


@dataclass(frozen=True)
class Fitted:
    """A trained peer: the time that it took, how it predicts and is saved, and what was measured."""

    seconds: float
    predict: Callable[[Sequence[str]], object]
    save: Callable[[Path], object]
    found: dict[str, float]


def measure_peer(peer: Peer, data: Data, reads: str, seed: int | None, timed: bool) -> dict[str, Any]:
    """Train once and return all that is measured of it, with times if asked for."""
    sample = sample_reviews()
    _fitted(peer, Data(sample[::2], sample[1::2]), reads, seed)  # compiles what there is to compile
    fitted = _fitted(peer, data, reads, seed)
    count = min(PREDICTED, len(data.test))
    texts = data.test[np.arange(count) * len(data.test) // count].texts
    return {
        "seed": seed,
        "train_seconds": fitted.seconds if timed else None,
        "predict_seconds": _predict_seconds(fitted, texts, peer.pipeline) if timed else None,
        "bytes": _saved_bytes(fitted),
        **fitted.found,
    }


def _fitted(peer: Peer, data: Data, reads: str, seed: int | None) -> Fitted:
    if isinstance(peer.model, Pipeline):
        return _fitted_scikit(peer.model, data, Reading(READS[reads], pairs=peer.pairs, repeats=True))
    return _fitted_hardmax(peer.model.replace(max_tokens=READS[reads], seed=seed), data)


def _fitted_scikit(pipeline: Pipeline, data: Data, reading: Reading) -> Fitted:
    """Train on the very tokens that a network with this `reading` reads."""
    documents, test_documents = data.words(reading.pipeline)
    began = time.perf_counter()
    fitted = clone(pipeline).fit([tokens_of(words, reading) for words in documents], data.train.labels)
    seconds = time.perf_counter() - began
    accuracy = fitted.score([tokens_of(words, reading) for words in test_documents], data.test.labels)
    return Fitted(
        seconds,
        lambda texts: fitted.predict([tokens_of(words, reading) for words in words_of(texts)]),
        lambda folder: joblib.dump(fitted, folder / "model.joblib"),
        {"accuracy": float(accuracy)},
    )


def _fitted_hardmax(settings: Settings, data: Data) -> Fitted:
    documents, test_documents = data.words(settings.reading.pipeline)
    as_paper = settings.reading.pipeline == "paper"  # which reports the best epoch on the test reviews
    test = (test_documents, data.test.labels) if as_paper else None
    began = time.perf_counter()
    prepared = prepare(documents, data.train.labels, settings, test=test)
    seconds = time.perf_counter() - began
    trained = fit_prepared(prepared, settings)
    history = trained.outcome.history
    bags = Bags.build(test_documents, prepared.vocabulary, settings.reading)
    measured = measure(trained, Examples(bags, data.test.labels), FOLLOWED)
    found = {"accuracy": measured.accuracy}
    if settings.shape.layers > 0:
        found["alpha"] = trained.network.attention.alpha.item()
        found |= {"leaders": measured.leaders.mean, "clustering_strength": measured.strength}
    if as_paper:
        accuracies = history["test_acc"]
        found |= {"best_accuracy": float(accuracies.max()), "best_epoch": int(accuracies.argmax())}
    # The seconds of the epochs are those of training alone, without what is measured alongside.
    seconds += float(history["seconds"].sum())
    return Fitted(seconds, trained.probabilities, trained.save, found)


def _predict_seconds(fitted: Fitted, texts: Sequence[str], pipeline: str) -> float:
    """Return the median time from raw texts to predictions, with a splitter that has met no word of them."""
    times = []
    for _ in range(REPEATS):
        splitter.cache_clear()
        splitter(pipeline)  # reads the word lists, as reading the model is not timed either
        began = time.perf_counter()
        fitted.predict(texts)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _saved_bytes(fitted: Fitted) -> int:
    with tempfile.TemporaryDirectory() as folder:
        fitted.save(Path(folder))
        return sum(file.stat().st_size for file in Path(folder).iterdir())
