import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardmax.errors import InputError, MissingExtraError
from hardmax.text.pipelines import PIPELINES, splitter, words_of

HERE = os.environ.get("HARDMAX_DATA")
needs_reviews = pytest.mark.skipif(not HERE, reason="HARDMAX_DATA does not name a folder of the real reviews")


@pytest.fixture(scope="module")
def nltk_words(reference):
    """The paper's pipeline, step by step through NLTK: the judge of the fast pipeline."""
    pytest.importorskip("nltk")
    try:
        return reference.paper_pipeline()
    except LookupError:
        pytest.skip("NLTK's word lists are not on this computer")


HOSTILE_PARTS = [
    "cannot",
    "Cannot",
    "gonna",
    "GONNA",
    "wanna",
    "wannacannot",
    "gimme",
    "lemme",
    "gotta",
    "d'ye",
    "more'n",
    "'tis",
    "can",
    "not",
    "wan",
    "na",
    "women",
    "movies",
    "mice",
    "us",
    "was",
    "men",
    "glasses",
    "wolves",
    "boxes",
    "quizzes",
    "churches",
    "The",
    "the",
    "soooo",
    "a1a2a",
    "12",
    "٣",
    "²",
    "é",
    "ſ",
    "K",
    "http://a.b",
    "https://",
    "www.",
    "WWW.x",
    "www.a<b>",
    "<br />",
    "<",
    ">",
    "<>",
    "<<b>",
    "\n<b\n>",
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    "\x0b",
    "\x1c",
    "\x1f",
    "\x85",
    "\xa0",
    "\u2003",
    "\u2028",
    "\u3000",
    "\x00",
    "\x01",
    "\x01\x01\x01",
    "\x7f",
    "\ud800",
    "\U0001f600",
    "ﬁ",
    "-",
    "--",
    "...",
    "''",
    '"',
    "’",
    "n't",
    "_",
]


