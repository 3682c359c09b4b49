"""From texts to words: the pipelines, by name, one text at a time or many on several processes.

A pipeline is two functions: `raw_words` cuts a text into raw words, and `word_rule` returns the function
from a raw word to the words that are kept of it (none, one or more). To add a pipeline, write these two and
put them into `PIPELINES`, with the function words of its language if it keeps them.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from hardmax._support.processes import starting_processes
from hardmax.errors import InputError, MissingExtraError
from hardmax.text import default, paper

_REMEMBERED_WORDS = 2_000_000
_LONGEST_REMEMBERED = 64
_TEXTS_PER_PART = 2500


@dataclass(frozen=True)
class Pipeline:
    """A way to turn a text into words; `word_rule` is called once, before the first text, to load data."""

    raw_words: Callable[[str], list[str]]
    word_rule: Callable[[], Callable[[str], tuple[str, ...]]]
    function_words: frozenset[str] = frozenset()  # read in pairs alone, see `hardmax.text.tokens`


PIPELINES: dict[str, Pipeline] = {
    "default": Pipeline(default.raw_words, default.word_rule, default.FUNCTION_WORDS),
    "paper": Pipeline(paper.raw_words, paper.word_rule),
}


class _Remembered(dict[str, tuple[str, ...]]):
    """The words of each raw word, found by `rule` when first met."""

    def __init__(self, rule: Callable[[str], tuple[str, ...]]) -> None:
        super().__init__()
        self.rule = rule

    def __missing__(self, raw: str) -> tuple[str, ...]:
        words = self.rule(raw)
        if len(raw) <= _LONGEST_REMEMBERED:
            if len(self) >= _REMEMBERED_WORDS:
                self.clear()
            self[raw] = words
        return words


@functools.cache
def splitter(pipeline: str = "default") -> Callable[[str], list[str]]:
    """Return the function from a text to its words, which remembers the words that it has met.

    Examples
    --------
    >>> splitter("default")("The plot isn't <b>dull</b>!")
    ['the', 'plot', "isn't", 'dull']
    """
    if pipeline not in PIPELINES:
        raise InputError(f"there is no text pipeline {pipeline!r}; choose one of {', '.join(PIPELINES)}")
    raw_words = PIPELINES[pipeline].raw_words
    remembered = _Remembered(PIPELINES[pipeline].word_rule())

    def words(text: str) -> list[str]:
        return list(chain.from_iterable(map(remembered.__getitem__, raw_words(text))))

    return words


def words_of(
    texts: Sequence[str],
    pipeline: str = "default",
    processes: int = 1,
    progress: Callable[[int], object] | None = None,
) -> list[list[str]]:
    """Return the words of each text, in the order of the texts, the same for any number of processes.

    Parameters
    ----------
    texts : sequence of str
        The raw texts.
    pipeline : str
        A name in `PIPELINES`.
    processes : int
        How many processes do the work; 1 starts none. They are started afresh, not forked, and do not
        import the caller's script, so that no `if __name__ == "__main__"` is needed.
    progress : callable, optional
        Called with the number of texts done since its last call, for instance `tqdm(...).update`.

    Raises
    ------
    InputError
        When a text is not a string, there is no such pipeline, or `processes` is less than 1.
    MissingExtraError
        When the pipeline needs a package that is not installed.

    Examples
    --------
    >>> words_of(["A wonderful film.", "Never boring!"])
    [['a', 'wonderful', 'film'], ['never', 'boring']]
    """
    if isinstance(texts, str):
        raise InputError("texts is one string; give a list of texts")
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"text {number} is {text!r}, not a string; every text must be a string")
    if processes < 1:
        raise InputError(f"processes is {processes}; give 1 or more")
    parts = [texts[start : start + _TEXTS_PER_PART] for start in range(0, len(texts), _TEXTS_PER_PART)]
    done: list[list[str]] = []
    for words in _words_of_parts(parts, pipeline, min(processes, len(parts))):
        done += words
        if progress is not None:
            progress(len(words))
    return done


def _words_of_parts(
    parts: Sequence[Sequence[str]], pipeline: str, processes: int
) -> Iterable[list[list[str]]]:
    splitter(pipeline)  # here even when other processes do the work: errors come from here then
    if processes <= 1:
        return (_words_of_part(part, pipeline) for part in parts)
    # joblib's processes are neither forked (numba's threads would not survive that) nor spawned by
    # multiprocessing (which runs the caller's script again).
    try:
        from joblib import Parallel, delayed
    except ImportError as error:
        raise MissingExtraError("joblib") from error
    parallel = Parallel(n_jobs=processes, batch_size=1, pre_dispatch="2*n_jobs", return_as="generator")
    with starting_processes():
        found: Iterable[list[list[str]]] = parallel(delayed(_words_of_part)(part, pipeline) for part in parts)
    return found


def _words_of_part(texts: Sequence[str], pipeline: str) -> list[list[str]]:
    words = splitter(pipeline)
    return [words(text) for text in texts]
