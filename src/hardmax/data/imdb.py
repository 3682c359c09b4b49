"""The public Large Movie Review Dataset (Maas et al., 2011): its download and its original form.

The original form is a tar.gz file with a text file a review, or the folder that it unpacks to.
"""

import hashlib
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hardmax._support.files import replacing
from hardmax._support.folders import output_folder
from hardmax.data.archive import LARGEST_REVIEW, files_of_archive
from hardmax.data.reviews import Row
from hardmax.errors import InputError, MissingExtraError

IMDB_URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
IMDB_CHECKSUM = "md5:7c2ac02c03563afcf9b574c7e56c153a"
IMDB_FILE = "aclImdb_v1.tar.gz"
_SECONDS_WITHOUT_DATA = 30
_ORIGINAL_SPLIT = 25_000  # labelled reviews in each split
_LOG = logging.getLogger(__name__)

# aclImdb/train/pos/127_9.txt: the 127th positive training review, which gave 9 stars.
_NAME = re.compile(r"(?:^|/)(train|test)/(pos|neg)/(\d+)_\d+\.txt\Z")


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
    url = url or os.environ.get("HARDMAX_IMDB_URL") or IMDB_URL
    shown = re.sub(r"//.*@", "//…@", " ".join(url.split()))  # one line, without a password
    if not url.startswith(("http://", "https://")):
        raise InputError(f"the address {shown!r} does not begin with http:// or https://; correct it")
    checksum = checksum or IMDB_CHECKSUM
    algorithm, _, digest = checksum.partition(":")
    if algorithm not in ("md5", "sha256"):
        raise InputError(f"the checksum {checksum!r} does not begin with md5: or sha256:; correct it")

    try:
        import pooch
        import requests  # noqa: F401 (`_fetch` needs it)
        import tqdm  # noqa: F401 (pooch draws its bar with it)
    except ImportError as error:
        raise MissingExtraError(error.name or "pooch") from error

    def is_right(path: Path) -> bool:
        with path.open("rb") as file:
            return hashlib.file_digest(file, algorithm).hexdigest() == digest.lower()

    file = output_folder(to if to is not None else pooch.os_cache("hardmax")) / IMDB_FILE
    if not (file.is_file() and is_right(file)):
        with replacing(file) as temporary:
            _fetch(url, shown, temporary, progress)
            if not is_right(temporary):
                raise InputError(f"the file at {shown} does not have the checksum {checksum}; try again")
    return file


def _fetch(url: str, shown: str, target: Path, progress: bool) -> None:
    """Fetch a file from the address `url`, which messages show as `shown`."""
    import pooch
    import requests

    try:
        pooch.HTTPDownloader(progressbar=progress, timeout=_SECONDS_WITHOUT_DATA)(url, str(target), None)
    except (requests.RequestException, ValueError) as error:  # some bad host names are a ValueError
        what = f"no connection, or it broke ({type(error).__name__}); try again"
        if isinstance(error, requests.HTTPError) and error.response is not None:
            what = f"the server answers {error.response.status_code}; correct the address"
        raise InputError(f"cannot fetch {shown}: {what}") from error


def read_archive(path: Path, splits: Sequence[str]) -> Iterator[Row]:
    """Yield the reviews in a tar.gz file, which is read once and not unpacked."""
    yield from _in_order(files_of_archive(path, _NAME), splits, path)


def read_folder(path: Path, splits: Sequence[str]) -> Iterator[Row]:
    """Yield the reviews in the folder that the tar.gz file unpacks to."""
    found = {}
    try:
        for folder in (path / split / label for split in splits for label in ("neg", "pos")):
            for file in folder.iterdir() if folder.is_dir() else ():
                name = file.relative_to(path).as_posix()
                if _NAME.search(name):
                    if not file.is_file() or file.stat().st_size > LARGEST_REVIEW:
                        what = f"no regular file, or has more than {LARGEST_REVIEW:,} bytes"
                        raise InputError(f"{file} is {what}; remove it")
                    found[name] = file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {error.filename}: {error.strerror}") from error
    yield from _in_order(found, splits, path)


def _in_order(found: Mapping[str, bytes], splits: Sequence[str], path: Path) -> Iterator[Row]:
    """Yield the reviews by split, number and label, so that positive and negative ones take turns.

    If they are fewer than in the original, a warning is logged, which Python prints on standard error.
    """
    rows = []
    for name, content in found.items():
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
    if len(rows) < (whole := _ORIGINAL_SPLIT * len(splits)):
        _LOG.warning(f"{str(path)!r}: read {len(rows):,} of the {whole:,} reviews of the original")
