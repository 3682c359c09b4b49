"""The inner loops of reading: from the numbers of a text's words to its tokens, and to their ids."""

from typing import Any, NamedTuple

import numpy as np

from hardmax._support.kernels import njit

#: The number of a word that has none; function words have the lowest numbers.
UNKNOWN = -1
#: Stands for the second word of a token that is one word.
NONE = -2


class PairIndex(NamedTuple):
    """The ids of words and of pairs of words, by the numbers of the words."""

    alone: Any  # (P,): the id of each word as a token, 0 for none
    begins: Any  # (P + 1,): the pairs whose first word is f are those from begins[f] to begins[f + 1] - 1
    second_words: Any  # (Q,): the second word of each pair, in rising order for each first word
    pair_ids: Any  # (Q,): the id of each pair


@njit(cache=True)
def tokens(
    words: Any, offsets: Any, function_words: int, max_tokens: int, pairs: int, neighbours: bool, most: int
) -> Any:
    """Return the first and second words (N,) of the tokens of all texts, and the offsets (S + 1,) of these.

    Text s has the words with the numbers ``words[offsets[s]:offsets[s + 1]]``; those from 0 to
    `function_words` - 1 are function words. There are at most `most` tokens. The other settings are those of
    `Reading`, and the order is that of `hardmax.text.tokens.tokens_of`.
    """
    firsts, seconds = np.empty(most, np.int32), np.empty(most, np.int32)
    bounds = np.zeros(len(offsets), np.int64)
    places = np.empty(len(words), np.int64)
    end = 0
    for text in range(len(offsets) - 1):
        stop, single = offsets[text], 0
        while stop < offsets[text + 1]:
            if not 0 <= words[stop] < function_words:
                if single == max_tokens:
                    break
                places[single] = stop
                single += 1
            stop += 1
        for i in range(single):
            firsts[end], seconds[end] = words[places[i]], NONE
            end += 1
        for apart in range(1, min(pairs, single - 1) + 1):
            for i in range(single - apart):
                firsts[end], seconds[end] = words[places[i]], words[places[i + apart]]
                end += 1
        if pairs and neighbours:
            for i in range(offsets[text], stop - 1):
                first, second = words[i], words[i + 1]
                if 0 <= first < function_words or 0 <= second < function_words:
                    firsts[end], seconds[end] = first, second
                    end += 1
        bounds[text + 1] = end
    return firsts[:end], seconds[:end], bounds


@njit(cache=True)
def distinct_ids(firsts: Any, seconds: Any, offsets: Any, index: PairIndex, size: int, repeats: bool) -> Any:
    """Return the distinct ids (M,) of the tokens of each text, their counts (M,) and the offsets (S + 1,).

    All ids are below `size`; tokens without an id are left out.
    """
    ids, counts = np.empty(len(firsts), np.int64), np.empty(len(firsts), np.int64)
    bounds = np.zeros(len(offsets), np.int64)
    place_of = np.full(size, -1, np.int64)  # where each id was put last
    end = 0
    for text in range(len(offsets) - 1):
        begin = end
        for token in range(offsets[text], offsets[text + 1]):
            first, second = firsts[token], seconds[token]
            if first < 0 or (second < 0 and second != NONE):
                continue
            found = index.alone[first] if second == NONE else pair_id(first, second, index)
            if found == 0:
                continue
            if place_of[found] >= begin:
                counts[place_of[found]] += repeats
            else:
                ids[end], counts[end], place_of[found] = found, 1, end
                end += 1
        bounds[text + 1] = end
    return ids[:end].copy(), counts[:end].copy(), bounds


@njit(cache=True)
def pair_id(first: int, second: int, index: PairIndex) -> int:
    """Return the id of a pair of words, 0 for none."""
    lo, hi = index.begins[first], index.begins[first + 1]
    at = lo + np.searchsorted(index.second_words[lo:hi], second)
    return index.pair_ids[at] if at < hi and index.second_words[at] == second else 0
