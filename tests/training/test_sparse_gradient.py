"""`SparseGradient`: the numbers of plain torch for what is learned, and zero for what is not."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from hardmax.network.loss import loss_of
from hardmax.network.network import HardmaxNetwork
from hardmax.network.shape import Shape
from hardmax.text.bags import Bags
from hardmax.training.sparse_gradient import SparseGradient

TOKENS = 30
RNG = np.random.default_rng(4)
SIZES = [5, 1, 0, 9, 4]
BAGS = Bags(
    ids=np.concatenate([RNG.choice(TOKENS, size, replace=False) for size in SIZES]).astype(np.int64),
    counts=RNG.integers(1, 4, sum(SIZES)).astype(np.float32),
    offsets=np.concatenate([[0], np.cumsum(SIZES)]).astype(np.int64),
)
LABELS = np.array([1, 0, 1, 1, 0])


def network_of(encoder: str, gradient: str, dim: int) -> HardmaxNetwork:
    network = HardmaxNetwork(TOKENS, Shape(dim=dim, encoder=encoder, gradient=gradient))
    with torch.no_grad():
        network.encoder.weight[:, 0] = torch.from_numpy(np.random.default_rng(5).normal(size=TOKENS))
    return network


def loss(network: HardmaxNetwork, points: Tensor) -> Tensor:
    """Return a loss that depends on every coordinate of every token."""
    return loss_of(network.decode(points, BAGS), LABELS) + points.square().mean()


@pytest.mark.parametrize("clip", [1e-3, 0.7, 1.4, 1e3])  # times the norm
@pytest.mark.parametrize("dim", [1, 2, 4])
@pytest.mark.parametrize("gradient", ["exact", "straight-through"])
@pytest.mark.parametrize("encoder", ["free", "lines"])
def test_it_is_that_of_plain_torch_for_what_is_learned(
    encoder: str, gradient: str, dim: int, clip: float
) -> None:
    plain, network = (network_of(encoder, gradient, dim) for _ in range(2))
    loss(plain, plain.encoder(torch.from_numpy(BAGS.ids))).backward()
    if encoder == "lines":
        for parameter in (plain.encoder.weight, plain.decoder.weight):
            assert parameter.grad is not None and (dim == 1 or parameter.grad[:, 1:].any())
            parameter.grad[:, 1:] = 0
    norm = torch.nn.utils.get_total_norm([p.grad for p in plain.parameters()])  # of what is learned alone
    clip *= float(norm)
    torch.nn.utils.clip_grad_norm_(plain.parameters(), clip)

    step = SparseGradient(network)
    for _ in range(2):  # the second time the buffers are used again
        points = step.points(BAGS)
        loss(network, points).backward()
        step.collect(points, BAGS, clip)
        for parameter, wanted in zip(network.parameters(), plain.parameters(), strict=True):
            torch.testing.assert_close(parameter.grad, wanted.grad, rtol=1e-5, atol=1e-7)
        if encoder == "lines":
            for parameter in (network.encoder.weight, network.decoder.weight):
                assert parameter.grad is not None and not parameter.grad[:, 1:].any()
        step.clear()
        assert network.encoder.weight.grad is not None and not network.encoder.weight.grad.any()
        assert all(p.grad is None for p in network.parameters() if p is not network.encoder.weight)
