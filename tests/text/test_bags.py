"""`Corpus`: merged words, padding, batches, words left out."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
import torch

from hardmax.text.bags import Corpus
from hardmax.network.network import SentimentModel
from hardmax.text.tokens import tokens_of
from hardmax.training.settings import PRESETS, Settings
from hardmax.training.loop import logits
from hardmax.text.vocabulary import Vocabulary

WORDS = [f"w{number}" for number in range(12)]
VOCABULARY = Vocabulary(WORDS)
RNG = np.random.default_rng(3)
DOCUMENTS = [list(RNG.choice(WORDS, RNG.integers(1, 15))) for _ in range(23)]
LABELS = RNG.integers(0, 2, 23)
SETTINGS = Settings(max_tokens=10, layers=4, encoder="free", gradient="exact", pairs=0, repeats=True)


def corpus(settings: Settings = SETTINGS) -> Corpus:
    return Corpus.build(DOCUMENTS, LABELS, VOCABULARY, settings)


def words_of(one: Corpus, text: int) -> dict[int, float]:
    lo, hi = one.offsets[text : text + 2]
    return dict(zip(one.ids[lo:hi].tolist(), one.counts[lo:hi].tolist(), strict=True))


def test_words_are_kept_once_with_their_count_in_the_order_first_said() -> None:
    built = Corpus.build([["w2", "w0", "w2", "unknown", "w2"], []], [1, 0], VOCABULARY, SETTINGS)
    assert built.ids.tolist() == [3, 1]
    assert built.counts.tolist() == [3, 1]
    assert built.offsets.tolist() == [0, 2, 2]
    assert built.labels.tolist() == [1, 0]
    assert len(built) == 2


def test_the_first_max_tokens_words_are_read_known_or_not() -> None:
    built = Corpus.build([["unknown", "w1", "w2"]], [1], VOCABULARY, replace(SETTINGS, max_tokens=2))
    assert built.ids.tolist() == [2]


@pytest.mark.parametrize("temperature", [0.0, 1e-3, 0.5])
def test_merging_changes_nothing(temperature: float) -> None:
    """The dense path on every word said, unmerged and padded, is the judge."""
    model = SentimentModel(len(VOCABULARY), replace(SETTINGS, temperature=temperature)).double()
    encoded = [VOCABULARY.encode(document[: SETTINGS.max_tokens]) for document in DOCUMENTS]
    ids, mask = np.zeros((2, len(encoded), SETTINGS.max_tokens), np.int64)
    for row, of_text in enumerate(encoded):
        ids[row, : len(of_text)], mask[row, : len(of_text)] = of_text, 1
    model.attention.fused = False
    with torch.no_grad():
        said = torch.from_numpy(mask).double()
        moved = model.attention(model.encoder(torch.from_numpy(ids)), said)
        means = (moved * said.unsqueeze(2)).sum(1) / said.sum(1, keepdim=True)
        wanted = model.decoder(means)
        model.attention.fused = True
        found = model(corpus())
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-6)  # counts and shares are float32


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_the_model_is_the_classifier_of_the_paper(reference: ModuleType, preset: str) -> None:
    settings = replace(PRESETS[preset], max_tokens=12, layers=5, dim=3)
    model = SentimentModel(len(VOCABULARY), settings)
    with torch.no_grad():
        model.encoder.weight[:, 0] += torch.linspace(-2, 2, len(VOCABULARY))  # on lines all start at 0
    found = torch.sigmoid(logits(model, corpus(settings)))[:, 0].tolist()
    assert len(set(found)) > len(found) / 2
    E = model.encoder.weight.detach().double().tolist()
    v, b = model.decoder.weight.detach().double().tolist()[0], float(model.decoder.bias.detach())
    for document, probability in zip(DOCUMENTS, found, strict=True):
        words = document[:12] if settings.repeats else list(dict.fromkeys(document[:12]))
        ids = VOCABULARY.encode(words).tolist()
        if settings.pad:
            ids += [0] * (12 - len(ids))
        wanted = reference.classify(
            E, ids, model.attention.alpha.item(), 5, v, b, settings.temperature, tie_tol=1e-6
        )
        assert probability == pytest.approx(wanted, abs=2e-4)


def test_the_paper_pads_to_the_full_length_with_a_word_that_counts() -> None:
    built = Corpus.build([["w1", "w1"], []], [1, 0], VOCABULARY, replace(SETTINGS, pad=True))
    assert words_of(built, 0) == {2: 2.0, 0: 8.0}
    assert words_of(built, 1) == {0: 10.0}


def test_a_text_without_known_words_gets_the_decoder_of_the_origin() -> None:
    model = SentimentModel(len(VOCABULARY), SETTINGS)
    built = Corpus.build([[], ["w1"], ["unknown"]], [1, 0, 1], VOCABULARY, SETTINGS)
    found = model(built)
    assert torch.equal(found[[0, 2], 0], model.decoder.bias.repeat(2))
    found.sum().backward()
    assert all(bool(p.grad.isfinite().all()) for p in model.parameters() if p.grad is not None)


def test_take_gives_the_texts_asked_for_in_that_order() -> None:
    whole = corpus()
    chosen = [7, 0, 7, 22]
    part = whole.take(chosen)
    assert len(part) == 4 and part.labels.tolist() == LABELS[chosen].tolist()
    assert [words_of(part, i) for i in range(4)] == [words_of(whole, text) for text in chosen]
    assert len(whole.take([])) == 0


@pytest.mark.parametrize("size", [1, 5, 23, 64])
def test_batches_cover_each_text_once(size: int) -> None:
    whole = corpus()
    for rng in (None, np.random.default_rng(0)):
        batches = list(whole.batches(size, rng))
        assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
        found = [(words_of(batch, i), batch.labels[i]) for batch in batches for i in range(len(batch))]
        wanted = [(words_of(whole, i), whole.labels[i]) for i in range(23)]
        assert sorted(map(str, found)) == sorted(map(str, wanted))
        assert (found == wanted) == (rng is None)


def test_shuffled_batches_differ_by_epoch_and_repeat_by_seed() -> None:
    def order(*seed: int) -> list[int]:
        return next(corpus().batches(23, np.random.default_rng(seed))).ids.tolist()

    assert order(0, 1) == order(0, 1) != order(0, 2)


def test_each_word_said_is_dropped_with_the_given_probability() -> None:
    whole = Corpus.build(
        [["w0"] * 40 + ["w1"] * 10] * 500, [1] * 500, VOCABULARY, replace(SETTINGS, max_tokens=50)
    )
    left = whole.drop_words(0.3, np.random.default_rng(0))
    kept = {word: left.counts[left.ids == word].sum() for word in (1, 2)}
    assert kept[1] / (500 * 40) == pytest.approx(0.7, abs=0.02)  # 6 standard deviations
    assert kept[2] / (500 * 10) == pytest.approx(0.7, abs=0.04)
    assert left.counts.min() >= 1
    assert len({tuple(words_of(left, i).items()) for i in range(500)}) > 50  # not the same for all texts


def test_dropping_words_keeps_texts_and_labels_apart() -> None:
    whole = corpus()
    left = whole.drop_words(0.8, np.random.default_rng(1))
    assert len(left) == len(whole) and left.labels.tolist() == whole.labels.tolist()
    for text in range(len(whole)):
        before = words_of(whole, text)
        assert all(count <= before[word] for word, count in words_of(left, text).items())
    assert (np.diff(left.offsets) == 0).any()  # a text may lose all of its words


def test_the_fingerprint_is_that_of_the_content() -> None:
    whole = corpus()
    assert whole.fingerprint() == corpus().fingerprint()
    flipped = Corpus.build(DOCUMENTS, 1 - LABELS, VOCABULARY, SETTINGS)
    others = [flipped, whole.take(range(22)), corpus(replace(SETTINGS, max_tokens=3))]
    others.append(Corpus.build([*DOCUMENTS[:-1], ["w1", "w1"]], LABELS, VOCABULARY, SETTINGS))
    assert len({whole.fingerprint(), *(other.fingerprint() for other in others)}) == 5


@pytest.mark.parametrize("pairs", [0, 1, 3])
@pytest.mark.parametrize("repeats", [True, False])
def test_a_corpus_holds_what_is_read_and_known_with_its_counts(pairs: int, repeats: bool) -> None:
    known = ["w1", "w2", "w5", "w1 w2", "w5 w5", "w2 w11", "the w5"]
    settings = Settings(max_tokens=10, pairs=pairs, repeats=repeats)
    documents = [*DOCUMENTS, ["w1", "w2", "w1", "w2", "w5", "the", "w5", "w5"], ["w0"]]
    built = Corpus.build(documents, [0] * len(documents), Vocabulary(known), settings)
    for text, document in enumerate(documents):
        wanted: dict[int, float] = {}
        for token in tokens_of(document, settings):
            if token in known:
                number = known.index(token) + 1
                wanted[number] = wanted.get(number, 0) + 1
        assert list(words_of(built, text).items()) == list(wanted.items())
    assert (built.counts.max() > 1) == repeats and (built.ids.max() > 3) == (pairs > 0)


@pytest.mark.parametrize("words", [len(WORDS) + 1, 40])
def test_said_counts_each_word_over_all_texts(words: int) -> None:
    whole = corpus()
    wanted = [0.0] * words
    for document in DOCUMENTS:
        for word in document[:10]:
            wanted[WORDS.index(word) + 1] += 1
    assert whole.said(words).tolist() == wanted
    assert whole.take([]).said(3).tolist() == [0, 0, 0]
