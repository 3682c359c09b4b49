"""The peers: what each of them is, and what is measured of one training."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline

from hardmax.analysis import clustering_strength
from hardmax.classifier import PRESETS, Reviews, Settings, TextModel, sample_reviews, words_of
from hardmax.text.bags import Corpus
from hardmax.explain.explanation import trajectories
from hardmax.text.tokens import tokens_of
from hardmax.classifier.runs import prepare_documents
from hardmax.text.pipelines import splitter
from hardmax.training.loop import train

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
        return self.model.pipeline if isinstance(self.model, Settings) else "default"

    def settings(self, reads: str) -> dict[str, Any] | str:
        """Describe it: a row measured with other settings is measured again."""
        if isinstance(self.model, Pipeline):
            return f"pairs={self.pairs}, " + " ".join(repr(self.model).split())
        described = replace(self.model, max_tokens=READS[reads]).to_dict()
        del described["seed"]
        return described

    def seeds(self, count: int) -> list[int | None]:
        """Give the seeds to train with; None for what is the same with any."""
        return [None] if isinstance(self.model, Pipeline) else list(range(min(count, self.most_seeds)))


def _logistic(C: float) -> Pipeline:
    vectorizer = TfidfVectorizer(analyzer=list, min_df=2, sublinear_tf=True)
    return make_pipeline(vectorizer, LogisticRegression(C=C, max_iter=1_000))


def _paper(dim: int) -> Peer:
    settings = replace(PRESETS["paper"], dim=dim)
    return Peer(f"the paper's own training, d = {dim}", settings, ("first 128 words",), 1)


# Binary counts, C and min_df did best of a few that were tried on held-out films of the training part, before
# pairs held function words.
PEERS = {
    "bayes": Peer(
        "naive Bayes, words and pairs",
        make_pipeline(CountVectorizer(analyzer=list, min_df=2, binary=True), MultinomialNB()),
    ),
    "words": Peer("TF-IDF and logistic regression, words", _logistic(C=2), pairs=0),
    "pairs": Peer("TF-IDF and logistic regression, words and pairs", _logistic(C=10)),
    "mean": Peer("mean of embeddings (no layers), d = 2", Settings(layers=0)),
    "d2": Peer("hardmax, d = 2, alpha = 1", Settings(alpha=1.0)),
    "d2-small": Peer("hardmax, d = 2, alpha = 0.02", Settings(alpha=0.02)),
    "d2-learn": Peer("hardmax, d = 2, alpha learned freely", Settings(alpha_floor=0.0)),
    "d4": Peer("hardmax, d = 4, alpha = 1", Settings(dim=4, alpha=1.0)),
    "d16": Peer("hardmax, d = 16, alpha = 1", Settings(dim=16, alpha=1.0)),
    "d16-pairs": Peer(
        "hardmax, d = 16, alpha = 1, pairs up to two words apart",
        Settings(dim=16, alpha=1.0, pairs=2),
    ),
    "d16-learn": Peer(
        "hardmax, d = 16, alpha learned freely, pairs up to two words apart",
        Settings(dim=16, alpha_floor=0.0, pairs=2),
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
        """Give the words of the reviews of both parts."""
        if pipeline not in self._words:
            train, test = (words_of(part.texts, pipeline) for part in (self.train, self.test))
            self._words[pipeline] = train, test
        return self._words[pipeline]


@dataclass(frozen=True)
class Trained:
    """A trained model: the time that it took, its ways out, and what else is told of it."""

    seconds: float
    predict: Callable[[Sequence[str]], np.ndarray]
    save: Callable[[Path], object]
    facts: dict[str, float]


def measure(peer: Peer, data: Data, reads: str, seed: int | None, timed: bool) -> dict[str, Any]:
    """Train once and give all that is measured of it, with times if asked for."""
    sample = sample_reviews()
    _trained(peer, Data(sample[::2], sample[1::2]), reads, seed)  # compiles what there is to compile
    trained = _trained(peer, data, reads, seed)
    texts = data.test[_spread(len(data.test), PREDICTED)].texts
    return {
        "seed": seed,
        "accuracy": float(np.mean(trained.predict(data.test.texts) == data.test.labels)),
        "train_seconds": trained.seconds if timed else None,
        "predict_seconds": _predict_seconds(trained, texts, peer.pipeline) if timed else None,
        "bytes": _saved_bytes(trained),
        **trained.facts,
    }


def _trained(peer: Peer, data: Data, reads: str, seed: int | None) -> Trained:
    if isinstance(peer.model, Pipeline):
        reading = Settings(max_tokens=READS[reads], pairs=peer.pairs, repeats=True)
        return _trained_scikit(peer.model, data, reading)
    return _trained_hardmax(replace(peer.model, max_tokens=READS[reads], seed=seed), data)


def _trained_scikit(pipeline: Pipeline, data: Data, reading: Settings) -> Trained:
    """Train on the very tokens that a model with the settings `reading` reads."""
    documents = data.words(reading.pipeline)[0]
    began = time.perf_counter()
    fitted = clone(pipeline).fit([tokens_of(words, reading) for words in documents], data.train.labels)
    seconds = time.perf_counter() - began

    def predict(texts: Sequence[str]) -> np.ndarray:
        return fitted.predict([tokens_of(words, reading) for words in words_of(texts)])

    return Trained(seconds, predict, lambda folder: joblib.dump(fitted, folder / "model.joblib"), {})


def _trained_hardmax(settings: Settings, data: Data) -> Trained:
    documents, test_documents = data.words(settings.pipeline)
    began = time.perf_counter()
    prepared = prepare_documents(documents, data.train.labels, test_documents, None, settings)
    text_model = TextModel.start(prepared.vocabulary, settings)
    seconds = time.perf_counter() - began
    test = Corpus.build(test_documents, data.test.labels, prepared.vocabulary, settings)
    as_paper = settings.pipeline == "paper"  # which reports the epoch that is best on the test reviews
    outcome = train(text_model.model, settings, prepared.train, test=test if as_paper else None)
    if outcome.interrupted:
        raise KeyboardInterrupt
    facts = _of_layers(text_model, test)
    if as_paper:
        accuracies = outcome.history["test_acc"]
        facts |= {"best_accuracy": float(accuracies.max()), "best_epoch": int(accuracies.argmax())}
    return Trained(
        seconds + float(outcome.history["seconds"].sum()),  # of the epochs, without looking at the test part
        lambda texts: text_model.probabilities(texts) > 0.5,
        text_model.save,
        facts,
    )


def _of_layers(text_model: TextModel, test: Corpus) -> dict[str, float]:
    """Follow some test reviews through the hardmax layers, if there are layers."""
    if text_model.settings.layers == 0:
        return {}
    followed = trajectories(test.take(_spread(len(test), FOLLOWED)), text_model.model)
    return {
        "alpha": text_model.model.attention.alpha.item(),
        "leaders": statistics.mean(len(trajectory.leaders()) for trajectory in followed),
        "clustering_strength": statistics.mean(map(clustering_strength, followed)),
    }


def _predict_seconds(trained: Trained, texts: Sequence[str], pipeline: str) -> float:
    """Give the median time from raw texts to predictions, with a cutter that has met none of their words."""
    times = []
    for _ in range(REPEATS):
        splitter.cache_clear()
        splitter(pipeline)  # reads the word lists, as reading the model is not timed either
        began = time.perf_counter()
        trained.predict(texts)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _saved_bytes(trained: Trained) -> int:
    with tempfile.TemporaryDirectory() as folder:
        trained.save(Path(folder))
        return sum(file.stat().st_size for file in Path(folder).iterdir())


def _spread(total: int, count: int) -> np.ndarray:
    """Give `count` numbers, or all there are, spread evenly over 0 to `total` - 1."""
    count = min(count, total)
    return np.arange(count) * total // count
