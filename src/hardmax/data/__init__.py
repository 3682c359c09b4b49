"""Labelled texts: from files, archives and downloads, and the sample that comes with the package."""

from hardmax.data.imdb import download
from hardmax.data.reviews import Reviews
from hardmax.data.sample import sample_reviews
from hardmax.data.sources import read_reviews, splits_of

__all__ = ["Reviews", "download", "read_reviews", "sample_reviews", "splits_of"]
