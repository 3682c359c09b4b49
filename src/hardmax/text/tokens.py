"""What a model reads of a text: its first words that are no function words, and pairs of words.

`tokens_of` gives the tokens of one text in plain words. Of many texts at once, `vocabulary_of` counts them
and `ids_of` gives the ids of those that a vocabulary has.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from hardmax.classifier import reading_kernels
from hardmax.training.settings import Settings
from hardmax.text.pipelines import PIPELINES
from hardmax.text.vocabulary import Vocabulary

Ids = npt.NDArray[np.int64]


def tokens_of(words: Sequence[str], settings: Settings) -> list[str]:
    """Give the tokens that a model reads of the words of a text.

    Parameters
    ----------
    words : sequence of str
        All words of a text, as the pipeline of `settings` cuts them.
    settings : Settings
        `max_tokens`, `pairs`, `function_words`, `repeats` and `pipeline` are used.

    Returns
    -------
    list of str
        The first words that are no function words; pairs of these; and, if there are pairs, those of
        neighbours of which one is a function word.

    Examples
    --------
    >>> tokens_of(["not", "good", "not", "bad"], Settings())
    ['not', 'good', 'bad', 'not good', 'good not', 'not bad']
    >>> tokens_of(["a", "must", "see", "film"], Settings())
    ['see', 'film', 'see film', 'a must', 'must see']
    """
    function_words = PIPELINES[settings.pipeline].function_words
    places = [place for place, word in enumerate(words) if word not in function_words]
    if len(places) > settings.max_tokens:
        words = words[: places[settings.max_tokens]]
        del places[settings.max_tokens :]
    read = [words[place] for place in places]
    tokens = list(read)
    for apart in range(1, min(settings.pairs, len(read) - 1) + 1):
        tokens += [f"{first} {second}" for first, second in zip(read, read[apart:], strict=False)]
    if settings.pairs and settings.function_words:
        tokens += [
            f"{first} {second}"
            for first, second in pairwise(words)
            if first in function_words or second in function_words
        ]
    return tokens if settings.repeats else list(dict.fromkeys(tokens))


def vocabulary_of(documents: Sequence[Sequence[str]], settings: Settings) -> Vocabulary:
    """Make the vocabulary of what is read of many texts: by falling frequency, ties as first read.

    It is ``Vocabulary.build`` of what `tokens_of` gives, found without making its strings.

    Parameters
    ----------
    documents : sequence of sequences of str
        All words of each text.
    settings : Settings
        As for `tokens_of`; tokens read less often than `min_count` are left out.

    Examples
    --------
    >>> vocabulary_of([["a", "must"], ["a", "must", "see"]], Settings(min_count=2)).words
    ['a must']
    """
    numbers: dict[str, int] = {}
    for word in chain.from_iterable(documents):
        numbers.setdefault(word, len(numbers))
    firsts, seconds, offsets = _tokens(documents, numbers, settings)
    keys = firsts.astype(np.int64) * (len(numbers) + 1)
    keys += np.where(seconds == reading_kernels.NONE, 0, seconds + 1)
    text_of = np.repeat(np.arange(len(documents), dtype=np.int32), np.diff(offsets))
    order = np.argsort(keys, kind="stable")
    places, counts = reading_kernels.count_sorted(keys, order, text_of, settings.repeats)
    kept = np.flatnonzero(counts >= settings.min_count)
    kept = kept[np.lexsort((places[kept], -counts[kept]))]
    words = list(numbers)
    tokens = zip(firsts[places[kept]].tolist(), seconds[places[kept]].tolist(), strict=True)
    return Vocabulary(
        words[first] if second == reading_kernels.NONE else f"{words[first]} {words[second]}"
        for first, second in tokens
    )


def ids_of(
    documents: Sequence[Sequence[str]], vocabulary: Vocabulary, settings: Settings
) -> tuple[Ids, Ids, Ids]:
    """Give the ids of the tokens of many texts, each id once with its count; unknown tokens are dropped.

    Parameters
    ----------
    documents : sequence of sequences of str
        All words of each of S texts.
    vocabulary : Vocabulary
        The tokens that have an id.
    settings : Settings
        As for `tokens_of`.

    Returns
    -------
    ids, counts : (N,) int arrays
        In the order in which `tokens_of` gives the tokens first.
    offsets : (S + 1,) int array
        Text s is ``ids[offsets[s]:offsets[s + 1]]``.

    Examples
    --------
    >>> ids_of([["a", "must"], ["film", "unseen"]], Vocabulary(["film", "a must"]), Settings())
    (array([2, 1]), array([1, 1]), array([0, 1, 2]))
    """
    index = vocabulary.index
    found: tuple[Ids, Ids, Ids] = reading_kernels.distinct_ids(
        *_tokens(documents, index.numbers, settings),
        index.alone,
        index.begins,
        index.second_words,
        index.pair_ids,
        len(vocabulary),
        settings.repeats,
    )
    return found


def _tokens(
    documents: Sequence[Sequence[str]], numbers: dict[str, int], settings: Settings
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Ids]:
    """Give the numbers of the words of all tokens; see `hardmax.text._kernels.tokens`."""
    function_words = PIPELINES[settings.pipeline].function_words
    number = (dict.fromkeys(function_words, reading_kernels.UNKNOWN_FUNCTION_WORD) | numbers).get
    said = np.fromiter(
        (number(word, reading_kernels.UNKNOWN) for word in chain.from_iterable(documents)), np.int32
    )
    lengths = np.array([len(document) for document in documents], np.int64)
    told = np.minimum(lengths, settings.max_tokens)
    found: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Ids] = reading_kernels.tokens(
        said,
        np.concatenate([[0], np.cumsum(lengths)]),
        np.array([word in function_words for word in numbers], np.bool_),
        settings.max_tokens,
        settings.pairs,
        settings.function_words,
        int((told * (np.minimum(settings.pairs, told) + 1) + lengths).sum()),
    )
    return found
