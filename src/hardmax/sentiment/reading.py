"""What a model reads of a text: its first words that are no function words, and pairs of words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hardmax.sentiment.settings import Settings
from hardmax.sentiment.text import PIPELINES


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
