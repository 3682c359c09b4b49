"""Reading texts, with their labels or alone, from the sources that there are.

A source is one file or a folder: a table (`table_files`), or the Large Movie Review Dataset in its original
form (`imdb`). A new kind of table goes into `table_files`, a new kind of archive or folder in here.
"""

import csv
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

from hardmax._support.files import replacing
from hardmax.data.imdb import read_archive, read_folder
from hardmax.data.reviews import Reviews, Row, Texts, reviews_of_rows, texts_of_rows
from hardmax.data.table_files import (
    PROCESSED,
    SUFFIXES,
    Choose,
    column_names,
    read_rows,
    text_alone,
    text_and_label,
)
from hardmax.errors import InputError

SPLITS = ("train", "test")
_ARCHIVES = (".tar.gz", ".tgz")
_FILES = (*SUFFIXES, *_ARCHIVES)


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
        A file `.csv`, `.tsv` (with quotation marks as in CSV), `.jsonl` or `.ndjson` (a JSON object a line,
        with the columns as keys) or `.parquet`, with the columns text,label or review,sentiment or, for texts
        already processed, processed,label; `aclImdb_v1.tar.gz`, or the folder that it unpacks to; a folder
        with files train*.parquet and test*.parquet; or a folder with exactly one such file. Blank lines are
        skipped. An archive may hold at most 10 million bytes a review, and 1,000 million in all.
    split
        "all" (train first), "train" or "test".
    text_column, label_column
        The names of the columns where they are others; then further columns are allowed. A column of texts
        with the name processed holds texts already processed.

    Returns
    -------
    Reviews
        The classes are 0 and 1 when all labels are among 0, 1, neg, pos, negative, positive, false and true;
        else each label is a class.

    Raises
    ------
    InputError
        When a file is missing, cut off, empty, not UTF-8 or without these columns; when a text is empty or no
        text, or a label is missing; without `label_column` also when a rare label beside those above is
        probably a typing error.

    Examples
    --------
    >>> file = getfixture("tmp_path") / "reviews.csv"
    >>> _ = file.write_text("review,sentiment\nA moving film.,positive\nSo dull!,negative\n")
    >>> reviews = read_reviews(file)
    >>> reviews.texts, reviews.labels
    (['A moving film.', 'So dull!'], array([1, 0]))
    """
    columns = partial(text_and_label, text_column=text_column, label_column=label_column)
    rows, processed = _rows(path, split, columns)
    return reviews_of_rows(_some(rows, path), processed, any_label=label_column is not None)


def read_texts(path: str | os.PathLike[str], text_column: str | None = None) -> Texts:
    r"""Read texts alone, in an order that is always the same.

    Parameters
    ----------
    path
        A source as for `read_reviews`, of which all splits are read and the labels, if there are any, are not
        looked at; or "-" for standard input, with a text a line. Blank lines are skipped.
    text_column
        The column of the texts; by default the one of text, review, processed that is there.

    Raises
    ------
    InputError
        As for `read_reviews`.

    Examples
    --------
    >>> file = getfixture("tmp_path") / "texts.jsonl"
    >>> _ = file.write_text('{"text": "A moving film."}\n{"text": "So dull!"}\n')
    >>> read_texts(file)
    Texts(texts=['A moving film.', 'So dull!'], processed=False)
    """
    if str(path) == "-":
        if text_column is not None:
            raise InputError(
                f"standard input has a text a line and no column {text_column!r}; leave out --text-column"
            )
        return texts_of_rows(_some(_standard_input(), "standard input"), processed=False)
    rows, processed = _rows(path, "all", partial(text_alone, text_column=text_column))
    return texts_of_rows(_some(rows, path), processed)


def splits_of(path: str | os.PathLike[str]) -> tuple[str, ...]:
    r"""Return the splits that a source of reviews has of its own: ("train", "test"), one of the two, or none.

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
    if _is_archive(source):
        return SPLITS
    if not source.is_dir():
        return ()
    return tuple(_parquet_splits(source)) or tuple(split for split in SPLITS if (source / split).is_dir())


