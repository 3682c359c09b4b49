"""What is read of a text: its first words, and pairs of them."""

from __future__ import annotations

import numpy as np
import pytest

from hardmax.sentiment.default_text import FUNCTION_WORDS
from hardmax.sentiment.reading import tokens_of
from hardmax.sentiment.settings import Settings

WORDS = ["good", "film", "not", "bad", "plot", "the", "a", "should", "have"]
RNG = np.random.default_rng(5)
DOCUMENTS = [list(RNG.choice(WORDS, length)) for length in RNG.integers(0, 25, 40)]


def plain_tokens(words: list[str], settings: Settings) -> list[str]:
    """Read a text word by word, as the settings say, each thing once or each time."""
    prefix: list[str] = []
    telling: list[str] = []
    for word in words:
        if word not in FUNCTION_WORDS:
            if len(telling) == settings.max_tokens:
                break
            telling.append(word)
        prefix.append(word)
    read = list(telling)
    for apart in range(1, settings.pairs + 1):
        for i in range(len(telling) - apart):
            read.append(telling[i] + " " + telling[i + apart])
    if settings.pairs > 0 and settings.function_words:
        for i in range(len(prefix) - 1):
            if prefix[i] in FUNCTION_WORDS or prefix[i + 1] in FUNCTION_WORDS:
                read.append(prefix[i] + " " + prefix[i + 1])
    return read if settings.repeats else [token for i, token in enumerate(read) if token not in read[:i]]


@pytest.mark.parametrize("most", [1, 2, 7, 100])
@pytest.mark.parametrize("pairs", [0, 1, 3])
@pytest.mark.parametrize("function_words", [True, False])
@pytest.mark.parametrize("repeats", [True, False])
def test_the_first_words_and_their_pairs_are_read(
    most: int, pairs: int, function_words: bool, repeats: bool
) -> None:
    settings = Settings(max_tokens=most, pairs=pairs, function_words=function_words, repeats=repeats)
    for document in [*DOCUMENTS, [], ["the"], ["film"], ["film", "film", "film"], ["a", "the"]]:
        before = list(document)
        assert tokens_of(document, settings) == plain_tokens(document, settings)
        assert document == before


def test_no_pair_reaches_beyond_the_words_read() -> None:
    assert tokens_of(["a", "b", "c"], Settings(max_tokens=1)) == ["b", "a b"]
    assert tokens_of(["b", "of", "the", "c"], Settings(max_tokens=1)) == ["b", "b of", "of the"]


def test_pairs_reach_no_further_than_the_text() -> None:
    assert tokens_of(["b", "c"], Settings(pairs=2**31 - 1)) == ["b", "c", "b c"]
    assert tokens_of([], Settings(pairs=5)) == tokens_of([], Settings(pairs=0)) == []


def test_function_words_are_never_read_alone_nor_counted() -> None:
    settings = Settings(max_tokens=2, function_words=False)
    assert tokens_of(["the", "best", "of", "the", "worst", "films"], settings) == [
        "best",
        "worst",
        "best worst",
    ]


def test_the_papers_pipeline_has_no_function_words_of_its_own() -> None:
    settings = Settings(pipeline="paper", pairs=1, repeats=True)
    assert tokens_of(["The", "upon", "film"], settings) == ["The", "upon", "film", "The upon", "upon film"]
