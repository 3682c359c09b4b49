"""The words that a model knows, each with its id."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hardmax.errors import InputError
from hardmax._support.files import write_text

PAD = 0
PAD_WORD = "<pad>"


@dataclass(frozen=True, eq=False)
class WordIndex:
    """The words of a vocabulary, alone and in pairs, by numbers of their own.

    Attributes
    ----------
    numbers : dict
        The number of each word that is a token or in a pair.
    alone : (P,) int array
        The id of each of these words as a token, 0 for none.
    begins : (P + 1,) int array
        The pairs whose first word has the number f are those from ``begins[f]`` to ``begins[f + 1] - 1``.
    second_words, pair_ids : (Q,) int arrays
        The number of the second word of each pair, rising for each first, and the id of the pair.
    """

    numbers: dict[str, int]
    alone: NDArray[np.int64]
    begins: NDArray[np.int64]
    second_words: NDArray[np.int64]
    pair_ids: NDArray[np.int64]


class Vocabulary:
    """Words by falling frequency, with ids from 1; the id 0 is PAD, which fills up short texts.

    Parameters
    ----------
    words
        The words without PAD, all different; the first has the id 1.

    Raises
    ------
    InputError
        When a word is there twice, is empty or holds a line break.

    Examples
    --------
    >>> vocabulary = Vocabulary.build([["good", "film"], ["bad", "film"]])
    >>> vocabulary.words
    ['film', 'good', 'bad']
    >>> vocabulary.encode(["a", "good", "film"])
    array([2, 1], dtype=int32)
    >>> vocabulary.decode([2, 1, 0])
    ['good', 'film', '<pad>']
    >>> len(vocabulary)
    4
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = list(words)
        self._ids: dict[str, int] = {}
        for number, word in enumerate(self.words, start=1):
            if not word.strip() or "\n" in word:
                raise InputError(f"word {number} is {word!r}; a word must be one line and not empty")
            if self._ids.setdefault(word, number) != number:
                raise InputError(
                    f"word {number} is {word!r}, as word {self._ids[word]}; each must be there once"
                )

    @classmethod
    def build(
        cls, documents: Iterable[Sequence[str]], min_count: int = 1, max_words: int | None = None
    ) -> Vocabulary:
        """Make the vocabulary of documents: by falling frequency, ties as first seen, as in the paper.

        Parameters
        ----------
        documents
            The words of each document.
        min_count
            Words seen fewer times are left out.
        max_words
            At most this many words are kept, the most frequent; PAD is not counted.

        Raises
        ------
        InputError
            When `min_count` or `max_words` is less than 1.
        """
        for name, value in (("min_count", min_count), ("max_words", max_words)):
            if value is not None and value < 1:
                raise InputError(f"{name} is {value}; give 1 or more")
        counts = Counter(chain.from_iterable(documents))
        # most_common sorts stably, and a Counter keeps the order in which words were first seen.
        return cls(word for word, count in counts.most_common(max_words) if count >= min_count)

    def __len__(self) -> int:
        """Give the number of ids, PAD's among them: the number of rows of an embedding."""
        return len(self.words) + 1

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.words == other.words

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Vocabulary of {len(self.words)} words>"

    @cached_property
    def index(self) -> WordIndex:
        """The words that tokens are made of; a pair is two words with a space between."""
        numbers: dict[str, int] = {}
        alone: dict[int, int] = {}
        pairs: list[tuple[int, int, int]] = []
        for token, id_ in self._ids.items():
            words = [numbers.setdefault(word, len(numbers)) for word in token.split(" ")]
            if len(words) == 1:
                alone[words[0]] = id_
            elif len(words) == 2:
                pairs.append((words[0], words[1], id_))
        pairs.sort()
        firsts, seconds, pair_ids = np.array(pairs, np.int64).reshape(-1, 3).T.copy()
        return WordIndex(
            numbers,
            np.array([alone.get(number, PAD) for number in range(len(numbers))], np.int64),
            np.searchsorted(firsts, np.arange(len(numbers) + 1)),
            seconds,
            pair_ids,
        )

    def encode(self, words: Iterable[str]) -> NDArray[np.int32]:
        """Give the ids of `words`; words that are not in the vocabulary are dropped."""
        ids = self._ids
        return np.array([ids[word] for word in words if word in ids], dtype=np.int32)

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Give the words of `ids`, '<pad>' for PAD.

        Raises
        ------
        InputError
            When an id is not in the vocabulary.
        """
        numbers = [int(number) for number in ids]
        for number in numbers:
            if not 0 <= number < len(self):
                raise InputError(
                    f"the vocabulary has no word of id {number}; ids go from 0 to {len(self) - 1}"
                )
        return [self.words[number - 1] if number else PAD_WORD for number in numbers]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the words to a text file in UTF-8, one a line, by id from 1."""
        write_text(path, "".join(f"{word}\n" for word in self.words))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Vocabulary:
        """Read the words that `save` wrote.

        Raises
        ------
        InputError
            When the file is missing, cut off, not UTF-8, or has an empty line or a word twice.
        """
        try:
            text = Path(path).read_bytes().decode("utf-8")
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise InputError(f"{path} is not UTF-8 at byte {error.start}; is it a vocabulary?") from error
        if "\r\n" in text or text.startswith("\ufeff"):
            raise InputError(
                f"{path} has the line ends or the byte order mark of another system; copy it again, unchanged"
            )
        if text and not text.endswith("\n"):
            raise InputError(f"{path} does not end with a line break; is it cut off?")
        try:
            return cls(text.split("\n")[:-1])  # splitlines would also part words at \x85 and the like
        except InputError as error:
            raise InputError(f"{path} is no vocabulary: {error}") from error