def columns_of(path: str | os.PathLike[str]) -> list[str]:
    r"""Return the names of the columns of a source; none for an archive of texts or standard input.

    Examples
    --------
    >>> file = getfixture("tmp_path") / "reviews.csv"
    >>> _ = file.write_text("id,comment,stars\n1,A moving film.,5\n")
    >>> columns_of(file)
    ['id', 'comment', 'stars']
    """
    if str(path) == "-":
        return []
    source = _source(Path(path))
    parquet = _parquet_splits(source)
    if _is_archive(source) or (source.is_dir() and not parquet):
        return []
    return column_names(next(iter(parquet.values()))[0] if parquet else source)


def files_of(path: str | os.PathLike[str]) -> list[Path]:
    r"""Return the files that a source is read from.

    Examples
    --------
    >>> file = getfixture("tmp_path") / "reviews.csv"
    >>> _ = file.write_text("text,label\nA moving film.,1\n")
    >>> [file.name for file in files_of(getfixture("tmp_path"))]
    ['reviews.csv']
    """
    if str(path) == "-":
        return [Path("/dev/stdin")]
    source = _source(Path(path))
    parquet = _parquet_splits(source)
    if source.is_dir() and not parquet:
        return [file for split in splits_of(source) for file in (source / split).glob("*/*.txt")]
    return list(chain.from_iterable(parquet.values())) or [source]


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
        writer.writerow(PROCESSED)
        writer.writerows((" ".join(words), label) for words, label in zip(documents, labels, strict=True))


def _rows(path: str | os.PathLike[str], split: str, choose: Choose) -> tuple[Iterator[Row], bool]:
    """Return the rows of a source, and whether their texts are already processed."""
    if split not in ("all", *SPLITS):
        raise InputError(f"split is {split!r}; choose one of all, train, test")
    source = _source(Path(path))
    own = splits_of(source)
    wanted = own if split == "all" else (split,)
    if not set(wanted) <= set(own):
        raise InputError(f"{path} has no {split} split of its own; read all of it and divide it")
    if _is_archive(source):
        return read_archive(source, wanted), False
    parquet = _parquet_splits(source)
    if source.is_dir() and not parquet:
        return read_folder(source, wanted), False
    files = [file for split in wanted for file in parquet[split]] if parquet else [source]
    tables = [read_rows(file, choose) for file in files]
    if len({processed for _, processed in tables}) > 1:
        raise InputError(f"{path} has texts processed in some files and raw in others; read them one by one")
    return chain.from_iterable(rows for rows, _ in tables), tables[0][1]


def _some(rows: Iterator[Row], path: str | os.PathLike[str]) -> Iterator[Row]:
    """Return the rows, of which there must be one."""
    first = next(rows, None)
    if first is None:
        raise InputError(f"{path} holds no texts")
    return chain([first], rows)


def _standard_input() -> Iterator[Row]:
    for number, line in enumerate(sys.stdin.buffer, start=1):
        place = f"standard input, line {number}"
        try:
            text = line.decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise InputError(f"{place} is not UTF-8 at byte {error.start}; give text in UTF-8") from error
        if text.strip():
            yield place, (text,)


def _source(path: Path) -> Path:
    """Return the file or the folder that holds the texts, where `path` may be the folder around it."""
    if not os.path.lexists(path) or not path.exists():  # the first is False for a name that is too long
        raise InputError(f"there is no file or folder {path}")
    if not path.is_dir():
        return _regular(path)
    for folder in (path, path / "aclImdb"):
        if _parquet_splits(folder) or any((folder / split).is_dir() for split in SPLITS):
            return folder
    files = [file for file in sorted(path.glob("[!.]*")) if _known(file)]
    if len(files) != 1:
        raise InputError(
            f"{path} holds neither train*.parquet and test*.parquet, nor folders train and test, nor exactly "
            f"one file {', '.join(_FILES)} (it has {len(files)}); name the file itself"
        )
    return _regular(files[0])


def _regular(path: Path) -> Path:
    """Return the path of a file that can be read more than once."""
    if not path.is_file():
        raise InputError(f"{path} is a pipe, a device or a folder; save its texts to a file, and name that")
    if not _known(path):
        raise InputError(f"{path} is none of the known forms: {', '.join(_FILES)} or a folder of texts")
    return path


def _known(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES or _is_archive(path)


def _is_archive(path: Path) -> bool:
    return path.name.lower().endswith(_ARCHIVES) and not path.is_dir()


def _parquet_splits(folder: Path) -> dict[str, list[Path]]:
    found = {split: sorted(folder.glob(f"{split}*.parquet")) for split in SPLITS}
    return {split: [_regular(file) for file in files] for split, files in found.items() if files}
