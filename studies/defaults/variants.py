"""Networks that the library does not have, as they were no better: other starts, and a learned matrix A."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from hardmax.network import HardmaxNetwork
from hardmax.network.line_encoder import start_on_lines
from hardmax.text.bags import Bags


class SmallStart(HardmaxNetwork):
    """A network whose embedding starts at a tenth of its size."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with torch.no_grad():
            self.encoder.weight.mul_(0.1)


class LinesStart(HardmaxNetwork):
    """A network whose tokens start on lines, and may leave them where the encoder is free."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        start_on_lines(self.encoder.weight, self.decoder.weight)


class LearnedMatrix(HardmaxNetwork):
    """Layers with the scores <B z, B z'>, that is with A = B^T B, and B learned."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.B = nn.Parameter(torch.eye(self.encoder.embedding_dim))

    def decode(self, points: Tensor, bags: Bags) -> Tensor:
        """Return the logits of all texts from the embeddings of their tokens."""
        counts, offsets = torch.from_numpy(bags.counts), torch.from_numpy(bags.offsets)
        means = self.attention.packed_mean(points @ self.B.T, counts, offsets)
        return self.decoder(torch.linalg.solve(self.B, means.T).T.contiguous())

    def absorb(self) -> None:
        """Put B into the embedding and the decoder, which makes a network with A = I and the same logits."""
        with torch.no_grad():
            self.encoder.weight.copy_(self.encoder.weight @ self.B.T)
            self.decoder.weight.copy_(torch.linalg.solve(self.B.T, self.decoder.weight.T).T)
            self.B.copy_(torch.eye(len(self.B)))
