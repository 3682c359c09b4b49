"""Tables of texts, one a row: CSV, TSV, JSON lines and parquet files, by the ending of the file.

`sources` finds the files and asks for their rows; `reviews` makes texts and labels of the rows.
"""

import csv
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from hardmax.data.reviews import Row
from hardmax.errors import InputError, MissingExtraError

PROCESSED = ("processed", "label")
_KNOWN = (("text", "label"), ("review", "sentiment"), PROCESSED)

#: Returns which columns of a file to read, that of the texts first, from the names of all of them.
Choose = Callable[[Path, list[str]], tuple[str, ...]]
Table = tuple[tuple[str, ...], Iterator[Row]]  # the columns that were chosen, and their rows

_SEPARATORS = {",": "comma", "\t": "tab"}


def read_rows(path: Path, choose: Choose) -> tuple[Iterator[Row], bool]:
    """Return the rows of a file with one of the `SUFFIXES`, and whether its texts are already processed."""
    chosen, rows = _READERS[path.suffix.lower()](path, choose)
    return rows, chosen[0] == PROCESSED[0]


def column_names(path: Path) -> list[str]:
    """Return the names of the columns of a file; raises as `read_rows` does."""
    names: list[str] = []

    def choose(_: Path, found: list[str]) -> tuple[str, ...]:
        names.extend(found)
        return ()

    _READERS[path.suffix.lower()](path, choose)
    return names


def text_and_label(
    path: Path, found: list[str], text_column: str | None, label_column: str | None
) -> tuple[str, ...]:
    """Return the names of the columns of the texts and of the labels; one that is None has its usual name."""
    if text_column is None and label_column is None:
        for pair in _KNOWN:
            if sorted(pair) == sorted(found):
                return pair
        wanted = " or ".join(",".join(pair) for pair in _KNOWN)
        raise InputError(
            f"{path} has the columns {_shown(found)}; wanted are {wanted} and no others "
            "(rename them, or name the two with --text-column and --label-column)"
        )
    text = text_column or next((text for text, _ in _KNOWN if text in found), "text")
    label = label_column or next((label for _, label in _KNOWN if label in found), "label")
    if text == label:
        raise InputError(f"{path}: the column {text!r} is named for texts and labels; name one for each")
    return _once(path, text, found), _once(path, label, found)


def text_alone(path: Path, found: list[str], text_column: str | None) -> tuple[str, ...]:
    """Return the name of the column of the texts alone, in a tuple; one that is None has its usual name."""
    known = [text for text, _ in _KNOWN if text in found]
    if text_column is None and len(known) != 1:
        raise InputError(
            f"{path} has the columns {_shown(found)}; wanted is one of text, review, processed "
            "(rename it, or name it with --text-column)"
        )
    return (_once(path, text_column or known[0], found),)


def _once(path: Path, name: str, found: list[str]) -> str:
    if found.count(name) != 1:
        many = found.count(name) or "no"
        columns = "column" if many == "no" else "columns"
        raise InputError(f"{path} has {many} {columns} {name!r}; its columns are {_shown(found)}")
    return name


def _shown(names: Sequence[str]) -> str:
    """Return names on one short line: without a header they are a whole review."""
    line = ",".join(" ".join(name.split()) for name in names)
    return line if len(line) <= 80 else line[:80] + "…"


def _read_separated(path: Path, choose: Choose, separator: str) -> Table:
    rows = _separated_rows(path, separator)
    _, header = next(rows, (0, None))
    if header is None:
        raise InputError(f"{path} is empty")
    chosen = choose(path, header)
    where = [header.index(name) for name in chosen]

    def cells() -> Iterator[Row]:
        for number, (line, row) in enumerate(rows, start=1):
            place = f"{path}, row {number} (line {line})"
            if len(row) != len(header):
                what = f"is the file cut off, or a {_SEPARATORS[separator]} not in quotes?"
                raise InputError(f"{place} has {len(row)} columns and the first line {len(header)}; {what}")
            yield place, [row[i] for i in where]

    return chosen, cells()


