"""What is read of a text: its first words, and pairs of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from hardmax.text.default import FUNCTION_WORDS
from hardmax.text.reading import Reading
from hardmax.text.tokens import ids_of, single_words, tokens_of, vocabulary_of
from hardmax.text.vocabulary import Vocabulary

WORDS = ["good", "film", "not", "bad", "plot", "the", "a", "should", "have"]
RNG = np.random.default_rng(5)
DOCUMENTS = [list(RNG.choice(WORDS, length)) for length in RNG.integers(0, 25, 40)]


def plain_tokens(words: list[str], reading: Reading) -> list[str]:
    """Read a text word by word, as `reading` says, each thing once or each time."""
    prefix: list[str] = []
    single: list[str] = []
    for word in words:
        if word not in FUNCTION_WORDS:
            if len(single) == reading.max_tokens:
                break
            single.append(word)
        prefix.append(word)
    read = list(single)
    for apart in range(1, reading.pairs + 1):
        for i in range(len(single) - apart):
            read.append(single[i] + " " + single[i + apart])
    if reading.pairs > 0 and reading.function_words:
        for i in range(len(prefix) - 1):
            if prefix[i] in FUNCTION_WORDS or prefix[i + 1] in FUNCTION_WORDS:
                read.append(prefix[i] + " " + prefix[i + 1])
    return read if reading.repeats else [token for i, token in enumerate(read) if token not in read[:i]]


@pytest.mark.parametrize("most", [1, 2, 7, 100])
@pytest.mark.parametrize("pairs", [0, 1, 3])
@pytest.mark.parametrize("function_words", [True, False])
@pytest.mark.parametrize("repeats", [True, False])
def test_the_first_words_and_their_pairs_are_read(
    most: int, pairs: int, function_words: bool, repeats: bool
) -> None:
    reading = Reading(max_tokens=most, pairs=pairs, function_words=function_words, repeats=repeats)
    for document in [*DOCUMENTS, [], ["the"], ["film"], ["film", "film", "film"], ["a", "the"]]:
        before = list(document)
        assert tokens_of(document, reading) == plain_tokens(document, reading)
        assert document == before


@pytest.mark.parametrize("most", [1, 2, 7, 100])
@pytest.mark.parametrize("pairs", [0, 1, 3, 30])
@pytest.mark.parametrize("function_words", [True, False])
@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize("fraction", [0.0, 0.3, 1.0])
def test_ids_are_those_of_the_known_tokens_in_their_order(
    most: int, pairs: int, function_words: bool, repeats: bool, fraction: float
) -> None:
    reading = Reading(max_tokens=most, pairs=pairs, function_words=function_words, repeats=repeats)
    documents = [*DOCUMENTS, [], ["the"], ["never", "seen"], ["film"] * 3, ["a", "the", "a"]]
    tokens = sorted({token for document in documents for token in plain_tokens(document, reading)})
    known = Vocabulary([*(t for t in tokens if RNG.random() < fraction), "un known", "a token of five words"])
    ids, counts, offsets = ids_of(documents, known, reading)
    assert len(offsets) == len(documents) + 1
    for text, document in enumerate(documents):
        read = [token for token in plain_tokens(document, reading) if token in known]
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
    reading = Reading(
        max_tokens=most, pairs=pairs, function_words=function_words, repeats=repeats, min_count=least
    )
    documents = [*DOCUMENTS, [], ["the"], ["never", "seen"], ["film"] * 3]
    counts = Counter(token for document in documents for token in plain_tokens(document, reading))
    # A counter keeps the order of first appearance, and sorting keeps it among equals.
    wanted = sorted((token for token in counts if counts[token] >= least), key=lambda token: -counts[token])
    assert vocabulary_of(documents, reading).tokens == wanted


def test_tokens_fall_by_frequency_and_ties_are_in_order_of_appearance() -> None:
    documents = [["b", "x", "c"], ["c", "e", "x"], ["c", "é"]]
    reading = Reading(pairs=0, min_count=1)
    assert vocabulary_of(documents, reading).tokens == ["c", "x", "b", "e", "é"]
    assert vocabulary_of(documents, replace(reading, min_count=2)).tokens == ["c", "x"]


def test_no_texts_have_no_ids() -> None:
    assert [found.tolist() for found in ids_of([], Vocabulary(["film"]), Reading())] == [[], [], [0]]
    assert ids_of([["film"]], Vocabulary([]), Reading())[2].tolist() == [0, 0]
    assert vocabulary_of([], Reading()).tokens == vocabulary_of([[], []], Reading()).tokens == []


def test_single_words_are_the_tokens_that_are_no_pairs() -> None:
    reading = Reading(max_tokens=7)
    for document in DOCUMENTS:
        single = [token for token in plain_tokens(document, reading) if " " not in token]
        assert single_words(document, reading) == single


def test_whole_texts_are_counted_where_the_vocabulary_is_of_all() -> None:
    reading = Reading(max_tokens=1, min_count=1, pairs=0)
    assert vocabulary_of([["x", "y", "z"]], reading).tokens == ["x"]
    assert vocabulary_of([["x", "y", "z"]], replace(reading, vocabulary_from="all")).tokens == ["x", "y", "z"]


def test_no_pair_reaches_beyond_the_words_read() -> None:
    assert tokens_of(["a", "b", "c"], Reading(max_tokens=1)) == ["b", "a b"]
    assert tokens_of(["b", "of", "the", "c"], Reading(max_tokens=1)) == ["b", "b of", "of the"]


def test_pairs_reach_no_further_than_the_text() -> None:
    assert tokens_of(["b", "c"], Reading(pairs=2**31 - 1)) == ["b", "c", "b c"]
    assert tokens_of([], Reading(pairs=5)) == tokens_of([], Reading(pairs=0)) == []


def test_function_words_are_never_read_alone_nor_counted() -> None:
    reading = Reading(max_tokens=2, function_words=False)
    assert tokens_of(["the", "best", "of", "the", "worst", "films"], reading) == [
        "best",
        "worst",
        "best worst",
    ]


def test_the_papers_pipeline_has_no_function_words_of_its_own() -> None:
    reading = Reading(pipeline="paper", pairs=1, repeats=True)
    assert tokens_of(["The", "upon", "film"], reading) == ["The", "upon", "film", "The upon", "upon film"]
