"""What all studies share: the folder of the reviews, and logistic regression, with which they compare."""

from __future__ import annotations

import os
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from hardmax.errors import InputError


def reviews_folder() -> Path:
    """Return the folder of the real reviews, which the environment variable HARDMAX_DATA names.

    Raises
    ------
    InputError
        When it names none.
    """
    folder = os.environ.get("HARDMAX_DATA", "")
    if not Path(folder or "-").is_dir():
        raise InputError(f"HARDMAX_DATA is {folder!r}; set it to the folder of the real reviews")
    return Path(folder)


def logistic_regression(pairs: bool) -> Pipeline:
    """Return logistic regression on the TF-IDF of tokens, those that occur in two reviews or more.

    The strength of its penalty and the least frequency did best of a few that were tried on held-out films
    of the training reviews, before pairs held function words.

    Parameters
    ----------
    pairs : bool
        Whether pairs of words are among the tokens.
    """
    vectorizer = TfidfVectorizer(analyzer=list, min_df=2, sublinear_tf=True)
    return make_pipeline(vectorizer, LogisticRegression(C=10 if pairs else 2, max_iter=1_000))
