"""What a training can be told beyond the paper: cooling, averaging, patience, weight decay, its steps."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from hardmax.errors import InputError
from hardmax.network.attention import HardmaxAttention
from hardmax.training.checkpoint import Checkpoint
from hardmax.text.bags import Corpus
from hardmax.training.sparse_gradient import Gradient
from hardmax.training.history import History
from hardmax.network.network import SentimentModel
from hardmax.classifier.runs import Prepared, prepare, train_run
from hardmax.data.sample import sample_reviews
from hardmax.training.settings import Settings
from hardmax.classifier.trained_model import TextModel
from hardmax.training.loop import Outcome, evaluate, loss_of, train
from hardmax.text.vocabulary import Vocabulary

SETTINGS = Settings(min_count=2, batch_size=32, max_tokens=40, epochs=5, learning_rate=3e-2, validation=0.2)
Weights = dict[str, Tensor]


@cache
def prepared(settings: Settings) -> Prepared:
    return prepare(sample_reviews("train"), sample_reviews("test"), settings)


def trained(
    settings: Settings, checkpoint: Path | None = None, resume: bool = False, stop_after: int | None = None
) -> tuple[SentimentModel, Outcome, list[Weights]]:
    """Train; give the weights of each epoch too. `stop_after` epochs, or never, comes Ctrl-C."""
    parts = prepared(settings)
    model = SentimentModel(len(parts.vocabulary), settings)
    weights: list[Weights] = []

    def keep(history: History) -> None:
        weights.append({name: value.clone() for name, value in model.state_dict().items()})
        if len(history) == stop_after:
            raise KeyboardInterrupt

    outcome = train(
        model, settings, parts.train, parts.valid, checkpoint=checkpoint, resume=resume, on_epoch=keep
    )
    return model, outcome, weights


def assert_same(model: SentimentModel, weights: Weights) -> None:
    for name, value in model.state_dict().items():
        assert torch.equal(value, weights[name])


@pytest.fixture
def temperatures(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The temperature of each step of training, once it is done."""
    seen: list[float] = []
    decode = SentimentModel.decode

    def record(model: SentimentModel, tokens: Tensor, corpus: Corpus) -> Tensor:
        if torch.is_grad_enabled():
            seen.append(model.attention.temperature)
        return decode(model, tokens, corpus)

    monkeypatch.setattr(SentimentModel, "decode", record)
    return seen


@pytest.mark.parametrize("cooling", [0.25, 0.6, 0.99])
def test_the_temperature_falls_by_one_factor_to_a_thousandth_and_then_is_none(
    cooling: float, temperatures: list[float]
) -> None:
    trained(replace(SETTINGS, temperature=0.5, cooling=cooling))
    steps = 5 * 8
    assert len(temperatures) == steps and temperatures[0] == 0.5
    for step, found in enumerate(temperatures):
        cooled = step / steps / cooling
        assert found == (pytest.approx(0.5 * 1000**-cooled, rel=1e-9) if cooled < 1 else 0)
    assert 0.5e-3 < min(t for t in temperatures if t > 0) < 0.5e-1


def test_without_cooling_the_temperature_stays(temperatures: list[float]) -> None:
    model, _, _ = trained(replace(SETTINGS, temperature=0.5))
    assert temperatures == [0.5] * 40 and model.attention.temperature == 0.5


def test_what_is_measured_and_kept_of_a_cooled_training_is_the_hardmax() -> None:
    settings = replace(SETTINGS, temperature=0.5, cooling=0.9)
    parts = prepared(settings)
    assert parts.valid is not None
    model = SentimentModel(len(parts.vocabulary), settings)
    assert model.attention.temperature == 0
    measured = []

    def measure(_: History) -> None:
        measured.append(evaluate(model, parts.valid, temperature=0.0))

    outcome = train(model, settings, parts.train, parts.valid, parts.test, on_epoch=measure)
    history = outcome.history
    assert measured == list(zip(history["valid_loss"], history["valid_acc"], strict=True))
    assert history["test_loss_hm"][0] == history["test_loss"][0]
    assert history["train_loss_hm"][0] != history["train_loss"][0]  # this one is through the softmax
    assert model.attention.temperature == 0


