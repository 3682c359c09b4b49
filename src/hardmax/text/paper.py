"""The paper's text pipeline, word for word: a cut into raw words and a rule for each of them.

After links and tags are deleted, nothing in the paper's steps looks across white space except the runs of
white space of step 3. So the steps on characters are done on the whole text at once, and the others on one
word at a time, where they can be remembered: a text's words are mostly words seen before.

The word lists are NLTK's (stop words; WordNet's nouns and their irregular plurals). They are read from NLTK's
files directly, because NLTK itself takes seconds to be imported and to load all of WordNet.
"""

import os
import re
import string
import zipfile
from collections.abc import Callable
from pathlib import Path

from hardmax.errors import InputError, MissingExtraError

_LINK = re.compile(r"https?://\S+|www\.\S+")
_TAG = re.compile(r"<[^>]+>")
_SPACED = re.compile(r"[.,!?-]")
_WHITE_RUN = re.compile(r"\s{2,}")
_CHARACTER_RUN = re.compile(r"(.)\1\1+")
_DIGITS = string.digits.encode()
# Punctuation and every ASCII white space, of which \x1c to \x1f are white for str but not for bytes.
_TO_SPACE = (string.punctuation + string.whitespace + "\x1c\x1d\x1e\x1f").encode()
_BLANKED = bytes.maketrans(_TO_SPACE, b" " * len(_TO_SPACE))
# The contractions that NLTK's tokenizer splits, without those that need an apostrophe.
_CONTRACTION = re.compile(
    r"\b(can(?=not\b)|gim(?=me\b)|gon(?=na\b)|got(?=ta\b)|lem(?=me\b)|wan(?=na\Z))(not|me|na|ta)",
    re.IGNORECASE,
)
# The noun endings of NLTK's WordNetLemmatizer, each with what it becomes.
_ENDINGS = (
    ("s", ""),
    ("ses", "s"),
    ("ves", "f"),
    ("xes", "x"),
    ("zes", "z"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("men", "man"),
    ("ies", "y"),
)


def raw_words(text: str) -> list[str]:
    """Return the words of `text` after steps 1 to 8 of the paper's pipeline.

    Examples
    --------
    >>> raw_words("It's <b>really</b> soooo good,see www.imdb.com")
    ['It', 's', 'really', 'soooo', 'good', 'see']
    """
    if "http" in text or "www." in text:
        text = _LINK.sub("", text)
    # No tag ends after the last '>'; looking for one from each '<' there would take quadratic time.
    end = text.rfind(">") + 1
    if end:
        text = _TAG.sub("", text[:end]) + text[end:]
    if not text.isascii():
        # White space beyond ASCII separates two words only next to other white space or to punctuation marks
        # that the paper puts spaces around; alone it is deleted.
        text = _WHITE_RUN.sub(" ", _SPACED.sub("  ", text))
    return text.encode("ascii", "ignore").translate(_BLANKED, _DIGITS).decode("ascii").split()


def word_rule() -> Callable[[str], tuple[str, ...]]:
    """Return the function that maps a raw word to its words after steps 9 to 13; it reads NLTK's word lists.

    Raises
    ------
    MissingExtraError
        When the lists are in none of the usual places and NLTK is not installed.
    InputError
        When NLTK's stop words or WordNet are not on this computer.
    """
    stop = frozenset(_read("stopwords", "english").split())
    nouns = frozenset(line.partition(" ")[0] for line in _read("wordnet", "index.noun").splitlines())
    irregular = {line.split()[0]: line.split()[1:] for line in _read("wordnet", "noun.exc").splitlines()}

    def lemma(word: str) -> str:
        if not word.endswith(("s", "men")) and word not in irregular:
            return word
        regular = [word.removesuffix(old) + new for old, new in _ENDINGS if word.endswith(old)]
        forms = [form for form in [word, *irregular.get(word, regular)] if form in nouns]
        return min(forms, key=len, default=word)

    def words(raw: str) -> tuple[str, ...]:
        tokens = _CONTRACTION.sub(r" \1 \2 ", _CHARACTER_RUN.sub(r"\1\1", raw)).split()
        lemmas = (lemma(token) for token in tokens if token not in stop)
        return tuple(word for word in lemmas if word not in stop)

    return words


def word_list_folders() -> list[Path]:
    """Return the folders in which NLTK's word lists are looked for."""
    folders = [*filter(None, os.environ.get("NLTK_DATA", "").split(os.pathsep)), "~/nltk_data"]
    return [Path(folder).expanduser() / "corpora" for folder in folders]


def _read(corpus: str, name: str) -> str:
    """Return the text of a file of one of NLTK's corpora, from its zip file or its folder."""
    try:
        for base in word_list_folders():
            if (base / corpus / name).is_file():
                return (base / corpus / name).read_text(encoding="utf-8")
            if (base / f"{corpus}.zip").is_file():
                with zipfile.ZipFile(base / f"{corpus}.zip") as archive:
                    return archive.read(f"{corpus}/{name}").decode("utf-8")
        try:
            import nltk  # which looks in more places, and in those that the caller added
        except ImportError as error:
            raise MissingExtraError("nltk") from error
        text: str = nltk.data.find(f"corpora/{corpus}/{name}").open().read().decode("utf-8")
        return text
    except (LookupError, OSError, UnicodeDecodeError, zipfile.BadZipFile) as error:
        raise InputError(
            f"the paper pipeline cannot read NLTK's {corpus} on this computer; "
            "fetch the word lists with: python -m nltk.downloader wordnet stopwords"
        ) from error
