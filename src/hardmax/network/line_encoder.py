"""Tokens on lines: an encoder that learns one number of each token, its polarity.

The decoder reads the first coordinate alone, the polarity of a token. The other coordinates put the token on
one of 2(d - 1) lines parallel to the first axis, at a fixed distance from the origin on each side of the
other axes. On each line the most positive and the most negative token of a text lead, and every other token
of the line follows the one on its own side, unless a far more polar token of another line attracts it. So a
token votes as its leader does.

Tokens of similar strength share a line. Weak tokens gather on weak leaders and strong ones on strong leaders,
and a mean over 4(d - 1) leaders is nearly the mean over all tokens.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from hardmax.errors import InputError

#: Distance of the lines from the origin; polarities are of the same size.
DISTANCE = 2.0
#: Tokens are sorted by strength, and q is the fraction of all occurrences that belong to weaker tokens. A
#: token goes to line floor(L q²) of L: the square gives the many weak occurrences few lines and the strong
#: ones more.
_POWER = 2


def start_on_lines(weight: Tensor, decoder: Tensor) -> None:
    """Put all tokens on random lines with polarity 0, and point the decoder along the first axis."""
    lines = 2 * (weight.shape[1] - 1)
    with torch.no_grad():
        decoder.zero_()
        decoder[:, 0] = 1
        weight.zero_()
        if lines:
            _put(weight, torch.randint(lines, (len(weight),)))


def deal_by_strength(weight: Tensor, frequencies: npt.NDArray[np.float64]) -> None:
    """Move each token to the line of its strength, the magnitude of its polarity.

    The embedding `weight` (V, d) is changed in place; `frequencies` (V,) are how often each token occurs.
    """
    lines = 2 * (weight.shape[1] - 1)
    if lines == 0 or frequencies.sum() == 0:
        return
    order = np.argsort(np.abs(weight.detach()[:, 0].numpy()), kind="stable")
    rank = np.empty(len(order))
    rank[order] = np.cumsum(frequencies[order]) / frequencies.sum()
    with torch.no_grad():
        _put(weight, torch.from_numpy(np.minimum(rank**_POWER * lines, lines - 1).astype(np.int64)))


def packed(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return polarity (V,) and line (V,) of tokens on lines: all that has to be stored of them.

    Examples
    --------
    >>> polarity, line = packed(torch.tensor([[0.5, 2.0], [-0.1, -2.0]]))
    >>> polarity.tolist(), line.tolist()
    ([0.5, -0.10000000149011612], [1, 0])
    """
    neutral = weight[:, 1:]
    small = line_type(weight.shape[1])
    if not neutral.shape[1]:
        return weight[:, 0].clone(), torch.zeros(len(weight), dtype=small)
    line = neutral.abs().argmax(1) + neutral.shape[1] * (neutral > 0).any(1)
    return weight[:, 0].clone(), line.to(small)


def line_type(dim: int) -> torch.dtype:
    """Return the smallest type that holds the numbers of the lines in `dim` dimensions."""
    kinds = (torch.int8, torch.int16, torch.int32)
    return next(kind for kind in kinds if 2 * (dim - 1) <= torch.iinfo(kind).max)


def unpacked(polarity: Tensor, line: Tensor, dim: int) -> Tensor:
    """Return the (V, dim) embedding of which `packed` made `polarity` and `line`."""
    if polarity.ndim != 1 or line.shape != polarity.shape:  # an error as torch raises for what does not fit
        raise RuntimeError(f"{tuple(polarity.shape)} polarities and {tuple(line.shape)} lines")
    lines = max(2 * (dim - 1), 1)
    if ((line < 0) | (line >= lines)).any():
        raise InputError(f"lines are numbered from 0 to {lines - 1}, and a token is on another")
    weight = polarity.new_zeros(len(polarity), dim)
    weight[:, 0] = polarity
    if dim > 1:
        _put(weight, line.long())
    return weight


def _put(weight: Tensor, line: Tensor) -> None:
    axes = weight.shape[1] - 1
    weight[:, 1:] = 0
    side = torch.where(line < axes, -DISTANCE, DISTANCE).to(weight.dtype)
    weight[torch.arange(len(weight)), 1 + line % axes] = side
