"""`Reading`: which tokens of a text a model reads."""

from dataclasses import dataclass

from hardmax._support.checks import keep, one_of, true_or_false, whole_number
from hardmax.text.pipelines import PIPELINES


@dataclass(frozen=True)
class Reading:
    """How texts are read: from their words to the tokens that a model sees.

    Attributes
    ----------
    max_tokens : int
        How many words of a text are read, from its beginning; function words do not count.
    pairs : int
        Two words at most this far apart are a token too, with function words left out; 0 reads single
        words alone.
    function_words : bool
        Whether a function word and its neighbour are a pair too, such as 'must see'. It needs `pairs` and a
        pipeline that keeps function words.
    repeats : bool
        Whether a token that occurs twice in a text counts twice.
    pipeline : str
        How a text becomes words: a name in `hardmax.text.PIPELINES`.
    min_count : int
        The vocabulary leaves out tokens that occur in fewer texts; with `repeats`, those that occur less
        often.
    vocabulary_from : str
        'train' counts what is read of the training texts; 'all' counts whole texts, the test texts among
        them, as the paper does.
    pad : bool
        Whether shorter texts are filled up with a token PAD that is followed and counted like any other, as
        in the paper; without it there is no padding.

    Raises
    ------
    InputError
        When a value is outside its range.

    Examples
    --------
    >>> Reading(pairs=0).max_tokens
    128
    """

    max_tokens: int = 128
    pairs: int = 1
    function_words: bool = True
    repeats: bool = False
    pipeline: str = "default"
    min_count: int = 5
    vocabulary_from: str = "train"
    pad: bool = False

    def __post_init__(self) -> None:
        keep(
            self,
            max_tokens=whole_number(self.max_tokens, "max_tokens", 1),
            pairs=whole_number(self.pairs, "pairs"),
            min_count=whole_number(self.min_count, "min_count", 1),
            function_words=true_or_false(self.function_words, "function_words"),
            repeats=true_or_false(self.repeats, "repeats"),
            pad=true_or_false(self.pad, "pad"),
            pipeline=one_of(self.pipeline, "pipeline", PIPELINES),
            vocabulary_from=one_of(self.vocabulary_from, "vocabulary_from", ("train", "all")),
        )
