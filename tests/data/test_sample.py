import re
from collections import Counter

import pytest

from hardmax.data import sample_reviews
from hardmax.errors import InputError


def test_the_sample_is_balanced_as_a_whole_and_in_both_parts():
    sizes = {
        split: (len(part), int(part.labels.sum()))
        for split in ("all", "train", "test")
        if (part := sample_reviews(split))
    }
    assert sizes == {"all": (400, 200), "train": (300, 150), "test": (100, 50)}


def test_no_review_is_there_twice():
    assert len(set(sample_reviews().texts)) == 400


def test_reviews_are_short_and_not_in_the_order_of_their_labels():
    reviews = sample_reviews()
    assert max(len(text.split()) for text in reviews.texts) <= 80
    assert int((reviews.labels[1:] != reviews.labels[:-1]).sum()) > 60


def test_words_of_opinion_are_repeated_on_their_own_side():
    reviews = sample_reviews("train")
    counts = {0: Counter(), 1: Counter()}
    for text, label in zip(reviews.texts, reviews.labels, strict=True):
        counts[int(label)].update(set(re.findall("[a-z]+", text.lower())))
    for word in ("wonderful", "moving"):
        assert counts[1][word] >= 10 > 5 * counts[0][word]
    for word in ("boring", "awful"):
        assert counts[0][word] >= 10 > 5 * counts[1][word]


def test_an_unknown_part_is_named():
    with pytest.raises(InputError, match="'valid'"):
        sample_reviews("valid")
