"""Prediction: one arithmetic for a text, whatever stands beside it and whoever asks."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import pytest
import torch
from scipy.special import expit

from hardmax._support.threads import using_threads
from hardmax.dynamics import simulate
from hardmax.network.loss import correct, loss_of, score
from hardmax.network.network import HardmaxNetwork
from hardmax.network.predict import logits_of, probabilities_of
from hardmax.network.shape import Shape
from hardmax.text.bags import Bags
from hardmax.text.vocabulary import Vocabulary
from hardmax.training.loop import one_torch_thread
from hardmax.training.settings import PRESETS

TOKENS, TEXTS = 80, 1025  # a whole number of batches and one text more


@dataclass(frozen=True)
class Case:
    """A kind of network."""

    dim: int
    encoder: str = "free"
    outputs: int = 1
    temperature: float = 0.0
    grid: bool = False

    def network(self) -> HardmaxNetwork:
        """Make one: random points, or points on a grid, many of them equal and many scores tied."""
        shape = Shape(self.dim, 6, alpha=1.0, temperature=self.temperature, encoder=self.encoder)
        network = HardmaxNetwork(TOKENS, shape, self.outputs, seed=self.dim)
        weight = network.encoder.weight
        with torch.no_grad():
            if self.encoder == "lines":
                weight[:, 0] = torch.linspace(-1.5, 2, TOKENS)
                network.decoder.bias.fill_(0.125)
            if self.grid:
                weight.mul_(2).round_().div_(2)
        return network


KINDS = [
    {},
    {"grid": True},
    {"outputs": 3},
    {"outputs": 12, "temperature": 0.2},
    {"temperature": 1e-3},
    {"encoder": "lines"},
    {"encoder": "lines", "temperature": 1e-3},
]
CASES = [Case(dim, **kind) for dim in (1, 2, 3, 5, 16) for kind in KINDS]
cases = pytest.mark.parametrize("case", CASES, ids=str)


@pytest.fixture(scope="module")
def bags(random_bags: Callable[..., Bags]) -> Bags:
    return random_bags(np.random.default_rng(2).integers(0, 20, TEXTS).tolist(), TOKENS)


@cases
def test_a_text_has_the_same_bits_alone_in_any_batch_order_and_number_of_threads(
    case: Case, bags: Bags
) -> None:
    network = case.network()
    found = []
    for threads in (1, 3):
        with using_threads(threads):
            found.append(logits_of(network, bags))
    np.testing.assert_array_equal(*found)
    assert found[0].shape == (TEXTS, case.outputs)
    assert len(np.unique(found[0][:, 0])) > TEXTS / 2  # else equal numbers would say nothing
    order = np.random.default_rng(0).permutation(TEXTS)
    np.testing.assert_array_equal(logits_of(network, bags.take(order)), found[0][order])
    np.testing.assert_array_equal(logits_of(network, bags.take(order[:37])), found[0][order[:37]])
    probabilities = probabilities_of(found[0])
    for text in [*range(12), TEXTS - 1]:
        alone = logits_of(network, bags.take([text]))
        np.testing.assert_array_equal(alone, found[0][[text]])
        np.testing.assert_array_equal(probabilities_of(alone), probabilities[[text]])


@pytest.mark.parametrize("case", [Case(2), Case(16, outputs=3)], ids=str)
def test_each_of_a_thousand_texts_alone_has_the_bits_of_the_batch(case: Case, bags: Bags) -> None:
    network = case.network()
    together = logits_of(network, bags)
    alone = [logits_of(network, bags.take([text])) for text in range(TEXTS)]
    np.testing.assert_array_equal(np.concatenate(alone), together)


@cases
def test_what_simulate_moves_is_what_is_predicted(case: Case, bags: Bags) -> None:
    network = case.network()
    points, counts = bags.split(network.points(bags)), bags.split(bags.counts)
    found = simulate(points, network.rule(), network.attention.layers, counts)
    means = np.array([each.means[-1] if each.n else np.zeros(case.dim) for each in found])
    np.testing.assert_array_equal(network.decoder.logits(means), logits_of(network, bags))


@cases
def test_a_text_without_tokens_has_the_logit_of_the_origin(case: Case, random_bags: Callable) -> None:
    network = case.network()
    bias = network.decoder.bias.double().tolist()
    assert logits_of(network, random_bags([0, 3, 0], TOKENS))[[0, 2]].tolist() == [bias, bias]
    assert logits_of(network, random_bags([0], TOKENS)).tolist() == [bias]
    assert logits_of(network, random_bags([], TOKENS)).shape == (0, case.outputs)


@cases
def test_logits_are_those_of_the_plain_loops(case: Case, bags: Bags, reference: ModuleType) -> None:
    network = case.network()
    some = bags.take(np.flatnonzero(np.diff(bags.offsets))[:8])
    E = network.encoder.weight.tolist()
    W, b = (parameter.tolist() for parameter in (network.decoder.weight, network.decoder.bias))
    found = expit(logits_of(network, some))
    for text, (ids, counts) in enumerate(zip(some.split(some.ids), some.split(some.counts), strict=True)):
        occurrences = np.repeat(ids, counts.astype(int)).tolist()
        for output in range(min(case.outputs, 2)):
            wanted = reference.classify(E, occurrences, 1.0, 6, W[output], b[output], case.temperature)
            assert found[text, output] == pytest.approx(wanted, rel=0, abs=1e-12)


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_the_network_of_a_preset_is_the_classifier_of_the_paper(reference: ModuleType, preset: str) -> None:
    settings = PRESETS[preset].replace(max_tokens=12, layers=5, dim=3, pairs=0)
    rng = np.random.default_rng(3)
    tokens = [f"w{number}" for number in range(12)]
    documents = [rng.choice(tokens, size).tolist() for size in rng.integers(1, 15, 23)]
    network = HardmaxNetwork(13, settings.shape)
    with torch.no_grad():
        network.encoder.weight[:, 0] += torch.linspace(-2, 2, 13)  # on lines all start at 0
    bags = Bags.build(documents, Vocabulary(tokens), settings.reading)
    found = expit(logits_of(network, bags))[:, 0].tolist()
    assert len(set(found)) > len(found) / 2
    E, (v,), (b,) = (p.tolist() for p in (network.encoder.weight, *network.decoder.parameters()))
    for document, probability in zip(documents, found, strict=True):
        read = document[:12] if settings.reading.repeats else list(dict.fromkeys(document[:12]))
        ids = [tokens.index(token) + 1 for token in read]
        if settings.reading.pad:
            ids += [0] * (12 - len(ids))
        alpha, temperature = network.attention.alpha.item(), settings.shape.temperature
        wanted = reference.classify(E, ids, alpha, 5, v, b, temperature)
        assert probability == pytest.approx(wanted, rel=0, abs=1e-12)


@cases
def test_training_computes_the_same_up_to_its_precision(case: Case, bags: Bags) -> None:
    network = case.network()
    with torch.no_grad():
        in_training = network(bags).numpy()
    assert in_training.dtype == np.float32
    # A score is rounded in each layer, and 1 / temperature times as much of it is in a weight of the softmax.
    bound = 5e-6 if case.temperature == 0 else 4e-6 / case.temperature
    np.testing.assert_allclose(in_training, logits_of(network, bags), rtol=0, atol=bound)


def test_another_temperature_is_that_of_another_network(bags: Bags) -> None:
    soft, hard = Case(2, temperature=0.2).network(), Case(2).network()
    for network in (soft, hard):
        np.testing.assert_array_equal(logits_of(network, bags, 0.0), logits_of(hard, bags))
        np.testing.assert_array_equal(logits_of(network, bags, 0.2), logits_of(soft, bags))
    assert (soft.attention.temperature, hard.attention.temperature) == (0.2, 0.0)
    assert (logits_of(soft, bags) != logits_of(hard, bags)).any()


def test_predicting_leaves_the_network_and_the_threads_of_torch_alone(bags: Bags) -> None:
    network = Case(3).network()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    threads = torch.get_num_threads()
    logits_of(network, bags)
    assert torch.get_num_threads() == threads
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    with pytest.raises(ZeroDivisionError), one_torch_thread():
        assert torch.get_num_threads() == 1
        raise ZeroDivisionError
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("outputs", [1, 3, 12])
def test_probabilities_are_those_of_the_logits(outputs: int) -> None:
    found = np.random.default_rng(0).normal(0, 3, (50, outputs))
    probabilities = probabilities_of(found)
    for row, shown in zip(found.tolist(), probabilities.tolist(), strict=True):
        terms = [1.0, math.exp(row[0])] if outputs == 1 else [math.exp(logit) for logit in row]
        assert shown == pytest.approx([term / sum(terms) for term in terms], rel=1e-14)


def test_probabilities_of_large_logits_are_in_range() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert probabilities_of(np.array([[1e4], [-1e4]])).tolist() == [[0, 1], [1, 0]]
        assert probabilities_of(np.array([[1e4, -1e4, 1e4]])).tolist() == [[0.5, 0, 0.5]]


@pytest.mark.parametrize("outputs", [1, 3])
def test_loss_and_accuracy_are_those_of_the_probabilities(outputs: int) -> None:
    rng = np.random.default_rng(1)
    found, labels = rng.normal(size=(40, outputs)), rng.integers(0, max(2, outputs), 40)
    importance = rng.random(40).astype(np.float32)
    probabilities = probabilities_of(found)
    losses = [-math.log(row[label]) for row, label in zip(probabilities.tolist(), labels, strict=True)]
    right = sum(max(row) == row[label] for row, label in zip(probabilities.tolist(), labels, strict=True))
    loss, accuracy = score(found, labels)
    assert loss == pytest.approx(np.mean(losses), rel=1e-12) and accuracy == right / 40
    assert 0 < right < 40 and correct(torch.from_numpy(found), labels) == right
    weighted = loss_of(torch.from_numpy(found), labels, importance).item()
    assert weighted == pytest.approx(np.mean(losses * importance), rel=1e-12)
