"""The reviews of an experiment: read, divided into a training and a test split, cut into words once."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import Any

import numpy as np
from tqdm import tqdm

from hardmax._support.folders import output_folder
from hardmax.data.imdb import download
from hardmax.data.reviews import Reviews
from hardmax.data.sources import SPLITS, read_reviews, splits_of, write_processed
from hardmax.errors import InputError
from hardmax.training.prepare import documents_of

TRAIN_FRACTION = 0.7
QUICK_TRAIN, QUICK_TEST = 4000, 2000


@dataclass(frozen=True)
class Splits:
    """Reviews to learn from and to test on."""

    train: Reviews
    test: Reviews
    source: str  # the file or folder that they come from
    own_splits: bool  # whether the source has these splits itself; else its first rows are for training
    sampled: bool  # whether each split is a random sample, for a quick run

    @property
    def fingerprint(self) -> str:
        """A digest of all texts and labels."""
        digest = hashlib.sha256()
        for split in (self.train, self.test):
            for text in split.texts:
                digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
            digest.update(split.labels.tobytes())
        return digest.hexdigest()[:16]

    @property
    def about(self) -> dict[str, Any]:
        """What pages say about the reviews, as plain JSON."""
        return {
            "source": self.source,
            "own_splits": self.own_splits,
            "sampled": self.sampled,
            "processed": self.train.processed,
            "train_reviews": len(self.train),
            "test_reviews": len(self.test),
            "train_positive": int(self.train.labels.sum()),
            "test_positive": int(self.test.labels.sum()),
        }


def division(about: Mapping[str, Any]) -> str:
    """Return in words how reviews were divided, from their `Splits.about`.

    Examples
    --------
    >>> division({"own_splits": True, "sampled": True, "processed": False})
    "the source's own training and test splits; a random sample of each"
    """
    text = "the source's own training and test splits"
    if not about["own_splits"]:
        text = "the first 70 % of the rows for training and the rest for testing, as in the paper"
    if about["sampled"]:
        text += "; a random sample of each"
    if about["processed"]:
        text += "; the texts were cut into words already, so no pipeline was run"
    return text


def read_splits(data: str | os.PathLike[str] | None, quick: bool = False, progress: bool = False) -> Splits:
    """Read the reviews in the splits of their source, or else divided by rows as in the paper.

    Without `data` the public data set is downloaded. A `quick` run keeps at most 4,000 reviews to train on
    and 2,000 to test on, the same random sample each time.
    """
    path = Path(data) if data is not None else download(progress=progress)
    own_splits = set(splits_of(path)) == set(SPLITS)
    if own_splits:
        train, test = (read_reviews(path, split) for split in SPLITS)
    else:
        reviews = read_reviews(path)
        cut = round(TRAIN_FRACTION * len(reviews))
        train, test = reviews[:cut], reviews[cut:]
    sampled = quick and (len(train) > QUICK_TRAIN or len(test) > QUICK_TEST)
    if sampled:
        train, test = _sample(train, QUICK_TRAIN), _sample(test, QUICK_TEST)
    for split, reviews in (("training", train), ("test", test)):
        if reviews.classes != (0, 1):
            raise InputError(
                f"{path} has the labels {reviews.classes}; give reviews with positive and negative"
            )
        if not 0 < reviews.labels.sum() < len(reviews):
            raise InputError(
                f"the {split} split of {path} has {len(reviews)} reviews, {reviews.labels.sum()} of them "
                "positive; both kinds are needed"
            )
    return Splits(train, test, str(path), own_splits, sampled)


def _sample(reviews: Reviews, most: int) -> Reviews:
    if len(reviews) <= most:
        return reviews
    return reviews[np.sort(np.random.default_rng(0).choice(len(reviews), most, replace=False))]


def write_words(
    splits: Splits, folder: Path, pipeline: str, processes: int, progress: bool = False
) -> list[Path]:
    """Write the words of both splits as ``train.csv`` and ``test.csv``, with the columns processed,label."""
    output_folder(folder)
    files = [folder / f"{split}.csv" for split in SPLITS]
    with tqdm(total=len(splits.train) + len(splits.test), disable=not progress, unit="review") as bar:
        for file, reviews in zip(files, (splits.train, splits.test), strict=True):
            documents = documents_of(reviews, pipeline, processes, bar.update)
            write_processed(file, documents, reviews.labels.tolist())
    return files


def read_words(folder: Path, split: str) -> tuple[list[list[str]], Any]:
    """Return the words of each review of a split, as `write_words` wrote them, and the labels."""
    reviews = read_reviews(folder / f"{split}.csv")
    # One string in memory serves all occurrences of a word.
    return [[intern(word) for word in text.split()] for text in reviews.texts], reviews.labels
