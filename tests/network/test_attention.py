"""`HardmaxAttention`: the fused path, the dense path and the plain loops agree."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hardmax._support.threads import using_threads
from hardmax.errors import InputError
from hardmax.network.attention import HardmaxAttention

RNG = np.random.default_rng(7)
CORNERS = [[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]


@dataclass
class Case:
    """Sets of tokens that need care."""

    tokens: np.ndarray
    mask: np.ndarray | None = None


CASES = {
    "random": Case(RNG.normal(size=(3, 20, 2))),
    "dimension 1": Case(RNG.normal(size=(3, 9, 1))),
    "dimension 5": Case(RNG.normal(size=(2, 12, 5))),
    "tied": Case(np.array([[*CORNERS, [-0.5, 0.0], [0.5, 0.0], [0.0, 0.0], [0.3, 0.1]]])),
    "repeated": Case(np.array([[[1.0, 0.5], [0.2, 0.1], [1.0, 0.5], [-1.0, 0.25], [0.2, 0.1]]])),
    "zero": Case(np.zeros((2, 3, 2))),
    "single": Case(RNG.normal(size=(4, 1, 3))),
    "masked": Case(RNG.normal(size=(3, 8, 2)), RNG.random((3, 8)) < 0.6),
    "counts": Case(RNG.normal(size=(3, 8, 2)), RNG.integers(0, 4, (3, 8))),
    "tied counts": Case(np.array([[*CORNERS, [0.0, 0.5], [0.0, 0.0]]]), np.array([[1, 3, 2, 1, 2, 5]])),
    "one set empty": Case(RNG.normal(size=(3, 4, 2)), np.array([[1, 1, 1, 0], [0] * 4, [0, 1, 0, 1]])),
    "no token": Case(np.zeros((2, 0, 2))),
    "no set": Case(np.zeros((0, 3, 2))),
}
ALPHA = 0.75  # exact in float32 too


def direction_of(moved: Tensor) -> Tensor:
    return torch.linspace(-1, 2, moved.numel(), dtype=moved.dtype).reshape(moved.shape)


def run(
    case: Case,
    temperature: float,
    fused: bool,
    dtype: torch.dtype,
    layers: int = 8,
    alpha: float = ALPHA,
    straight_through: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the tokens moved, and the gradients of a fixed sum of them by the tokens and by alpha."""
    attention = HardmaxAttention(
        layers, "learn", temperature, straight_through=straight_through, fused=fused
    ).to(dtype)
    with torch.no_grad():
        attention.alpha.fill_(alpha)
    tokens = torch.tensor(case.tokens, dtype=dtype, requires_grad=True)
    moved = attention(tokens, None if case.mask is None else torch.tensor(case.mask))
    (moved * direction_of(moved)).sum().backward()
    assert tokens.grad is not None
    by_alpha = attention.alpha.grad  # None where nothing moved
    return moved.detach(), tokens.grad, torch.zeros((), dtype=dtype) if by_alpha is None else by_alpha


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("temperature", [0.0, 1e-3, 0.3])
def test_fused_and_dense_agree_forward_and_backward(name: str, temperature: float) -> None:
    fused, dense = (run(CASES[name], temperature, fused, torch.float64) for fused in (True, False))
    torch.testing.assert_close(fused[0], dense[0], rtol=0, atol=1e-12)
    # A rounding of a score is 1 / temperature times as large in a weight, and grows where tokens part.
    bound = 1e-8 if temperature == 1e-3 else 1e-11
    largest = float(dense[1].abs().max()) if dense[1].numel() else 1.0
    torch.testing.assert_close(fused[1], dense[1], rtol=0, atol=bound * max(1.0, largest))
    torch.testing.assert_close(fused[2], dense[2], rtol=0, atol=bound * max(1.0, largest))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("temperature", [0.0, 0.3])
