"""`Vocabulary`: ids of tokens, and the file that holds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardmax.errors import InputError
from hardmax.text.vocabulary import PAD, PAD_TOKEN, Vocabulary

VOCABULARY = Vocabulary(["c", "a", "b", "d", "é"])


def test_ids_begin_at_one_and_pad_has_a_row() -> None:
    assert len(VOCABULARY) == 6
    assert VOCABULARY.decode([PAD, 1, 5]) == [PAD_TOKEN, "c", "é"]


def test_membership_does_not_count_pad() -> None:
    assert "c" in VOCABULARY
    assert "x" not in VOCABULARY
    assert PAD_TOKEN not in VOCABULARY


@pytest.mark.parametrize("number", [-1, 6])
def test_ids_that_are_not_there_are_named(number: int) -> None:
    with pytest.raises(InputError, match=f"no token of id {number}; ids go from 0 to 5"):
        VOCABULARY.decode([number])


@pytest.mark.parametrize("tokens", [[], ["a"], ["a\x85b", "c\u2028d", "e\x0bf", "g\x1ch", "i\rj", "\x01"]])
def test_a_vocabulary_is_read_as_it_was_written(tmp_path: Path, tokens: list[str]) -> None:
    file = tmp_path / "vocabulary.txt"
    Vocabulary(tokens).save(file)
    assert Vocabulary.load(file) == Vocabulary(tokens)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\nb\na\n", "token 3 is 'a', as token 1"),
        (b"a\n\nb\n", "token 2"),
        (b"a\nb", "cut off"),
        (b"a\n\xff\n", "not UTF-8 at byte 2"),
        (b"good\r\nfilm\r\n", "copy it again"),
        (b"\xef\xbb\xbfgood\nfilm\n", "copy it again"),
    ],
)
def test_a_bad_file_is_named_with_the_place(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "vocabulary.txt"
    file.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        Vocabulary.load(file)
    assert "vocabulary.txt" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.txt"):
        Vocabulary.load(tmp_path / "none.txt")


@pytest.mark.parametrize("token", ["", " ", "a\nb"])
def test_a_token_that_a_line_cannot_hold_is_refused(token: str) -> None:
    with pytest.raises(InputError, match=r"token 2 is .*; a token must be one line and not empty"):
        Vocabulary(["a", token])
