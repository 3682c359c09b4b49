"""Folders to write to: made, empty, and kept from other processes while one works there."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hardmax._support.files import RANDOM
from hardmax.errors import InputError

#: The file whose lock keeps other processes out of a folder.
LOCK = ".hardmax.lock"


def output_folder(path: str | os.PathLike[str]) -> Path:
    """Make the folder `path` unless it exists, and return it."""
    if not os.fspath(path):  # `Path` takes it for the current folder
        raise InputError("the path of the folder to write to is empty; give one")
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        what = "a link to nowhere" if path.is_symlink() else "a file"
        raise InputError(f"{path} is {what}; give a folder to write to") from error
    except OSError as error:
        raise InputError(f"cannot make the folder {path}: {error.strerror or error}") from error
    return path


def new_folder(path: str | os.PathLike[str]) -> Path:
    """Make the folder `path`, which must be empty if it exists so that nothing is lost, and return it."""
    with made_folder(path) as folder:
        if not is_empty(folder):
            raise InputError(f"{folder} is not empty; give another folder")
    return folder


@contextmanager
def made_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Make the folder `path` unless it exists; when the block fails, remove what was made and is empty."""
    folder = Path(path)
    new = [place for place in (folder, *folder.parents) if not os.access(place, os.F_OK)]
    try:
        yield output_folder(path)
    except BaseException:
        for place in new:
            with suppress(OSError):  # the reason of the failure is what counts
                place.rmdir()
        raise


@contextmanager
def locked_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Do the same as `made_folder`, and keep other processes out of the folder while the block runs.

    The lock is the system's, which a process that is killed cannot leave behind. A thread that has it may
    enter again. Where the file system has no locks, the block runs without one.
    """
    from filelock import FileLock, Timeout  # not brought by the core of the package

    with made_folder(path) as folder:
        lock = FileLock(folder / LOCK, timeout=0, is_singleton=True, fallback_to_soft=False)
        try:
            lock.acquire()
        except Timeout:
            raise InputError(
                f"another process works in {folder}; wait until it ends, or give another folder"
            ) from None
        except OSError:  # no locks here, or nothing can be written, as the first file will tell
            pass
        try:
            yield folder
        finally:
            if lock.lock_counter == 1:
                with suppress(OSError):
                    (folder / LOCK).unlink()
            lock.release()


def is_empty(folder: Path) -> bool:
    """Return whether a folder holds nothing, but for what a process that was killed has left."""
    left = rf"\..*-{RANDOM}(\..*)?|{re.escape(LOCK)}"
    return all(re.fullmatch(left, file.name, re.DOTALL) for file in folder.iterdir())