def test_fused_and_dense_agree_in_float32(name: str, temperature: float) -> None:
    fused, dense = (run(CASES[name], temperature, fused, torch.float32) for fused in (True, False))
    for one, other in zip(fused, dense, strict=True):
        assert one.dtype == torch.float32
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("temperature", [0.0, 1e-3, 0.3])
@pytest.mark.parametrize("fused", [True, False])
def test_both_paths_are_the_plain_loops(
    reference: ModuleType, name: str, temperature: float, fused: bool
) -> None:
    case = CASES[name]
    moved = run(case, temperature, fused, torch.float64)[0].numpy()
    mask = np.ones(case.tokens.shape[:2]) if case.mask is None else case.mask
    for tokens, counts, found in zip(case.tokens, mask, moved, strict=True):
        there = counts > 0
        wanted = tokens.copy()
        if there.any():
            wanted[there] = reference.simulate(
                tokens[there], ALPHA, 8, temperature=temperature, weights=counts[there].astype(float).tolist()
            )[-1]
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("fused", [True, False])
def test_gradients_of_the_softmax_are_those_of_finite_differences(fused: bool) -> None:
    attention = HardmaxAttention(3, "learn", 0.4, fused=fused).double()
    mask = torch.tensor([[1.0, 2.0, 1.0, 0.0], [1.0, 0.0, 0.0, 3.0], [0.0] * 4])

    def moved(tokens: Tensor, alpha: Tensor) -> Tensor:
        return torch.func.functional_call(attention, {"alpha": alpha}, (tokens, mask))

    tokens = torch.tensor(RNG.normal(size=(3, 4, 2)), requires_grad=True)
    alpha = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(moved, (tokens, alpha))


@pytest.mark.parametrize("fused", [True, False])
def test_gradients_of_the_hardmax_are_those_of_finite_differences_away_from_ties(fused: bool) -> None:
    attention = HardmaxAttention(3, "learn", fused=fused).double()
    tokens = torch.tensor(RNG.normal(size=(2, 6, 2)), requires_grad=True)
    assert torch.autograd.gradcheck(lambda z: attention(z), (tokens,))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("temperature", [0.0, 1e-3, 0.3])
@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_straight_through_only_passes_the_gradient_of_a_token_on_to_it(
    name: str, temperature: float, fused: bool, dtype: torch.dtype
) -> None:
    exact = run(CASES[name], temperature, fused, dtype)
    straight = run(CASES[name], temperature, fused, dtype, straight_through=True)
    assert torch.equal(straight[0], exact[0])  # the tokens move the same
    assert torch.equal(straight[1], direction_of(exact[0]))  # what came from above went to each token
    torch.testing.assert_close(straight[2], exact[2], rtol=0, atol=0)  # and alpha learns the same


@pytest.mark.parametrize("temperature", [0.0, 0.3])
@pytest.mark.parametrize("alpha", ["learn", 0.5])
def test_straight_through_packed_means_are_fused_as_dense(temperature: float, alpha: float | str) -> None:
    counts = torch.tensor([2.0, 1.0, 1.0, 3.0, 1.0, 5.0])
    offsets = torch.tensor([0, 4, 4, 6])  # the second set is empty
    direction = torch.tensor([[1.0, -2.0], [3.0, 4.0], [-5.0, 6.0]], dtype=torch.float64)
    packed, means = [], []
    for fused in (True, False):
        torch.manual_seed(0)
        attention = HardmaxAttention(4, alpha, temperature, straight_through=True, fused=fused).double()
        tokens = torch.tensor(np.random.default_rng(0).normal(size=(6, 2)), requires_grad=True)
        packed.append(attention.packed(tokens, counts, offsets).detach())
        means.append(attention.packed_mean(tokens, counts, offsets))
        (means[-1] * direction).sum().backward()
        # A token gets the gradient by the mean of its set, times its fraction of the mean.
        fraction = counts.double() / torch.tensor([7.0] * 4 + [6.0] * 2, dtype=torch.float64)
        wanted = direction[[0, 0, 0, 0, 2, 2]] * fraction.unsqueeze(1)
        torch.testing.assert_close(tokens.grad, wanted, rtol=0, atol=1e-12)
    torch.testing.assert_close(packed[0], packed[1], rtol=0, atol=1e-12)
    torch.testing.assert_close(means[0], means[1], rtol=0, atol=1e-12)
    assert not torch.equal(packed[0], tokens)


