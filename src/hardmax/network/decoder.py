"""`Decoder`: the linear decoder, in one order of operations for any number of texts."""

from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from hardmax.network import _kernels

Floats = npt.NDArray[np.float64]


class Decoder(nn.Linear):
    """The map x -> W x + b with the parameters of `torch.nn.Linear`.

    A matrix product of a library may add in another order for one row than for many, and on another
    processor; on the CPU this one does not.

    Examples
    --------
    >>> decoder = Decoder(2, 1)
    >>> points = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> bool((decoder(points)[1] == decoder(points[1:])[0]).all())
    True
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (S, outputs) of the points x (S, d)."""
        if x.device.type != "cpu":
            return super().forward(x)
        return cast(Tensor, _Linear.apply(x, self.weight, self.bias))  # type: ignore[no-untyped-call]

    def parameters64(self) -> tuple[Floats, Floats]:
        """Return W (outputs, d) and b (outputs,) in float64."""
        return self.weight.detach().double().cpu().numpy(), self.bias.detach().double().cpu().numpy()

    def logits(self, means: Floats) -> Floats:
        """Return the logits (S, outputs) of points (S, d) in float64."""
        found = np.empty((len(means), self.out_features))
        weight, bias = self.parameters64()
        _kernels.decode(means, weight, bias, found)
        return found


class _Linear(torch.autograd.Function):
    """The logits, and their gradients."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        found = x.new_empty(len(x), len(bias))
        _kernels.decode(_array(x), _array(weight), _array(bias), found.numpy())
        return found

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, weight = ctx.saved_tensors
        by_x, by_weight = torch.empty_like(x), torch.zeros_like(weight)
        by_bias = weight.new_zeros(len(weight))
        found = by_x.numpy(), by_weight.numpy(), by_bias.numpy()
        _kernels.decode_back(_array(x), _array(weight), _array(grads[0]), *found)
        return by_x, by_weight, by_bias


def _array(tensor: Tensor) -> npt.NDArray[Any]:
    return tensor.detach().contiguous().numpy()
