"""Which words are words of opinion, by the lexicon of VADER (Hutto and Gilbert, 2014)."""

import numpy as np
import numpy.typing as npt

from hardmax.errors import MissingExtraError
from hardmax.text.vocabulary import Vocabulary

Mask = npt.NDArray[np.bool_]


def opinion_lexicon() -> frozenset[str]:
    """Return the words that VADER rates as positive or negative.

    Examples
    --------
    >>> lexicon = opinion_lexicon()
    >>> "wonderful" in lexicon, "boring" in lexicon, "film" in lexicon
    (True, True, False)
    """
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError as error:
        raise MissingExtraError("vaderSentiment") from error
    return frozenset(SentimentIntensityAnalyzer().lexicon)


def kinds_of(vocabulary: Vocabulary, lexicon: frozenset[str]) -> tuple[Mask, Mask]:
    """Return two (V,) masks over the ids of `vocabulary`: which are opinions, and which are pairs.

    A pair is an opinion if one of its two words is, so it has two chances where a word has one.

    Examples
    --------
    >>> opinion, pair = kinds_of(Vocabulary(["film", "good", "not good"]), frozenset(["good"]))
    >>> opinion.tolist(), pair.tolist()
    ([False, False, True, True], [False, False, False, True])
    """
    words = [token.split(" ") for token in vocabulary.tokens]
    opinion = [False, *(not lexicon.isdisjoint(each) for each in words)]  # the first is PAD
    return np.array(opinion), np.array([False, *(len(each) > 1 for each in words)])
