"""The inner loop of reading: from the numbers of a text's words to the ids of its tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

#: Numbers of words that are in no token: one that is counted, and a function word.
UNKNOWN, UNKNOWN_FUNCTION_WORD = -1, -2


@njit(cache=True)
def read(
    numbers: Any,
    offsets: Any,
    function_word: Any,
    alone: Any,
    begins: Any,
    seconds: Any,
    pair_ids: Any,
    max_tokens: int,
    pairs: int,
    with_function_words: bool,
    repeats: bool,
    words: int,
    most: int,
) -> Any:
    """Give the distinct ids (N,) of all texts, their counts (N,) and offsets (S + 1,).

    Text s has the words ``numbers[offsets[s]:offsets[s + 1]]``. ``function_word`` and ``alone`` tell of each
    number whether it is a function word, and the id of that word as a token, 0 for none. The pairs that begin
    with number f are those with ``seconds[begins[f]:begins[f + 1]]``, which rise, and their ids stand
    beside them. The rest is as in `Settings`; ids are below `words`, and there are at most `most` in all.
    """
    ids, counts = np.empty(most, np.int64), np.empty(most, np.int64)
    bounds = np.zeros(len(offsets), np.int64)
    place_of = np.full(words, -1, np.int64)  # where an id stands that was met last
    places = np.empty(len(numbers), np.int64)
    end = 0
    for text in range(len(offsets) - 1):
        begin, stop, told = end, offsets[text], 0
        while stop < offsets[text + 1]:
            number = numbers[stop]
            if number == UNKNOWN or (number >= 0 and not function_word[number]):
                if told == max_tokens:
                    break
                places[told] = stop
                told += 1
            stop += 1
        for apart in range(min(pairs, told - 1) + 1):
            for i in range(told - apart):
                first = numbers[places[i]]
                if apart:
                    second = numbers[places[i + apart]]
                    found = pair_of(first, second, begins, seconds, pair_ids)
                else:
                    found = alone[first] if first >= 0 else 0
                end = put(found, begin, end, ids, counts, place_of)
        if pairs and with_function_words:
            for i in range(offsets[text], stop - 1):
                first, second = numbers[i], numbers[i + 1]
                if first >= 0 and second >= 0 and (function_word[first] or function_word[second]):
                    found = pair_of(first, second, begins, seconds, pair_ids)
                    end = put(found, begin, end, ids, counts, place_of)
        bounds[text + 1] = end
        if not repeats:
            counts[begin:end] = 1
    return ids[:end].copy(), counts[:end].copy(), bounds


@njit(cache=True)
def pair_of(first: int, second: int, begins: Any, seconds: Any, pair_ids: Any) -> int:
    """Give the id of a pair of words, 0 for none."""
    if first < 0 or second < 0:
        return 0
    lo, hi = begins[first], begins[first + 1]
    at = lo + np.searchsorted(seconds[lo:hi], second)
    return pair_ids[at] if at < hi and seconds[at] == second else 0


@njit(cache=True)
def put(found: int, begin: int, end: int, ids: Any, counts: Any, place_of: Any) -> int:
    """Count an id of the text that begins at `begin`; give the place after its last."""
    if found == 0:
        return end
    if place_of[found] >= begin:
        counts[place_of[found]] += 1
        return end
    ids[end], counts[end], place_of[found] = found, 1, end
    return end + 1
