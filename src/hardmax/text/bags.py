"""`Bags`: texts as bags of token ids, laid one after another."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from hardmax.text.reading import Reading
from hardmax.text.tokens import Ids, ids_of
from hardmax.text.vocabulary import PAD, Vocabulary


@dataclass(frozen=True)
class Bags:
    """S texts as the distinct ids of their tokens, with counts.

    A token that occurs twice has one embedding and so one position in every layer: keeping it once, with
    its count, changes no result.
    """

    ids: Ids  # (N,): the distinct tokens of all texts, in the order of `hardmax.text.tokens.tokens_of`
    counts: npt.NDArray[np.float32]  # (N,): how many times each counts
    offsets: Ids  # (S + 1,): text s is ids[offsets[s]:offsets[s + 1]]

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]], vocabulary: Vocabulary, reading: Reading) -> "Bags":
        """Look up the tokens that `reading` takes from each document; unknown ones are dropped.

        Examples
        --------
        >>> vocabulary = Vocabulary(["film", "good"])
        >>> Bags.build([["film", "good", "film", "unseen"]], vocabulary, Reading(repeats=True)).counts
        array([2., 1.], dtype=float32)
        """
        ids, counts, offsets = ids_of(documents, vocabulary, reading)
        if reading.pad:
            read = np.diff(np.concatenate([[0], np.cumsum(counts)])[offsets])
            lacking = np.maximum(reading.max_tokens - read, 0)
            short = np.flatnonzero(lacking)
            ids = np.insert(ids, offsets[short + 1], PAD)
            counts = np.insert(counts, offsets[short + 1], lacking[short])
            offsets = offsets + np.concatenate([[0], np.cumsum(lacking > 0)])
        return cls(ids, counts.astype(np.float32), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, texts: npt.ArrayLike) -> "Bags":
        """Return the texts with these numbers, in this order."""
        chosen = np.asarray(texts, np.int64)
        bounds = np.stack([self.offsets[chosen], self.offsets[chosen + 1]])
        places = [slice(0), *map(slice, *bounds.tolist())]  # the first is empty, for no texts
        ids, counts = (
            np.concatenate([array[place] for place in places]) for array in (self.ids, self.counts)
        )
        return Bags(ids, counts, np.concatenate([[0], np.cumsum(bounds[1] - bounds[0])]))

    def batches(self, size: int) -> "Iterator[Bags]":
        """Yield all texts in their order, `size` at a time."""
        for begin in range(0, len(self), size):
            yield self.take(np.arange(begin, min(begin + size, len(self))))

    def drop_tokens(self, fraction: float, rng: np.random.Generator) -> "Bags":
        """Leave out each token with the probability `fraction`, drawn anew each time that it counts."""
        counts = (rng.random(len(self.ids), np.float32) >= fraction).astype(np.float32)
        often = self.counts > 1  # a binomial takes ten times as long, and few tokens occur twice
        counts[often] = rng.binomial(self.counts[often].astype(np.int64), 1 - fraction)
        kept = counts > 0
        offsets = np.concatenate([[0], np.cumsum(kept)])[self.offsets]
        return Bags(self.ids[kept], counts[kept], offsets)

    def split(self, values: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """Return the rows of `values`, one for each token of all texts, as one array a text."""
        return [values[lo:hi] for lo, hi in pairwise(self.offsets)]

    def frequencies(self, size: int) -> npt.NDArray[np.float64]:
        """Return how often each of the ids 0 to `size` - 1 occurs in all texts, (size,)."""
        return np.bincount(self.ids, weights=self.counts, minlength=size).astype(np.float64)

    def fingerprint(self, *others: npt.NDArray[Any] | None) -> str:
        """Return a short digest of the texts and of further arrays, the same for the same content."""
        digest = hashlib.sha256()
        for array in (self.ids, self.counts, self.offsets, *others):
            if array is not None:
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:16]
