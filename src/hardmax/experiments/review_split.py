"""The reviews of a reproduction: read, divided into training and test part, cut into words once."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import Any

import numpy as np
from tqdm import tqdm

from hardmax.errors import InputError
from hardmax._support.files import output_folder
from hardmax.data.sources import (
    SPLITS,
    Reviews,
    documents_of,
    read_reviews,
    splits_of,
    write_processed,
)
from hardmax.data.download import download

TRAIN_SHARE = 0.7
QUICK_TRAIN, QUICK_TEST = 4000, 2000


@dataclass(frozen=True)
class Parts:
    """Reviews to learn from and to test on.

    Attributes
    ----------
    train, test : Reviews
        The parts.
    source : str
        Where they were read.
    division : str
        How they were divided, for the report.
    """

    train: Reviews
    test: Reviews
    source: str
    division: str

    @property
    def fingerprint(self) -> str:
        """A digest of all texts and labels."""
        digest = hashlib.sha256()
        for part in (self.train, self.test):
            for text in part.texts:
                digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
            digest.update(part.labels.tobytes())
        return digest.hexdigest()[:16]

    @property
    def about(self) -> dict[str, Any]:
        """What the report tells of them."""
        return {
            "source": self.source,
            "division": self.division,
            "train_reviews": len(self.train),
            "test_reviews": len(self.test),
            "train_positive": int(self.train.labels.sum()),
            "test_positive": int(self.test.labels.sum()),
        }


def read_parts(data: str | os.PathLike[str] | None, quick: bool = False, progress: bool = False) -> Parts:
    """Read the reviews, divided into parts by their source or else as the paper does.

    Parameters
    ----------
    data : path, optional
        Any source that `read_reviews` knows; the public data set is downloaded when not given.
    quick : bool
        Take a part only, drawn at random but always the same.
    progress : bool
        Show a bar for the download.

    Raises
    ------
    InputError
        When the source cannot be read, or a part lacks positive or negative reviews.
    """
    path = Path(data) if data is not None else download(progress=progress)
    if set(splits_of(path)) == set(SPLITS):
        train, test = (read_reviews(path, split) for split in SPLITS)
        division = "the source's own train and test parts"
    else:
        reviews = read_reviews(path)
        cut = round(TRAIN_SHARE * len(reviews))
        train, test = reviews[:cut], reviews[cut:]
        division = "the first 70 % of the rows are for training, the last 30 % for testing, as in the paper"
    if quick:
        train, test = _some(train, QUICK_TRAIN), _some(test, QUICK_TEST)
        division += "; of each a random part"
    if train.processed:
        division += "; the file holds words already, so no pipeline was run"
    for part, reviews in (("training", train), ("test", test)):
        if not 0 < reviews.labels.sum() < len(reviews):
            raise InputError(
                f"the {part} part of {path} has {len(reviews)} reviews, {reviews.labels.sum()} of them "
                "positive; both kinds are needed"
            )
    return Parts(train, test, str(path), division)


def _some(reviews: Reviews, most: int) -> Reviews:
    if len(reviews) <= most:
        return reviews
    return reviews[np.sort(np.random.default_rng(0).choice(len(reviews), most, replace=False))]


def write_words(parts: Parts, folder: Path, pipeline: str, processes: int, progress: bool = False) -> None:
    """Write ``train.csv`` and ``test.csv`` in the form of the paper's own preprocessed file."""
    output_folder(folder)
    with tqdm(total=len(parts.train) + len(parts.test), disable=not progress, unit="review") as bar:
        for split, reviews in (("train", parts.train), ("test", parts.test)):
            documents = documents_of(reviews, pipeline, processes, bar.update)
            write_processed(folder / f"{split}.csv", documents, reviews.labels.tolist())


def read_words(folder: Path, split: str) -> tuple[list[list[str]], Any]:
    """Read back the words and the label of each review of a part."""
    reviews = read_reviews(folder / f"{split}.csv")
    # A word is said many times; one string in memory serves all of them.
    return [[intern(word) for word in text.split()] for text in reviews.texts], reviews.labels
