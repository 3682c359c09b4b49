"""Reading labelled reviews: the three public forms of the Large Movie Review Dataset and files shaped alike.

A source is one file (`.csv`, `.parquet`, `.tar.gz`) or a folder. Which parts it has of its own (train, test)
is told by `splits_of`.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hardmax.errors import InputError
from hardmax.files import replacing
from hardmax.sentiment.archives import read_archive, read_folder
from hardmax.sentiment.tables import read_csv, read_parquet
from hardmax.sentiment.text import words_of

SPLITS = ("train", "test")
_WHOLE = re.compile(r"-?\d+\.0+")  # as files write whole numbers that share a column with gaps
_MOST_NAMED = 10  # classes in a message
_ARCHIVES = (".tar.gz", ".tgz")
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


def read_reviews(
    path: str | os.PathLike[str],
    split: str = "all",
    text_column: str | None = None,
    label_column: str | None = None,
) -> Reviews:
    r"""Read labelled reviews, in an order that is always the same.

    Parameters
    ----------
    path
        A CSV or parquet file with the columns text,label or review,sentiment or, for texts already processed,
        processed,label; `aclImdb_v1.tar.gz`, or the folder that it unpacks to; a folder with files
        train*.parquet and test*.parquet; or a folder with exactly one such file.
    split
        "all" (train first), "train" or "test".
    text_column, label_column
        The names of the columns where they are others; then further columns are allowed. Labels of a
        column that is named may be any, of two or more classes.

    Raises
    ------
    InputError
        When a file is missing, cut off, empty, not UTF-8 or without these columns; when a text is empty or no
        text, or a label is missing or, where its column is not named, none of 0, 1, neg, pos, negative,
        positive. Says where.

    Examples
    --------
    >>> file = getfixture("tmp_path") / "reviews.csv"
    >>> _ = file.write_text("review,sentiment\nA moving film.,positive\nSo dull!,negative\n")
    >>> reviews = read_reviews(file)
    >>> reviews.texts, reviews.labels
    (['A moving film.', 'So dull!'], array([1, 0]))
    """
    if split not in ("all", *SPLITS):
        raise InputError(f"split is {split!r}; choose one of all, train, test")
    source = _source(Path(path))
    own = splits_of(source)
    wanted = own if split == "all" else (split,)
    if not set(wanted) <= set(own):
        raise InputError(f"{path} has no {split} part of its own; read all of it and divide it")
    processed = False
    rows: Iterable[tuple[str, object, object]]
    if source.name.endswith(_ARCHIVES):
        rows = read_archive(source, wanted)
    elif source.is_dir() and not (parts := _parquet_parts(source)):
        rows = read_folder(source, wanted)
    elif source.is_dir():
        files = [file for part in wanted for file in parts[part]]
        rows = chain.from_iterable(read_parquet(file, text_column, label_column)[0] for file in files)
    else:
        read = read_csv if source.suffix == ".csv" else read_parquet
        rows, processed = read(source, text_column, label_column)
    return _checked(rows, processed, path, any_label=label_column is not None)


def splits_of(path: str | os.PathLike[str]) -> tuple[str, ...]:
    r"""Give the parts that a source of reviews has of its own: ("train", "test"), one of the two, or none.

    Raises
    ------
    InputError
        When there is no such source.

    Examples
    --------
    >>> file = getfixture("tmp_path") / "reviews.csv"
    >>> _ = file.write_text("text,label\nA moving film.,1\n")
    >>> splits_of(file)
    ()
    """
    source = _source(Path(path))
    if source.name.endswith(_ARCHIVES):
        return SPLITS
    if not source.is_dir():
        return ()
    return tuple(_parquet_parts(source)) or tuple(part for part in SPLITS if (source / part).is_dir())


def _source(path: Path) -> Path:
    """Find the file or the folder that holds the reviews, where `path` may be the folder around it."""
    if not path.exists():
        raise InputError(f"there is no file or folder {path}")
    if not path.is_dir():
        if not path.name.endswith((".csv", ".parquet", *_ARCHIVES)):
            raise InputError(
                f"{path} is none of the known forms: .csv, .parquet, .tar.gz or a folder of reviews"
            )
        return path
    for folder in (path, path / "aclImdb"):
        if _parquet_parts(folder) or any((folder / part).is_dir() for part in SPLITS):
            return folder
    files = [file for file in sorted(path.iterdir()) if file.name.endswith((".csv", ".parquet", *_ARCHIVES))]
    if len(files) != 1:
        raise InputError(
            f"{path} holds neither train*.parquet and test*.parquet, nor folders train and test, nor exactly "
            f"one .csv, .parquet or .tar.gz (it has {len(files)}); name the file itself"
        )
    return files[0]


def _parquet_parts(folder: Path) -> dict[str, list[Path]]:
    found = {part: sorted(folder.glob(f"{part}*.parquet")) for part in SPLITS}
    return {part: files for part, files in found.items() if files}


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


def write_processed(
    path: str | os.PathLike[str], documents: Iterable[Sequence[str]], labels: Iterable[int | str]
) -> None:
    """Write the words of reviews to a CSV file with the columns processed,label, which `read_reviews` knows.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["processed", "label"])
        writer.writerows((" ".join(words), label) for words, label in zip(documents, labels, strict=True))


def documents_of(
    reviews: Reviews,
    pipeline: str,
    processes: int = 1,
    progress: Callable[[int], object] | None = None,
) -> list[list[str]]:
    """Give the words of each review, which a preprocessed file holds already; see `words_of`."""
    if reviews.processed:
        return [text.split() for text in reviews.texts]
    return words_of(reviews.texts, pipeline, processes, progress)
