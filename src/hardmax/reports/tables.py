"""Tables as lists of rows, and their CSV files."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hardmax._support.files import replacing
from hardmax.errors import InputError

#: Rows with the same column names; None where there is no number.
Table = list[dict[str, Any]]


def write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write rows as a CSV file with a header, None as an empty field, and return its path."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_table(path: Path) -> Table:
    """Return the rows that `write_table` wrote; a field that is a number is read as one.

    Examples
    --------
    >>> file = getfixture("tmp_path") / "leaders.csv"
    >>> _ = write_table(file, [{"word": "great", "count": 1247, "logit": None}])
    >>> read_table(file)
    [{'word': 'great', 'count': 1247, 'logit': None}]
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [{name: _value(text) for name, text in row.items()} for row in csv.DictReader(file)]
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path} ({error}); delete it to have it made again") from error


def _value(text: str) -> str | float | int | None:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text or None