@pytest.mark.parametrize(("averaging", "epochs"), [(0.2, [4]), (0.6, [2, 3, 4]), (0.9, [0, 1, 2, 3, 4])])
def test_the_weights_of_the_last_epochs_are_averaged(averaging: float, epochs: list[int]) -> None:
    model, outcome, weights = trained(replace(SETTINGS, averaging=averaging, encoder="free"))
    assert outcome.kept_epoch == 4
    for name, value in model.state_dict().items():
        wanted = np.mean([weights[epoch][name].double().numpy() for epoch in epochs], axis=0)
        np.testing.assert_allclose(value.numpy(), wanted, rtol=0, atol=2e-6)
    far = (model.encoder.weight - weights[4]["encoder.weight"]).abs().max()
    assert bool(far > 1e-3) == (len(epochs) > 1)  # else the mean would say nothing


@pytest.mark.parametrize("stop_after", [1, 2, 3, 4])
def test_a_mean_over_epochs_goes_on_after_a_stop_to_the_same_bits(stop_after: int, tmp_path: Path) -> None:
    settings = replace(SETTINGS, averaging=0.6, encoder="free")
    whole, _, weights = trained(settings)
    path = tmp_path / "checkpoint.safetensors"
    stopped, early, _ = trained(settings, path, stop_after=stop_after)
    assert early.interrupted and len(early.history) == stop_after
    if stop_after == 4:  # epochs 2 and 3
        wanted = (weights[2]["encoder.weight"] + weights[3]["encoder.weight"]) / 2
        torch.testing.assert_close(stopped.encoder.weight.detach(), wanted, rtol=0, atol=2e-6)
    resumed, outcome, _ = trained(settings, path, resume=True)
    assert_same(resumed, whole.state_dict())
    assert outcome.kept_epoch == 4 and not outcome.interrupted


def test_the_mean_is_kept_in_the_order_of_the_epochs() -> None:
    model = SentimentModel(3, replace(SETTINGS, encoder="free", alpha=0.5))
    state = Checkpoint.start(model)
    assert (state.kept_epoch, state.best_epoch()) == (-1, -1)
    for epoch, (value, accuracy) in enumerate([(9.0, 0.5), (1.0, 0.7), (2.0, 0.6), (6.0, 0.7)]):
        with torch.no_grad():
            model.encoder.weight.fill_(value)
        state.record(model, {"epoch": epoch, "valid_acc": accuracy}, by_validation=True, averaged_from=1)
        mean = [9.0, 1.0, 1.5, 3.0][epoch]
        assert state.kept["encoder.weight"].unique().tolist() == [mean] and state.kept_epoch == epoch
        assert state.best_epoch() == [0, 1, 1, 1][epoch]  # of equals the first
    assert model.encoder.weight.unique().tolist() == [6.0]  # the mean is not the model's own


@pytest.mark.parametrize(("by_validation", "kept"), [(True, [0, 1, 1, 1]), (False, [0, 1, 2, 3])])
def test_without_averaging_the_best_or_the_latest_epoch_is_kept(by_validation: bool, kept: list[int]) -> None:
    model = SentimentModel(3, SETTINGS)
    state = Checkpoint.start(model)
    for epoch, accuracy in enumerate([0.5, 0.7, 0.6, 0.7]):
        with torch.no_grad():
            model.decoder.bias.fill_(epoch)
        state.record(model, {"epoch": epoch, "valid_acc": accuracy}, by_validation)
        assert state.kept_epoch == kept[epoch] == state.kept["decoder.bias"].item()


IMPATIENT = replace(SETTINGS, epochs=30, schedule="constant", learning_rate=0.1)


def epochs_until_patience_ends(accuracies: list[float], patience: int) -> int:
    best, without = -1.0, 0
    for epoch, accuracy in enumerate(accuracies):
        best, without = (accuracy, 0) if accuracy > best else (best, without + 1)
        if without == patience:
            return epoch + 1
    return len(accuracies)


@pytest.mark.parametrize("patience", [1, 2, 5, 100])
def test_training_stops_after_so_many_epochs_without_a_better_one(patience: int, tmp_path: Path) -> None:
    _, longer, weights = trained(IMPATIENT)
    accuracies = longer.history["valid_acc"].tolist()
    epochs = epochs_until_patience_ends(accuracies, patience)
    assert (epochs < 30) == (patience < 100)  # else this shows nothing
    settings = replace(IMPATIENT, patience=patience)
    model, outcome, _ = trained(settings)
    assert outcome.history["valid_acc"].tolist() == accuracies[:epochs] and not outcome.interrupted
    assert outcome.kept_epoch == int(np.argmax(accuracies[:epochs]))
    assert_same(model, weights[outcome.kept_epoch])

    path = tmp_path / "checkpoint.safetensors"
    trained(settings, path, stop_after=epochs - 1)
    for further in (1 if epochs > 1 else 0, 0):  # and once more, when nothing is left to do
        again, late, new = trained(settings, path, resume=True)
        assert len(new) == further and not late.interrupted
        assert late.history["valid_acc"].tolist() == accuracies[:epochs]
        assert late.kept_epoch == outcome.kept_epoch
        assert_same(again, model.state_dict())


