"""Words on lines: an encoder whose leaders are the words that carry the meaning.

The decoder reads the first coordinate alone, the polarity of a word. The other coordinates put the word on
one of 2(d - 1) lines along the first axis, at a fixed distance from the origin on each side of the other
axes. On each line a text's most positive and most negative word lead, and each word of the line goes to the
one on its side, unless a far more polar word of another line draws it off: its vote is that of its leader.

Words of like strength share a line. So weak words gather on weak leaders, strong ones on strong leaders, and
a mean over 4(d - 1) leaders says nearly what the mean over all words would.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

#: Distance of the lines from the origin; polarities are of the same size.
DISTANCE = 2.0
#: Line k of L holds the words whose rank by strength, as a share of all that is said, has its square
#: between k / L and (k + 1) / L: most of what is said is weak, and goes to few lines.
_POWER = 2


def start_on_lines(weight: Tensor, decoder: Tensor) -> None:
    """Put all words on lines, drawn at random, with polarity 0, and the decoder along the first axis."""
    lines = 2 * (weight.shape[1] - 1)
    with torch.no_grad():
        decoder.zero_()
        decoder[:, 0] = 1
        weight.zero_()
        if lines:
            _put(weight, torch.randint(lines, (len(weight),)))


def deal_by_strength(weight: Tensor, counts: npt.NDArray[np.float64]) -> None:
    """Move each word to the line of its strength, the size of its polarity.

    Parameters
    ----------
    weight : (V, d) tensor
        The embedding, changed in place.
    counts : (V,) array
        How often each word is said.
    """
    lines = 2 * (weight.shape[1] - 1)
    if lines == 0 or counts.sum() == 0:
        return
    order = np.argsort(np.abs(weight.detach()[:, 0].numpy()), kind="stable")
    rank = np.empty(len(order))
    rank[order] = np.cumsum(counts[order]) / counts.sum()
    with torch.no_grad():
        _put(weight, torch.from_numpy(np.minimum(rank**_POWER * lines, lines - 1).astype(np.int64)))


def packed(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Give polarity (V,) and line (V,) of words on lines: all that there is to keep of them.

    Examples
    --------
    >>> polarity, line = packed(torch.tensor([[0.5, 2.0], [-0.1, -2.0]]))
    >>> polarity.tolist(), line.tolist()
    ([0.5, -0.10000000149011612], [1, 0])
    """
    neutral = weight[:, 1:]
    lines = 2 * neutral.shape[1]
    small = next(kind for kind in (torch.int8, torch.int16, torch.int32) if lines <= torch.iinfo(kind).max)
    if not neutral.shape[1]:
        return weight[:, 0].clone(), torch.zeros(len(weight), dtype=small)
    line = neutral.abs().argmax(1) + neutral.shape[1] * (neutral > 0).any(1)
    return weight[:, 0].clone(), line.to(small)


def unpacked(polarity: Tensor, line: Tensor, dim: int) -> Tensor:
    """Give the (V, dim) embedding of which `packed` made `polarity` and `line`.

    Raises
    ------
    RuntimeError
        When they are not of the same words, as torch raises for tensors that do not fit.
    """
    if polarity.ndim != 1 or line.shape != polarity.shape:
        raise RuntimeError(f"{tuple(polarity.shape)} polarities and {tuple(line.shape)} lines")
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
