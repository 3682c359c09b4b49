"""`Bags`: distinct tokens with counts, padding, batches, dropped tokens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hardmax.text.bags import Bags
from hardmax.text.reading import Reading
from hardmax.text.tokens import tokens_of
from hardmax.text.vocabulary import PAD, Vocabulary

TOKENS = [f"w{number}" for number in range(12)]
VOCABULARY = Vocabulary(TOKENS)
RNG = np.random.default_rng(3)
DOCUMENTS = [list(RNG.choice(TOKENS, RNG.integers(1, 15))) for _ in range(23)]
READING = Reading(max_tokens=10, pairs=0, repeats=True)


def bags(documents: list[list[str]] = DOCUMENTS, reading: Reading = READING) -> Bags:
    return Bags.build(documents, VOCABULARY, reading)


def counts_of(built: Bags, text: int) -> dict[int, float]:
    """Return the count of each id of a text, in the order of its ids."""
    lo, hi = built.offsets[text : text + 2]
    return dict(zip(built.ids[lo:hi].tolist(), built.counts[lo:hi].tolist(), strict=True))


def test_tokens_are_kept_once_with_their_count_in_the_order_of_first_appearance() -> None:
    built = bags([["w2", "w0", "w2", "unknown", "w2"], []])
    assert built.ids.tolist() == [3, 1]
    assert built.counts.tolist() == [3, 1]
    assert built.offsets.tolist() == [0, 2, 2]
    assert len(built) == 2


def test_the_first_max_tokens_words_are_read_known_or_not() -> None:
    assert bags([["unknown", "w1", "w2"]], replace(READING, max_tokens=2)).ids.tolist() == [2]


def test_padding_fills_up_to_the_full_length_with_a_token_that_counts() -> None:
    built = bags([["w1", "w1"], [], ["w1"] * 10, ["w2"] * 30], replace(READING, pad=True))
    assert [counts_of(built, text) for text in range(4)] == [
        {2: 2.0, PAD: 8.0},
        {PAD: 10.0},
        {2: 10.0},
        {3: 10.0},
    ]


def test_a_text_of_more_tokens_than_words_read_is_not_padded() -> None:
    reading = Reading(pad=True, max_tokens=3, repeats=True)
    built = Bags.build([["x", "y", "x", "y"], ["x"]], Vocabulary(["x", "y", "x y"]), reading)
    assert built.ids.tolist() == [1, 2, 3, 1, PAD] and built.counts.tolist() == [2, 1, 1, 1, 2]


@pytest.mark.parametrize("pairs", [0, 1, 3])
@pytest.mark.parametrize("repeats", [True, False])
def test_bags_hold_what_is_read_and_known_with_its_counts(pairs: int, repeats: bool) -> None:
    known = ["w1", "w2", "w5", "w1 w2", "w5 w5", "w2 w11", "the w5"]
    reading = Reading(max_tokens=10, pairs=pairs, repeats=repeats)
    documents = [*DOCUMENTS, ["w1", "w2", "w1", "w2", "w5", "the", "w5", "w5"], ["w0"]]
    built = Bags.build(documents, Vocabulary(known), reading)
    for text, document in enumerate(documents):
        wanted: dict[int, float] = {}
        for token in tokens_of(document, reading):
            if token in known:
                number = known.index(token) + 1
                wanted[number] = wanted.get(number, 0) + 1
        assert list(counts_of(built, text).items()) == list(wanted.items())
    assert (built.counts.max() > 1) == repeats and (built.ids.max() > 3) == (pairs > 0)


def test_take_returns_the_texts_asked_for_in_that_order() -> None:
    whole = bags()
    chosen = [7, 0, 7, 22]
    some = whole.take(chosen)
    assert [counts_of(some, place) for place in range(4)] == [counts_of(whole, text) for text in chosen]
    assert len(some) == 4 and some.offsets.tolist()[-1] == len(some.ids) == len(some.counts)
    assert len(whole.take([])) == 0 and len(whole.take([]).ids) == 0


@pytest.mark.parametrize("size", [1, 5, 23, 64])
def test_batches_cover_each_text_once_in_their_order(size: int) -> None:
    whole = bags()
    batches = list(whole.batches(size))
    assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
    found = [counts_of(batch, text) for batch in batches for text in range(len(batch))]
    assert found == [counts_of(whole, text) for text in range(23)]
    assert list(bags([]).batches(size)) == []


def test_each_occurrence_is_dropped_with_the_given_probability() -> None:
    whole = bags([["w0"] * 40 + ["w1"] * 9 + ["w2"]] * 500, replace(READING, max_tokens=50))
    left = whole.drop_tokens(0.3, np.random.default_rng(0))
    for number, times in ((1, 40), (2, 9), (3, 1)):
        drawn = 500 * times
        kept = left.counts[left.ids == number].sum() / drawn
        assert kept == pytest.approx(0.7, abs=6 * (0.3 * 0.7 / drawn) ** 0.5)
    assert left.counts.min() >= 1
    assert len({tuple(counts_of(left, text).items()) for text in range(500)}) > 50  # each text is drawn anew


def test_dropping_tokens_keeps_texts_apart() -> None:
    whole = bags()
    before = [counts_of(whole, text) for text in range(23)]
    left = whole.drop_tokens(0.8, np.random.default_rng(1))
    assert len(left) == len(whole)
    for text in range(23):
        assert all(count <= before[text][number] for number, count in counts_of(left, text).items())
    assert (np.diff(left.offsets) == 0).any()  # a text may lose all of its tokens
    assert [counts_of(whole, text) for text in range(23)] == before


def test_dropping_no_tokens_keeps_them_all() -> None:
    whole = bags()
    left = whole.drop_tokens(0.0, np.random.default_rng(1))
    assert left.fingerprint() == whole.fingerprint()


@pytest.mark.parametrize("shape", [(), (3,)])
def test_values_of_all_tokens_are_split_into_those_of_each_text(shape: tuple[int, ...]) -> None:
    whole = bags([["w1", "w2"], [], ["w1"], ["w3", "w2", "w1"]])
    values = RNG.normal(size=(len(whole.ids), *shape))
    parts = whole.split(values)
    assert [len(part) for part in parts] == [2, 0, 1, 3]
    np.testing.assert_array_equal(np.concatenate(parts), values)
    assert [part.tolist() for part in whole.split(whole.ids)] == [[2, 3], [], [2], [4, 3, 2]]


@pytest.mark.parametrize("size", [len(TOKENS) + 1, 40])
def test_frequencies_count_each_token_over_all_texts(size: int) -> None:
    wanted = [0.0] * size
    for document in DOCUMENTS:
        for token in document[:10]:
            wanted[TOKENS.index(token) + 1] += 1
    assert bags().frequencies(size).tolist() == wanted
    assert bags().take([]).frequencies(3).tolist() == [0, 0, 0]


def test_the_fingerprint_is_that_of_the_content() -> None:
    whole, labels = bags(), np.arange(23) % 2
    assert whole.fingerprint() == bags().fingerprint()
    assert whole.fingerprint(labels, None) == bags().fingerprint(labels.copy())
    others = [whole.take(range(22)), bags(reading=replace(READING, max_tokens=3))]
    others.append(bags([*DOCUMENTS[:-1], ["w1", "w1"]]))
    prints = [*(other.fingerprint() for other in others), whole.fingerprint(labels)]
    assert len({whole.fingerprint(), whole.fingerprint(1 - labels), *prints}) == 6
