"""`Decoder`: the values and gradients of a linear map, in one order of operations for any number of rows."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import linear

from hardmax.network.decoder import Decoder

SHAPES = [(dim, outputs) for dim in (1, 2, 3, 5, 16) for outputs in (1, 3, 12)]


def decoder_of(dim: int, outputs: int, dtype: torch.dtype) -> Decoder:
    torch.manual_seed(dim)
    return Decoder(dim, outputs).to(dtype)


def points_of(rows: int, dim: int, dtype: torch.dtype) -> Tensor:
    return torch.randn(rows, dim, dtype=dtype, generator=torch.Generator().manual_seed(rows))


@pytest.mark.parametrize(("dim", "outputs"), SHAPES)
def test_values_and_gradients_are_those_of_torch(dim: int, outputs: int) -> None:
    decoder, x = decoder_of(dim, outputs, torch.float64), points_of(7, dim, torch.float64).requires_grad_()
    upstream = points_of(7, outputs, torch.float64)
    leaves = (x, decoder.weight, decoder.bias)
    found, wanted = decoder(x), linear(x, decoder.weight, decoder.bias)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-13)
    pairs = zip(*(torch.autograd.grad(y, leaves, upstream) for y in (found, wanted)), strict=True)
    for one, other in pairs:
        torch.testing.assert_close(one, other, rtol=0, atol=1e-13)


def test_gradients_are_those_of_finite_differences() -> None:
    decoder = decoder_of(3, 2, torch.float64)

    def decoded(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return torch.func.functional_call(decoder, {"weight": weight, "bias": bias}, (x,))

    inputs = [points_of(4, 3, torch.float64), decoder.weight.detach(), decoder.bias.detach()]
    assert torch.autograd.gradcheck(decoded, [each.clone().requires_grad_() for each in inputs])


@pytest.mark.parametrize(("dim", "outputs"), SHAPES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_row_has_the_same_bits_alone_and_among_many(dim: int, outputs: int, dtype: torch.dtype) -> None:
    decoder, x = decoder_of(dim, outputs, dtype), points_of(1025, dim, dtype).requires_grad_()
    together = decoder(x)
    together.square().sum().backward()
    alone = torch.cat([decoder(row) for row in x.detach().split(1)])
    assert torch.equal(together, alone)
    some = x.detach()[:3].clone().requires_grad_()
    decoder(some).square().sum().backward()
    assert x.grad is not None and some.grad is not None
    assert torch.equal(x.grad[:3], some.grad)
    means = x.detach().double().numpy()
    found = decoder.logits(means)
    np.testing.assert_array_equal(found, np.concatenate([decoder.logits(mean[None]) for mean in means]))


@pytest.mark.parametrize(("dim", "outputs"), SHAPES)
def test_logits_are_the_float64_map_of_the_weights(dim: int, outputs: int) -> None:
    decoder = decoder_of(dim, outputs, torch.float32)
    mean = points_of(1, dim, torch.float64).numpy()
    W, b = decoder.parameters64()
    assert W.dtype == b.dtype == np.float64
    assert W.tolist() == decoder.weight.tolist() and b.tolist() == decoder.bias.tolist()
    for output, logit in enumerate(decoder.logits(mean)[0].tolist()):
        products = [Fraction(w) * Fraction(x) for w, x in zip(W[output], mean[0], strict=True)]
        exact = Fraction(b[output]) + sum(products)
        assert abs(Fraction(logit) - exact) <= Fraction(dim + 1, 2**50)


def test_other_memory_layouts_give_the_same() -> None:
    decoder, x = decoder_of(5, 3, torch.float32), points_of(5, 8, torch.float32).T
    assert torch.equal(decoder(x), decoder(x.contiguous()))
    (one,) = torch.autograd.grad(decoder(x).T.contiguous().T.sum(), decoder.weight)
    (other,) = torch.autograd.grad(decoder(x.contiguous()).sum(), decoder.weight)
    assert torch.equal(one, other)


def test_no_rows_give_no_logits_and_no_gradient() -> None:
    decoder = decoder_of(2, 3, torch.float32)
    found = decoder(torch.zeros(0, 2))
    assert found.shape == (0, 3) and decoder.logits(np.zeros((0, 2))).shape == (0, 3)
    found.sum().backward()
    assert decoder.weight.grad is not None and not decoder.weight.grad.any()
