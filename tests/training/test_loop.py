"""`train`: the same bits always, a stop that costs nothing, the best epoch kept."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_pre_hook

from hardmax._support.threads import using_threads
from hardmax.data import read_reviews
from hardmax.errors import InputError
from hardmax.network.loss import score
from hardmax.network.network import HardmaxNetwork
from hardmax.network.predict import logits_of
from hardmax.training.history import History
from hardmax.training.loop import Outcome, train
from hardmax.training.prepare import Examples, prepare_reviews
from hardmax.training.settings import PRESETS, Settings

SMALL = {"pipeline": "default", "min_count": 2, "batch_size": 32, "max_tokens": 40}
DEFAULT = PRESETS["default"].replace(**SMALL, epochs=5, learning_rate=3e-2, validation=0.2)
PAPER = PRESETS["paper"].replace(**SMALL, epochs=4, learning_rate=1e-2)
PAPER_VALIDATED = PAPER.replace(validation=0.2)
SOFTMAX = DEFAULT.replace(temperature=0.5, alpha_floor=0.5, batch_size="auto", encoder="free")
IMPATIENT = DEFAULT.replace(epochs=30, schedule="constant", learning_rate=0.1)

Trained = Callable[..., tuple[HardmaxNetwork, Outcome]]


def bits(network: HardmaxNetwork) -> dict[str, bytes]:
    return {name: value.numpy().tobytes() for name, value in network.state_dict().items()}


def rows(outcome: Outcome) -> list[dict[str, float | None]]:
    """Return the history without the times, and None for NaN, which equals nothing."""
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


@pytest.mark.parametrize("settings", [DEFAULT, PAPER, SOFTMAX], ids=["default", "paper", "softmax"])
def test_the_same_seed_gives_the_same_bits_for_any_number_of_threads(
    settings: Settings, trained: Trained
) -> None:
    found = []
    for kernels, own in [(1, 1), (3, 2), (2, 1)]:
        with using_threads(kernels), torch_threads(own):
            network, outcome = trained(settings)
            found.append((bits(network), rows(outcome)))
            assert torch.get_num_threads() == own
    assert found[0] == found[1] == found[2]


def test_another_seed_gives_another_network(trained: Trained) -> None:
    assert bits(trained(DEFAULT)[0]) != bits(trained(DEFAULT.replace(seed=1))[0])


def test_training_leaves_global_random_state_alone(trained: Trained) -> None:
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
    [DEFAULT, PAPER, PAPER_VALIDATED, IMPATIENT.replace(patience=3)],
    ids=["default", "paper", "paper validated", "patient"],
)
# An epoch of the default is 8 steps, and then the validation and the test texts are predicted.
@pytest.mark.parametrize("uses", [0, 4, 8, 9, 13, 20, 35])
def test_a_stopped_training_run_goes_on_to_the_same_bits(
    settings: Settings, uses: int, tmp_path: Path, trained: Trained, prepared: Callable
) -> None:
    network, outcome = trained(settings)
    assert not outcome.interrupted
    path = tmp_path / "checkpoint.safetensors"
    stopped, early = trained(settings, path, uses=uses)
    assert early.interrupted and len(early.history) < settings.training.epochs
    assert np.isfinite(logits_of(stopped, prepared(settings).train.bags)).all()
    resumed, late = trained(settings, path, resume=True)
    assert bits(resumed) == bits(network)
    assert rows(late) == rows(outcome) and late.kept_epoch == outcome.kept_epoch
    assert not late.interrupted


def test_a_stop_ends_with_the_weights_of_a_finished_epoch(tmp_path: Path, trained: Trained) -> None:
    one_epoch, _ = trained(PAPER.replace(epochs=1))
    # The first epoch has 10 steps, each with its hardmax loss, and two losses of the test texts.
    stopped, outcome = trained(PAPER, tmp_path / "checkpoint.safetensors", uses=27)
    assert len(outcome.history) == 1 and outcome.kept_epoch == 0
    assert bits(stopped) == bits(one_epoch)


def test_the_best_epoch_by_validation_is_kept(trained: Trained, prepared: Callable) -> None:
    settings = DEFAULT.replace(epochs=12, schedule="constant", learning_rate=0.2)
    weights: list[dict[str, bytes]] = []
    network, outcome = trained(settings, on_epoch=lambda network, _: weights.append(bits(network)))
    accuracies = outcome.history["valid_acc"]
    assert outcome.kept_epoch == int(np.argmax(accuracies)) < len(accuracies) - 1  # else this shows nothing
    assert bits(network) == weights[outcome.kept_epoch]
    valid = prepared(settings).valid
    assert score(logits_of(network, valid.bags), valid.labels)[1] == accuracies.max()


def test_without_validation_the_last_epoch_is_kept(trained: Trained) -> None:
    assert trained(PAPER)[1].kept_epoch == PAPER.training.epochs - 1


def test_the_test_texts_choose_nothing(trained: Trained, prepared: Callable) -> None:
    texts = prepared(DEFAULT)
    network = HardmaxNetwork(len(texts.vocabulary), DEFAULT.shape)
    train(network, texts.train, DEFAULT.training, valid=texts.valid)
    assert bits(network) == bits(trained(DEFAULT)[0])


def epochs_until_patience_ends(accuracies: list[float], patience: int) -> int:
    best, without = -1.0, 0
    for epoch, accuracy in enumerate(accuracies):
        best, without = (accuracy, 0) if accuracy > best else (best, without + 1)
        if without == patience:
            return epoch + 1
    return len(accuracies)


@pytest.mark.parametrize("patience", [1, 2, 5, 100])
def test_training_stops_after_so_many_epochs_without_a_better_one(
    patience: int, tmp_path: Path, trained: Trained
) -> None:
    weights: list[dict[str, bytes]] = []
    _, longer = trained(IMPATIENT, on_epoch=lambda network, _: weights.append(bits(network)))
    accuracies = longer.history["valid_acc"].tolist()
    epochs = epochs_until_patience_ends(accuracies, patience)
    assert (epochs < 30) == (patience < 100)  # else this shows nothing
    settings = IMPATIENT.replace(patience=patience)
    network, outcome = trained(settings)
    assert outcome.history["valid_acc"].tolist() == accuracies[:epochs] and not outcome.interrupted
    assert outcome.kept_epoch == int(np.argmax(accuracies[:epochs]))
    assert bits(network) == weights[outcome.kept_epoch]

    def stop(_: HardmaxNetwork, history: History) -> None:
        if len(history) == epochs - 1:
            raise KeyboardInterrupt

    path = tmp_path / "checkpoint.safetensors"
    _, early = trained(settings, path, on_epoch=stop)
    done = len(early.history)
    assert early.interrupted and done == epochs - 1
    for _ in range(2):  # the second time nothing is left to do
        again, late = trained(settings, path, resume=True)
        assert not late.interrupted and late.kept_epoch == outcome.kept_epoch
        assert late.history["valid_acc"].tolist() == accuracies[:epochs]
        assert bits(again) == bits(network)
    assert late.history["seconds"][:done].tolist() == early.history["seconds"].tolist()  # and not done anew


def test_patience_needs_texts_to_validate_on(prepared: Callable) -> None:
    settings = DEFAULT.replace(patience=2)
    texts = prepared(settings)
    with pytest.raises(InputError, match="patience is 2, but there are no texts to validate on"):
        train(HardmaxNetwork(len(texts.vocabulary), settings.shape), texts.train, settings.training)


def test_the_hardmax_loss_is_measured_every_tenth_epoch_of_a_softmax_run(trained: Trained) -> None:
    _, outcome = trained(PAPER.replace(epochs=11, learning_rate=1e-3))
    history = outcome.history
    for column in ("train_loss_hm", "test_loss_hm"):
        assert np.flatnonzero(~np.isnan(history[column])).tolist() == [0, 10]
    np.testing.assert_allclose(history["train_loss_hm"][[0, 10]], history["train_loss"][[0, 10]], atol=2e-3)
    assert np.isnan(trained(DEFAULT)[1].history["train_loss_hm"]).all()


def test_the_hardmax_loss_is_that_of_the_network_with_hardmax_layers(
    trained: Trained, prepared: Callable
) -> None:
    test = prepared(SOFTMAX).test
    measured: list[tuple[float, float]] = []

    def measure(network: HardmaxNetwork, _: History) -> None:
        measured.append(tuple(score(logits_of(network, test.bags, t), test.labels)[0] for t in (None, 0.0)))

    _, outcome = trained(SOFTMAX.replace(epochs=1), on_epoch=measure)
    assert measured == [(outcome.history["test_loss"][0], outcome.history["test_loss_hm"][0])]
    assert measured[0][0] != measured[0][1]


@pytest.mark.parametrize("settings", [DEFAULT, PAPER], ids=["default", "paper"])
def test_the_loss_falls(settings: Settings, trained: Trained) -> None:
    _, outcome = trained(settings.replace(epochs=15, word_dropout=0.0))
    losses = outcome.history["train_loss"]
    assert losses[-1] < 0.8 * losses[0]
    assert outcome.history["train_acc"][-1] > 0.8
    assert (outcome.history["alpha"] >= 0).all()


@pytest.mark.parametrize("floor", [0.0, 0.25])
def test_alpha_stops_at_its_floor(floor: float, prepared: Callable) -> None:
    free = {"encoder": "free", "gradient": "exact", "word_dropout": 0.0, "alpha_floor": floor}
    settings = DEFAULT.replace(epochs=1, batch_size=10_000, learning_rate=1.0, **free)
    texts = prepared(settings)
    ends = []
    for labels in (texts.train.labels, 1 - texts.train.labels):  # one of them draws alpha down
        network = HardmaxNetwork(len(texts.vocabulary), settings.shape)
        with torch.no_grad():
            network.attention.alpha.fill_(floor + 1e-6)
        train(network, replace(texts.train, labels=labels), settings.training)
        ends.append(network.attention.alpha.item())
    assert min(ends) == floor and max(ends) > 0.5


def test_a_fixed_alpha_stays(trained: Trained) -> None:
    network, outcome = trained(DEFAULT.replace(alpha=0.75))
    assert (outcome.history["alpha"] == 0.75).all() and network.attention.alpha.item() == 0.75


def test_an_epoch_takes_the_steps_of_its_batches(prepared: Callable) -> None:
    settings = DEFAULT.replace(batch_size="auto", epochs=2)  # on 240 texts: 60 steps of 4
    texts = prepared(settings)
    network = HardmaxNetwork(len(texts.vocabulary), settings.shape)
    sizes: list[int] = []
    network.decoder.register_forward_hook(lambda *arguments: sizes.append(len(arguments[2])))
    train(network, texts.train, settings.training)
    assert sizes == [4] * 120


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_the_learning_rate_stays_or_falls_by_half_a_cosine(schedule: str, trained: Trained) -> None:
    rates: list[float] = []
    hook = register_optimizer_step_pre_hook(
        lambda optimizer, *_: rates.append(optimizer.param_groups[0]["lr"])
    )
    trained(DEFAULT.replace(schedule=schedule, learning_rate=0.5))
    hook.remove()
    fractions = np.arange(5 * 8) / (5 * 8)
    wanted = 0.25 * (1 + np.cos(np.pi * fractions)) if schedule == "cosine" else np.full(5 * 8, 0.5)
    assert rates == pytest.approx(wanted.tolist(), rel=1e-12)


def curve(settings: Settings, examples: Examples, tokens: int, fused: bool) -> np.ndarray:
    network = HardmaxNetwork(tokens, settings.shape, fused=fused)
    return train(network, examples, settings.training).history["train_loss"]


@pytest.mark.parametrize("settings", [DEFAULT, PAPER, SOFTMAX], ids=["default", "paper", "softmax"])
def test_the_dense_path_has_the_same_curve(settings: Settings, prepared: Callable) -> None:
    texts = prepared(settings)
    curves = [curve(settings, texts.train, len(texts.vocabulary), fused) for fused in (True, False)]
    np.testing.assert_allclose(*curves, rtol=0, atol=1e-3)


@pytest.mark.skipif("HARDMAX_DATA" not in os.environ, reason="HARDMAX_DATA names no folder of real reviews")
def test_the_dense_path_has_the_same_curve_on_real_reviews() -> None:
    pipeline = "paper" if "NLTK_DATA" in os.environ else "default"
    settings = PRESETS["paper"].replace(pipeline=pipeline, epochs=3)
    texts = prepare_reviews(read_reviews(os.environ["HARDMAX_DATA"], "train")[::100], None, settings)
    curves = [curve(settings, texts.train, len(texts.vocabulary), fused) for fused in (True, False)]
    np.testing.assert_allclose(*curves, rtol=0, atol=1e-3)
    assert curves[0][0] > curves[0][1] > curves[0][2]


def test_more_classes_than_two_can_be_learned(prepared: Callable) -> None:
    texts = prepared(DEFAULT)
    three = replace(texts.train, labels=np.arange(len(texts.train)) % 3)
    network = HardmaxNetwork(len(texts.vocabulary), DEFAULT.shape, outputs=3)
    training = DEFAULT.replace(epochs=3, word_dropout=0.0).training
    losses = train(network, three, training).history["train_loss"]
    assert losses[-1] < losses[0]


def test_a_text_of_importance_zero_teaches_nothing(prepared: Callable) -> None:
    texts = prepared(DEFAULT)
    training = DEFAULT.replace(epochs=2, batch_size=10_000, word_dropout=0.0).training
    labels, importance = texts.train.labels.copy(), np.ones(len(texts.train), np.float32)
    labels[:50] = 1 - labels[:50]
    importance[:50] = 0
    found = []
    for given in (labels, texts.train.labels):
        network = HardmaxNetwork(len(texts.vocabulary), DEFAULT.shape)
        train(network, Examples(texts.train.bags, given, importance), training)
        found.append(bits(network))
    assert found[0] == found[1]


def test_a_training_run_whose_weights_go_out_of_range_is_refused(trained: Trained) -> None:
    with pytest.raises(InputError, match=r"the weights went out of range in epoch \d+; give a learning_rate"):
        trained(DEFAULT.replace(learning_rate=1e300))
