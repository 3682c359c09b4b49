"""`Gradient`: the numbers of plain torch for what is learned, and zero for what is not."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from hardmax.text.bags import Corpus
from hardmax.training.sparse_gradient import Gradient
from hardmax.network.network import SentimentModel
from hardmax.training.settings import Settings
from hardmax.training.loop import loss_of

WORDS = 30
RNG = np.random.default_rng(4)
SIZES = [5, 1, 0, 9, 4]
CORPUS = Corpus(
    ids=np.concatenate([RNG.choice(WORDS, size, replace=False) for size in SIZES]).astype(np.int64),
    counts=RNG.integers(1, 4, sum(SIZES)).astype(np.float32),
    offsets=np.concatenate([[0], np.cumsum(SIZES)]).astype(np.int64),
    labels=np.array([1, 0, 1, 1, 0]),
)


def model_of(encoder: str, gradient: str, dim: int) -> SentimentModel:
    model = SentimentModel(WORDS, Settings(dim=dim, encoder=encoder, gradient=gradient))
    with torch.no_grad():
        model.encoder.weight[:, 0] = torch.from_numpy(np.random.default_rng(5).normal(size=WORDS))
    return model


def loss(model: SentimentModel, tokens: Tensor) -> Tensor:
    """Give a loss by every coordinate of every token, as that of weight decay is."""
    return loss_of(model.decode(tokens, CORPUS), CORPUS) + tokens.square().mean()


@pytest.mark.parametrize("clip", [1e-3, 1e3])
@pytest.mark.parametrize("dim", [1, 2, 4])
@pytest.mark.parametrize("gradient", ["exact", "straight-through"])
@pytest.mark.parametrize("encoder", ["free", "lines"])
def test_it_is_that_of_plain_torch_for_what_is_learned(
    encoder: str, gradient: str, dim: int, clip: float
) -> None:
    plain, model = (model_of(encoder, gradient, dim) for _ in range(2))
    loss(plain, plain.encoder(torch.from_numpy(CORPUS.ids))).backward()
    if encoder == "lines":
        for parameter in (plain.encoder.weight, plain.decoder.weight):
            assert parameter.grad is not None and (dim == 1 or parameter.grad[:, 1:].any())
            parameter.grad[:, 1:] = 0
    norm = torch.nn.utils.clip_grad_norm_(plain.parameters(), clip)  # of what is learned alone
    assert (norm > clip) == (clip < 1)

    step = Gradient(model)
    for _ in range(2):  # the second time the buffers are used again
        tokens = step.tokens(CORPUS)
        loss(model, tokens).backward()
        step.collect(tokens, CORPUS, clip)
        for parameter, wanted in zip(model.parameters(), plain.parameters(), strict=True):
            torch.testing.assert_close(parameter.grad, wanted.grad, rtol=1e-5, atol=1e-7)
        if encoder == "lines":
            for parameter in (model.encoder.weight, model.decoder.weight):
                assert parameter.grad is not None and not parameter.grad[:, 1:].any()
        step.clear()
        assert model.encoder.weight.grad is not None and not model.encoder.weight.grad.any()
        assert all(p.grad is None for p in model.parameters() if p is not model.encoder.weight)
