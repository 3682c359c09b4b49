"""Labelled texts: from files, archives and downloads, and the sample that comes with the package."""

from hardmax.data.imdb import download
from hardmax.data.reviews import Reviews, Texts
from hardmax.data.sample import sample_reviews
from hardmax.data.sources import read_reviews, read_texts, splits_of, write_processed

__all__ = [
    "Reviews",
    "Texts",
    "download",
    "read_reviews",
    "read_texts",
    "sample_reviews",
    "splits_of",
    "write_processed",
]
