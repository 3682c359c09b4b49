"""`fit`: from labelled texts to a trained model."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from hardmax.classifier.trained_model import TrainedModel
from hardmax.training.history import History
from hardmax.training.loop import train
from hardmax.training.prepare import Documents, Importance, Labels, Prepared, prepare
from hardmax.training.settings import Settings


def fit(
    documents: Documents,
    labels: Labels,
    settings: Settings | None = None,
    *,
    test: tuple[Documents, Labels] | None = None,
    importance: Importance | None = None,
    classes: tuple[Any, ...] = (0, 1),
    progress: bool = False,
) -> TrainedModel:
    """Train a model on texts cut into words.

    Parameters
    ----------
    documents, labels : list, (n,) int array
        The words and the number of the class of each text.
    settings : Settings, optional
        The preset 'default' when not given.
    test, importance, classes
        As for `hardmax.training.prepare`.
    progress : bool
        Show a bar.

    Returns
    -------
    TrainedModel
        With `outcome`, how the training ended.

    Raises
    ------
    InputError
        When there are too few texts, no token is left, or the weights go out of range.

    Examples
    --------
    >>> import numpy as np
    >>> documents = [["good", "film"], ["bad", "film"]] * 8
    >>> trained = fit(documents, np.array([1, 0] * 8), Settings().replace(epochs=5, word_dropout=0.1))
    >>> trained.vocabulary.tokens[0]
    'film'
    """
    settings = Settings() if settings is None else settings
    prepared = prepare(documents, labels, settings, test=test, importance=importance, classes=classes)
    return fit_prepared(prepared, settings, progress=progress)


def fit_prepared(
    prepared: Prepared,
    settings: Settings,
    *,
    checkpoint: Path | None = None,
    resume: bool = False,
    progress: bool = False,
    on_epoch: Callable[[History], None] | None = None,
) -> TrainedModel:
    """Train a model on texts that are read already, as several training runs with one `reading` share them.

    `checkpoint`, `resume`, `progress` and `on_epoch` are as for `hardmax.training.loop.train`; only a run of
    the same settings and texts goes on from a checkpoint. With a `checkpoint`, Ctrl-C ends the training with
    the model so far; without one it raises KeyboardInterrupt.
    """
    start = TrainedModel.start(prepared.vocabulary, settings, prepared.classes)
    identity = "" if checkpoint is None else json.dumps([settings.to_dict(), prepared.fingerprint])
    outcome = train(
        start.network,
        prepared.train,
        settings.training,
        valid=prepared.valid,
        test=prepared.test,
        checkpoint=checkpoint,
        identity=identity,
        resume=resume,
        progress=progress,
        on_epoch=on_epoch,
    )
    if outcome.interrupted and checkpoint is None:
        raise KeyboardInterrupt
    return replace(start, outcome=outcome)
