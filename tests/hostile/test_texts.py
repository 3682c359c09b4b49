"""Texts that no pipeline may stumble over: they are read, in linear time, whatever they hold."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardmax.errors import InputError
from hardmax.text.pipelines import PIPELINES, splitter, words_of

LONG_ENTITY = "&#" + "1" * 5000

#: Each is repeated to a long text, and mixed with others.
FRAGMENTS = [
    *["<", "<a", "</", "<!", "<>", "<a>", "<<b>", ">", "é<", "x>"],
    *["&", "&#", "&#1", "&#x", "&#x110000;", "&#xd800;", "&amp", "&lt;a", LONG_ENTITY, "&#x" + "f" * 999],
    *["http", "http://", "https://a", "www.", "WWW."],
    *["'", "a'", "n't", "’", "((", "-", "!", ".", "?-", "1", "_", "٣"],
    *["a", "ab", "A", "İ", "ß", "ﬃ", "ſ", "cannot", "wan", "gonna", "men", " ", "\n", "\t", "\x85", "\xa0"],
    *["\u0301", "a\u0301", "\u0316\u0301", "\u0315\u0300", "\u0344", "\u0f73", "\u0345", "\u20dd", "\u034f"],
    *["\u1100", "\u1161", "\u1100\u1161", "가\u11a8", "が", "か\u3099", "\u0915\u093c", "\U0001d15e"],
    *["\u200b", "\u200c", "\u200d", "\ufe0f", "👩\u200d👧", "\U0001f1e6", "\U000e0061"],
    *["\ud800", "\udcff", "\0", "\x01", "a\x01", "\x1b[31m", "\x7f", "\u202e", "\u2066", "\ufeff", "\uffff"],
]  # fmt: skip


@pytest.fixture(scope="module", params=PIPELINES)
def words(request):
    try:
        return splitter(request.param)
    except InputError:
        pytest.skip("NLTK's word lists are not on this computer")


def check(words):
    """Words can be written, and read back from a file where they are separated by spaces."""
    assert " ".join(words).split() == words
    "".join(words).encode("utf-8")


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_read(words, text):
    check(words(text))


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=20).map("".join))
def test_any_mixture_of_fragments_is_read(words, text):
    check(words(text))


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda fragment: ascii(fragment)[:20])
def test_time_is_linear_in_the_length_of_a_text(words, fragment):
    """100,000 characters take less than 0.2 s, and took 9 s where time was quadratic."""
    long = fragment * (100_000 // len(fragment))
    begin = time.perf_counter()
    for text in (long, f"é{long}>"):
        check(words(text))
    assert time.perf_counter() - begin < 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"fine {LONG_ENTITY}; film", ["fine", "film"]),
        (f"fine {LONG_ENTITY} film", ["fine", "film"]),
        (f"fine &#{'0' * 50}101;t&eacute; film", ["fine", "eté", "film"]),
        ("e\u0301te\u0301", ["été"]),
        ("e\u0316\u0301", ["é\u0316"]),
        ("e" + "\u0316\u0317" * 14 + "\u0301", ["é" + "\u0316\u0317" * 14]),
        ("fine " + "!?" * 100 + "film " + "★" * 100 + "\u0301 film", ["fine", "film", "film"]),
        ("'" * 100 + "fine" + "'" * 100 + "film", ["fine", "film"]),
    ],
)
def test_words_beside_what_is_cut_are_as_ever(text, expected):
    assert words_of([text]) == [expected]


def test_a_model_explains_and_predicts_any_text(small_model):
    texts = [f"wonderful {fragment * 50} film" for fragment in FRAGMENTS]
    assert small_model.probabilities(texts).shape == (len(texts), 2)
    for text in texts:
        small_model.explain(text).to_dict()


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_bytes_of_the_shell_that_are_no_text_are_no_words(run, options):
    done = run("explain", "imdb-d2", "--text", "\udcff wonderful\udc80 \udce9film", *options)
    assert done.status == 0 and "wonderful" in done.out and "\\udc" not in done.out


def test_hostile_rows_end_no_command(run, write_csv, reviews, tmp_path):
    hostile = [
        fragment * 20
        for fragment in FRAGMENTS
        if fragment.strip() and not set(fragment) & {*"\0\ud800\udcff"}
    ]
    file = write_csv(tmp_path / "hostile.csv", [*reviews, *((text, 1) for text in hostile)])
    assert run("preprocess", file, tmp_path / "words.csv").status == 0
    for number, source in enumerate((file, tmp_path / "words.csv")):
        out = tmp_path / f"run{number}"
        assert run("train", "--train", source, "--out", out, "--epochs", 1).status == 0
        assert len(run("predict", out, source).out.splitlines()) == 1 + len(reviews) + len(hostile)
