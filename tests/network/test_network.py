"""`SentimentModel`: its start, its parts, its gradient."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from hardmax.text.bags import Corpus
from hardmax.network.network import SentimentModel
from hardmax.training.settings import Settings
from hardmax.training.loop import loss_of

RNG = np.random.default_rng(11)
SETTINGS = Settings(dim=3, layers=4, encoder="free", gradient="exact")
SIZES = [4, 1, 0, 6, 3]
CORPUS = Corpus(
    ids=np.concatenate([RNG.choice(20, size, replace=False) for size in SIZES]).astype(np.int64),
    counts=RNG.integers(1, 4, sum(SIZES)).astype(np.float32),
    offsets=np.concatenate([[0], np.cumsum(SIZES)]).astype(np.int64),
    labels=np.array([1, 0, 1, 1, 0]),
)


def test_the_start_is_that_of_the_paper() -> None:
    model = SentimentModel(20_000, SETTINGS)
    E = model.encoder.weight.detach()
    assert E.shape == (20_000, 3)
    assert float(E.mean()) == pytest.approx(0, abs=0.02) and float(E.std()) == pytest.approx(1, abs=0.02)
    alphas = [SentimentModel(2, replace(SETTINGS, seed=seed)).attention.alpha.item() for seed in range(200)]
    assert 0 <= min(alphas) < 0.1 and 0.9 < max(alphas) < 1


def test_the_start_depends_on_the_seed_alone() -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    one = SentimentModel(9, SETTINGS)
    assert torch.equal(state, torch.get_rng_state())
    torch.manual_seed(2)
    other = SentimentModel(9, SETTINGS)
    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name])
    assert not torch.equal(one.encoder.weight, SentimentModel(9, replace(SETTINGS, seed=1)).encoder.weight)


@pytest.mark.parametrize("alpha", ["learn", 0.5])
def test_it_has_the_parameters_of_the_paper_and_no_others(alpha: float | str) -> None:
    names = [name for name, _ in SentimentModel(9, replace(SETTINGS, alpha=alpha)).named_parameters()]
    learned = ["attention.alpha"] if alpha == "learn" else []
    assert sorted(names) == [*learned, "decoder.bias", "decoder.weight", "encoder.weight"]


@pytest.mark.parametrize("temperature", [0.0, 0.2])
def test_the_gradient_is_that_of_the_dense_path(temperature: float) -> None:
    gradients = []
    for fused in (True, False):
        model = SentimentModel(20, replace(SETTINGS, temperature=temperature), fused=fused).double()
        loss_of(model(CORPUS), CORPUS).backward()
        gradients.append({name: p.grad for name, p in model.named_parameters()})
    for name, gradient in gradients[0].items():
        assert gradient is not None and float(gradient.abs().max()) > 0
        torch.testing.assert_close(gradient, gradients[1][name], rtol=0, atol=1e-10)


def test_words_that_no_text_says_get_no_gradient() -> None:
    model = SentimentModel(40, SETTINGS)
    loss_of(model(CORPUS), CORPUS).backward()
    assert model.encoder.weight.grad is not None
    said = np.isin(np.arange(40), CORPUS.ids)
    assert not bool(model.encoder.weight.grad[~said].any())


def test_the_mean_counts_each_word_as_often_as_it_is_said() -> None:
    model = SentimentModel(20, replace(SETTINGS, layers=0))
    E, v, b = (p.detach().double().numpy() for p in (model.encoder.weight, *model.decoder.parameters()))
    found = model(CORPUS).detach()[:, 0].numpy()
    for text, logit in enumerate(found):
        lo, hi = CORPUS.offsets[text : text + 2]
        said = np.repeat(CORPUS.ids[lo:hi], CORPUS.counts[lo:hi].astype(int))
        mean = E[said].mean(0) if len(said) else np.zeros(3)
        assert logit == pytest.approx(float(v[0] @ mean + b[0]), abs=1e-5)


def test_a_text_does_not_see_the_others_of_its_batch() -> None:
    model = SentimentModel(20, SETTINGS)
    together = model(CORPUS)
    alone = torch.cat([model(CORPUS.take([text])) for text in range(len(CORPUS))])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-6)
    assert model(CORPUS.take([])).shape == (0, 1)


def test_more_outputs_than_one_are_for_more_classes() -> None:
    assert SentimentModel(20, SETTINGS, outputs=4)(CORPUS).shape == (5, 4)


def test_words_on_lines_are_for_two_classes() -> None:
    lines = replace(SETTINGS, encoder="lines")
    assert SentimentModel(9, lines).on_lines and not SentimentModel(9, SETTINGS).on_lines
    three, free = SentimentModel(9, lines, outputs=3), SentimentModel(9, SETTINGS, outputs=3)
    assert not three.on_lines
    for name, value in three.state_dict().items():
        assert torch.equal(value, free.state_dict()[name])


def test_words_on_lines_start_undecided_from_the_seed_alone() -> None:
    settings = replace(SETTINGS, encoder="lines")
    model, again = SentimentModel(50, settings), SentimentModel(50, settings)
    assert not model(CORPUS).any()
    assert model.decoder.weight.tolist() == [[1, 0, 0]] and model.decoder.bias.tolist() == [0]
    assert torch.equal(model.encoder.weight, again.encoder.weight)
    other = SentimentModel(50, replace(settings, seed=1))
    assert not torch.equal(model.encoder.weight, other.encoder.weight)


@pytest.mark.parametrize("encoder", ["free", "lines"])
def test_the_gradient_of_the_settings_is_that_of_the_layers(encoder: str) -> None:
    exact, straight = (
        SentimentModel(20, replace(SETTINGS, encoder=encoder, gradient=gradient))
        for gradient in ("exact", "straight-through")
    )
    with torch.no_grad():
        polarities = torch.linspace(-1, 1, 20)
        for model in (exact, straight):
            model.encoder.weight[:, 0] = polarities
    assert torch.equal(exact(CORPUS), straight(CORPUS))
    straight(CORPUS).sum().backward()
    assert straight.encoder.weight.grad is not None
    # Each text gives its words their share of its mean, times v.
    share = np.zeros(20)
    for text in range(len(CORPUS)):
        part = CORPUS.take([text])
        share[part.ids] += part.counts / part.counts.sum()
    wanted = np.outer(share, straight.decoder.weight.detach().numpy()[0])
    np.testing.assert_allclose(straight.encoder.weight.grad.numpy(), wanted, rtol=0, atol=1e-6)
    exact(CORPUS).sum().backward()
    assert not torch.allclose(exact.encoder.weight.grad, straight.encoder.weight.grad, atol=1e-3)
