"""What is read of a text: its first words, and pairs of them."""

from __future__ import annotations

import numpy as np
import pytest

from hardmax.text.default import FUNCTION_WORDS
from hardmax.text.tokens import ids_of, tokens_of, vocabulary_of
from hardmax.training.settings import Settings
from hardmax.text.vocabulary import Vocabulary

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


@pytest.mark.parametrize("most", [1, 2, 7, 100])
@pytest.mark.parametrize("pairs", [0, 1, 3, 30])
@pytest.mark.parametrize("function_words", [True, False])
@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_ids_are_those_of_the_known_tokens_in_their_order(
    most: int, pairs: int, function_words: bool, repeats: bool, share: float
) -> None:
    settings = Settings(max_tokens=most, pairs=pairs, function_words=function_words, repeats=repeats)
    documents = [*DOCUMENTS, [], ["the"], ["never", "seen"], ["film"] * 3, ["a", "the", "a"]]
    tokens = sorted({token for document in documents for token in plain_tokens(document, settings)})
    known = Vocabulary([*(t for t in tokens if RNG.random() < share), "un known", "a token of five words"])
    ids, counts, offsets = ids_of(documents, known, settings)
    assert len(offsets) == len(documents) + 1
    for text, document in enumerate(documents):
        read = [token for token in plain_tokens(document, settings) if token in known]
        part = slice(offsets[text], offsets[text + 1])
        assert known.decode(ids[part]) == list(dict.fromkeys(read))
        assert counts[part].tolist() == [read.count(token) for token in dict.fromkeys(read)]


@pytest.mark.parametrize("most", [1, 7, 100])
@pytest.mark.parametrize("pairs", [0, 1, 3])
@pytest.mark.parametrize("function_words", [True, False])
@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize("least", [1, 3, 1000])
def test_the_vocabulary_is_that_of_the_tokens(
    most: int, pairs: int, function_words: bool, repeats: bool, least: int
) -> None:
    settings = Settings(
        max_tokens=most, pairs=pairs, function_words=function_words, repeats=repeats, min_count=least
    )
    documents = [*DOCUMENTS, [], ["the"], ["never", "seen"], ["film"] * 3]
    wanted = Vocabulary.build((plain_tokens(document, settings) for document in documents), least)
    assert vocabulary_of(documents, settings).words == wanted.words


def test_no_texts_have_no_ids() -> None:
    assert [found.tolist() for found in ids_of([], Vocabulary(["film"]), Settings())] == [[], [], [0]]
    assert ids_of([["film"]], Vocabulary([]), Settings())[2].tolist() == [0, 0]
    assert vocabulary_of([], Settings()).words == vocabulary_of([[], []], Settings()).words == []


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
