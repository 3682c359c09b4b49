"""`HardmaxAttention`: layers of pure attention as a torch module, for any network."""

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from hardmax._support.checks import real_number, whole_number
from hardmax._support.threads import in_pieces
from hardmax.dynamics.packing import set_means
from hardmax.dynamics.rules import Hardmax
from hardmax.errors import InputError
from hardmax.network import _kernels
from hardmax.network.shape import LARGEST_STEP


class HardmaxAttention(nn.Module):
    r"""K layers of pure attention that share one step alpha: tokens move towards those that they follow.

    At temperature 0 each layer is the hardmax layer of arXiv 2407.01602, above 0 the softmax layer with
    that temperature.

    Parameters
    ----------
    layers : int
        How many layers K.
    alpha : float or 'learn'
        The step; 'learn' makes it a parameter that starts uniform in (0, 1).
    temperature : float
        0 for the hardmax, greater for the softmax.
    tie_tol : float, optional
        Relative tolerance for ties, as in `hardmax.Hardmax`.
    straight_through : bool
        Whether the gradient at the point where a token ends goes to that token itself, as the gradient of a
        quantised code goes to what was quantised (arXiv 1711.00937), and not to the tokens that it followed.
    fused : bool
        Whether tokens on the CPU go through the compiled kernels; if not, or on other devices, plain
        torch operations give the same numbers.

    Raises
    ------
    InputError
        When a value is outside its range.

    Notes
    -----
    The exact gradient of the hardmax takes whom each token follows as constant. With a large alpha nearly all
    of it goes to the leaders, and a token that only follows learns nothing; `straight_through` avoids that.

    For a matrix A other than the identity, map the tokens with its square root before, and back after.

    Examples
    --------
    >>> attention = HardmaxAttention(layers=1, alpha=1.0)
    >>> tokens = torch.tensor([[[1.0, 0.0], [0.5, 0.1], [9.0, 9.0]]])
    >>> attention(tokens, mask=torch.tensor([[True, True, False]]))[0, :2]
    tensor([[1.0000, 0.0000],
            [0.7500, 0.0500]])
    """

    def __init__(
        self,
        layers: int = 8,
        alpha: float | str = "learn",
        temperature: float = 0.0,
        tie_tol: float | None = None,
        straight_through: bool = False,
        fused: bool = True,
    ) -> None:
        super().__init__()
        if isinstance(alpha, str) and alpha == "learn":
            self.alpha = nn.Parameter(torch.rand(()))
        else:
            step = real_number(alpha, "alpha", positive=True, most=LARGEST_STEP)
            self.register_buffer("alpha", torch.tensor(step))
        Hardmax(tie_tol=tie_tol)
        self.layers = whole_number(layers, "layers")
        self.temperature = real_number(temperature, "temperature", most=LARGEST_STEP)
        self.tie_tol = tie_tol
        self.straight_through = straight_through
        self.fused = fused

    alpha: Tensor

    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Move padded sets of tokens through the layers.

        Parameters
        ----------
        tokens : (B, n, d) tensor
            B sets of at most n tokens.
        mask : (B, n) tensor, optional
            Boolean, false where a token is padding that nobody sees and that does not move; or a number, how
            many times the token counts, 0 for padding. All ones when not given.

        Returns
        -------
        (B, n, d) tensor
        """
        if tokens.ndim != 3 or not tokens.is_floating_point():
            raise InputError(
                f"tokens are {tokens.dtype} of shape {tuple(tokens.shape)}; give a (B, n, d) tensor of floats"
            )
        if mask is None:
            mask = tokens.new_ones(tokens.shape[:2])
        if mask.shape != tokens.shape[:2]:
            raise InputError(
                f"mask has shape {tuple(mask.shape)}; give one of shape {tuple(tokens.shape[:2])}"
            )
        weights = mask.to(tokens.dtype)
        if (weights < 0).any():
            raise InputError("mask has a number less than 0; give how many times each token counts")
        if not self._fuses(tokens):
            return self._dense(tokens, weights)
        there = weights > 0
        offsets = torch.cat([there.new_zeros(1, dtype=torch.int64), there.sum(1).cumsum(0)])
        moved = self.packed(tokens[there], weights[there], offsets)
        return tokens.masked_scatter(there.unsqueeze(2), moved)

    def packed(self, tokens: Tensor, weights: Tensor, offsets: Tensor) -> Tensor:
        """Move sets of tokens that lie one after another through the layers.

        Set b of all `tokens` (N, d) is ``tokens[offsets[b]:offsets[b + 1]]``; each counts `weights`
        (N,) times, greater than 0.
        """
        if self._fuses(tokens):
            return _apply(_Fused, tokens, self.alpha, weights, offsets, self)
        sizes = offsets.diff()
        there = torch.arange(int(sizes.max()) if len(sizes) else 0, device=tokens.device) < sizes.unsqueeze(1)
        padded = tokens.new_zeros(*there.shape, tokens.shape[1]).masked_scatter(there.unsqueeze(2), tokens)
        mask = tokens.new_zeros(there.shape).masked_scatter(there, weights.to(tokens.dtype))
        return self.forward(padded, mask)[there]

    def packed_mean(self, tokens: Tensor, weights: Tensor, offsets: Tensor) -> Tensor:
        """Move sets as `packed` does and return their weighted means, (B, d); the origin for an empty set."""
        moved = self.packed(tokens, weights, offsets)
        if self._fuses(tokens):
            return _apply(_Mean, moved, weights, offsets)
        sizes = offsets.diff()
        owner = torch.repeat_interleave(torch.arange(len(sizes), device=tokens.device), sizes)
        empty = moved.new_zeros(len(sizes), moved.shape[1])
        weights = weights.to(moved.dtype)
        mass = weights.new_zeros(len(sizes)).index_add(0, owner, weights)
        return empty.index_add(0, owner, moved * (weights / mass[owner]).unsqueeze(1))

    def at_temperature(self, temperature: float) -> "HardmaxAttention":
        """Return these layers, with the same step, at another temperature."""
        other = copy.copy(self)
        other.temperature = temperature
        return other

    def keep_alpha_above(self, floor: float) -> None:
        """Raise a learned step to `floor` where it is lower; below 0 tokens would flee those they follow."""
        if isinstance(self.alpha, nn.Parameter):
            self.alpha.data.clamp_(min=float(floor))

    def extra_repr(self) -> str:
        """Return the settings, for torch's printing of modules."""
        return f"layers={self.layers}, temperature={self.temperature}"

    def _fuses(self, tokens: Tensor) -> bool:
        return self.fused and tokens.device.type == "cpu" and tokens.dtype in (torch.float32, torch.float64)

    def _tolerance(self, tokens: Tensor) -> float:
        double = tokens.dtype == torch.float64
        return Hardmax(tie_tol=self.tie_tol).tolerance(np.float64 if double else np.float32)

    def _dense(self, tokens: Tensor, weights: Tensor) -> Tensor:
        alpha = self.alpha.to(tokens.dtype)
        absent = weights == 0
        start, shares = tokens, None
        seen = tokens.masked_fill(absent.unsqueeze(2), 0)
        tokens = seen.detach() if self.straight_through else seen
        for _ in range(self.layers if tokens.numel() else 0):
            scores = (tokens @ tokens.transpose(1, 2)).masked_fill(absent.unsqueeze(1), -torch.inf)
            best = scores.detach().amax(dim=2, keepdim=True)
            if self.temperature > 0:
                exponents = (scores - best) / self.temperature + weights.log().unsqueeze(1)
                # Without any token to look at the softmax is NaN, which would reach the gradients.
                shares = torch.softmax(exponents, dim=2).masked_fill(absent.unsqueeze(2), 0)
            else:
                shares = self._shares_of_followed(scores.detach(), best, weights, shares)
            tokens = tokens + alpha / (1 + alpha) * (shares @ tokens - tokens)
        if self.straight_through:
            tokens = tokens + (seen - seen.detach())  # adds 0, which has the gradient of the start
        return torch.where(absent.unsqueeze(2), start, tokens)

    def _shares_of_followed(
        self, scores: Tensor, best: Tensor, weights: Tensor, before: Tensor | None
    ) -> Tensor:
        """Return how much of the mean that each token moves to comes from each other token, (B, n, n)."""
        shares = (scores >= best - self._tolerance(scores) * best.abs()) * weights.unsqueeze(1)
        shares = shares / shares.sum(dim=2, keepdim=True).clamp_min(torch.finfo(shares.dtype).tiny)
        if before is None:
            return shares
        # As in the kernels, a token that follows one leader alone is not searched again: it does so for ever.
        alone = before == 1
        leads = alone.diagonal(dim1=1, dim2=2).unsqueeze(1)
        return torch.where((alone & leads).any(dim=2, keepdim=True), before, shares)


