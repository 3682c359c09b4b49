"""Words on lines: where they start, how strength deals them, who leads, and what training leaves alone."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from hardmax.analysis import clustering_strength
from hardmax.dynamics import Trajectory, simulate
from hardmax.text.bags import Corpus
from hardmax.explain.explanation import trajectories
from hardmax.training.history import History
from hardmax.network.line_encoder import DISTANCE, deal_by_strength, packed, start_on_lines, unpacked
from hardmax.network.network import SentimentModel
from hardmax.classifier.runs import Prepared, prepare
from hardmax.data.sample import sample_reviews
from hardmax.training.settings import Settings
from hardmax.training.loop import Outcome, train

DIMS = [1, 2, 3, 5]


def started(words: int, dim: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    torch.manual_seed(seed)
    weight, decoder = torch.randn(words, dim), torch.randn(1, dim)
    start_on_lines(weight, decoder)
    return weight, decoder


def lines_of(weight: Tensor) -> list[tuple[float, ...]]:
    """Give the line of each word by the coordinates that it shares with the other words of the line."""
    return list(map(tuple, weight.detach()[:, 1:].tolist()))


def assert_on_lines(weight: Tensor) -> None:
    for line in lines_of(weight):
        assert sorted(map(abs, line)) == [0.0] * (len(line) - 1) + [DISTANCE] * min(1, len(line))


@pytest.mark.parametrize("dim", DIMS)
def test_words_start_on_lines_drawn_evenly_without_a_polarity(dim: int) -> None:
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
    """Say by the rule, in exact fractions, which line each word belongs to; the lowest number goes first."""
    everything = sum(counts)
    numbers = [0] * len(polarities)
    said = 0
    for word in sorted(range(len(polarities)), key=lambda word: (abs(polarities[word]), word)):
        said += counts[word]
        rank = Fraction(said, everything)
        for k in range(lines):
            if rank**2 >= Fraction(k, lines):
                numbers[word] = k
    return numbers


DRAWN = np.random.default_rng(1)
DEALS = {
    "random": (DRAWN.normal(size=300).astype(np.float32), DRAWN.integers(1, 50, 300)),
    "some never said": (DRAWN.normal(size=300).astype(np.float32), DRAWN.integers(0, 3, 300)),
    "equal strengths": (DRAWN.integers(-3, 4, 300).astype(np.float32), DRAWN.integers(0, 9, 300)),
    "ranks at the bounds": (np.array([0.1, -0.2, 0.3, -0.4]), np.array([1, 1, 1, 1])),
    "all equal": (np.full(16, -0.5), np.ones(16, int)),
    "one word": (np.array([0.7]), np.array([3])),
    "one word says it all": (np.array([0.7, -0.1, 0.2]), np.array([0, 5, 0])),
}


@pytest.mark.parametrize("name", DEALS)
@pytest.mark.parametrize("dim", DIMS)
def test_words_are_dealt_to_lines_by_the_square_of_their_rank(name: str, dim: int) -> None:
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


def test_dealing_does_not_look_at_the_lines_words_are_on() -> None:
    polarities, counts = DEALS["random"]
    dealt = []
    for seed in (0, 1):
        weight, _ = started(len(polarities), 3, seed)
        weight[:, 0] = torch.as_tensor(polarities)
        deal_by_strength(weight, counts.astype(np.float64))
        dealt.append(weight)
    assert torch.equal(*dealt)


def test_nothing_is_dealt_where_nothing_is_said() -> None:
    weight, _ = started(20, 3)
    before = weight.clone()
    deal_by_strength(weight, np.zeros(20))
    assert torch.equal(weight, before)


def leaders_by_line(weight: np.ndarray, words: list[int]) -> dict[int, int]:
    """Say for each word of a text which word it goes to: the strongest of its side, on its own line."""
    goes_to = {}
    for word in words:
        mates = [mate for mate in words if weight[mate, 1:].tolist() == weight[word, 1:].tolist()]
        side = np.sign(weight[word, 0])
        goes_to[word] = max(mates, key=lambda mate, side=side: side * weight[mate, 0])
    return goes_to


def assert_lines_lead(weight: np.ndarray, words: list[int], trajectory: Trajectory) -> None:
    goes_to = leaders_by_line(weight, words)
    assert [words[i] for i in trajectory.follows(-1)] == [goes_to[word] for word in words]
    assert sorted(words[i] for i in trajectory.leaders()) == sorted(set(goes_to.values()))
    assert len(trajectory.leaders()) <= max(2, 4 * (weight.shape[1] - 1))


def model_on_lines(dim: int, largest: float) -> tuple[SentimentModel, Corpus]:
    """Give a model with polarities up to `largest`, and 20 texts of 1 to 25 of its 60 words."""
    rng = np.random.default_rng(dim)
    model = SentimentModel(60, Settings(dim=dim, alpha=1.0))
    with torch.no_grad():
        model.encoder.weight[:, 0] = torch.from_numpy(rng.uniform(-largest, largest, 60).astype(np.float32))
        model.decoder.bias.fill_(0.25)
    deal_by_strength(model.encoder.weight, np.ones(60))
    sizes = rng.integers(1, 26, 20)
    ids = np.concatenate([rng.choice(60, size, replace=False) for size in sizes]).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return model, Corpus(ids, rng.integers(1, 4, len(ids)).astype(np.float32), offsets, np.zeros(20, int))


@pytest.mark.parametrize("dim", DIMS)
def test_the_strongest_words_of_each_side_of_each_line_lead(dim: int) -> None:
    # A word of polarity p leaves its line for a word more polar by 4 / p or more: up to 1.4 none does.
    model, corpus = model_on_lines(dim, 1.4)
    weight = model.encoder.weight.detach().numpy()
    for text, trajectory in enumerate(trajectories(corpus, model)):
        assert_lines_lead(weight, corpus.take([text]).ids.tolist(), trajectory)


@pytest.mark.parametrize(("polarity", "crossed"), [(8.9, False), (9.1, True)])
def test_a_far_more_polar_word_draws_words_off_their_line(polarity: float, crossed: bool) -> None:
    # The first word scores 1 + 4 with itself and polarity - 4 with the other.
    weight, _ = started(2, 2)
    weight[:] = torch.tensor([[1.0, -DISTANCE], [polarity, DISTANCE]])
    assert simulate(weight.numpy(), layers=0).follows(0).tolist() == [int(crossed), 1]


@pytest.mark.parametrize("dim", DIMS)
def test_the_vote_of_a_word_is_that_of_its_leader(dim: int) -> None:
    model, corpus = model_on_lines(dim, 1.4)
    with torch.no_grad():
        model.attention.alpha.fill_(1e6)
    weight = model.encoder.weight.detach().numpy()
    logits = model(corpus).detach()[:, 0].tolist()
    for text, logit in enumerate(logits):
        part = corpus.take([text])
        goes_to = leaders_by_line(weight, part.ids.tolist())
        votes = [weight[goes_to[word], 0] for word in part.ids.tolist()]
        assert logit == pytest.approx(np.average(votes, weights=part.counts) + 0.25, abs=1e-5)


@cache
def trained(dim: int) -> tuple[SentimentModel, Prepared, Outcome, list[Tensor]]:
    """Train by the preset with alpha = 1; give the weights of the start and each epoch too."""
    settings = Settings(dim=dim, alpha=1.0)
    parts = prepare(sample_reviews("train"), sample_reviews("test"), settings)
    model = SentimentModel(len(parts.vocabulary), settings)
    weights = [model.encoder.weight.detach().clone()]

    def keep(_: History) -> None:
        weights.append(model.encoder.weight.detach().clone())

    outcome = train(model, settings, parts.train, test=parts.test, on_epoch=keep)
    return model, parts, outcome, weights


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_training_moves_polarities_alone(dim: int) -> None:
    model, _, outcome, weights = trained(dim)
    for weight in weights:
        assert_on_lines(weight)
    assert torch.equal(model.encoder.weight.detach(), weights[-1])
    assert len(set(weights[-1][:, 0].tolist())) > 100
    decoder = model.decoder.weight.detach()[0]
    assert decoder[0] != 1 and not decoder[1:].any()
    assert outcome.history["train_loss"][-1] < 0.8 * outcome.history["train_loss"][0]


@pytest.mark.parametrize("dim", [2, 3])
def test_words_are_dealt_before_the_second_epoch_and_every_later_one(dim: int) -> None:
    _, parts, _, weights = trained(dim)
    said = parts.train.said(len(parts.vocabulary))
    assert lines_of(weights[1]) == lines_of(weights[0]) != lines_of(weights[2])
    for before, after in pairwise(weights[1:]):
        dealt = before.clone()
        deal_by_strength(dealt, said)
        assert lines_of(after) == lines_of(dealt)
    assert lines_of(weights[3]) != lines_of(weights[2])  # else it might have been done once


@pytest.mark.parametrize("dim", [2, 3])
def test_a_trained_model_gathers_words_on_the_strongest_of_each_line(dim: int) -> None:
    model, parts, _, _ = trained(dim)
    corpus = parts.test
    assert corpus is not None
    weight = model.encoder.weight.detach().numpy()
    uncrossed = 0
    for text, trajectory in enumerate(trajectories(corpus, model)):
        words = corpus.take([text]).ids.tolist()
        polarities = weight[words, 0]
        if np.abs(polarities).max() * np.ptp(polarities) < DISTANCE**2:
            uncrossed += 1
            assert_lines_lead(weight, words, trajectory)
    assert uncrossed > len(corpus) / 2


def test_in_the_plane_a_trained_model_clusters_and_still_decides() -> None:
    model, parts, outcome, _ = trained(2)
    assert parts.test is not None
    found = trajectories(parts.test, model)
    assert min(map(clustering_strength, found)) > 0.99
    assert sum(len(trajectory.leaders()) <= 4 for trajectory in found) > 0.9 * len(found)
    assert outcome.history["test_acc"][-1] > 0.9


@pytest.mark.parametrize("dim", [1, 2, 64, 65, 16_385, 16_386])
def test_packed_lines_hold_the_last_line_of_any_dimension(dim: int) -> None:
    last = torch.tensor([0, max(2 * (dim - 1) - 1, 0)])
    weight = unpacked(torch.tensor([0.5, -0.5]), last, dim)
    assert torch.equal(unpacked(*packed(weight), dim), weight)
