"""Which tokens and leaders are opinions, by the lexicon of VADER (Hutto and Gilbert, 2014)."""

import numpy as np
import numpy.typing as npt

from hardmax.errors import MissingExtraError
from hardmax.experiments.measure import Measurement
from hardmax.text.vocabulary import Vocabulary


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


def opinion_fractions(
    found: Measurement, vocabulary: Vocabulary, lexicon: frozenset[str]
) -> dict[str, float | None]:
    """Return which fractions of all tokens and of the leaders are opinions.

    `leading` is the fraction of the tokens that lead. The others are fractions of opinions, among all tokens
    and among the leaders: `opinion_of_words` and `opinion_of_leading_words` of single words,
    `opinion_of_pairs` and `opinion_of_leading_pairs` of pairs, and `opinion_of_tokens` and
    `opinion_of_leaders` of both. A token counts once in each text; a fraction of nothing is None. A pair is
    an opinion if one of its two words is, so it has two chances where a word has one.
    """
    words = [token.split(" ") for token in vocabulary.tokens]
    opinion = np.array([False, *(not lexicon.isdisjoint(each) for each in words)])  # the first is PAD
    pair = np.array([False, *(len(each) > 1 for each in words)])
    kinds = {"words": ~pair, "pairs": pair, "tokens": np.ones_like(pair)}
    fractions = {"leading": _fraction(found.leading, found.frequencies)}
    for name, kind in kinds.items():
        leading = "leaders" if name == "tokens" else f"leading_{name}"
        for label, counts in ((name, found.frequencies), (leading, found.leading)):
            fractions[f"opinion_of_{label}"] = _fraction(counts[kind & opinion], counts[kind])
    return fractions


def _fraction(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> float | None:
    return float(part.sum() / whole.sum()) if whole.sum() else None
