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

#: What tells temporary names apart.
RANDOM = "[0-9a-f]{16}"
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
    stem = re.sub(rf"^\.(.*)-{RANDOM}$", r"\1", path.stem)
    begin, end = f".{stem[:32]}-", path.suffix
    temporary = target.with_name(f"{begin}{secrets.token_hex(8)}{end}")
    try:
        if target.is_symlink() or (target.exists() and not target.is_file()):  # renaming would remove them
            what = "it is a folder" if target.is_dir() else "it is a device, or a link to itself"
            raise InputError(f"cannot write {path}: {what}; give the name of a file")
        with suppress(OSError):
            _remove_left(target.parent, re.escape(begin) + RANDOM + re.escape(end))
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