@pytest.fixture(scope="module")
def fast_words(nltk_words):
    return splitter("paper")


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(HOSTILE_PARTS), max_size=12).map("".join))
def test_the_paper_pipeline_is_nltk_word_for_word_on_hostile_texts(fast_words, nltk_words, text):
    assert fast_words(text) == nltk_words(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_the_paper_pipeline_is_nltk_word_for_word_on_any_text(fast_words, nltk_words, text):
    assert fast_words(text) == nltk_words(text)


@settings(max_examples=200, deadline=None)
@given(st.from_regex(r"[a-z]{0,6}(s|ses|ves|xes|zes|ches|shes|men|ies)", fullmatch=True))
def test_endings_of_nouns_are_lemmatized_as_by_nltk(fast_words, nltk_words, text):
    assert fast_words(text) == nltk_words(text)


def test_every_noun_and_irregular_plural_is_lemmatized_as_by_nltk(fast_words, nltk_words):
    from nltk.corpus import wordnet

    nouns = [noun for noun in wordnet.all_lemma_names("n") if noun.isalpha()]
    words = [noun + ending for noun in nouns[::20] for ending in ("", "s", "es")]
    words += [line.split()[0] for line in wordnet.open("noun.exc")]
    for word in words:
        assert fast_words(word) == nltk_words(word)


@needs_reviews
def test_the_sample_of_the_paper_is_met_word_for_word(fast_words):
    parquet = pytest.importorskip("pyarrow.parquet")
    file = Path(HERE).parent / "paper_preprocessing_sample.parquet"
    if not file.is_file():
        pytest.skip(f"there is no {file.name} beside HARDMAX_DATA")
    sample = parquet.read_table(file)
    texts, expected = (sample.column(name).to_pylist() for name in ("text", "processed"))
    assert len(texts) == 300
    assert [" ".join(words) for words in words_of(texts, "paper")] == expected


@needs_reviews
def test_the_paper_pipeline_is_nltk_word_for_word_on_real_reviews(fast_words, nltk_words):
    from hardmax.data.sources import read_reviews

    for text in read_reviews(HERE, "test").texts[::8]:
        assert fast_words(text) == nltk_words(text)


def test_missing_word_lists_name_the_command_that_fetches_them(monkeypatch, tmp_path):
    pytest.importorskip("nltk")
    monkeypatch.setenv("NLTK_DATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("nltk.data.path", [])
    with pytest.raises(InputError, match=r"python -m nltk.downloader wordnet stopwords") as caught:
        PIPELINES["paper"].word_rule()
    assert "\n" not in str(caught.value)


def test_a_broken_word_list_is_named_in_one_line(monkeypatch, tmp_path):
    (tmp_path / "corpora").mkdir()
    (tmp_path / "corpora" / "stopwords.zip").write_bytes(b"PK half")
    monkeypatch.setenv("NLTK_DATA", str(tmp_path))
    with pytest.raises(InputError, match="stopwords"):
        PIPELINES["paper"].word_rule()


def test_without_nltk_and_its_word_lists_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("NLTK_DATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nltk", None)
    with pytest.raises(MissingExtraError, match=re.escape("hardmax[paper]")):
        PIPELINES["paper"].word_rule()


def test_word_lists_are_read_from_folders_as_from_zip_files(monkeypatch, tmp_path):
    for name, content in {
        "stopwords/english": "the\nhis\n",
        "wordnet/index.noun": "  1 a licence\nwoman n 1 0 1 1 00000001\nfilm n 1 0 1 1 00000002\n",
        "wordnet/noun.exc": "women woman\n",
    }.items():
        file = tmp_path / "corpora" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    monkeypatch.setenv("NLTK_DATA", str(tmp_path))
    rule = PIPELINES["paper"].word_rule()
    assert [rule(word) for word in ("women", "films", "the", "xs")] == [("woman",), ("film",), (), ("xs",)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The plot wasn't dull. NOT BAD!", ["the", "plot", "wasn't", "dull", "not", "bad"]),
        ("I didn’t, I didn`t, I can't; never", ["i", "didn't", "i", "didn't", "i", "can't", "never"]),
        (
            "It's the movie's best: they've won, 'really'",
            ["it", "the", "movie", "best", "they", "won", "really"],
        ),
        ("good<br /><br />bad <i>film</i> I <3 it > all", ["good", "bad", "film", "i", "it", "all"]),
        ("see http://a.b/c?d=e, or www.imdb.com now", ["see", "or", "now"]),
        ("Ben &amp; Jerry&nbsp;are&#39;t", ["ben", "jerry", "are", "t"]),
        ("soooooo goooood!!!!! 10/10 b2b", ["soo", "good", "b", "b"]),
        ("Ein schöner Film, größer als", ["ein", "schöner", "film", "größer", "als"]),
        ("L'homme était là", ["l", "homme", "était", "là"]),
        ("Очень хороший фильм.", ["очень", "хороший", "фильм"]),
        ("बहुत अच्छी फ़िल्म", ["बहुत", "अच्छी", "फ़िल्म"]),
        ("फिल्म\u200d है", ["फिल्म", "है"]),
        ("cafe\u0301", ["café"]),
        ("great❤️fun \ud800 ok", ["great", "fun", "ok"]),
        ("", []),
        ("<p></p> ... 123 \x00 \ufe0f \u0301", []),
    ],
)
def test_words_of_the_default_pipeline(text, words):
    assert splitter("default")(text) == words


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_words_of_the_default_pipeline_have_letters_and_no_space(text):
    for word in splitter("default")(text):
        assert any(map(str.isalpha, word))
        assert word.split() == [word]
        word.encode("utf-8")


def test_processes_change_neither_words_nor_order():
    texts = [f"film {'abcdefghijk'[i % 11]} was {'x' * (i % 7)}" for i in range(9000)]
    done = []
    assert words_of(texts, processes=2, progress=done.append) == words_of(texts)
    assert sum(done) == 9000 and len(done) > 2  # else one process did it all


def test_processes_do_not_run_the_script_of_the_caller_again(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from hardmax.text import words_of\n"
        "print('once', words_of(['good film', 'bad film'] * 4000, processes=2)[-2:])\n"
    )
    result = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert result.stdout == "once [['good', 'film'], ['bad', 'film']]\n", result.stderr


def test_one_process_starts_no_other(monkeypatch):
    monkeypatch.setitem(sys.modules, "joblib", None)
    assert words_of(["good film"] * 3) == [["good", "film"]] * 3


def test_no_texts_give_no_words():
    assert words_of([], processes=2) == []


@pytest.mark.parametrize(
    ("texts", "pipeline", "processes", "message"),
    [
        (["a", 5], "default", 1, r"text 1 is 5"),
        (["a", None], "default", 1, r"text 1 is None"),
        ("a text", "default", 1, "one string"),
        (["a"], "french", 1, "'french'.*default, paper"),
        (["a"], "default", 0, "processes is 0"),
    ],
)
def test_bad_arguments_are_named(texts, pipeline, processes, message):
    with pytest.raises(InputError, match=message):
        words_of(texts, pipeline, processes)
