"""Trajectories in ``.npz`` files, without pickle, and tokens in the files that people have them in."""

import csv
import io
import json
import os
from array import array
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import numpy as np
import numpy.typing as npt

from hardmax._support.checks import shown
from hardmax._support.files import plain_file, read_bytes, replacing
from hardmax.dynamics.packing import Array, checked_tokens
from hardmax.dynamics.rules.base import Rule
from hardmax.dynamics.rules.stored import plain, rule_of
from hardmax.errors import InputError

#: Bytes of arrays in a file, of the description of a rule, of the headers of both, and of tokens as text.
_LARGEST_ARRAYS, _LARGEST_RULE, _HEADERS, _LARGEST_CSV = 2**31, 2**28, 2**14, 2**26
_WHOLE = (np.int32, np.int64)


def write_trajectory(path: str | os.PathLike[str], rule: Rule, arrays: dict[str, Array]) -> None:
    """Write the rule and the arrays of a trajectory."""
    try:
        about = np.array(json.dumps({"rule": rule.to_dict()}, default=plain))
    except (TypeError, ValueError) as error:
        raise InputError(f"the rule {shown(rule)} cannot be written to a file: {error}") from error
    size = about.nbytes + sum(array.nbytes for array in arrays.values())
    if size > _LARGEST_ARRAYS or about.nbytes > _LARGEST_RULE:
        raise InputError(
            f"cannot write {path}: {size:,} bytes would not be read again; simulate fewer layers, or keep "
            "the positions alone with numpy.save"
        )
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **(arrays | {"about": about}))  # type: ignore[arg-type]


def read_trajectory(path: str | os.PathLike[str], names: list[str]) -> tuple[Rule, dict[str, Array]]:
    """Read the rule and the arrays, of the given names, of a trajectory."""
    if not os.path.lexists(path):
        raise InputError(f"there is no file {path}; give one that a trajectory was saved to")
    try:
        with ZipFile(plain_file(path)) as packed:
            _check_sizes(packed.infolist(), [*names, "about"])
        with np.load(Path(path), allow_pickle=False) as file:
            about = json.loads(str(file["about"]))
            arrays = {name: file[name] for name in names}
        if isinstance(about["rule"], str):  # as before rules could be a user's own
            about = {"rule": {"module": "hardmax", "name": about.pop("rule"), "values": about}}
        rule = rule_of(about["rule"])
        _check(arrays)
        rule.matrix(arrays["points"].shape[2])
    except Exception as error:  # NumPy, zip, JSON, and the rule of the file each fail in their own ways
        raise InputError(f"{path} is not a trajectory, or is cut off ({error})") from error
    return rule, arrays


def _check_sizes(members: list[ZipInfo], names: list[str]) -> None:
    """Refuse arrays that would take more memory than those of a trajectory, before they are unpacked."""
    sizes = {member.filename.removesuffix(".npy"): member.file_size for member in members}
    if sorted(sizes) != sorted(names) or len(sizes) != len(members):
        raise InputError(f"it holds other arrays than {', '.join(names)}")
    size = sum(sizes.values())
    if size > _LARGEST_ARRAYS + _HEADERS or sizes["about"] > _LARGEST_RULE + _HEADERS:
        raise InputError(f"it unpacks to {size:,} bytes, and at most {_LARGEST_ARRAYS:,} are read")


def _check(arrays: dict[str, Array]) -> None:
    """Refuse arrays of a file that do not fit together."""
    points, n = arrays["points"], arrays["point_of"].size
    if points.ndim != 3 or points.dtype not in (np.float32, np.float64) or len(points) == 0:
        raise InputError(f"points are {points.dtype} of shape {points.shape}")
    layers, m, dim = points.shape
    ranges = {"first": (0, m - 1), "ties": (1, m), "point_of": (0, m - 1), "settled_at": (-1, layers - 1)}
    shapes = {"first": (layers, m), "ties": (layers, m), "targets": (m, dim), "settled_at": (m,)}
    shapes |= {"point_of": (n,), "weights": (n,)}
    for name, shape in shapes.items():
        dtype = arrays[name].dtype
        if arrays[name].shape != shape or (dtype not in _WHOLE if name in ranges else dtype != points.dtype):
            raise InputError(f"{name} are {dtype} of shape {arrays[name].shape} for points of {points.shape}")
    for name, (least, most) in ranges.items():
        if not ((arrays[name] >= least) & (arrays[name] <= most)).all():
            raise InputError(f"{name} has a number that is not from {least} to {most}")
    weights = arrays["weights"]
    if len(np.unique(arrays["point_of"])) != m or not ((weights > 0) & (weights < np.inf)).all():
        raise InputError("it has a point without a token, or a token without a weight")


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
    return checked_tokens(read(path), str(path))


def _read_npy(path: Path) -> npt.ArrayLike:
    path = plain_file(path, _LARGEST_ARRAYS)
    try:
        with np.errstate(over="ignore"), path.open("rb") as file:
            np.lib.format.open_memmap(path, mode="r")  # fails where a header claims more than the file holds
            loaded: Array = np.lib.format.read_array(file, allow_pickle=False)
            return loaded
    except Exception as error:  # NumPy refuses a header in many ways
        raise InputError(f"{path} is not a .npy file of numbers, or is cut off ({error})") from error


def _read_csv(path: Path) -> npt.ArrayLike:
    content = read_bytes(path, _LARGEST_CSV)
    numbers, width = array("d"), 0
    try:
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        filled = ((number, row) for number, row in enumerate(lines, start=1) if row)
        for place, (number, row) in enumerate(filled):
            if place == 0 and not any(map(_is_number, row)):
                continue  # the names
            width = width or len(row)
            if len(row) != width:
                raise InputError(
                    f"{path}, line {number}: {len(row)} numbers where the first token has {width}"
                )
            for column, cell in enumerate(row, start=1):
                if not _is_number(cell):
                    raise InputError(f"{path}, line {number}, column {column}: {cell!r} is no number")
            numbers.extend(map(float, row))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is not a CSV file in UTF-8 ({error})") from error
    if not numbers:
        raise InputError(f"{path} holds no token; give one token a row, its coordinates separated by commas")
    return np.array(numbers).reshape(-1, width)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
