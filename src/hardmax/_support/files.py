"""Files that are written whole or not at all: under a temporary name first, then renamed."""

import json
import math
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from hardmax.errors import InputError

if sys.platform != "win32":
    import fcntl

#: The file whose lock keeps other processes out of a folder.
LOCK = ".hardmax.lock"
_RANDOM = "[0-9a-f]{16}"  # what tells temporary names apart
#: Bytes of a JSON file that is read.
LARGEST_JSON = 2**24


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path to write to, and rename it to `path` when the block succeeds.

    When the block fails, a file that was at `path` before stays as it was. The temporary name keeps
    the suffix of `path`, because many writers choose the format by it. When `path` is a link, the
    file that it points to is replaced. What the system refuses is an `InputError`. What a process
    that was killed while it wrote to `path` has left is removed.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> with replacing(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("hello")
    >>> (folder / "a.txt").read_text()
    'hello'
    """
    path = Path(path)
    target = Path(os.path.realpath(path))
    # A part of the name is enough, which may be as long as names can be, or that of such a temporary file.
    stem = re.sub(rf"^\.(.*)-{_RANDOM}$", r"\1", path.stem)
    begin, end = f".{stem[:32]}-", path.suffix
    temporary = target.with_name(f"{begin}{secrets.token_hex(8)}{end}")
    try:
        if target.is_symlink() or (target.exists() and not target.is_file()):  # renaming would remove them
            what = "it is a folder" if target.is_dir() else "it is a device, or a link to itself"
            raise InputError(f"cannot write {path}: {what}; give the name of a file")
        with suppress(OSError):
            _remove_left(target.parent, re.escape(begin) + _RANDOM + re.escape(end))
        with temporary.open("xb") as held:
            with suppress(OSError):  # some file systems have no locks
                _lock(held)
            yield temporary
            os.fsync(held.fileno())  # else a machine that fails after the renaming can leave an empty file
        temporary.replace(target)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _lock(file: IO[bytes]) -> None:
    """Lock a file that is written to, or raise `OSError`: the lock ends with the process."""
    if sys.platform != "win32":  # where no file can be removed that a process holds open
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove_left(folder: Path, name: str) -> None:
    """Remove files with a name of this pattern whose writer is gone."""
    for file in folder.iterdir():
        if re.fullmatch(name, file.name):
            with suppress(OSError):
                with file.open("rb+") as left:
                    _lock(left)
                file.unlink()


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` to `path` in UTF-8, all of it or nothing."""
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"cannot write {path}: {error}; give valid Unicode") from error
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write `value` to `path` as indented JSON, all of it or nothing, if `read_json` can read it."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    if len(text) > LARGEST_JSON // 4:  # a character has at most four bytes
        raise InputError(f"cannot write {path}: its {len(text):,} characters would not be read again")
    write_text(path, text)


def plain_file(path: str | os.PathLike[str], most: float = math.inf) -> Path:
    """Return the path of a file that may be read to its end: no pipe, no device, at most `most` bytes."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError) as error:  # the latter for a name that holds NUL
        raise InputError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"cannot read {path}: it is a folder, a pipe or a device; give a file")
    if found.st_size > most:
        raise InputError(f"cannot read {path}: it has {found.st_size:,} bytes, and at most {most:,} are read")
    return Path(path)


def read_bytes(path: str | os.PathLike[str], most: int) -> bytes:
    """Return the content of a file of at most `most` bytes, see `plain_file`."""
    path = plain_file(path, most)
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def read_json(path: str | os.PathLike[str]) -> Any:
    """Return the content of a JSON file, in which no object has two values of one name."""
    content = read_bytes(path, LARGEST_JSON)
    try:
        return json.loads(content.decode(), object_pairs_hook=_distinct)
    except (ValueError, RecursionError) as error:  # JSON, UTF-8, numbers too long, brackets too deep
        raise InputError(f"{path} does not hold valid JSON ({error}); is the file cut off?") from error


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("two values have one name")
    return found


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
    left = rf"\..*-{_RANDOM}(\..*)?|{re.escape(LOCK)}"
    return all(re.fullmatch(left, file.name, re.DOTALL) for file in folder.iterdir())
