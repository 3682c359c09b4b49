"""Reading tokens from the files that people have them in."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hardmax.dynamics.packing import Array, checked_tokens
from hardmax.errors import InputError


def read_tokens(path: str | os.PathLike[str]) -> Array:
    r"""Read an (n, d) array of tokens from a ``.npy`` or ``.csv`` file, one token a row.

    Parameters
    ----------
    path : path
        A CSV file may begin with one line of names.

    Raises
    ------
    InputError
        When the file is missing, cut off, of another kind, or holds anything but finite numbers.

    Examples
    --------
    >>> file = getfixture("tmp_path") / "tokens.csv"
    >>> _ = file.write_text("x,y\n1,0\n0.5,0.1\n")
    >>> read_tokens(file)
    array([[1. , 0. ],
           [0.5, 0.1]])
    """
    path = Path(path)
    readers = {".npy": _read_npy, ".csv": _read_csv}
    if path.suffix.lower() not in readers:
        raise InputError(f"{path} is no .npy or .csv file; give tokens in one of these")
    try:
        tokens = readers[path.suffix.lower()](path)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    return checked_tokens(tokens, str(path))


def _read_npy(path: Path) -> npt.ArrayLike:
    try:
        with path.open("rb") as file:
            loaded: Array = np.lib.format.read_array(file, allow_pickle=False)
            return loaded
    except (ValueError, EOFError) as error:
        raise InputError(f"{path} is not a .npy file of numbers, or is cut off ({error})") from error


def _read_csv(path: Path) -> npt.ArrayLike:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [(number, row) for number, row in enumerate(csv.reader(file), start=1) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is not a CSV file in UTF-8 ({error})") from error
    if rows and not any(_is_number(cell) for cell in rows[0][1]):
        rows = rows[1:]
    if not rows:
        raise InputError(f"{path} holds no token; give one token a row, its coordinates separated by commas")
    width = len(rows[0][1])
    for number, row in rows:
        if len(row) != width:
            raise InputError(f"{path}, line {number}: {len(row)} numbers where the first token has {width}")
        for column, cell in enumerate(row, start=1):
            if not _is_number(cell):
                raise InputError(f"{path}, line {number}, column {column}: {cell!r} is no number")
    return [[float(cell) for cell in row] for _, row in rows]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
