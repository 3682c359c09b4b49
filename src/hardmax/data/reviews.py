"""`Reviews` are texts with a label each, `Texts` are texts alone; both are made of the rows of a file."""

import re
import reprlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hardmax.errors import InputError

#: Where a row is, for messages, and its cells: the text and, where there is one, the label.
Row = tuple[str, Sequence[object]]

_SENTIMENTS = dict.fromkeys(("0", "0.0", "false", "neg", "negative"), 0)
_SENTIMENTS |= dict.fromkeys(("1", "1.0", "true", "pos", "positive"), 1)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_WHOLE = re.compile(r"-?\d+\.0+")  # as files write whole numbers that share a column with gaps
_RARE = 0.01  # the fraction of the texts below which a label among sentiments may be a typing error
_MOST_NAMED = 10  # classes in a message


@dataclass(frozen=True)
class Texts:
    """Texts without labels; the fields are those of `Reviews`."""

    texts: list[str]
    processed: bool = False


@dataclass(frozen=True)
class Reviews:
    """Texts with a label each.

    Parameters
    ----------
    texts
        n texts.
    labels : (n,) int64
        The number of each text's class: 1 is positive, 0 negative, where the classes are these.
    processed
        Whether the texts are already the words of a pipeline, joined with single spaces; such texts are only
        to be split at their spaces.
    classes
        The names of the classes; the numbers 0 and 1 for negative and positive.

    Examples
    --------
    >>> reviews = Reviews(["great", "dull", "moving"], np.array([1, 0, 1]))
    >>> reviews[1:].texts
    ['dull', 'moving']
    >>> reviews[np.array([2, 0])].labels
    array([1, 1])
    """

    texts: list[str]
    labels: NDArray[np.int64]
    processed: bool = False
    classes: tuple[int | str, ...] = (0, 1)

    def __post_init__(self) -> None:
        if len(self.texts) != len(self.labels):
            raise InputError(
                f"there are {len(self.texts)} texts and {len(self.labels)} labels; give one a text"
            )

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, which: slice | Sequence[int] | NDArray[np.integer]) -> "Reviews":
        """Select by a slice or by an array of indices."""
        chosen = np.arange(len(self))[which]
        texts = [self.texts[i] for i in chosen]
        return replace(self, texts=texts, labels=self.labels[chosen])

    def named_as(self, classes: tuple[int | str, ...]) -> "Reviews":
        """Return the same reviews with labels that number `classes`; all names of a sentiment are equal.

        Raises
        ------
        InputError
            When a review's class is none of them.

        Examples
        --------
        >>> Reviews(["great", "dull"], np.array([1, 0])).named_as(("neg", "neutral", "pos")).labels
        array([2, 0])
        """
        number_of = {_sentiment(name): number for number, name in enumerate(classes)}
        number_of |= {str(name): number for number, name in enumerate(classes)}
        found = [number_of.get(str(name), number_of.get(_sentiment(name), -1)) for name in self.classes]
        labels = np.array(found, np.int64)[self.labels]
        if (labels < 0).any():
            stranger = self.classes[self.labels[labels < 0][0]]
            raise InputError(
                f"the label {reprlib.repr(stranger)} is none of the {len(classes)} that were learnt: "
                f"{_list(classes)}; give texts with these labels alone"
            )
        return replace(self, labels=labels, classes=classes)


def texts_of_rows(rows: Iterable[Row], processed: bool) -> Texts:
    """Return the texts of rows, whose labels are not looked at."""
    return Texts([_text(place, text, processed) for place, (text, *_) in rows], processed)


def reviews_of_rows(rows: Iterable[Row], processed: bool, any_label: bool) -> Reviews:
    """Return the texts and labels of rows.

    When all labels are names of sentiments, such as 0 or positive, the classes are 0 and 1; else each label
    is a class. When some labels are such names and others are not, a rare one of the others (on a single
    text, or on fewer than 1 % of them) may be a typing error, and is refused unless `any_label` is set or all
    labels are numbers.
    """
    texts: list[str] = []
    names: list[str] = []
    first: dict[str, str] = {}  # the place where each label is met first
    for place, (text, label) in rows:
        texts.append(_text(place, text, processed))
        names.append(_label(place, label))
        first.setdefault(names[-1], place)
    others = [name for name in first if name.lower() not in _SENTIMENTS]
    if not others:
        return Reviews(texts, np.array([_sentiment(name) for name in names], np.int64), processed)
    counts = Counter(names)
    if not any_label and len(others) < len(first) and not all(map(_NUMBER.fullmatch, first)):
        for name in others:
            if counts[name] < max(2, _RARE * len(names)):
                raise InputError(
                    f"{first[name]}: the label is {reprlib.repr(name)}, on {counts[name]} of {len(names)} "
                    "texts; make it 0, 1, neg, pos, negative or positive as others are, or, where it is a "
                    "class of its own, name the labels' column with --label-column"
                )
    classes = sorted(first)
    number = {name: i for i, name in enumerate(classes)}
    return Reviews(texts, np.array([number[name] for name in names], np.int64), processed, tuple(classes))


def _text(place: str, text: object, processed: bool) -> str:
    """Return the text; refuse what is no text, is empty or holds a NUL byte."""
    if not isinstance(text, str):
        raise InputError(f"{place} has {reprlib.repr(text)}, not a text; correct or remove it")
    if not processed and not text.strip():
        raise InputError(f"{place}: the text is empty; remove it")
    if "\0" in text:
        raise InputError(f"{place}: the text holds a NUL byte; is this a text file?")
    return text


def _label(place: str, label: object) -> str:
    """Return the name of the label's class, the same from any kind of file, with single spaces."""
    name = "" if label is None or label != label or isinstance(label, list | dict | bytes) else str(label)
    name = " ".join(name.split())
    if not name or "\0" in name:
        wrong = reprlib.repr(label)
        raise InputError(f"{place}: the label is {wrong}; give this text a label, or remove its row")
    return name.partition(".")[0] if _WHOLE.fullmatch(name) else name


def _sentiment(name: int | str) -> int | str:
    """Return 0 for all names of the negative class and 1 for those of the positive, else the name."""
    return _SENTIMENTS.get(str(name).lower(), str(name))


def _list(classes: tuple[int | str, ...]) -> str:
    names = ", ".join(f"{name!s:.40}" for name in classes[:_MOST_NAMED])
    return names if len(classes) <= _MOST_NAMED else f"{names}, …"
