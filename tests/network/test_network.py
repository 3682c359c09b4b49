"""`HardmaxNetwork`: its start, its parts, its gradient, its way through a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from hardmax.dynamics import Hardmax, Softmax
from hardmax.errors import InputError
from hardmax.network.loss import loss_of
from hardmax.network.network import HardmaxNetwork
from hardmax.network.shape import Shape
from hardmax.text.bags import Bags

SHAPE = Shape(dim=3, layers=4, encoder="free", gradient="exact")
LABELS = np.array([1, 0, 1, 1, 0])


@pytest.fixture(scope="module")
def bags(random_bags: Callable[..., Bags]) -> Bags:
    return random_bags([4, 1, 0, 6, 3], 20, seed=11)


def test_the_start_is_that_of_the_paper() -> None:
    network = HardmaxNetwork(20_000, SHAPE)
    E = network.encoder.weight.detach()
    assert E.shape == (20_000, 3)
    assert float(E.mean()) == pytest.approx(0, abs=0.02) and float(E.std()) == pytest.approx(1, abs=0.02)
    alphas = [HardmaxNetwork(2, SHAPE, seed=seed).attention.alpha.item() for seed in range(200)]
    assert 0 <= min(alphas) < 0.1 and 0.9 < max(alphas) < 1


def test_the_start_depends_on_the_seed_alone() -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    one = HardmaxNetwork(9, SHAPE)
    assert torch.equal(state, torch.get_rng_state())
    torch.manual_seed(2)
    other = HardmaxNetwork(9, SHAPE)
    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name])
    assert not torch.equal(one.encoder.weight, HardmaxNetwork(9, SHAPE, seed=1).encoder.weight)


@pytest.mark.parametrize("alpha", ["learn", 0.5])
def test_it_has_the_parameters_of_the_paper_and_no_others(alpha: float | str) -> None:
    names = [name for name, _ in HardmaxNetwork(9, replace(SHAPE, alpha=alpha)).named_parameters()]
    learned = ["attention.alpha"] if alpha == "learn" else []
    assert sorted(names) == [*learned, "decoder.bias", "decoder.weight", "encoder.weight"]


def test_the_points_of_texts_are_the_embeddings_of_their_tokens_with_one_zero(bags: Bags) -> None:
    network = HardmaxNetwork(20, SHAPE)
    with torch.no_grad():
        network.encoder.weight[:, 1] = -0.0
    points = network.points(bags)
    assert points.dtype == np.float64
    assert points.tolist() == network.encoder.weight[torch.from_numpy(bags.ids)].tolist()
    assert not np.signbit(points[:, 1]).any()


@pytest.mark.parametrize("temperature", [0.0, 0.2])
@pytest.mark.parametrize("outputs", [1, 3])
def test_the_gradient_is_that_of_the_dense_path(bags: Bags, temperature: float, outputs: int) -> None:
    gradients = []
    for fused in (True, False):
        shape = replace(SHAPE, temperature=temperature)
        network = HardmaxNetwork(20, shape, outputs, fused=fused).double()
        loss_of(network(bags), LABELS).backward()
        gradients.append({name: p.grad for name, p in network.named_parameters()})
    for name, gradient in gradients[0].items():
        assert gradient is not None and float(gradient.abs().max()) > 0
        torch.testing.assert_close(gradient, gradients[1][name], rtol=0, atol=1e-10)


@pytest.mark.parametrize("temperature", [0.0, 1e-3, 0.5])
def test_a_token_that_counts_often_is_as_good_as_many_tokens(bags: Bags, temperature: float) -> None:
    """The dense path on every occurrence, padded, is the judge."""
    network = HardmaxNetwork(20, replace(SHAPE, temperature=temperature)).double()
    documents = list(map(np.repeat, bags.split(bags.ids), bags.split(bags.counts.astype(int))))
    longest = max(map(len, documents))
    ids, mask = np.zeros((2, len(documents), longest), np.int64)
    for row, document in enumerate(documents):
        ids[row, : len(document)], mask[row, : len(document)] = document, 1
    found = network(bags).detach()
    network.attention.fused = False
    with torch.no_grad():
        occurs = torch.from_numpy(mask).double()
        moved = network.attention(network.encoder(torch.from_numpy(ids)), occurs)
        means = (moved * occurs.unsqueeze(2)).sum(1) / occurs.sum(1, keepdim=True).clamp_min(1)
        wanted = network.decoder(means)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-10)


def test_tokens_that_are_in_no_text_get_no_gradient(bags: Bags) -> None:
    network = HardmaxNetwork(40, SHAPE)
    loss_of(network(bags), LABELS).backward()
    assert network.encoder.weight.grad is not None
    absent = ~np.isin(np.arange(40), bags.ids)
    assert absent.any() and not bool(network.encoder.weight.grad[absent].any())


def test_a_text_without_tokens_gets_the_logit_of_the_origin(bags: Bags) -> None:
    network = HardmaxNetwork(20, SHAPE)
    found = network(bags)
    assert torch.equal(found[2], network.decoder.bias)
    found.sum().backward()
    assert all(bool(p.grad.isfinite().all()) for p in network.parameters() if p.grad is not None)


def test_the_mean_counts_each_token_as_often_as_it_occurs(bags: Bags) -> None:
    network = HardmaxNetwork(20, replace(SHAPE, layers=0))
    E, v, b = (p.detach().double().numpy() for p in (network.encoder.weight, *network.decoder.parameters()))
    found = network(bags).detach()[:, 0].numpy()
    for ids, counts, logit in zip(bags.split(bags.ids), bags.split(bags.counts), found, strict=True):
        occurrences = np.repeat(ids, counts.astype(int))
        mean = E[occurrences].mean(0) if len(ids) else np.zeros(3)
        assert logit == pytest.approx(float(v[0] @ mean + b[0]), abs=1e-5)


def test_a_text_does_not_see_the_others_of_its_batch(bags: Bags) -> None:
    network = HardmaxNetwork(20, SHAPE)
    together = network(bags)
    alone = torch.cat([network(bags.take([text])) for text in range(len(bags))])
    assert torch.equal(together, alone)
    assert network(bags.take([])).shape == (0, 1)


def test_more_outputs_than_one_are_for_more_classes(bags: Bags) -> None:
    network = HardmaxNetwork(20, SHAPE, outputs=4)
    assert network(bags).shape == (5, 4)
    with pytest.raises(InputError, match="the model has 4 classes"):
        network.direction()


def test_the_direction_is_that_of_the_decoder() -> None:
    network = HardmaxNetwork(20, SHAPE)
    v, b = network.direction()
    assert v.tolist() == network.decoder.weight[0].tolist() and b == network.decoder.bias.item()


def test_the_rule_is_that_of_the_layers() -> None:
    hardmax = HardmaxNetwork(9, replace(SHAPE, alpha=0.75))
    assert hardmax.rule() == Hardmax(0.75)
    assert hardmax.rule(0.5) == Softmax(0.75, temperature=0.5)
    softmax = HardmaxNetwork(9, replace(SHAPE, alpha=0.75, temperature=0.1))
    assert softmax.rule() == Softmax(0.75, temperature=0.1)
    assert softmax.rule(0.0) == Hardmax(0.75)


def test_a_learned_step_of_zero_moves_nothing(bags: Bags) -> None:
    network = HardmaxNetwork(20, SHAPE)
    with torch.no_grad():
        network.attention.alpha.zero_()
    points = network.points(bags)
    rate = network.rule().alpha / (1 + network.rule().alpha)
    assert (points + rate * (1e3 - points) == points).all()


def test_tokens_on_lines_are_for_two_classes() -> None:
    lines = replace(SHAPE, encoder="lines")
    assert HardmaxNetwork(9, lines).on_lines and not HardmaxNetwork(9, SHAPE).on_lines
    three, free = HardmaxNetwork(9, lines, outputs=3), HardmaxNetwork(9, SHAPE, outputs=3)
    assert not three.on_lines
    for name, value in three.state_dict().items():
        assert torch.equal(value, free.state_dict()[name])


def test_tokens_on_lines_start_undecided_from_the_seed_alone(bags: Bags) -> None:
    shape = replace(SHAPE, encoder="lines")
    network, again = HardmaxNetwork(50, shape), HardmaxNetwork(50, shape)
    assert not network(bags).any()
    assert network.decoder.weight.tolist() == [[1, 0, 0]] and network.decoder.bias.tolist() == [0]
    assert torch.equal(network.encoder.weight, again.encoder.weight)
    assert not torch.equal(network.encoder.weight, HardmaxNetwork(50, shape, seed=1).encoder.weight)


@pytest.mark.parametrize("encoder", ["free", "lines"])
def test_the_gradient_of_the_shape_is_that_of_the_layers(bags: Bags, encoder: str) -> None:
    exact, straight = (
        HardmaxNetwork(20, replace(SHAPE, encoder=encoder, gradient=gradient))
        for gradient in ("exact", "straight-through")
    )
    with torch.no_grad():
        polarities = torch.linspace(-1, 1, 20)
        for network in (exact, straight):
            network.encoder.weight[:, 0] = polarities
    assert torch.equal(exact(bags), straight(bags))
    straight(bags).sum().backward()
    assert straight.encoder.weight.grad is not None
    # The gradient by a token is v times its fraction of the mean, summed over the texts.
    fraction = np.zeros(20)
    for ids, counts in zip(bags.split(bags.ids), bags.split(bags.counts), strict=True):
        fraction[ids] += counts / counts.sum()
    wanted = np.outer(fraction, straight.decoder.weight.detach().numpy()[0])
    np.testing.assert_allclose(straight.encoder.weight.grad.numpy(), wanted, rtol=0, atol=1e-6)
    exact(bags).sum().backward()
    assert not torch.allclose(exact.encoder.weight.grad, straight.encoder.weight.grad, atol=1e-3)


@pytest.mark.parametrize("encoder", ["free", "lines"])
@pytest.mark.parametrize("dim", [1, 3])
def test_stored_tensors_restore_the_network(bags: Bags, encoder: str, dim: int) -> None:
    shape = replace(SHAPE, encoder=encoder, dim=dim)
    network = HardmaxNetwork(20, shape)
    with torch.no_grad():
        network.encoder.weight[:, 0] = torch.linspace(-1, 1, 20)
    stored = network.stored()
    assert ("encoder.weight" in stored) == (encoder == "free")
    other = HardmaxNetwork(20, shape, seed=1)
    other.restore(stored)
    for name, value in network.state_dict().items():
        assert torch.equal(other.state_dict()[name], value)
    with torch.no_grad():
        network.decoder.bias.fill_(7.0)
    assert stored["decoder.bias"].item() != 7  # what was stored is a copy


@pytest.mark.parametrize("other", [HardmaxNetwork(21, SHAPE), HardmaxNetwork(20, replace(SHAPE, dim=2))])
def test_tensors_of_another_network_are_refused(other: HardmaxNetwork) -> None:
    with pytest.raises(RuntimeError, match="size mismatch"):
        HardmaxNetwork(20, SHAPE).restore(other.stored())
