"""A training run in a folder: reviews in; model, history and metrics out."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hardmax.errors import InputError
from hardmax.files import new_folder, read_json, write_json
from hardmax.sentiment.corpus import Corpus
from hardmax.sentiment.data import Reviews, documents_of
from hardmax.sentiment.reading import vocabulary_of
from hardmax.sentiment.settings import Settings
from hardmax.sentiment.text_model import CONFIG, TextModel
from hardmax.sentiment.training import Outcome, train
from hardmax.sentiment.vocabulary import Vocabulary

CHECKPOINT, HISTORY, METRICS = "checkpoint.safetensors", "history.csv", "metrics.json"


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


def train_run(
    prepared: Prepared,
    settings: Settings,
    folder: str | os.PathLike[str],
    resume: bool = False,
    progress: bool = False,
) -> tuple[TextModel, Outcome]:
    """Train a model in `folder`, which ends with the model, ``history.csv`` and ``metrics.json``.

    Parameters
    ----------
    prepared : Prepared
        The reviews.
    settings : Settings
        The training.
    folder : path
        A new or empty folder, or with `resume` that of a training stopped early.
    resume, progress : bool
        As for `hardmax.sentiment.training.train`.

    Raises
    ------
    InputError
        When the folder holds something already, or a run with other settings or reviews to resume.
    """
    folder = run_folder(folder, resume)
    about = {"reviews": prepared.fingerprint}
    text_model = TextModel.start(prepared.vocabulary, settings, prepared.classes)
    if resume:
        _check_same(folder, settings, about["reviews"])
    else:
        text_model.save_settings(folder, about)
    outcome = train(
        text_model.model,
        settings,
        prepared.train,
        prepared.valid,
        prepared.test,
        checkpoint=folder / CHECKPOINT,
        resume=(folder / CHECKPOINT).exists(),  # stopped before its first one, a run begins anew
        progress=progress,
        on_epoch=lambda history: history.save(folder / HISTORY),
    )
    outcome.history.save(folder / HISTORY)
    text_model.save(folder, about)
    write_json(folder / METRICS, metrics_of(outcome))
    if not outcome.interrupted:
        (folder / CHECKPOINT).unlink(missing_ok=True)
    return text_model, outcome


def run_folder(folder: str | os.PathLike[str], resume: bool = False) -> Path:
    """Make the folder of a new run, or find that of a run stopped early.

    Raises
    ------
    InputError
        When the folder holds something already, or has no run to resume.
    """
    folder = Path(folder)
    if not resume:
        if (folder / CONFIG).exists():
            raise InputError(f"{folder} holds a run; give another folder, or --resume to go on with it")
        return new_folder(folder)
    if not (folder / CONFIG).exists():
        raise InputError(f"{folder} holds no run to resume; train without --resume first")
    if not (folder / CHECKPOINT).exists() and (folder / METRICS).exists():
        raise InputError(f"the training in {folder} is finished; there is nothing left to resume")
    return folder


def metrics_of(outcome: Outcome) -> dict[str, float | int | bool | None]:
    """Give the numbers of the epoch that was kept, for ``metrics.json``; null where not computed."""
    history = outcome.history
    kept = history.rows[outcome.kept_epoch] if outcome.kept_epoch >= 0 else {}
    columns = {"train_loss": "train_loss", "train_accuracy": "train_acc", "valid_loss": "valid_loss"}
    columns |= {
        "valid_accuracy": "valid_acc",
        "test_loss": "test_loss",
        "test_accuracy": "test_acc",
        "alpha": "alpha",
    }
    found = {name: kept.get(column, float("nan")) for name, column in columns.items()}
    return {
        "kept_epoch": outcome.kept_epoch,
        "epochs": len(history),
        "interrupted": outcome.interrupted,
        **{name: None if np.isnan(value) else value for name, value in found.items()},
        "train_seconds": float(history["seconds"].sum()) if len(history) else 0.0,
    }


def _check_same(folder: Path, settings: Settings, reviews: str) -> None:
    config = read_json(folder / CONFIG)
    if not isinstance(config, dict) or not isinstance(config.get("settings"), dict):
        raise InputError(f"{folder / CONFIG} holds no settings; is it the config.json of a model?")
    for name, value in settings.to_dict().items():
        stored = config["settings"].get(name)
        if stored != value:
            raise InputError(
                f"{folder} was trained with {name} = {stored!r}, not {value!r}; resume with the same settings"
            )
    if config.get("reviews") != reviews:
        raise InputError(f"{folder} was trained on other reviews; resume with the same files")
