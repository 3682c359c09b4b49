"""A training run in a folder: reviews in; model, history and metrics out."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hardmax.errors import InputError
from hardmax._support.files import new_folder, read_json, write_json
from hardmax.text.bags import Corpus
from hardmax.data.sources import Reviews, documents_of
from hardmax.text.tokens import vocabulary_of
from hardmax.training.settings import Settings
from hardmax.classifier.trained_model import CONFIG, TextModel
from hardmax.training.loop import Outcome, train
from hardmax.text.vocabulary import Vocabulary

CHECKPOINT, HISTORY, METRICS = "checkpoint.safetensors", "history.csv", "metrics.json"


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
        As for `hardmax.training.loop.train`.

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