@pytest.mark.parametrize("encoder", ["free", "lines"])
def test_weight_decay_adds_the_gradient_of_the_mean_squared_norm_of_the_words(
    encoder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(SETTINGS, epochs=1, batch_size=10_000, encoder=encoder, dim=3)
    found: list[tuple[Tensor, Tensor]] = []
    collect = Gradient.collect

    def record(self: Gradient, tokens: Tensor, corpus: Corpus, clip: float) -> None:
        assert tokens.grad is not None
        found.append((tokens.detach().clone(), tokens.grad.clone()))
        collect(self, tokens, corpus, clip)

    monkeypatch.setattr(Gradient, "collect", record)
    losses = []
    for weight_decay in (0.0, 0.5):
        _, outcome, _ = trained(replace(settings, weight_decay=weight_decay))
        losses.append(outcome.history["train_loss"].tolist())
    (tokens, without), (_, with_it) = found
    assert len(tokens) > 100
    torch.testing.assert_close(with_it - without, 0.5 * 2 * tokens / len(tokens), rtol=1e-4, atol=1e-7)
    assert losses[0] == losses[1]  # what is reported is the loss without it


def test_an_automatic_batch_makes_as_many_steps_as_it_says(temperatures: list[float]) -> None:
    trained(replace(SETTINGS, batch_size="auto", epochs=2))  # on 240 texts: 60 steps of 4
    assert len(temperatures) == 2 * 60


@pytest.mark.parametrize("dim", [2, 3])
def test_averaged_words_are_on_lines_and_the_last_row_is_of_their_mean(dim: int, tmp_path: Path) -> None:
    settings = replace(SETTINGS, averaging=0.5, dim=dim)
    model, _ = train_run(prepared(settings), settings, tmp_path / "run")
    neutral = model.model.encoder.weight.detach()[:, 1:]
    assert ((neutral != 0).sum(1) == 1).all()
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    test = sample_reviews("test")
    for found in (model, TextModel.load(tmp_path / "run")):
        measured = found.evaluate(test)
        assert (measured["accuracy"], measured["loss"]) == (metrics["test_accuracy"], metrics["test_loss"])


def test_ctrl_c_while_the_temperature_falls_leaves_the_hardmax(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(SETTINGS, temperature=0.5, cooling=0.9)
    parts, calls = prepared(settings), iter(range(20))

    def stop(*arguments: object) -> Tensor:
        if next(calls) == 15:
            raise KeyboardInterrupt
        return loss_of(*arguments)

    monkeypatch.setattr("hardmax.training.loop.loss_of", stop)
    model = SentimentModel(len(parts.vocabulary), settings)
    assert train(model, settings, parts.train).interrupted
    assert model.attention.temperature == 0


def test_patience_needs_texts_to_validate_on() -> None:
    settings = replace(SETTINGS, patience=2)
    parts = prepared(settings)
    with pytest.raises(InputError, match="patience is 2, but there are no texts to validate on"):
        train(SentimentModel(len(parts.vocabulary), settings), settings, parts.train)


def test_a_text_of_more_tokens_than_words_read_is_not_padded() -> None:
    settings = Settings(pad=True, max_tokens=3, repeats=True)
    vocabulary = Vocabulary(["x", "y", "x y"])
    corpus = Corpus.build([["x", "y", "x", "y"], ["x"]], [0, 1], vocabulary, settings)
    assert corpus.ids.tolist() == [1, 2, 3, 1, 0] and corpus.counts.tolist() == [2, 1, 1, 1, 2]


def test_the_straight_through_gradient_leaves_padding_alone() -> None:
    attention = HardmaxAttention(1, 0.5, straight_through=True, fused=False)
    found = attention(torch.tensor([[[1.0, 0.0], [torch.inf, 0.0]]]), torch.tensor([[1, 0]]))
    assert found.tolist() == [[[1.0, 0.0], [float("inf"), 0.0]]]


@pytest.mark.parametrize("changes", [{"learning_rate": 1e300}, {"weight_decay": 1e300}])
def test_a_training_that_goes_out_of_range_is_refused(changes: dict[str, float]) -> None:
    settings = replace(SETTINGS, **changes)
    parts = prepared(settings)
    with pytest.raises(InputError, match=r"the weights went out of range in epoch \d+; give a learning_rate"):
        train(SentimentModel(len(parts.vocabulary), settings), settings, parts.train, parts.valid)