def _separated_rows(path: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and the cells of each row that is not blank, the header too."""
    reader = csv.reader(_lines(path), delimiter=separator, strict=True)
    row: list[str] | None = []
    while row is not None:
        if row:
            yield reader.line_num, row
        limit = csv.field_size_limit(sys.maxsize)  # of the whole process, so that it must not stay
        try:
            row = next(reader, None)
        except csv.Error as error:
            what = "is the file cut off, or a quotation mark in a quoted text not doubled?"
            raise InputError(f"{path}, line {reader.line_num}: {error}; {what}") from error
        finally:
            csv.field_size_limit(limit)


def _read_json_lines(path: Path, choose: Choose) -> Table:
    rows = _json_rows(path)
    first = next(rows, None)
    if first is None:
        raise InputError(f"{path} is empty")
    chosen = choose(path, list(first[1]))

    def cells() -> Iterator[Row]:
        for place, row in chain([first], rows):
            for name in chosen:
                if name not in row:
                    raise InputError(f"{place} has no {name!r}; its columns are {_shown(list(row))}")
            yield place, [row[name] for name in chosen]

    return chosen, cells()


def _json_rows(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the place and the object of each line that is not blank."""
    for number, line in enumerate(_lines(path), start=1):
        place = f"{path}, line {number}"
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_object)
            if "\\u" in line:
                json.dumps(row, ensure_ascii=False).encode()  # fails on half a character, as "\ud83d"
        except (ValueError, RecursionError) as error:
            what = error.msg if isinstance(error, json.JSONDecodeError) else error
            raise InputError(f"{place} is not valid JSON ({what}); is the file cut off?") from error
        if not isinstance(row, dict):
            raise InputError(f'{place} is no JSON object; write each row as {{"text": "…", "label": "…"}}')
        yield place, row


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return a JSON object, whose keys must differ: of two values `json` keeps the last, in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, line in enumerate(file, start=1):
                if "\0" in line:
                    raise InputError(f"{path}, line {number}: a NUL byte; is it UTF-16? Save it as UTF-8")
                yield line
    except UnicodeDecodeError as error:
        raise InputError(_not_utf8(path)) from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _not_utf8(path: Path) -> str:
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return f"{path} is UTF-16; save it as UTF-8"
        line = content.count(b"\n", 0, error.start) + 1
        return f"{path}, line {line}: not UTF-8 at byte {error.start} of the file; save it as UTF-8"
    return f"{path} changed while it was read; try again"


def _read_parquet(path: Path, choose: Choose) -> Table:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow") from error
    try:
        with parquet.ParquetFile(path, page_checksum_verification=True) as file:
            names = [name for name in file.schema_arrow.names if not name.startswith("__index_level_")]
            chosen = choose(path, names)
            table = file.read(columns=list(chosen))
    except (pyarrow.ArrowException, OSError) as error:
        what = "is empty" if path.is_file() and not path.stat().st_size else "is cut off or no parquet file"
        raise InputError(f"{path} {what}; get it again") from error
    columns = [_cells(path, table.column(name)) for name in chosen]
    rows = enumerate(zip(*columns, strict=True), start=1)
    return chosen, ((f"{path}, row {number}", cells) for number, cells in rows)


def _cells(path: Path, column: Any) -> Iterator[object]:
    """Yield the values of a column of an Arrow table as Python objects."""
    for number, cell in enumerate(column, start=1):
        try:
            yield cell.as_py()
        except (ValueError, OverflowError) as error:  # no UTF-8; a date that Python has not
            raise InputError(
                f"{path}, row {number}: {error}; save texts as UTF-8, and labels as texts"
            ) from error


#: The reader of each ending that there is; a further separator is a `partial` of `_read_separated`. A reader
#: calls `choose` before it returns, and yields the cells of the chosen columns: text is a str, labels may be
#: of any type.
_READERS: dict[str, Callable[[Path, Choose], Table]] = {
    ".csv": partial(_read_separated, separator=","),
    ".tsv": partial(_read_separated, separator="\t"),
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".parquet": _read_parquet,
}
SUFFIXES = tuple(_READERS)
