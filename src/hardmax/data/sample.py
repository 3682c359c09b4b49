"""A sample of 400 short film reviews, written for this project.

They are made up, of sentences written for this purpose and put together by chance; none is taken from a data
set, and the films do not exist. They serve demonstrations and tests that need no download: real enough that a
trained model shows leaders such as 'wonderful' and 'boring', and far too simple to support any claim.
"""

from importlib.resources import as_file, files

from hardmax.data.reviews import Reviews
from hardmax.data.sources import read_reviews
from hardmax.errors import InputError

TRAIN_FRACTION = 0.75


def sample_reviews(split: str = "all") -> Reviews:
    """Return the sample: 200 positive and 200 negative reviews, in mixed order.

    Parameters
    ----------
    split
        "all", "train" (the first 300) or "test" (the other 100); each is half positive.

    Raises
    ------
    InputError
        When `split` is another word.

    Examples
    --------
    >>> reviews = sample_reviews()
    >>> len(reviews), int(reviews.labels.sum())
    (400, 200)
    """
    if split not in ("all", "train", "test"):
        raise InputError(f"split is {split!r}; choose one of all, train, test")
    with as_file(files("hardmax.data") / "sample.csv") as path:
        reviews = read_reviews(path)
    cut = round(TRAIN_FRACTION * len(reviews))
    return {"all": reviews, "train": reviews[:cut], "test": reviews[cut:]}[split]
