"""Fetching the public Large Movie Review Dataset (Maas et al., 2011): checksum, progress bar and cache."""

from __future__ import annotations

import os
from pathlib import Path

from hardmax.errors import InputError, MissingExtraError

IMDB_URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
IMDB_CHECKSUM = "md5:7c2ac02c03563afcf9b574c7e56c153a"
IMDB_FILE = "aclImdb_v1.tar.gz"
_SECONDS_WITHOUT_DATA = 30


def download(
    name: str = "imdb",
    to: str | os.PathLike[str] | None = None,
    url: str | None = None,
    checksum: str | None = None,
    progress: bool = True,
) -> Path:
    """Fetch the reviews, unless a file with the right checksum is there already, and give the file's path.

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
        raise MissingExtraError(error.name or "pooch", "sentiment") from error
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
