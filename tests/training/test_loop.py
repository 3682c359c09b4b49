"""Training: the same bits always, a stop that costs nothing, the best epoch kept."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from hardmax.errors import InputError
from hardmax.classifier import training
from hardmax.text.bags import Corpus
from hardmax.data.sources import read_reviews
from hardmax.network.network import SentimentModel
from hardmax.classifier.runs import Prepared, prepare
from hardmax.data.sample import sample_reviews
from hardmax.training.settings import PRESETS, Settings
from hardmax.training.loop import Outcome, evaluate, loss_of, train
from hardmax._support.threads import using_threads

SMALL = {"pipeline": "default", "min_count": 2, "batch_size": 32, "max_tokens": 40}
DEFAULT = replace(PRESETS["default"], **SMALL, epochs=5, learning_rate=3e-2, validation=0.2)
PAPER = replace(PRESETS["paper"], **SMALL, epochs=4, learning_rate=1e-2)
PAPER_VALIDATED = replace(PAPER, validation=0.2)
COOLED = replace(DEFAULT, temperature=0.5, cooling=0.6, alpha_floor=0.5, weight_decay=1e-3, batch_size="auto")
AVERAGED = replace(DEFAULT, averaging=0.6, encoder="free")
PATIENT = replace(DEFAULT, epochs=30, patience=3, schedule="constant", learning_rate=0.1)


@cache
def prepared(settings: Settings) -> Prepared:
    return prepare(sample_reviews("train"), sample_reviews("test"), settings)


def trained(
    settings: Settings, checkpoint: Path | None = None, resume: bool = False, fused: bool = True
) -> tuple[SentimentModel, Outcome]:
    parts = prepared(settings)
    model = SentimentModel(len(parts.vocabulary), settings, fused=fused)
    return model, train(model, settings, parts.train, parts.valid, parts.test, checkpoint, resume)


def bits(model: SentimentModel) -> dict[str, bytes]:
    return {name: value.numpy().tobytes() for name, value in model.state_dict().items()}


def rows(outcome: Outcome) -> list[dict[str, float]]:
    """Give the history without the times, and None for NaN, which equals nothing."""
    return [
        {name: None if math.isnan(value) else value for name, value in row.items() if name != "seconds"}
        for row in outcome.history.rows
    ]


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class StopAfter:
    """Stands in for a function, and is Ctrl-C at the given call."""

    def __init__(self, function: Callable[..., object], calls: int) -> None:
        self.function, self.left = function, calls

    def __call__(self, *arguments: object) -> object:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return self.function(*arguments)


@pytest.mark.parametrize(
    "settings", [DEFAULT, PAPER, COOLED, AVERAGED], ids=["default", "paper", "cooled", "averaged"]
)
def test_the_same_seed_gives_the_same_bits_for_any_number_of_threads(settings: Settings) -> None:
    found = []
    for kernels, own in [(1, 1), (3, 2), (2, 1)]:
        with using_threads(kernels), torch_threads(own):
            model, outcome = trained(settings)
            found.append((bits(model), rows(outcome)))
            assert torch.get_num_threads() == own
    assert found[0] == found[1] == found[2]


def test_another_seed_gives_another_model() -> None:
    assert bits(trained(DEFAULT)[0]) != bits(trained(replace(DEFAULT, seed=1))[0])


def test_training_leaves_global_random_state_alone() -> None:
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002 - the global state is what must not change
    before = torch.get_rng_state(), np.random.get_state()[1].tobytes()  # noqa: NPY002
    first = bits(trained(DEFAULT)[0])
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == np.random.get_state()[1].tobytes()  # noqa: NPY002
    torch.manual_seed(6)
    assert bits(trained(DEFAULT)[0]) == first


@pytest.mark.parametrize(
    "settings",
    [DEFAULT, PAPER, PAPER_VALIDATED, COOLED, AVERAGED, PATIENT],
    ids=["default", "paper", "paper validated", "cooled", "averaged", "patient"],
)
@pytest.mark.parametrize("steps", [0, 4, 13, 20, 35])
def test_a_stopped_training_goes_on_to_the_same_bits(
    settings: Settings, steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, outcome = trained(settings)
    assert not outcome.interrupted
    path = tmp_path / "checkpoint.safetensors"
    with monkeypatch.context() as patch:
        patch.setattr(training, "loss_of", StopAfter(loss_of, steps))
        stopped, early = trained(settings, path)
    assert early.interrupted and len(early.history) < settings.epochs
    assert bool(torch.isfinite(training.logits(stopped, prepared(settings).train)).all())
    resumed, late = trained(settings, path, resume=True)
    assert bits(resumed) == bits(model)
    assert rows(late) == rows(outcome) and late.kept_epoch == outcome.kept_epoch
    assert not late.interrupted


def test_a_stop_gives_the_weights_of_a_finished_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_epoch, _ = trained(replace(PAPER, epochs=1))
    # In the first epoch each of the 10 batches has its loss and its hardmax loss; then the test part follows.
    with monkeypatch.context() as patch:
        patch.setattr(training, "loss_of", StopAfter(loss_of, 27))
        stopped, outcome = trained(PAPER, tmp_path / "checkpoint.safetensors")
    assert len(outcome.history) == 1 and outcome.kept_epoch == 0
    assert bits(stopped) == bits(one_epoch)


def test_the_best_epoch_by_validation_is_kept() -> None:
    settings = replace(DEFAULT, epochs=12, schedule="constant", learning_rate=0.2)
    parts = prepared(settings)
    weights: list[dict[str, bytes]] = []
    model = SentimentModel(len(parts.vocabulary), settings)
    outcome = train(model, settings, parts.train, parts.valid, on_epoch=lambda _: weights.append(bits(model)))
    accuracies = outcome.history["valid_acc"]
    assert outcome.kept_epoch == int(np.argmax(accuracies)) < len(accuracies) - 1  # else this shows nothing
    assert bits(model) == weights[outcome.kept_epoch]
    assert parts.valid is not None
    assert evaluate(model, parts.valid)[1] == accuracies.max()


def test_without_validation_the_last_epoch_is_kept() -> None:
    assert trained(PAPER)[1].kept_epoch == PAPER.epochs - 1


def test_the_test_part_chooses_nothing() -> None:
    parts = prepared(DEFAULT)
    model = SentimentModel(len(parts.vocabulary), DEFAULT)
    train(model, DEFAULT, parts.train, parts.valid)
    assert bits(model) == bits(trained(DEFAULT)[0])


def test_the_hardmax_loss_is_measured_every_tenth_epoch_of_a_softmax_training() -> None:
    _, outcome = trained(replace(PAPER, epochs=11, learning_rate=1e-3))
    for column in ("train_loss_hm", "test_loss_hm"):
        assert np.flatnonzero(~np.isnan(outcome.history[column])).tolist() == [0, 10]
    history = outcome.history
    np.testing.assert_allclose(history["train_loss_hm"][[0, 10]], history["train_loss"][[0, 10]], atol=2e-3)
    assert np.isnan(trained(DEFAULT)[1].history["train_loss_hm"]).all()


@pytest.mark.parametrize("settings", [DEFAULT, PAPER], ids=["default", "paper"])
def test_the_loss_falls(settings: Settings) -> None:
    _, outcome = trained(replace(settings, epochs=15, word_dropout=0.0))
    losses = outcome.history["train_loss"]
    assert losses[-1] < 0.8 * losses[0]
    assert outcome.history["train_acc"][-1] > 0.8
    assert (outcome.history["alpha"] >= 0).all()


@pytest.mark.parametrize("floor", [0.0, 0.25])
def test_alpha_stops_at_its_floor(floor: float) -> None:
    free = {"encoder": "free", "gradient": "exact", "word_dropout": 0.0, "alpha_floor": floor}
    settings = replace(DEFAULT, epochs=1, batch_size=10_000, learning_rate=1.0, **free)
    parts = prepared(settings)
    ends = []
    for labels in (parts.train.labels, 1 - parts.train.labels):  # one of them draws alpha down
        model = SentimentModel(len(parts.vocabulary), settings)
        with torch.no_grad():
            model.attention.alpha.fill_(floor + 1e-6)
        train(model, settings, replace(parts.train, labels=labels))
        ends.append(model.attention.alpha.item())
    assert min(ends) == floor and max(ends) > 0.5


def test_a_fixed_alpha_stays() -> None:
    model, outcome = trained(replace(DEFAULT, alpha=0.75))
    assert (outcome.history["alpha"] == 0.75).all() and model.attention.alpha.item() == 0.75


def curve(settings: Settings, parts: Corpus, words: int, fused: bool) -> np.ndarray:
    model = SentimentModel(words, settings, fused=fused)
    return train(model, settings, parts).history["train_loss"]


@pytest.mark.parametrize("settings", [DEFAULT, PAPER, COOLED], ids=["default", "paper", "cooled"])
def test_the_dense_path_has_the_same_curve(settings: Settings) -> None:
    parts = prepared(settings)
    curves = [curve(settings, parts.train, len(parts.vocabulary), fused) for fused in (True, False)]
    np.testing.assert_allclose(*curves, rtol=0, atol=1e-3)


@pytest.mark.skipif("HARDMAX_DATA" not in os.environ, reason="HARDMAX_DATA names no folder of real reviews")
def test_the_dense_path_has_the_same_curve_on_real_reviews() -> None:
    pipeline = "paper" if "NLTK_DATA" in os.environ else "default"
    settings = replace(PRESETS["paper"], pipeline=pipeline, epochs=3)
    parts = prepare(read_reviews(os.environ["HARDMAX_DATA"], "train")[::12], None, settings)
    curves = [curve(settings, parts.train, len(parts.vocabulary), fused) for fused in (True, False)]
    np.testing.assert_allclose(*curves, rtol=0, atol=1e-3)
    assert curves[0][0] > curves[0][1] > curves[0][2]


def test_more_classes_than_two_can_be_learned() -> None:
    parts = prepared(DEFAULT)
    three = replace(parts.train, labels=np.arange(len(parts.train)) % 3)
    model = SentimentModel(len(parts.vocabulary), DEFAULT, outputs=3)
    losses = train(model, replace(DEFAULT, epochs=3, word_dropout=0.0), three).history["train_loss"]
    assert losses[-1] < losses[0]
    assert training.logits(model, three).shape == (len(three), 3)


def test_no_text_gives_no_logits() -> None:
    parts = prepared(DEFAULT)
    model = SentimentModel(len(parts.vocabulary), DEFAULT)
    assert training.logits(model, parts.train.take([])).shape == (0, 1)


def test_measuring_with_another_temperature_leaves_the_model_as_it_was() -> None:
    parts = prepared(PAPER)
    model = SentimentModel(len(parts.vocabulary), PAPER)
    training.hardmax_loss(model, parts.train)
    assert model.attention.temperature == PAPER.temperature


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_cut_off_checkpoint_is_refused_in_one_line(share: float, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    trained(replace(DEFAULT, epochs=1), path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(InputError, match=r"checkpoint\.safetensors is not a checkpoint .*cut off") as caught:
        trained(DEFAULT, path, resume=True)
    assert "\n" not in str(caught.value)


def test_a_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    trained(replace(DEFAULT, epochs=1), path)
    with pytest.raises(InputError, match="not a checkpoint of this model"):
        trained(replace(DEFAULT, dim=3), path, resume=True)
    with pytest.raises(InputError, match="there is no checkpoint"):
        trained(DEFAULT, tmp_path / "none.safetensors", resume=True)
