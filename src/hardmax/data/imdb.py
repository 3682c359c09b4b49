"""The public Large Movie Review Dataset (Maas et al., 2011): its download and its original form.

The original form is a tar.gz file with a text file a review, or the folder that it unpacks to.
"""

import gzip
import os
import re
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from hardmax.data.reviews import Row
from hardmax.errors import InputError, MissingExtraError

IMDB_URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
IMDB_CHECKSUM = "md5:7c2ac02c03563afcf9b574c7e56c153a"
IMDB_FILE = "aclImdb_v1.tar.gz"
_SECONDS_WITHOUT_DATA = 30

# aclImdb/train/pos/127_9.txt: the 127th positive training review, which gave 9 stars.
_NAME = re.compile(r"(?:^|/)(train|test)/(pos|neg)/(\d+)_\d+\.txt$")


def download(
    name: str = "imdb",
    to: str | os.PathLike[str] | None = None,
    url: str | None = None,
    checksum: str | None = None,
    progress: bool = True,
) -> Path:
    """Fetch the reviews, unless a file with the right checksum is there already; return the file's path.

    Parameters
    ----------
    name
        The data set; "imdb" is the one there is.
    to
        The folder to put the file `aclImdb_v1.tar.gz` into; by default pooch's cache folder.
    url
        Where to fetch it; by default the environment variable HARDMAX_IMDB_URL, and else the data set's home.
    checksum
        What the file must have, as "md5:..." or "sha256:..."; by default that of the public file.
    progress
        Whether to draw a progress bar on standard error.

    Raises
    ------
    InputError
        When the file cannot be fetched whole or its checksum is another; nothing is changed in `to` then.
    MissingExtraError
        When pooch or tqdm are not installed.
    """
    if name != "imdb":
        raise InputError(f"there is no data set {name!r} to download; the one there is: imdb")
    try:
        import pooch
        import requests
        import tqdm  # noqa: F401 (pooch draws its bar with it)
    except ImportError as error:
        raise MissingExtraError(error.name or "pooch") from error
    url = url or os.environ.get("HARDMAX_IMDB_URL") or IMDB_URL
    if not url.startswith(("http://", "https://")):
        raise InputError(f"the address {url!r} does not begin with http:// or https://; correct it")
    checksum = checksum or IMDB_CHECKSUM
    folder = Path(to) if to is not None else Path(pooch.os_cache("hardmax"))
    downloader = pooch.HTTPDownloader(progressbar=progress, timeout=_SECONDS_WITHOUT_DATA)
    try:
        # pooch writes to a temporary name and renames it when the checksum is right.
        return Path(pooch.retrieve(url, checksum, fname=IMDB_FILE, path=folder, downloader=downloader))
    except requests.HTTPError as error:
        raise InputError(f"cannot fetch {url}: {error.args[0]}; correct the address") from error
    except requests.RequestException as error:
        what = type(error).__name__
        raise InputError(f"cannot fetch {url}: no connection, or it broke ({what}); try again") from error
    except OSError as error:
        raise InputError(f"cannot write {folder / IMDB_FILE}: {error.strerror or error}") from error
    except ValueError as error:
        raise InputError(f"the file at {url} does not have the checksum {checksum}; try again") from error


def read_archive(path: Path, splits: Sequence[str]) -> Iterator[Row]:
    """Yield the reviews in a tar.gz file, which is read once and not unpacked."""
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
    yield from _in_order(found, splits, path)


def read_folder(path: Path, splits: Sequence[str]) -> Iterator[Row]:
    """Yield the reviews in the folder that the tar.gz file unpacks to."""
    folders = [path / split / label for split in splits for label in ("neg", "pos")]
    files = [file for folder in folders for file in folder.glob("*.txt")]
    try:
        found = [(file.relative_to(path).as_posix(), file.read_bytes()) for file in files]
    except OSError as error:
        raise InputError(f"cannot read {error.filename}: {error.strerror}") from error
    yield from _in_order(found, splits, path)


def _in_order(found: Sequence[tuple[str, bytes]], splits: Sequence[str], path: Path) -> Iterator[Row]:
    """Yield the reviews by split, number and label, so that positive and negative ones take turns."""
    rows = []
    for name, content in found:
        if (match := _NAME.search(name)) and match[1] in splits:
            rows.append((splits.index(match[1]), int(match[3]), match[2], name, content))
    if not rows:
        raise InputError(
            f"{path} holds no reviews; it must have files as train/pos/0_9.txt and test/neg/0_2.txt"
        )
    for _, _, label, name, content in sorted(rows):
        place = f"{path}, {name}"
        try:
            yield place, (content.decode("utf-8"), label)
        except UnicodeDecodeError as error:
            raise InputError(f"{place} is not UTF-8 at byte {error.start}; save it as UTF-8") from error