def test_under_the_exact_gradient_a_follower_learns_less_the_larger_alpha_is() -> None:
    """What straight_through is for: a follower that has arrived has no gradient of its own left."""
    tokens = torch.tensor([[[1.0, 0.0], [0.5, 0.1]]])
    by_follower = {}
    for straight_through in (False, True):
        leaf = tokens.clone().requires_grad_()
        HardmaxAttention(8, 100.0, straight_through=straight_through)(leaf).sum().backward()
        assert leaf.grad is not None
        by_follower[straight_through] = leaf.grad[0, 1].tolist()
    assert max(map(abs, by_follower[False])) < 1e-15 and by_follower[True] == [1.0, 1.0]


@pytest.mark.parametrize("layers", [8, 20])
def test_followers_that_reach_their_leader_within_the_tolerance_change_nothing(layers: int) -> None:
    # At alpha = 10 a follower is within float32's tolerance of its leader after 6 layers.
    case = Case(np.random.default_rng(0).normal(size=(6, 30, 2)))
    fused, dense = (run(case, 0.0, fused, torch.float32, layers, alpha=10.0) for fused in (True, False))
    torch.testing.assert_close(fused[0], dense[0], rtol=0, atol=1e-6)
    torch.testing.assert_close(fused[1], dense[1], rtol=0, atol=1e-4)
    exact = run(case, 0.0, True, torch.float64, layers, alpha=10.0)
    torch.testing.assert_close(fused[0].double(), exact[0], rtol=0, atol=1e-5)
    torch.testing.assert_close(fused[1].double(), exact[1], rtol=0, atol=1e-3)


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("temperature", [0.0, 0.1])
def test_nobody_sees_what_stands_in_the_padding(fused: bool, temperature: float) -> None:
    attention = HardmaxAttention(4, 0.5, temperature, fused=fused)
    tokens = torch.randn(1, 4, 2, generator=torch.Generator().manual_seed(0))
    mask = torch.tensor([[True, True, False, True]])
    moved = attention(tokens, mask)
    for garbage in (1e6, float("nan"), float("inf")):
        other = tokens.clone()
        other[0, 2] = garbage
        again = attention(other, mask)
        assert torch.equal(again[mask], moved[mask])
        torch.testing.assert_close(again[0, 2], other[0, 2], equal_nan=True)  # and it does not move


def test_counts_are_as_good_as_repeated_tokens() -> None:
    attention = HardmaxAttention(5, 0.5)
    tokens = torch.tensor([[[1.0, 0.5], [0.2, 0.1], [-1.0, 0.3], [1.0, -0.5]]])
    counts = torch.tensor([[2, 1, 3, 1]])
    repeated = tokens[:, [0, 0, 1, 2, 2, 2, 3]]
    torch.testing.assert_close(attention(tokens, counts)[:, [0, 0, 1, 2, 2, 2, 3]], attention(repeated))


@pytest.mark.parametrize("temperature", [0.0, 1e-3])
def test_the_bits_do_not_depend_on_the_number_of_threads(temperature: float) -> None:
    results = []
    for count in (1, 3):
        with using_threads(count):
            results.append(run(CASES["counts"], temperature, True, torch.float32))
    for one, other in zip(*results, strict=True):
        assert torch.equal(one, other)


def test_the_plane_and_the_packed_form_agree() -> None:
    for fused in (True, False):
        attention = HardmaxAttention(4, 0.5, fused=fused)
        tokens = torch.randn(2, 3, 2, generator=torch.Generator().manual_seed(1))
        packed = attention.packed(
            torch.cat([tokens[0], tokens[1, :2]]), torch.ones(5), torch.tensor([0, 3, 3, 5])
        )
        moved = attention(tokens, torch.tensor([[1, 1, 1], [1, 1, 0]]))
        assert torch.equal(packed, torch.cat([moved[0], moved[1, :2]]))


def test_it_stands_in_a_network_among_others() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 2), HardmaxAttention(2), nn.Linear(2, 1))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05)
    tokens = torch.randn(4, 6, 3)
    losses = []
    for _ in range(30):
        loss = (network(tokens).mean(1) - torch.tensor([[1.0], [-1.0], [1.0], [0.0]])).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def test_a_fixed_alpha_is_no_parameter_and_a_learned_one_is() -> None:
    assert not list(HardmaxAttention(alpha=0.5).parameters())
    (alpha,) = HardmaxAttention().parameters()
    assert 0 <= alpha.item() < 1


