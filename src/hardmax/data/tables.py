"""Tables of labelled reviews: CSV and parquet files, row by row as (place, text, label)."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hardmax.errors import InputError, MissingExtraError

Row = tuple[str, object, object]

PROCESSED = ("processed", "label")
_KNOWN = (("text", "label"), ("review", "sentiment"), PROCESSED)


def read_csv(path: Path, text_column: str | None, label_column: str | None) -> tuple[Iterator[Row], bool]:
    """Give the rows of a CSV file in UTF-8, and whether its texts are already processed.

    Raises
    ------
    InputError
        When the file is empty, cut off or not UTF-8, or its columns are others.
    """
    rows = _csv_rows(path)
    header = next(rows, None)
    if header is None:
        raise InputError(f"{path} is empty")
    text, label = chosen = _columns(path, header[1], text_column, label_column)
    where = header[1].index(text), header[1].index(label)

    def cells() -> Iterator[Row]:
        for number, (line, row) in enumerate(rows, start=1):
            place = f"{path}, row {number} (line {line})"
            if len(row) != len(header[1]):
                raise InputError(
                    f"{place} has {len(row)} columns and the first line {len(header[1])}; "
                    "is the file cut off, or a comma not in quotes?"
                )
            yield place, row[where[0]], row[where[1]]

    return cells(), chosen == PROCESSED


def read_parquet(path: Path, text_column: str | None, label_column: str | None) -> tuple[Iterator[Row], bool]:
    """Give the rows of a parquet file, and whether its texts are already processed.

    Raises
    ------
    InputError
        When the file is empty, cut off or no parquet file, or its columns are others.
    MissingExtraError
        When pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", "sentiment") from error
    try:
        with parquet.ParquetFile(path) as file:
            found = [name for name in file.schema_arrow.names if not name.startswith("__index_level_")]
            chosen = _columns(path, found, text_column, label_column)
            table = file.read(columns=list(chosen))
    except (pyarrow.ArrowException, OSError) as error:
        what = "is empty" if path.is_file() and not path.stat().st_size else "is cut off or no parquet file"
        raise InputError(f"{path} {what}; get it again") from error
    texts, labels = (_cells(path, table.column(name)) for name in chosen)
    places = (f"{path}, row {number}" for number in range(1, len(texts) + 1))
    return zip(places, texts, labels, strict=True), chosen == PROCESSED


def _columns(
    path: Path, found: Sequence[str], text_column: str | None, label_column: str | None
) -> tuple[str, str]:
    """Choose the columns of the texts and of the labels."""
    known = [pair for pair in _KNOWN if set(pair) <= set(found)]
    if text_column is None and label_column is None:
        if len(known) == 1 and len(found) == 2:
            return known[0]
        wanted = " or ".join(",".join(pair) for pair in _KNOWN)
        raise InputError(
            f"{path} has the columns {_shown(found)}; wanted are {wanted} and no others "
            "(rename them, or name the two with --text-column and --label-column)"
        )
    text = text_column or next((pair[0] for pair in _KNOWN if pair[0] in found), "text")
    label = label_column or next((pair[1] for pair in _KNOWN if pair[1] in found), "label")
    for name in (text, label):
        if found.count(name) != 1:
            raise InputError(
                f"{path} has {found.count(name)} columns {name!r}; its columns are {_shown(found)}"
            )
    return text, label


def _shown(names: Sequence[str]) -> str:
    """Write names on one short line: without a header they are a whole review."""
    line = ",".join(" ".join(name.split()) for name in names)
    return line if len(line) <= 80 else line[:80] + "…"


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the line number and the cells of each row that is not blank, the header too."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file, _cells_of_any_length():
            reader = csv.reader(file, strict=True)
            for row in reader:
                if row:
                    yield reader.line_num, row
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: {error}; is the file cut off?") from error
    except UnicodeDecodeError as error:
        raise InputError(_not_utf8(path)) from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


@contextmanager
def _cells_of_any_length() -> Iterator[None]:
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _not_utf8(path: Path) -> str:
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return f"{path}, line {line}: not UTF-8 at byte {error.start} of the file; save it as UTF-8"
    return f"{path} changed while it was read; try again"


def _cells(path: Path, column: Any) -> list[object]:
    """Give the values of a column of an Arrow table as Python objects."""
    try:
        cells: list[object] = column.to_pylist()
    except UnicodeDecodeError:
        for number, cell in enumerate(column, start=1):
            try:
                cell.as_py()
            except UnicodeDecodeError as error:
                raise InputError(f"{path}, row {number}: not UTF-8; save the text as UTF-8") from error
        raise
    return cells
