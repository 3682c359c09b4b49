"""The loss of logits, which trains a network, and how many of them are right."""

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from hardmax.network.predict import Floats, Labels, likeliest


def score(logits: Floats, labels: Labels) -> tuple[float, float]:
    """Return the mean loss and the accuracy of logits (S, outputs)."""
    found = torch.from_numpy(logits)
    return float(loss_of(found, labels)), correct(found, labels) / len(labels)


def loss_of(logits: Tensor, labels: Labels, importance: npt.NDArray[np.float32] | None = None) -> Tensor:
    """Return the mean cross-entropy of texts, binary for one output; `importance` multiplies that of each."""
    targets = torch.from_numpy(labels).to(logits.device)
    if logits.shape[1] == 1:
        losses = F.binary_cross_entropy_with_logits(logits[:, 0], targets.to(logits.dtype), reduction="none")
    else:
        losses = F.cross_entropy(logits, targets, reduction="none")
    if importance is None:
        return losses.mean()
    return (losses * torch.from_numpy(importance).to(losses)).mean()


def correct(logits: Tensor, labels: Labels) -> int:
    """Return how many texts have their label as the likeliest class."""
    return int((likeliest(logits.detach().cpu().numpy()) == labels).sum())
