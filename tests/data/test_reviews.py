import numpy as np
import pytest

from hardmax.data.reviews import Reviews, reviews_of_rows
from hardmax.errors import InputError


def of_labels(labels, any_label=False):
    """Make reviews of (number of rows, label), in this order."""
    names = [label for number, label in labels for _ in range(number)]
    rows = [(f"row {number}", ("good", label)) for number, label in enumerate(names, start=1)]
    return reviews_of_rows(rows, processed=False, any_label=any_label)


def test_reviews_are_selected_by_slices_indices_and_masks():
    reviews = Reviews(["a", "b", "c"], np.array([1, 0, 1]), processed=True, classes=("ham", "spam"))
    for which, texts, labels in [
        (slice(1, None), ["b", "c"], [0, 1]),
        ([2, 0], ["c", "a"], [1, 1]),
        (reviews.labels == 0, ["b"], [0]),
    ]:
        chosen = reviews[which]
        assert (chosen.texts, chosen.labels.tolist()) == (texts, labels)
        assert chosen.processed and chosen.classes == ("ham", "spam")
    assert len(reviews) == 3


def test_texts_and_labels_must_be_as_many():
    with pytest.raises(InputError, match="2 texts and 1 labels"):
        Reviews(["a", "b"], np.array([1]))


@pytest.mark.parametrize(
    ("labels", "classes", "numbers"),
    [
        (["0", "1", "neg", "POS", " Negative ", "positive"], (0, 1), [0, 1, 0, 1, 0, 1]),
        ([False, True, 0, 1.0, "false", "TRUE"], (0, 1), [0, 1, 0, 1, 0, 1]),
        (["spam", "ham", "ham"], ("ham", "spam"), [1, 0, 0]),
        (["1", "2.0", "2.5", 5, 2], ("1", "2", "2.5", "5"), [0, 1, 2, 3, 1]),
        ([1, 0, -1], ("-1", "0", "1"), [2, 1, 0]),
        (["neg", "pos", "neutral", "neutral"], ("neg", "neutral", "pos"), [0, 2, 1, 1]),
    ],
)
def test_labels_are_sentiments_when_all_are_and_classes_by_name_else(labels, classes, numbers):
    reviews = of_labels([(1, label) for label in labels])
    assert (reviews.classes, reviews.labels.tolist()) == (classes, numbers)


@pytest.mark.parametrize(
    ("labels", "place"),
    [
        ([(1, "positive"), (1, "negative"), (1, "positve")], "row 3: the label is 'positve', on 1 of 3"),
        ([(150, "neg"), (1, "maybe"), (149, "pos"), (1, "maybe")], "row 151: the label is 'maybe', on 2 of"),
        ([(150, "neg"), (20, "mixed"), (1, "o"), (150, "pos")], "row 171: the label is 'o', on 1 of 321"),
    ],
)
def test_a_rare_label_among_sentiments_is_refused_as_a_typing_error(labels, place):
    with pytest.raises(InputError, match=f"^{place}.*positive.*--label-column"):
        of_labels(labels)
    names = {label for _, label in labels}
    assert of_labels(labels, any_label=True).classes == tuple(sorted(names))


@pytest.mark.parametrize("label", ["", "  ", None, float("nan"), ["pos"], {"a": 1}, b"pos"])
@pytest.mark.parametrize("any_label", [True, False])
def test_a_label_that_is_missing_or_none_is_refused(label, any_label):
    with pytest.raises(InputError, match=r"^row 2: the label is .*; give this text a label"):
        of_labels([(1, "ham"), (1, label)], any_label)


@pytest.mark.parametrize("classes", [("neg", "neutral", "pos"), (False, "maybe", True), ("0", "1", "2")])
def test_reviews_of_two_sentiments_find_their_classes_among_more(classes):
    part = Reviews(["a", "b"], np.array([0, 1])).named_as(classes)
    assert [classes[number] for number in part.labels] in (["neg", "pos"], [False, True], ["0", "1"])
    assert part.classes == classes


def test_a_class_that_was_not_learnt_is_refused():
    stars = Reviews(["a", "b"], np.array([0, 1]), classes=("1", "7"))
    with pytest.raises(InputError, match="the label '7' is none of the 3 that were learnt: 0, 1, 2"):
        stars.named_as(("0", "1", "2"))
