"""`Corpus`: reviews as bags of word ids, laid one after another, and the batches drawn from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hardmax.network._kernels import take_sets
from hardmax.text.tokens import ids_of
from hardmax.training.settings import Settings
from hardmax.text.vocabulary import PAD, Vocabulary

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """Texts as distinct ids of words and pairs, with counts, ready for the model.

    A token said twice has one embedding and so one position in every layer: keeping it once, with
    its count, changes no result.

    Attributes
    ----------
    ids : (N,) int array
        The distinct tokens of all texts, each text's in the order of `hardmax.text.tokens.tokens_of`.
    counts : (N,) float32 array
        How often each counts.
    offsets : (S + 1,) int array
        Text s is ``ids[offsets[s]:offsets[s + 1]]``.
    labels : (S,) int array
        The class of each text.
    importance : (S,) float32 array, optional
        How much the loss of each text counts; 1 for all when None.
    """

    ids: Ids
    counts: npt.NDArray[np.float32]
    offsets: Ids
    labels: Ids
    importance: npt.NDArray[np.float32] | None = None

    @classmethod
    def build(
        cls,
        documents: Sequence[Sequence[str]],
        labels: npt.ArrayLike,
        vocabulary: Vocabulary,
        settings: Settings,
        importance: npt.NDArray[np.float32] | None = None,
    ) -> Corpus:
        """Look up what is read of each document; what the vocabulary lacks is dropped.

        What is read is told by `hardmax.text.tokens`.

        Examples
        --------
        >>> vocabulary = Vocabulary.build([["good", "film"]])
        >>> settings = Settings(repeats=True)
        >>> Corpus.build([["film", "good", "film", "unseen"]], [1], vocabulary, settings).counts
        array([2., 1.], dtype=float32)
        """
        ids, counts, offsets = ids_of(documents, vocabulary, settings)
        if settings.pad:
            said = np.diff(np.concatenate([[0], np.cumsum(counts)])[offsets])
            lacking = np.maximum(settings.max_tokens - said, 0)
            short = np.flatnonzero(lacking)
            ids = np.insert(ids, offsets[short + 1], PAD)
            counts = np.insert(counts, offsets[short + 1], lacking[short])
            offsets = offsets + np.concatenate([[0], np.cumsum(lacking > 0)])
        return cls(ids, counts.astype(np.float32), offsets, np.asarray(labels, np.int64), importance)

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, texts: npt.ArrayLike) -> Corpus:
        """Give the corpus of the texts with these numbers, in this order."""
        chosen = np.asarray(texts, np.int64)
        ids, counts, offsets = take_sets(self.ids, self.counts, self.offsets, chosen)
        importance = None if self.importance is None else self.importance[chosen]
        return Corpus(ids, counts, offsets, self.labels[chosen], importance)

    def batches(self, size: int, rng: np.random.Generator | None = None) -> Iterator[Corpus]:
        """Give all texts in pieces of `size`, shuffled by `rng` when given."""
        order = np.arange(len(self)) if rng is None else rng.permutation(len(self))
        for begin in range(0, len(self), size):
            yield self.take(order[begin : begin + size])

    def drop_words(self, share: float, rng: np.random.Generator) -> Corpus:
        """Leave out each token with probability `share`, anew each time that it counts."""
        counts = (rng.random(len(self.ids), np.float32) >= share).astype(np.float32)
        often = self.counts > 1  # a binomial takes ten times as long, and few words are said twice
        counts[often] = rng.binomial(self.counts[often].astype(np.int64), 1 - share)
        kept = counts > 0
        offsets = np.concatenate([[0], np.cumsum(kept)])[self.offsets]
        return replace(self, ids=self.ids[kept], counts=counts[kept], offsets=offsets)

    @cached_property
    def _said(self) -> npt.NDArray[np.float64]:
        return np.bincount(self.ids, weights=self.counts).astype(np.float64)

    def said(self, words: int) -> npt.NDArray[np.float64]:
        """Give how often each of the ids 0 to `words` - 1 is said in all texts, (words,)."""
        return np.pad(self._said, (0, words - len(self._said)))

    def fingerprint(self) -> str:
        """Give a short digest of the content, the same for the same texts and labels."""
        digest = hashlib.sha256()
        arrays = (self.ids, self.counts, self.offsets, self.labels, self.importance)
        for array in (array for array in arrays if array is not None):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:16]
