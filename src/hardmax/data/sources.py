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
from hardmax._support.files import replacing
from hardmax.data.imdb import read_archive, read_folder
from hardmax.data.tables import read_csv, read_parquet
from hardmax.text.pipelines import words_of

SPLITS = ("train", "test")
_ARCHIVES = (".tar.gz", ".tgz")


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


