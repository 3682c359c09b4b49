"""`fit`, the estimator and a training run in a folder train the same model."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from hardmax import HardmaxClassifier, Settings, TrainedModel, sample_reviews
from hardmax.classifier import fit, train_run
from hardmax.classifier.fit import fit_prepared
from hardmax.errors import InputError
from hardmax.text import words_of
from hardmax.training import History, prepare

REVIEWS = sample_reviews()
DOCUMENTS = words_of(REVIEWS.texts)
SMALL = {"epochs": 3, "min_count": 2, "dim": 3}
SETTINGS = {
    "default": Settings().replace(**SMALL),
    "softmax": Settings().replace(**SMALL, temperature=0.1, encoder="free", gradient="exact"),
    "validated": Settings().replace(**SMALL, validation=0.25, patience=1, seed=3),
}


def weights(model: TrainedModel) -> dict[str, bytes]:
    return {name: value.numpy().tobytes() for name, value in model.network.state_dict().items()}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_all_ways_to_train_give_the_same_weights(settings: Settings, tmp_path: Path) -> None:
    model = fit(DOCUMENTS, REVIEWS.labels, settings)
    prepared = prepare(DOCUMENTS, REVIEWS.labels, settings)
    of_run = train_run(prepared, settings, tmp_path / "run")
    parameters = {name: value for name, value in settings.to_dict().items() if name != "seed"}
    classifier = HardmaxClassifier(**parameters, random_state=settings.training.seed)
    classifier.fit(REVIEWS.texts, REVIEWS.labels)
    others = [of_run, classifier.trained_model_, TrainedModel.load(tmp_path / "run")]
    for other in [*others, fit_prepared(prepared, settings)]:
        assert weights(other) == weights(model)
        assert other.vocabulary == model.vocabulary and other.settings == settings


def test_texts_to_measure_on_choose_nothing() -> None:
    settings = SETTINGS["validated"]
    test = (DOCUMENTS[300:], REVIEWS.labels[300:])
    model = fit(DOCUMENTS[:300], REVIEWS.labels[:300], settings, test=test)
    assert weights(model) == weights(fit(DOCUMENTS[:300], REVIEWS.labels[:300], settings))
    kept = model.outcome.history.rows[model.outcome.kept_epoch]
    assert kept["test_acc"] == model.evaluate(REVIEWS[300:])["accuracy"]


def test_classes_and_weights_of_texts_reach_the_model() -> None:
    settings = SETTINGS["default"]
    importance = np.where(REVIEWS.labels == 1, 1.5, 0.5).astype(np.float32)
    model = fit(DOCUMENTS, REVIEWS.labels, settings, importance=importance, classes=("bad", "good"))
    assert model.classes == ("bad", "good")
    assert weights(model) != weights(fit(DOCUMENTS, REVIEWS.labels, settings))


def test_ctrl_c_without_a_checkpoint_ends_the_training_without_a_model() -> None:
    prepared = prepare(DOCUMENTS, REVIEWS.labels, SETTINGS["default"])
    seen: list[int] = []

    def press(history: History) -> None:
        seen.append(len(history))
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        fit_prepared(prepared, SETTINGS["default"], on_epoch=press)
    assert seen == [1]


def test_weights_that_go_out_of_range_are_said() -> None:
    with pytest.raises(
        InputError, match=r"out of range in epoch 1; give a learning_rate smaller than 1e\+38"
    ):
        fit(DOCUMENTS, REVIEWS.labels, Settings().replace(learning_rate=1e38))
