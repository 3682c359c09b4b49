"""`SentimentModel`: encoder, shared hardmax layers, mean, linear decoder."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from hardmax.errors import InputError
from hardmax.network.attention import HardmaxAttention
from hardmax.text.bags import Corpus
from hardmax.network.line_encoder import packed, start_on_lines, unpacked
from hardmax.training.settings import Settings

_TABLE, _POLARITY, _LINE = "encoder.weight", "encoder.polarity", "encoder.line"


class SentimentModel(nn.Module):
    """The classifier of arXiv 2407.01602.

    Words become tokens by an embedding, tokens move through K layers that share one alpha, and the mean token
    is decoded by x -> <v, x> + b.

    Parameters
    ----------
    words : int
        Rows of the embedding.
    settings : Settings
        `dim`, `layers`, `alpha`, `temperature`, `cooling`, `gradient`, `encoder` and `seed` are used.
    outputs : int
        1 for two classes, else the number of classes.
    fused : bool
        As for `HardmaxAttention`.
    """

    def __init__(self, words: int, settings: Settings, outputs: int = 1, fused: bool = True) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            self.encoder = nn.Embedding(words, settings.dim)
            self.attention = HardmaxAttention(
                settings.layers,
                settings.alpha,
                0.0 if settings.cooling else settings.temperature,
                straight_through=settings.gradient == "straight-through",
                fused=fused,
            )
            self.decoder = nn.Linear(settings.dim, outputs)
            self.on_lines = settings.encoder == "lines" and outputs == 1
            if self.on_lines:
                nn.init.zeros_(self.decoder.bias)
                start_on_lines(self.encoder.weight, self.decoder.weight)

    def forward(self, corpus: Corpus) -> Tensor:
        """Give the logits of all texts of `corpus`, (S, outputs)."""
        return self.decode(self.encoder(torch.from_numpy(corpus.ids).to(self.encoder.weight.device)), corpus)

    def stored(self) -> dict[str, Tensor]:
        """Give the tensors to keep in a file, of words on lines only what there is to keep."""
        tensors = {name: value.detach().clone() for name, value in self.state_dict().items()}
        if self.on_lines:
            polarity, line = packed(tensors.pop(_TABLE))
            tensors |= {_POLARITY: polarity, _LINE: line}
        return tensors

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take over what `stored` gave.

        Raises
        ------
        RuntimeError
            When the tensors are of another model.
        """
        if self.on_lines and {_POLARITY, _LINE} <= tensors.keys():
            others = {name: value for name, value in tensors.items() if name not in (_POLARITY, _LINE)}
            tensors = others | {
                _TABLE: unpacked(tensors[_POLARITY], tensors[_LINE], self.encoder.embedding_dim)
            }
        self.load_state_dict(tensors)

    def direction(self) -> tuple[npt.NDArray[np.float64], float]:
        """Give v (d,) and b of a decoder with one output: the logit of a point x is <v, x> + b."""
        if len(self.decoder.bias) > 1:
            raise InputError(f"the model has {len(self.decoder.bias)} classes; one line divides two alone")
        weight, bias = self.decoder.weight.detach().double(), self.decoder.bias.detach().double()
        return weight.numpy()[0], float(bias[0])

    def decode(self, tokens: Tensor, corpus: Corpus) -> Tensor:
        """Give the logits of all texts of `corpus` from the embeddings (N, d) of its words."""
        counts, offsets = (torch.from_numpy(a).to(tokens.device) for a in (corpus.counts, corpus.offsets))
        logits: Tensor = self.decoder(self.attention.packed_mean(tokens, counts, offsets))
        return logits
