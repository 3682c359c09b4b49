"""Files that are written whole or not at all: under a temporary name first, then renamed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hardmax.errors import InputError


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path to write to, and rename it to `path` when the block succeeds.

    When the block fails, a file that was at `path` before stays as it was. The temporary name keeps
    the suffix of `path`, because many writers choose the format by it. When `path` is a link, the
    file that it points to is replaced.

    Raises
    ------
    InputError
        When the folder does not exist or cannot be written, the disk is full, or `path` is a folder or
        a device.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> with replacing(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("hello")
    >>> (folder / "a.txt").read_text()
    'hello'
    """
    path = Path(path)
    if path.exists() and not path.is_file():  # renaming over /dev/null would remove it
        what = "it is a folder" if path.is_dir() else "it is a device"
        raise InputError(f"cannot write {path}: {what}; give the name of a file")
    target = Path(os.path.realpath(path))
    try:
        # A part of the name is enough; the whole name may already be as long as names can be.
        handle, name = tempfile.mkstemp(prefix=f".{path.stem[:32]}-", suffix=path.suffix, dir=target.parent)
        os.close(handle)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(target)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` to `path` in UTF-8, all of it or nothing."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write `value` to `path` as indented JSON, all of it or nothing."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: str | os.PathLike[str]) -> Any:
    """Read a JSON file.

    Raises
    ------
    InputError
        When there is no such file, or it does not hold JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:  # JSON, UTF-8, numbers too long, brackets too deep
        raise InputError(f"{path} does not hold valid JSON ({error}); is the file cut off?") from error


def output_folder(path: str | os.PathLike[str]) -> Path:
    """Make the folder `path` unless it exists, and return it.

    Raises
    ------
    InputError
        When `path` is a file, or the folder cannot be made.
    """
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise InputError(f"{path} is a file; give a folder to write to") from error
    except OSError as error:
        raise InputError(f"cannot make the folder {path}: {error.strerror or error}") from error
    return path


def new_folder(path: str | os.PathLike[str]) -> Path:
    """Make the folder `path` unless it exists and is empty, and return it.

    Raises
    ------
    InputError
        When the folder is not empty, so that nothing in it can be lost; or as for `output_folder`.
    """
    folder = output_folder(path)
    if any(folder.iterdir()):
        raise InputError(f"{folder} is not empty; give another folder")
    return folder
