"""Trajectories in ``.npz`` files, without pickle, and tokens in the files that people have them in."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hardmax._support.files import replacing
from hardmax.dynamics.packing import Array, checked_tokens
from hardmax.dynamics.rules.base import Rule
from hardmax.dynamics.rules.stored import plain, rule_of
from hardmax.errors import InputError


def write_trajectory(path: str | os.PathLike[str], rule: Rule, arrays: dict[str, Array]) -> None:
    """Write the rule and the arrays of a trajectory."""
    try:
        about = json.dumps({"rule": rule.to_dict()}, default=plain)
    except TypeError as error:
        raise InputError(f"the rule {rule!r} cannot be written to a file: {error}") from error
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **(arrays | {"about": np.array(about)}))  # type: ignore[arg-type]


def read_trajectory(path: str | os.PathLike[str], names: list[str]) -> tuple[Rule, dict[str, Array]]:
    """Read the rule and the arrays, of the given names, of a trajectory."""
    try:
        with np.load(Path(path), allow_pickle=False) as file:
            about = json.loads(str(file["about"]))
            arrays = {name: file[name] for name in names}
        if isinstance(about["rule"], str):  # as before rules could be a user's own
            about = {"rule": {"module": "hardmax", "name": about.pop("rule"), "values": about}}
        rule = rule_of(about["rule"])
        _check(arrays)
        rule.matrix(arrays["points"].shape[2])
    except FileNotFoundError:
        raise InputError(f"there is no file {path}; give one that a trajectory was saved to") from None
    except Exception as error:  # NumPy, zip, JSON, and the rule of the file each fail in their own ways
        raise InputError(f"{path} is not a trajectory, or is cut off ({error})") from error
    return rule, arrays


def _check(arrays: dict[str, Array]) -> None:
    """Refuse arrays of a file that do not fit together."""
    points, point_of = arrays["points"], arrays["point_of"]
    if points.ndim != 3 or points.dtype not in (np.float32, np.float64):
        raise InputError(f"points are {points.dtype} of shape {points.shape}")
    layers, m, dim = points.shape
    shapes = {
        "first": (layers, m),
        "ties": (layers, m),
        "targets": (m, dim),
        "point_of": (point_of.size,),
        "weights": (point_of.size,),
        "settled_at": (m,),
    }
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise InputError(f"{name} has shape {arrays[name].shape}, not {shape}")
    if layers == 0 or len(np.unique(point_of)) != m:
        raise InputError("no layers, or points without a token")
    for rows in (arrays["first"], point_of):
        if rows.dtype.kind != "i" or not ((rows >= 0) & (rows < m)).all():
            raise InputError("it names points that are not there")


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
    read = {".npy": _read_npy, ".csv": _read_csv}.get(path.suffix.lower())
    if read is None:
        raise InputError(f"{path} is no .npy or .csv file; give tokens in one of these")
    try:
        tokens = read(path)
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
