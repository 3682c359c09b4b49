"""From the words of texts to tokens and their ids, as a `Reading` says.

`tokens_of` returns the tokens of one text as strings. Of many texts at once, `vocabulary_of` counts them and
`ids_of` returns the ids of those that a vocabulary has.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
import numpy.typing as npt

from hardmax.text import _kernels
from hardmax.text.pipelines import PIPELINES
from hardmax.text.reading import Reading
from hardmax.text.vocabulary import Vocabulary

Ids = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]


def tokens_of(words: Sequence[str], reading: Reading) -> list[str]:
    """Return the tokens that a model reads of all words of a text.

    These are the first words that are not function words; pairs of these; and, if there are pairs, those of
    neighbours of which at least one is a function word.

    Examples
    --------
    >>> tokens_of(["not", "good", "not", "bad"], Reading())
    ['not', 'good', 'bad', 'not good', 'good not', 'not bad']
    >>> tokens_of(["a", "must", "see", "film"], Reading())
    ['see', 'film', 'see film', 'a must', 'must see']
    """
    numbers = _numbered([words], reading)
    firsts, seconds, _ = _tokens([words], numbers, reading, reading.max_tokens)
    tokens = _strings(numbers, firsts, seconds)
    return tokens if reading.repeats else list(dict.fromkeys(tokens))


def single_words(words: Sequence[str], reading: Reading) -> list[str]:
    """Return the words of a text that are tokens by themselves, each once, known or not.

    Examples
    --------
    >>> single_words(["a", "film", "a", "film", "must", "see"], Reading(max_tokens=3))
    ['film', 'see']
    """
    return tokens_of(words, replace(reading, pairs=0, repeats=False))


def vocabulary_of(documents: Sequence[Sequence[str]], reading: Reading) -> Vocabulary:
    """Return the vocabulary of what is read of many texts: by falling frequency, ties in order of appearance.

    Tokens less frequent than `min_count` are left out; where `vocabulary_from` is 'all', whole texts are
    counted.

    Examples
    --------
    >>> vocabulary_of([["a", "must"], ["a", "must", "see"]], Reading(min_count=2)).tokens
    ['a must']
    """
    numbers = _numbered(documents, reading)
    whole = reading.vocabulary_from == "all"
    longest = max(map(len, documents), default=0) if whole else reading.max_tokens
    firsts, seconds, offsets = _tokens(documents, numbers, reading, longest)
    keys = firsts.astype(np.int64) * (len(numbers) + 1)
    keys += np.where(seconds == _kernels.NONE, 0, seconds + 1)
    text_of = np.repeat(np.arange(len(documents), dtype=np.int32), np.diff(offsets))
    order = np.argsort(keys, kind="stable")
    is_new = np.diff(keys[order], prepend=-1) != 0
    begins = np.flatnonzero(is_new)
    counted = reading.repeats | is_new | (np.diff(text_of[order], prepend=-1) != 0)
    places, counts = order[begins], np.add.reduceat(counted, begins, dtype=np.int64)
    kept = np.flatnonzero(counts >= reading.min_count)
    kept = kept[np.lexsort((places[kept], -counts[kept]))]
    return Vocabulary(_strings(numbers, firsts[places[kept]], seconds[places[kept]]))


def ids_of(
    documents: Sequence[Sequence[str]], vocabulary: Vocabulary, reading: Reading
) -> tuple[Ids, Ids, Ids]:
    """Return ids (N,), counts (N,) and offsets (S + 1,) of the tokens of S texts that a vocabulary has.

    Text s is ``ids[offsets[s]:offsets[s + 1]]``: each id once, in the order in which `tokens_of` returns the
    tokens first.

    Examples
    --------
    >>> ids_of([["a", "must"], ["film", "unseen"]], Vocabulary(["film", "a must"]), Reading())
    (array([2, 1]), array([1, 1]), array([0, 1, 2]))
    """
    numbers, index = vocabulary.index(PIPELINES[reading.pipeline].function_words)
    tokens = _tokens(documents, numbers, reading, reading.max_tokens)
    found: tuple[Ids, Ids, Ids] = _kernels.distinct_ids(*tokens, index, len(vocabulary), reading.repeats)
    return found


def _numbered(documents: Sequence[Sequence[str]], reading: Reading) -> dict[str, int]:
    """Return a number for each function word, and then for each other word of the texts."""
    words = chain(PIPELINES[reading.pipeline].function_words, chain.from_iterable(documents))
    return {word: number for number, word in enumerate(dict.fromkeys(words))}


def _tokens(
    documents: Sequence[Sequence[str]], numbers: dict[str, int], reading: Reading, max_tokens: int
) -> tuple[Words, Words, Ids]:
    """Return the numbers of the words of all tokens; see `hardmax.text._kernels.tokens`."""
    words = (numbers.get(word, _kernels.UNKNOWN) for word in chain.from_iterable(documents))
    lengths = np.array([len(document) for document in documents], np.int64)
    read = np.minimum(lengths, max_tokens)
    found: tuple[Words, Words, Ids] = _kernels.tokens(
        np.fromiter(words, np.int32),
        np.concatenate([[0], np.cumsum(lengths)]),
        len(PIPELINES[reading.pipeline].function_words),
        max_tokens,
        reading.pairs,
        reading.function_words,
        int((read * (np.minimum(reading.pairs, read) + 1) + lengths).sum()),
    )
    return found


def _strings(numbers: dict[str, int], firsts: Words, seconds: Words) -> list[str]:
    """Return the tokens with these first and second words."""
    words = list(numbers)
    return [
        words[first] if second == _kernels.NONE else f"{words[first]} {words[second]}"
        for first, second in zip(firsts.tolist(), seconds.tolist(), strict=True)
    ]
