"""`Reviews`: texts with a label each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hardmax.errors import InputError

_WHOLE = re.compile(r"-?\d+\.0+")  # as files write whole numbers that share a column with gaps


_MOST_NAMED = 10  # classes in a message


_LABELS = dict.fromkeys(("0", "0.0", "false", "neg", "negative"), 0)


_LABELS |= dict.fromkeys(("1", "1.0", "true", "pos", "positive"), 1)


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

    def __getitem__(self, which: slice | Sequence[int] | NDArray[np.integer]) -> Reviews:
        """Select by a slice or by an array of indices."""
        chosen = np.arange(len(self))[which]
        texts = [self.texts[i] for i in chosen]
        return replace(self, texts=texts, labels=self.labels[chosen])

    def named_as(self, classes: tuple[int | str, ...]) -> Reviews:
        """Give the same reviews with the numbers that their classes have among `classes`.

        Raises
        ------
        InputError
            When a review's class is none of them.
        """
        number_of = {_side(name): number for number, name in enumerate(classes)}
        number_of |= {str(name): number for number, name in enumerate(classes)}
        found = [number_of.get(str(name), number_of.get(_side(name), -1)) for name in self.classes]
        numbers = np.array(found)
        labels = numbers[self.labels]
        if (labels < 0).any():
            stranger = self.classes[self.labels[labels < 0][0]]
            raise InputError(
                f"the label {stranger!r} is none of the {len(classes)} that were learnt: {_list(classes)}"
            )
        return replace(self, labels=labels.astype(np.int64), classes=classes)


def _checked(
    rows: Iterable[tuple[str, object, object]],
    processed: bool,
    path: str | os.PathLike[str],
    any_label: bool,
) -> Reviews:
    """Make reviews of (place, text, label); a place says where the row is, for messages."""
    texts: list[str] = []
    names: list[str] = []
    for place, text, label in rows:
        if not isinstance(text, str):
            raise InputError(f"{place}: the review is {text!r}, not a text; correct or remove this row")
        if not processed and not text.strip():
            raise InputError(f"{place}: the review is empty; remove this row")
        if "\0" in text:
            raise InputError(f"{place}: the review holds a NUL byte; is this a text file?")
        name = _name(label)
        if any_label and name == "":
            raise InputError(f"{place}: the label is {label!r}; give it one, or remove this row")
        if not any_label and name.lower() not in _LABELS:
            raise InputError(
                f"{place}: the label is {label!r}; it must be one of 0, 1, neg, pos, negative, positive "
                "(where labels are others, name their column with --label-column)"
            )
        texts.append(text)
        names.append(name)
    if not texts:
        raise InputError(f"{path} holds no reviews")
    if all(name.lower() in _LABELS for name in set(names)):
        return Reviews(texts, np.array([_LABELS[name.lower()] for name in names], np.int64), processed)
    classes, labels = np.unique(names, return_inverse=True)
    return Reviews(texts, labels.astype(np.int64), processed, tuple(classes.tolist()))


def _name(label: object) -> str:
    """Write a label as the name of its class, the same from any kind of file; '' when it is missing."""
    if label is None or label != label:
        return ""
    name = str(label).strip()
    return name.partition(".")[0] if _WHOLE.fullmatch(name) else name


def _side(name: int | str) -> int | str:
    """Give 0 for all names of the negative class and 1 for those of the positive, else the name."""
    return _LABELS.get(str(name).lower(), str(name))


def _list(classes: tuple[int | str, ...]) -> str:
    names = ", ".join(str(name) for name in classes[:_MOST_NAMED])
    return names if len(classes) <= _MOST_NAMED else f"{names}, …"
