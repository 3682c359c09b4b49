"""The original form of the Large Movie Review Dataset: a text file a review, in folders or a tar.gz."""

from __future__ import annotations

import gzip
import re
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from hardmax.errors import InputError

# aclImdb/train/pos/127_9.txt: the 127th positive training review, which gave 9 stars.
_NAME = re.compile(r"(?:^|/)(train|test)/(pos|neg)/(\d+)_\d+\.txt$")


def read_archive(path: Path, parts: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Give (place, text, label) of each review in a tar.gz file, which is read once and not unpacked.

    Raises
    ------
    InputError
        When the file is cut off or no tar.gz file, or holds no reviews.
    """
    found: list[tuple[str, bytes]] = []
    try:
        with gzip.open(path) as unzipped, tarfile.open(fileobj=unzipped, mode="r:") as archive:
            while (member := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined]  # it would keep all 100,000
                if member.isfile() and _NAME.search(member.name):
                    content = archive.extractfile(member)
                    found.append((member.name, content.read() if content else b""))
            while unzipped.read(1 << 20):  # to the end, where the checksum is
                pass
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise InputError(f"cannot read {path} ({error}); is it cut off? Download it again") from error
    yield from _in_order(found, parts, path)


def read_folder(path: Path, parts: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Give (place, text, label) of each review in the folder that the tar.gz file unpacks to.

    Raises
    ------
    InputError
        When there are no reviews or one cannot be read.
    """
    names = [
        file for part in parts for label in ("neg", "pos") for file in (path / part / label).glob("*.txt")
    ]
    try:
        found = [(file.relative_to(path).as_posix(), file.read_bytes()) for file in names]
    except OSError as error:
        raise InputError(f"cannot read {error.filename}: {error.strerror}") from error
    yield from _in_order(found, parts, path)


def _in_order(
    found: Sequence[tuple[str, bytes]], parts: Sequence[str], path: Path
) -> Iterator[tuple[str, str, str]]:
    """Sort by part, number and label, so that positive and negative reviews take turns."""
    rows = []
    for name, content in found:
        if (match := _NAME.search(name)) and match[1] in parts:
            rows.append((parts.index(match[1]), int(match[3]), match[2], name, content))
    if not rows:
        raise InputError(
            f"{path} holds no reviews; it must have files as train/pos/0_9.txt and test/neg/0_2.txt"
        )
    for _, _, label, name, content in sorted(rows):
        place = f"{path}, {name}"
        try:
            yield place, content.decode("utf-8"), label
        except UnicodeDecodeError as error:
            raise InputError(f"{place} is not UTF-8 at byte {error.start}; save it as UTF-8") from error
