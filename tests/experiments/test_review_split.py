"""Reviews are divided as the paper does, or as their source does."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from hardmax.errors import InputError
from hardmax.experiments.review_split import division, read_splits, read_words, write_words


def _csv(path: Path, labels: list[int]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["review", "sentiment"])
        writer.writerows(
            [f"Review number {i}.", "positive" if label else "negative"] for i, label in enumerate(labels)
        )
    return path


def test_rows_of_one_table_are_divided_as_in_the_paper(tmp_path: Path) -> None:
    read = read_splits(_csv(tmp_path / "IMDB Dataset.csv", [0, 1] * 10))
    assert (len(read.train), len(read.test)) == (14, 6)
    assert read.train.texts[0] == "Review number 0." and read.test.texts[0] == "Review number 14."
    assert not read.own_splits and "first 70 %" in division(read.about)


def test_splits_of_the_source_are_kept(tmp_path: Path) -> None:
    for split, size in (("train", 3), ("test", 2)):
        for kind in ("pos", "neg"):
            folder = tmp_path / split / kind
            folder.mkdir(parents=True)
            for i in range(size):
                (folder / f"{i}_5.txt").write_text(f"{split} {kind} {i}", encoding="utf-8")
    read = read_splits(tmp_path)
    assert (len(read.train), len(read.test)) == (6, 4)
    assert all(text.startswith("train") for text in read.train.texts)
    assert read.own_splits and "own training and test splits" in division(read.about)


def test_a_quick_run_draws_the_same_reviews_every_time(tmp_path: Path) -> None:
    path = _csv(tmp_path / "reviews.csv", [0, 1] * 5000)
    first, second, whole = read_splits(path, quick=True), read_splits(path, quick=True), read_splits(path)
    assert (len(whole.train), len(whole.test)) == (7000, 3000)
    assert (len(first.train), len(first.test)) == (4000, 2000)
    assert first.train.texts == second.train.texts and first.fingerprint == second.fingerprint
    assert first.train.texts != whole.train.texts[:4000]
    assert "random sample" in division(first.about) and "random sample" not in division(whole.about)


def test_a_quick_run_keeps_few_reviews_as_they_are(tmp_path: Path) -> None:
    path = _csv(tmp_path / "reviews.csv", [0, 1] * 10)
    assert read_splits(path, quick=True).about == read_splits(path).about


def test_what_is_told_of_the_reviews_can_be_written_as_json(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text("processed,label\n" + "good film,1\nbad film,0\n" * 10, encoding="utf-8")
    about = read_splits(path).about
    assert json.loads(json.dumps(about)) == about
    assert about["processed"] and "no pipeline was run" in division(about)


def test_the_fingerprint_depends_on_texts_labels_and_division(tmp_path: Path) -> None:
    prints = {
        read_splits(_csv(tmp_path / f"{i}.csv", labels)).fingerprint
        for i, labels in enumerate([[0, 1] * 10, [1, 0] * 10, [0, 1] * 11])
    }
    assert len(prints) == 3


@pytest.mark.parametrize(("labels", "split"), [([1] * 20, "training"), ([0, 1] * 7 + [1] * 6, "test")])
def test_a_split_with_one_kind_of_review_is_refused(labels: list[int], split: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"the {split} split of .* both kinds are needed"):
        read_splits(_csv(tmp_path / "reviews.csv", labels))


def test_reviews_of_other_classes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mails.csv"
    path.write_text("text,label\n" + "win money,spam\nsee you,ham\n" * 10, encoding="utf-8")
    with pytest.raises(InputError, match=r"has the labels \('ham', 'spam'\); give reviews"):
        read_splits(path)


def test_words_come_back_as_they_were_written(tmp_path: Path) -> None:
    read = read_splits(_csv(tmp_path / "reviews.csv", [0, 1] * 10))
    write_words(read, tmp_path / "words", "default", processes=1)
    documents, labels = read_words(tmp_path / "words", "test")
    assert documents[0] == ["review", "number"]
    assert np.array_equal(labels, read.test.labels)


def test_a_review_without_a_word_has_no_words(tmp_path: Path) -> None:
    path = _csv(tmp_path / "reviews.csv", [0, 1] * 10)
    path.write_text(path.read_text(encoding="utf-8").replace("Review number 15.", "???"), encoding="utf-8")
    write_words(read_splits(path), tmp_path / "words", "default", processes=1)
    assert read_words(tmp_path / "words", "test")[0][1] == []
