"""`SentimentModel`: encoder, shared hardmax layers, mean, linear decoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hardmax.sentiment.attention import HardmaxAttention
from hardmax.sentiment.corpus import Corpus
from hardmax.sentiment.settings import Settings


class SentimentModel(nn.Module):
    """The classifier of arXiv 2407.01602, section 4.

    Words become tokens by an embedding, tokens move through K layers that share one alpha, and the mean token
    is decoded by x -> <v, x> + b.

    Parameters
    ----------
    words : int
        Rows of the embedding.
    settings : Settings
        `dim`, `layers`, `alpha`, `temperature` and `seed` are used.
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
                settings.layers, settings.alpha, settings.temperature, fused=fused
            )
            self.decoder = nn.Linear(settings.dim, outputs)

    def forward(self, corpus: Corpus) -> Tensor:
        """Give the logits of all texts of `corpus`, (S, outputs)."""
        device = self.encoder.weight.device
        offsets = torch.from_numpy(corpus.offsets).to(device)
        counts = torch.from_numpy(corpus.counts).to(device)
        tokens = self.attention.packed(self.encoder(torch.from_numpy(corpus.ids).to(device)), counts, offsets)
        owner = torch.repeat_interleave(torch.arange(len(corpus), device=device), offsets.diff())
        sums = tokens.new_zeros(len(corpus), tokens.shape[1]).index_add(
            0, owner, tokens * counts.unsqueeze(1)
        )
        sizes = tokens.new_zeros(len(corpus)).index_add(0, owner, counts)
        # A text without any known word has no tokens; its mean is taken as the origin.
        means = sums / sizes.clamp_min(1).unsqueeze(1)
        return (means.unsqueeze(1) * self.decoder.weight).sum(2) + self.decoder.bias
