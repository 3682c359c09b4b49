"""Tokens on lines: their start, the line that strength deals them to, who leads, what training changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from hardmax.data import sample_reviews
from hardmax.dynamics import Trajectory, clustering_strength, simulate
from hardmax.network.line_encoder import DISTANCE, deal_by_strength, packed, start_on_lines, unpacked
from hardmax.network.network import HardmaxNetwork
from hardmax.network.predict import logits_of
from hardmax.network.shape import Shape
from hardmax.text.bags import Bags
from hardmax.training.history import History
from hardmax.training.loop import Outcome, train
from hardmax.training.prepare import Prepared, prepare_reviews
from hardmax.training.settings import Settings

DIMS = [1, 2, 3, 5]


def started(tokens: int, dim: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    torch.manual_seed(seed)
    weight, decoder = torch.randn(tokens, dim), torch.randn(1, dim)
    start_on_lines(weight, decoder)
    return weight, decoder


def lines_of(weight: Tensor) -> list[tuple[float, ...]]:
    """Return the line of each token: the coordinates that it shares with the other tokens of the line."""
    return list(map(tuple, weight.detach()[:, 1:].tolist()))


def assert_on_lines(weight: Tensor) -> None:
    for line in lines_of(weight):
        assert sorted(map(abs, line)) == [0.0] * (len(line) - 1) + [DISTANCE] * min(1, len(line))


@pytest.mark.parametrize("dim", DIMS)
def test_tokens_start_on_lines_drawn_evenly_without_a_polarity(dim: int) -> None:
    weight, decoder = started(8000, dim)
    assert decoder.tolist() == [[1.0] + [0.0] * (dim - 1)]
    assert not weight[:, 0].any()
    assert_on_lines(weight)
    lines = max(1, 2 * (dim - 1))
    on_each = Counter(lines_of(weight))
    assert len(on_each) == lines
    spread = (8000 / lines * (1 - 1 / lines)) ** 0.5
    assert max(abs(count - 8000 / lines) for count in on_each.values()) <= 6 * spread


def line_numbers(polarities: list[float], counts: list[int], lines: int) -> list[int]:
    """Return the number of the line of each token by the rule, in exact fractions."""
    everything = sum(counts)
    numbers = [0] * len(polarities)
    weaker = 0
    for token in sorted(range(len(polarities)), key=lambda token: (abs(polarities[token]), token)):
        weaker += counts[token]
        rank = Fraction(weaker, everything)
        for k in range(lines):
            if rank**2 >= Fraction(k, lines):
                numbers[token] = k
    return numbers


DRAWN = np.random.default_rng(1)
DEALS = {
    "random": (DRAWN.normal(size=300).astype(np.float32), DRAWN.integers(1, 50, 300)),
    "some in no text": (DRAWN.normal(size=300).astype(np.float32), DRAWN.integers(0, 3, 300)),
    "equal strengths": (DRAWN.integers(-3, 4, 300).astype(np.float32), DRAWN.integers(0, 9, 300)),
    "ranks at the bounds": (np.array([0.1, -0.2, 0.3, -0.4]), np.array([1, 1, 1, 1])),
    "all equal": (np.full(16, -0.5), np.ones(16, int)),
    "one token": (np.array([0.7]), np.array([3])),
    "one token alone occurs": (np.array([0.7, -0.1, 0.2]), np.array([0, 5, 0])),
}


@pytest.mark.parametrize("name", DEALS)
@pytest.mark.parametrize("dim", DIMS)
def test_tokens_are_dealt_to_lines_by_the_square_of_their_rank(name: str, dim: int) -> None:
    polarities, counts = DEALS[name]
    weight, _ = started(len(polarities), dim)
    weight[:, 0] = torch.as_tensor(polarities)
    before = weight.clone()
    deal_by_strength(weight, counts.astype(np.float64))
    assert torch.equal(weight[:, 0], before[:, 0])
    assert_on_lines(weight)
    numbers = line_numbers(weight[:, 0].tolist(), counts.tolist(), max(1, 2 * (dim - 1)))
    pairs = set(zip(numbers, lines_of(weight), strict=True))
    assert len(pairs) == len(set(numbers)) == len(set(lines_of(weight)))  # one line for each number


def test_dealing_does_not_look_at_the_lines_that_tokens_are_on() -> None:
    polarities, counts = DEALS["random"]
    dealt = []
    for seed in (0, 1):
        weight, _ = started(len(polarities), 3, seed)
        weight[:, 0] = torch.as_tensor(polarities)
        deal_by_strength(weight, counts.astype(np.float64))
        dealt.append(weight)
    assert torch.equal(*dealt)


def test_nothing_is_dealt_where_no_token_occurs() -> None:
    weight, _ = started(20, 3)
    before = weight.clone()
    deal_by_strength(weight, np.zeros(20))
    assert torch.equal(weight, before)


def leaders_by_line(weight: np.ndarray, tokens: list[int]) -> dict[int, int]:
    """Return for each token of a text its leader: the strongest token of its side, on its own line."""
    leader_of = {}
    for token in tokens:
        mates = [mate for mate in tokens if weight[mate, 1:].tolist() == weight[token, 1:].tolist()]
        side = np.sign(weight[token, 0])
        leader_of[token] = max(mates, key=lambda mate, side=side: side * weight[mate, 0])
    return leader_of


def trajectories(network: HardmaxNetwork, bags: Bags) -> list[Trajectory]:
    points, counts = bags.split(network.points(bags)), bags.split(bags.counts)
    return simulate(points, network.rule(), network.attention.layers, counts)


def assert_lines_lead(weight: np.ndarray, tokens: list[int], trajectory: Trajectory) -> None:
    leader_of = leaders_by_line(weight, tokens)
    assert [tokens[i] for i in trajectory.follows(-1)] == [leader_of[token] for token in tokens]
    assert sorted(tokens[i] for i in trajectory.leaders()) == sorted(set(leader_of.values()))
    assert len(trajectory.leaders()) <= max(2, 4 * (weight.shape[1] - 1))


def network_on_lines(dim: int, largest: float) -> HardmaxNetwork:
    """Return a network of 60 tokens with polarities up to `largest`."""
    rng = np.random.default_rng(dim)
    network = HardmaxNetwork(60, Shape(dim=dim, alpha=1.0))
    with torch.no_grad():
        network.encoder.weight[:, 0] = torch.from_numpy(rng.uniform(-largest, largest, 60).astype(np.float32))
        network.decoder.bias.fill_(0.25)
    deal_by_strength(network.encoder.weight, np.ones(60))
    return network


@pytest.fixture(scope="module")
def bags(random_bags: Callable[..., Bags]) -> Bags:
    return random_bags(np.random.default_rng(0).integers(1, 26, 20).tolist(), 60)


@pytest.mark.parametrize("dim", DIMS)
def test_the_strongest_tokens_of_each_side_of_each_line_lead(dim: int, bags: Bags) -> None:
    # A token of polarity p leaves its line for a token more polar by 4 / p or more: up to 1.4 none does.
    network = network_on_lines(dim, 1.4)
    weight = network.encoder.weight.detach().numpy()
    for ids, trajectory in zip(bags.split(bags.ids), trajectories(network, bags), strict=True):
        assert_lines_lead(weight, ids.tolist(), trajectory)


@pytest.mark.parametrize(("polarity", "crossed"), [(8.9, False), (9.1, True)])
def test_a_far_more_polar_token_draws_tokens_off_their_line(polarity: float, crossed: bool) -> None:
    # The first token scores 1 + 4 with itself and polarity - 4 with the other.
    weight, _ = started(2, 2)
    weight[:] = torch.tensor([[1.0, -DISTANCE], [polarity, DISTANCE]])
    assert simulate(weight.double().numpy(), layers=0).follows(0).tolist() == [int(crossed), 1]


@pytest.mark.parametrize("dim", DIMS)
def test_the_vote_of_a_token_is_that_of_its_leader(dim: int, bags: Bags) -> None:
    network = network_on_lines(dim, 1.4)
    with torch.no_grad():
        network.attention.alpha.fill_(1e6)
    weight = network.encoder.weight.detach().numpy()
    found = logits_of(network, bags)[:, 0]
    for ids, counts, logit in zip(bags.split(bags.ids), bags.split(bags.counts), found, strict=True):
        leader_of = leaders_by_line(weight, ids.tolist())
        votes = [weight[leader_of[token], 0] for token in ids.tolist()]
        assert logit == pytest.approx(np.average(votes, weights=counts) + 0.25, abs=1e-5)


@cache
def trained(dim: int) -> tuple[HardmaxNetwork, Prepared, Outcome, list[Tensor]]:
    """Train by the preset with alpha = 1; return the weights of the start and each epoch too."""
    settings = Settings(shape=Shape(dim=dim, alpha=1.0))
    prepared = prepare_reviews(sample_reviews("train"), sample_reviews("test"), settings)
    network = HardmaxNetwork(len(prepared.vocabulary), settings.shape)
    weights = [network.encoder.weight.detach().clone()]

    def keep(_: History) -> None:
        weights.append(network.encoder.weight.detach().clone())

    outcome = train(network, prepared.train, settings.training, test=prepared.test, on_epoch=keep)
    return network, prepared, outcome, weights


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_training_moves_polarities_alone(dim: int) -> None:
    network, _, outcome, weights = trained(dim)
    for weight in weights:
        assert_on_lines(weight)
    assert torch.equal(network.encoder.weight.detach(), weights[-1])
    assert len(set(weights[-1][:, 0].tolist())) > 100
    decoder = network.decoder.weight.detach()[0]
    assert decoder[0] != 1 and not decoder[1:].any()
    assert outcome.history["train_loss"][-1] < 0.8 * outcome.history["train_loss"][0]


@pytest.mark.parametrize("dim", [2, 3])
def test_tokens_are_dealt_before_the_second_epoch_and_every_later_one(dim: int) -> None:
    _, prepared, _, weights = trained(dim)
    frequencies = prepared.train.bags.frequencies(len(prepared.vocabulary))
    assert lines_of(weights[1]) == lines_of(weights[0]) != lines_of(weights[2])
    for before, after in pairwise(weights[1:]):
        dealt = before.clone()
        deal_by_strength(dealt, frequencies)
        assert lines_of(after) == lines_of(dealt)
    assert lines_of(weights[3]) != lines_of(weights[2])  # else it might have been done once


@pytest.mark.parametrize("dim", [2, 3])
def test_a_trained_network_gathers_tokens_on_the_strongest_of_each_line(dim: int) -> None:
    network, prepared, _, _ = trained(dim)
    assert prepared.test is not None
    bags = prepared.test.bags
    weight = network.encoder.weight.detach().numpy()
    uncrossed = 0
    for ids, trajectory in zip(bags.split(bags.ids), trajectories(network, bags), strict=True):
        polarities = weight[ids, 0]
        if np.abs(polarities).max() * np.ptp(polarities) < DISTANCE**2:
            uncrossed += 1
            assert_lines_lead(weight, ids.tolist(), trajectory)
    assert uncrossed > len(bags) / 2


def test_in_the_plane_a_trained_network_clusters_and_still_decides() -> None:
    network, prepared, outcome, _ = trained(2)
    assert prepared.test is not None
    found = trajectories(network, prepared.test.bags)
    assert min(map(clustering_strength, found)) > 0.99
    assert sum(len(trajectory.leaders()) <= 4 for trajectory in found) > 0.9 * len(found)
    assert outcome.history["test_acc"][-1] > 0.9


@pytest.mark.parametrize("dim", [1, 2, 64, 65, 16_385, 16_386])
def test_packed_lines_hold_the_last_line_of_any_dimension(dim: int) -> None:
    last = torch.tensor([0, max(2 * (dim - 1) - 1, 0)])
    weight = unpacked(torch.tensor([0.5, -0.5]), last, dim)
    assert torch.equal(unpacked(*packed(weight), dim), weight)


def test_polarities_and_lines_of_different_tokens_are_refused() -> None:
    with pytest.raises(RuntimeError, match=r"\(2,\) polarities and \(3,\) lines"):
        unpacked(torch.zeros(2), torch.zeros(3, dtype=torch.int8), 2)
