"""The tokens that a model knows, each with its id."""

import os
from collections.abc import Iterable

import numpy as np

from hardmax._support.checks import shown
from hardmax._support.files import read_bytes, write_text
from hardmax.errors import InputError
from hardmax.text._kernels import PairIndex

PAD = 0
PAD_TOKEN = "<pad>"
#: The bounds of a vocabulary, to make it and to load it: its tokens, and the bytes of its file.
MOST_TOKENS, LARGEST_VOCABULARY = 10_000_000, 2**29


class Vocabulary:
    """Tokens by falling frequency, with ids from 1; the id 0 is PAD, which fills up short texts.

    Parameters
    ----------
    tokens : iterable of str
        Words and pairs of words, without PAD, all different; the first has the id 1.

    Raises
    ------
    InputError
        When a token is there twice, is empty or holds a line break; when there are more than 10 million
        tokens, or more than 512 MiB of them.

    Examples
    --------
    >>> vocabulary = Vocabulary(["film", "good"])
    >>> vocabulary.decode([2, 1, 0])
    ['good', 'film', '<pad>']
    >>> len(vocabulary)
    3
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens = list(tokens)
        self._ids: dict[str, int] = {}
        self._indexes: dict[frozenset[str], tuple[dict[str, int], PairIndex]] = {}
        size = sum(len(token.encode("utf-8", "replace")) + 1 for token in self.tokens)
        if len(self.tokens) > MOST_TOKENS or size > LARGEST_VOCABULARY:
            raise InputError(
                f"there are {len(self.tokens):,} tokens of {size:,} bytes, and a vocabulary has at most "
                f"{MOST_TOKENS:,} of {LARGEST_VOCABULARY:,}; give a larger min_count"
            )
        for number, token in enumerate(self.tokens, start=1):
            if not token.strip() or "\n" in token:
                raise InputError(f"token {number} is {token!r}; a token must be one line and not empty")
            if self._ids.setdefault(token, number) != number:
                raise InputError(
                    f"token {number} is {token!r}, as token {self._ids[token]}; each must be there once"
                )

    def __len__(self) -> int:
        """Return the number of ids, with that of PAD: the number of rows of an embedding."""
        return len(self.tokens) + 1

    def __contains__(self, token: object) -> bool:
        return token in self._ids

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.tokens == other.tokens

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Vocabulary of {len(self.tokens)} tokens>"

    def index(self, function_words: frozenset[str]) -> tuple[dict[str, int], PairIndex]:
        """Return numbers of all words in tokens, function words first, and the ids of tokens by these.

        A token that is a pair is two words with a space between.
        """
        if function_words not in self._indexes:
            self._indexes[function_words] = self._index(function_words)
        return self._indexes[function_words]

    def _index(self, function_words: frozenset[str]) -> tuple[dict[str, int], PairIndex]:
        numbers = {word: number for number, word in enumerate(function_words)}
        alone: dict[int, int] = {}
        pairs: list[tuple[int, int, int]] = []
        for token, id_ in self._ids.items():
            words = [numbers.setdefault(word, len(numbers)) for word in token.split(" ")]
            if len(words) == 1:
                alone[words[0]] = id_
            elif len(words) == 2:
                pairs.append((words[0], words[1], id_))
        firsts, seconds, pair_ids = np.array(sorted(pairs), np.int64).reshape(-1, 3).T.copy()
        ids_alone = np.array([alone.get(number, PAD) for number in range(len(numbers))], np.int64)
        begins = np.searchsorted(firsts, np.arange(len(numbers) + 1))
        return numbers, PairIndex(ids_alone, begins, seconds, pair_ids)

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Return the tokens of `ids`, '<pad>' for PAD.

        Raises
        ------
        InputError
            When an id is not in the vocabulary.
        """
        numbers = [int(number) for number in ids]
        for number in numbers:
            if not 0 <= number < len(self):
                raise InputError(
                    f"the vocabulary has no token of id {shown(number)}; ids go from 0 to {len(self) - 1}"
                )
        return [self.tokens[number - 1] if number else PAD_TOKEN for number in numbers]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the tokens to a text file in UTF-8, one a line, by id from 1."""
        write_text(path, "".join(f"{token}\n" for token in self.tokens))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Vocabulary":
        """Read the tokens that `save` wrote.

        Raises
        ------
        InputError
            When the file is missing, cut off, not UTF-8, or has an empty line or a token twice.
        """
        content = read_bytes(path, LARGEST_VOCABULARY)
        if content.count(b"\n") > MOST_TOKENS:
            raise InputError(f"{path} has more than {MOST_TOKENS:,} lines; is it a vocabulary?")
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            raise InputError(f"{path} is not UTF-8 at byte {error.start}; is it a vocabulary?") from error
        if "\r\n" in text or text.startswith("\ufeff"):
            raise InputError(
                f"{path} has the line ends or the byte order mark of another system; copy it again, unchanged"
            )
        if text and not text.endswith("\n"):
            raise InputError(f"{path} does not end with a line break; is it cut off?")
        try:
            return cls(text.split("\n")[:-1])  # splitlines would also split tokens at \x85 and the like
        except InputError as error:
            raise InputError(f"{path} is no vocabulary: {error}") from error
