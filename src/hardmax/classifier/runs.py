"""A training run in a folder: prepared texts in; model, history and metrics out."""

import math
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from hardmax._support.files import write_json
from hardmax._support.folders import is_empty, locked_folder
from hardmax.classifier.fit import fit_prepared
from hardmax.classifier.trained_model import CONFIG, TrainedModel, read_config
from hardmax.errors import InputError
from hardmax.training.history import History
from hardmax.training.loop import Outcome
from hardmax.training.prepare import Prepared
from hardmax.training.settings import Settings

CHECKPOINT, HISTORY, METRICS = "checkpoint.safetensors", "history.csv", "metrics.json"

#: The columns of the history that stand in ``metrics.json``, `acc` under the name `accuracy`.
_MEASURED = ("train_loss", "train_acc", "valid_loss", "valid_acc", "test_loss", "test_acc", "alpha")


def train_run(
    prepared: Prepared,
    settings: Settings,
    folder: str | os.PathLike[str],
    *,
    columns: tuple[str | None, str | None] = (None, None),
    resume: bool = False,
    progress: bool = False,
) -> TrainedModel:
    """Train a model in `folder`, which ends with the model, ``history.csv`` and ``metrics.json``.

    Parameters
    ----------
    prepared, settings : Prepared, Settings
        The texts and the training run.
    folder : path
        A new or empty folder, or with `resume` that of a training run stopped early. A run that fails before
        the end of its first epoch leaves nothing behind.
    columns : (str, str)
        The columns of texts and labels, where they were named, to be remembered.
    resume, progress : bool
        As for `hardmax.training.loop.train`.
    """
    with locked_folder(folder) as folder:
        check_run_folder(folder, resume)
        about: dict[str, Any] = {"reviews": prepared.fingerprint, "columns": list(columns)}
        if resume:
            _check_same(folder, settings, about["reviews"])
        else:
            start = TrainedModel.start(prepared.vocabulary, settings, prepared.classes)
            replace(start, about=about).save_settings(folder / CONFIG)
        trained = replace(_train(prepared, settings, folder, resume, progress), about=about)
        outcome = trained.outcome
        outcome.history.save(folder / HISTORY)
        trained.save(folder)
        write_json(folder / METRICS, metrics_of(outcome))
        if not outcome.interrupted:
            (folder / CHECKPOINT).unlink(missing_ok=True)
        return trained


def _train(
    prepared: Prepared, settings: Settings, folder: Path, resume: bool, progress: bool
) -> TrainedModel:
    """Train with a checkpoint in `folder`; a new run that fails in its first epoch leaves no file there."""
    done: list[History] = []

    def on_epoch(history: History) -> None:
        done.append(history)
        history.save(folder / HISTORY)

    try:
        return fit_prepared(
            prepared,
            settings,
            checkpoint=folder / CHECKPOINT,
            resume=(folder / CHECKPOINT).exists(),  # stopped before its first one, a run begins anew
            progress=progress,
            on_epoch=on_epoch,
        )
    except Exception:
        if not (resume or done):
            for name in (CONFIG, CHECKPOINT):
                with suppress(OSError):  # the reason of the failure is what counts
                    (folder / name).unlink()
        raise


def check_run_folder(folder: str | os.PathLike[str], resume: bool = False) -> Path:
    """Return the path of a folder fit for a new run, or with `resume` for going on; nothing is made yet."""
    folder = Path(folder)
    if not resume:
        if (folder / CONFIG).exists():
            raise InputError(f"{folder} holds a run; give another folder, or --resume to go on with it")
        if folder.is_dir() and not is_empty(folder):
            raise InputError(f"{folder} is not empty; give another folder")
        return folder
    if not (folder / CONFIG).exists():
        raise InputError(f"{folder} holds no run to resume; train without --resume first")
    if not (folder / CHECKPOINT).exists() and (folder / METRICS).exists():
        raise InputError(f"the training in {folder} is finished; there is nothing left to resume")
    return folder


def metrics_of(outcome: Outcome) -> dict[str, float | int | bool | None]:
    """Return the numbers of the epoch that was kept, for ``metrics.json``; None where not computed."""
    history = outcome.history
    kept = history.rows[outcome.kept_epoch] if outcome.kept_epoch >= 0 else {}
    found = {column.replace("acc", "accuracy"): kept.get(column, math.nan) for column in _MEASURED}
    return {
        "kept_epoch": outcome.kept_epoch,
        "epochs": len(history),
        "interrupted": outcome.interrupted,
        **{name: None if math.isnan(value) else value for name, value in found.items()},
        "train_seconds": float(history["seconds"].sum()) if len(history) else 0.0,
    }


def _check_same(folder: Path, settings: Settings, reviews: str) -> None:
    begun, _, about = read_config(folder / CONFIG)
    stored = begun.to_dict()
    for name, value in settings.to_dict().items():
        if stored[name] != value:
            raise InputError(
                f"{folder} was trained with {name} = {stored[name]!r}, not {value!r}; "
                "resume with the same settings"
            )
    if about.get("reviews") != reviews:
        raise InputError(f"{folder} was trained on other texts; resume with the same files")