@pytest.mark.parametrize("alpha", ["learn", 0.3])
def test_a_state_dict_brings_alpha_along(alpha: float | str) -> None:
    one, other = HardmaxAttention(3, alpha), HardmaxAttention(3, "learn" if alpha == "learn" else 0.9)
    other.load_state_dict(one.state_dict())
    tokens = torch.randn(2, 5, 2)
    assert torch.equal(one(tokens), other(tokens))


def test_no_layers_change_nothing() -> None:
    tokens = torch.randn(2, 5, 2, requires_grad=True)
    for fused in (True, False):
        moved = HardmaxAttention(0, fused=fused)(tokens)
        assert torch.equal(moved, tokens)
        assert torch.equal(torch.autograd.grad(moved.sum(), tokens)[0], torch.ones_like(tokens))


def test_input_tokens_are_left_as_they_are() -> None:
    tokens = torch.randn(2, 5, 2)
    before = tokens.clone()
    for fused in (True, False):
        HardmaxAttention(3, fused=fused)(tokens)
        assert torch.equal(tokens, before)


def test_other_memory_layouts_give_the_same() -> None:
    tokens = torch.randn(3, 2, 5)
    attention = HardmaxAttention(3, 0.5)
    assert torch.equal(attention(tokens.transpose(1, 2)), attention(tokens.transpose(1, 2).contiguous()))


def test_half_precision_takes_the_dense_path() -> None:
    moved = HardmaxAttention(3, 0.5)(torch.randn(2, 5, 2, dtype=torch.bfloat16))
    assert moved.dtype == torch.bfloat16 and bool(moved.isfinite().all())


def test_a_second_derivative_is_refused_rather_than_wrong() -> None:
    tokens = torch.randn(1, 4, 2, requires_grad=True)
    moved = HardmaxAttention(2, "learn", 0.5)(tokens)
    (grad,) = torch.autograd.grad(moved.square().sum(), tokens, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        grad.sum().backward()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"layers": -1}, "layers is -1"),
        ({"layers": 1.5}, "layers is 1.5"),
        ({"layers": True}, "layers is True"),
        ({"alpha": "fast"}, "alpha is 'fast'"),
        ({"alpha": -1.0}, "alpha is -1.0"),
        ({"alpha": 0.0}, "alpha is 0.0"),
        ({"alpha": float("nan")}, "alpha is nan"),
        ({"temperature": -0.1}, "temperature is -0.1"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"tie_tol": -1.0}, "tie_tol is -1.0"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, float], word: str) -> None:
    with pytest.raises(InputError, match=word):
        HardmaxAttention(**arguments)


@pytest.mark.parametrize("fused", [True, False])
def test_bad_shapes_are_named(fused: bool) -> None:
    attention = HardmaxAttention(1, fused=fused)
    with pytest.raises(InputError, match=r"\(5, 2\)"):
        attention(torch.zeros(5, 2))
    with pytest.raises(InputError, match="int64"):
        attention(torch.zeros(1, 5, 2, dtype=torch.int64))
    with pytest.raises(InputError, match=r"mask has shape \(1, 4\)"):
        attention(torch.zeros(1, 5, 2), torch.ones(1, 4))


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("temperature", [0.0, 0.1])
def test_tokens_that_are_not_numbers_stay_so_and_spoil_no_other_set(fused: bool, temperature: float) -> None:
    tokens = torch.randn(2, 3, 2)
    attention = HardmaxAttention(layers=2, alpha=0.5, temperature=temperature, fused=fused)
    alone = attention(tokens[1:])
    tokens[0] = torch.nan
    tokens.requires_grad_()
    moved = attention(tokens)
    moved.sum().backward()
    assert moved[0].isnan().all()
    torch.testing.assert_close(moved[1:], alone)


def test_the_straight_through_gradient_leaves_padding_alone() -> None:
    attention = HardmaxAttention(1, 0.5, straight_through=True, fused=False)
    found = attention(torch.tensor([[[1.0, 0.0], [torch.inf, 0.0]]]), torch.tensor([[1, 0]]))
    assert found.tolist() == [[[1.0, 0.0], [float("inf"), 0.0]]]
