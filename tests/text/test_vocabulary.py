import numpy as np
import pytest

from hardmax.errors import InputError
from hardmax.text.vocabulary import PAD, PAD_WORD, Vocabulary

DOCUMENTS = [["b", "a", "c"], ["c", "d", "a"], ["c", "é"]]


def test_words_fall_by_frequency_and_ties_are_as_first_seen():
    assert Vocabulary.build(DOCUMENTS).words == ["c", "a", "b", "d", "é"]


def test_rare_words_and_words_beyond_the_most_are_left_out():
    assert Vocabulary.build(DOCUMENTS, min_count=2).words == ["c", "a"]
    assert Vocabulary.build(DOCUMENTS, max_words=3).words == ["c", "a", "b"]


def test_ids_begin_at_one_and_pad_has_a_row():
    vocabulary = Vocabulary.build(DOCUMENTS)
    assert len(vocabulary) == 6
    assert PAD == 0
    assert vocabulary.decode([0, 1, 5]) == [PAD_WORD, "c", "é"]


def test_unknown_words_are_dropped():
    ids = Vocabulary.build(DOCUMENTS).encode(["d", "unknown", "c", "c", PAD_WORD])
    assert ids.dtype == np.int32
    assert ids.tolist() == [4, 1, 1]
    assert Vocabulary.build(DOCUMENTS).encode([]).dtype == np.int32


def test_membership_does_not_count_pad():
    vocabulary = Vocabulary.build(DOCUMENTS)
    assert "c" in vocabulary
    assert "x" not in vocabulary
    assert PAD_WORD not in vocabulary


@pytest.mark.parametrize("number", [-1, 6])
def test_ids_that_are_not_there_are_named(number):
    with pytest.raises(InputError, match=str(number)):
        Vocabulary.build(DOCUMENTS).decode([number])


@pytest.mark.parametrize("words", [[], ["a"], ["a\x85b", "c\u2028d", "e\x0bf", "g\x1ch", "i\rj", "\x01"]])
def test_a_vocabulary_is_read_as_it_was_written(tmp_path, words):
    file = tmp_path / "vocabulary.txt"
    Vocabulary(words).save(file)
    assert Vocabulary.load(file) == Vocabulary(words)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\nb\na\n", "word 3 is 'a', as word 1"),
        (b"a\n\nb\n", "word 2"),
        (b"a\nb", "cut off"),
        (b"a\n\xff\n", "not UTF-8 at byte 2"),
    ],
)
def test_a_bad_file_is_named_with_the_place(tmp_path, content, message):
    file = tmp_path / "vocabulary.txt"
    file.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        Vocabulary.load(file)
    assert "vocabulary.txt" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.txt"):
        Vocabulary.load(tmp_path / "none.txt")


@pytest.mark.parametrize("option", ["min_count", "max_words"])
def test_counts_below_one_are_refused(option):
    with pytest.raises(InputError, match=f"{option} is 0"):
        Vocabulary.build(DOCUMENTS, **{option: 0})


@pytest.mark.parametrize("content", [b"good\r\nfilm\r\n", b"\xef\xbb\xbfgood\nfilm\n"])
def test_a_file_changed_by_another_system_is_refused(content, tmp_path):
    (tmp_path / "vocabulary.txt").write_bytes(content)
    with pytest.raises(InputError, match="copy it again"):
        Vocabulary.load(tmp_path / "vocabulary.txt")
