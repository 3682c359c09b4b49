"""Reading the files of a tar.gz archive that have certain names, so that none is lost in silence."""

import os
import posixpath
import re
import tarfile
import zlib
from collections.abc import Iterator
from gzip import GzipFile
from pathlib import Path

from hardmax.errors import InputError

#: The most bytes of one file, and of all that are read: an archive can hold a thousand times its own size.
LARGEST_REVIEW, LARGEST_TOTAL = 10_000_000, 1_000_000_000
_LARGEST_EXTRA, _LARGEST_SKIPPED, _LONGEST_NAME = 1_000_000, 1 << 50, 1000
_EXTRA = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_REGULAR = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_RECORD = re.compile(rb"(\d{1,7}) ([^=\n]{1,1000})=")


def files_of_archive(path: Path, wanted: re.Pattern[str]) -> dict[str, bytes]:
    """Return the contents, by name, of the files whose names hold the pattern `wanted`.

    Raises
    ------
    InputError
        When the archive is cut off or damaged anywhere; when a wanted file is there twice, is too large, or
        is no regular file but a link or a folder.
    """
    found: dict[str, bytes] = {}
    try:
        with GzipFile(path) as tar:
            for name, content in _files(tar, wanted):
                if name in found:
                    raise ValueError(f"{name} is there twice")
                found[name] = content
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise InputError(
            f"cannot read {path}: read {len(found):,} reviews, and then: {what}; get it or pack it again"
        ) from error
    return found


def _files(tar: GzipFile, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of the wanted files of a tar file, and read it to its end.

    The module tarfile takes a damaged header for the end of the archive, without a word; so only what it has
    for a single header is used.
    """
    left = LARGEST_TOTAL
    extra: dict[str, str] = {}  # what headers of their own say of the next file: its path, its size
    while (header := _read(tar, "a header", tarfile.BLOCKSIZE)).strip(b"\0"):
        member = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
        if member.type in _EXTRA:
            extra |= _extra(member.type, _read(tar, "a header", member.size))
            continue
        if member.type == tarfile.GNUTYPE_SPARSE or any(key.startswith("GNU.sparse") for key in extra):
            raise ValueError("a file is sparse")
        name, size = posixpath.normpath(extra.get("path", member.name)), int(extra.get("size", member.size))
        extra = {}
        if wanted.search(name):
            if member.type not in _REGULAR or len(name) > _LONGEST_NAME:
                raise ValueError(f"{name[-100:]} is no regular file, or its name is too long")
            yield name, _read(tar, name, size, min(left, LARGEST_REVIEW))
            left -= size
        elif member.isreg() or member.type not in tarfile.SUPPORTED_TYPES:
            tar.seek(_in_blocks("a file", size, _LARGEST_SKIPPED), os.SEEK_CUR)
    while rest := tar.read(1 << 20):  # also for the checksum, which is at the end
        if rest.strip(b"\0"):
            raise ValueError("more follows the end of the archive")


def _extra(kind: bytes, content: bytes) -> dict[str, str]:
    """Return what a header of its own says of the next file, by the names of the pax format."""
    if kind in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
        if content.find(b"\0") < 1:  # the name ends with it
            raise ValueError("a long name is damaged")
        return {"path" if kind == tarfile.GNUTYPE_LONGNAME else "linkpath": _text(content.split(b"\0")[0])}
    records: dict[str, str] = {}
    end = 0
    while end < len(content):
        record = _RECORD.match(content, end)
        end += int(record[1]) if record else 0
        if record is None or end <= record.end() or content[end - 1 : end] != b"\n":
            raise ValueError("a pax header is damaged")
        records[_text(record[2])] = _text(content[record.end() : end - 1])
    if not re.fullmatch("[0-9]{1,19}", records.get("size", "0")):
        raise ValueError("a pax header has a size that is no number")
    return records


def _read(tar: GzipFile, what: str, size: int, most: int = _LARGEST_EXTRA) -> bytes:
    """Return the next `size` bytes of a tar file, and go on to the end of their last block."""
    content = tar.read(length := _in_blocks(what, size, most))
    if len(content) < length:
        raise EOFError(f"it is cut off in {what}")
    return content[:size]


def _in_blocks(what: str, size: int, most: int) -> int:
    if not 0 <= size <= most:
        raise ValueError(f"{what} has a size that is not from 0 to {most:,} bytes")
    return size + -size % tarfile.BLOCKSIZE


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