def _apply(function: Any, *arguments: Any) -> Tensor:
    found: Tensor = function.apply(*arguments)  # which has no types
    return found


class _Fused(torch.autograd.Function):
    """All layers of a packed batch through the compiled kernels."""

    @staticmethod
    def forward(
        ctx: Any, tokens: Tensor, alpha: Tensor, weights: Tensor, offsets: Tensor, module: HardmaxAttention
    ) -> Tensor:
        Z = tokens.detach().contiguous().numpy()
        layers, temperature, dtype = module.layers, module.temperature, Z.dtype.type
        step = float(alpha)
        how = dtype(step / (1 + step)), dtype(temperature), dtype(module._tolerance(tokens))
        states, targets = np.empty((layers + 1, *Z.shape), dtype), np.empty((layers, *Z.shape), dtype)
        states[0] = Z
        first, ties = np.empty((2, layers, len(Z)), np.int32)
        peak, total = np.empty((2, layers, len(Z) if temperature > 0 else 0), dtype)
        sets = weights.detach().to(tokens.dtype).numpy(), offsets.numpy()
        last = np.empty(len(offsets) - 1, np.int64)
        ctx.run = _kernels.Pass(*sets, *how, states, targets, first, ties, peak, total, last)
        ctx.alpha, ctx.straight_through = alpha, module.straight_through
        in_pieces(_kernels.forward, len(offsets) - 1, ctx.run)
        return torch.from_numpy(states[-1].copy())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        grad = grads[0].contiguous().clone().numpy()
        by_rate = np.empty(len(ctx.run.last), grad.dtype)
        in_pieces(_kernels.backward, len(by_rate), ctx.run, grad, by_rate)
        by_alpha = by_rate.sum(dtype=np.float64) / (1 + float(ctx.alpha)) ** 2
        by_tokens = grads[0] if ctx.straight_through else torch.from_numpy(grad)
        return by_tokens, ctx.alpha.new_tensor(by_alpha), None, None, None


class _Mean(torch.autograd.Function):
    """The weighted mean of each set of a packed batch."""

    @staticmethod
    def forward(ctx: Any, tokens: Tensor, weights: Tensor, offsets: Tensor) -> Tensor:
        counts, bounds = ctx.how = weights.detach().to(tokens.dtype).numpy(), offsets.numpy()
        means = tokens.new_zeros(len(offsets) - 1, tokens.shape[1])
        set_means(counts, bounds, tokens.detach().numpy(), means.numpy())
        return means

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        counts, bounds = ctx.how
        spread = grads[0].new_empty(len(counts), grads[0].shape[1])
        _kernels.spread_means(counts, bounds, grads[0].contiguous().numpy(), spread.numpy())
        return spread, None, None
