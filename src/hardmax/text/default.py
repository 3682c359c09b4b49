"""The default text pipeline: lower-cased words of any script that writes spaces; no data to download.

Function words mean little alone and may mean much beside others ('a must', 'should have'), so they are
listed. Negations ('not', "didn't") are not among them, because they carry sentiment. Every form of an
apostrophe counts as one.
"""

import html
import re
import unicodedata
from collections.abc import Callable

_LONG_ENTITY = re.compile(r"&#[0-9]{100,};?")  # no character's number; `int` refuses 4,300 digits and more
_TAG = re.compile(r"</?[a-z!][^<>]*>")  # no tag in 'I <3 it': it must begin with a letter
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_CHARACTER_RUN = re.compile(r"(.)\1\1+")
_LONGEST_COMPOSED = 200  # characters; on a run of marks `unicodedata.normalize` takes quadratic time
_APOSTROPHES = "'`´ʼ‘’‛′＇"
_ENGLISH_ENDING = re.compile(r"'(?:s|m|d|ll|re|ve)\Z")

#: English words that a text is not about.
FUNCTION_WORDS = frozenset(
    """
    a an the this that these those there here
    i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself
    she her hers herself it its itself they them their theirs themselves
    who whom whose which what when where
    am is are was were be been being do does did doing done has have had having
    will would shall can could may might must
    of at by for with from to in on into onto upon about over under between through during before after
    up down out off again further then than as and or if while because until so
    each other some such same own both also
    s t m d ll re ve
    """.split()  # noqa: SIM905
)


class _Characters(dict[int, str | None]):
    """What becomes of each character, for `str.translate`, decided when first met."""

    def __missing__(self, code: int) -> str | None:
        character = unicodedata.normalize("NFC", chr(code))
        category = unicodedata.category(character[0])
        kept: str | None = " "
        if character in _APOSTROPHES:
            kept = "'"
        elif category[0] == "L" or category in ("Mn", "Mc"):  # vowel signs and accents are parts of words
            kept = character
        elif category == "Cf":  # soft hyphens and joiners stand inside words
            kept = None
        self[code] = kept
        return kept


_CHARACTERS = _Characters(
    {0x200B: " "} | dict.fromkeys(range(0xFE00, 0xFE10))
)  # zero-width space; emoji styles
_ASCII = bytes(ord(_CHARACTERS[code] or " ") if code < 128 else code for code in range(256))


def raw_words(text: str) -> list[str]:
    """Return the runs of letters and apostrophes of `text`, lower-cased, without links and HTML.

    Examples
    --------
    >>> raw_words("A Café in&nbsp;<i>Łódź</i>: didn’t <3 it, see www.imdb.com")
    ['a', 'café', 'in', 'łódź', "didn't", 'it', 'see']
    """
    if "&" in text:
        text = html.unescape(_LONG_ENTITY.sub(" ", text))
    text = text.lower()
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "http" in text or "www." in text:
        text = _LINK.sub(" ", text)
    if text.isascii():
        return text.encode("ascii").translate(_ASCII).decode("ascii").split()
    return text.translate(_CHARACTERS).split()


def word_rule() -> Callable[[str], tuple[str, ...]]:
    """Return the function that maps a raw word to the words kept of it.

    Letters and their accents become one character where there is one, as in Unicode's form NFC, except in raw
    words of more than 200 characters.

    Examples
    --------
    >>> rule = word_rule()
    >>> [rule(raw) for raw in ["movie's", "didn't", "'sooooo'", "l'homme", "the"]]
    [('movie',), ("didn't",), ('soo',), ('l', 'homme'), ('the',)]
    """
    return _words


def _words(raw: str) -> tuple[str, ...]:
    composed = unicodedata.normalize("NFC", raw) if len(raw) <= _LONGEST_COMPOSED else raw
    word = _CHARACTER_RUN.sub(r"\1\1", composed).strip("'")
    parts = [word] if word.endswith("n't") else _ENGLISH_ENDING.sub("", word).split("'")
    return tuple(part for part in parts if any(map(str.isalpha, part)))
