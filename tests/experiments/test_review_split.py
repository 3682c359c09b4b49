"""Reviews are divided as the paper does, or as their source does."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from hardmax.errors import InputError
from hardmax.experiments.paper import parts
from hardmax.experiments.review_split import read_parts, read_words, write_words


def _csv(path: Path, labels: list[int]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["review", "sentiment"])
        writer.writerows(
            [f"Review number {i}.", "positive" if label else "negative"] for i, label in enumerate(labels)
        )
    return path


def test_rows_of_one_table_are_divided_as_in_the_paper(tmp_path: Path) -> None:
    read = read_parts(_csv(tmp_path / "IMDB Dataset.csv", [0, 1] * 10))
    assert (len(read.train), len(read.test)) == (14, 6)
    assert read.train.texts[0] == "Review number 0." and read.test.texts[0] == "Review number 14."
    assert "first 70 %" in read.division


def test_parts_of_the_source_are_kept(tmp_path: Path) -> None:
    for split, size in (("train", 3), ("test", 2)):
        for kind in ("pos", "neg"):
            folder = tmp_path / split / kind
            folder.mkdir(parents=True)
            for i in range(size):
                (folder / f"{i}_5.txt").write_text(f"{split} {kind} {i}", encoding="utf-8")
    read = read_parts(tmp_path)
    assert (len(read.train), len(read.test)) == (6, 4)
    assert all(text.startswith("train") for text in read.train.texts)
    assert "own train and test parts" in read.division


def test_a_quick_run_draws_the_same_reviews_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "QUICK_TRAIN", 10)
    monkeypatch.setattr(parts, "QUICK_TEST", 5)
    path = _csv(tmp_path / "reviews.csv", [0, 1] * 50)
    first, second = read_parts(path, quick=True), read_parts(path, quick=True)
    assert (len(first.train), len(first.test)) == (10, 5)
    assert first.train.texts == second.train.texts and first.fingerprint == second.fingerprint
    assert first.train.texts != read_parts(path).train.texts[:10]


def test_the_fingerprint_depends_on_texts_labels_and_division(tmp_path: Path) -> None:
    prints = {
        read_parts(_csv(tmp_path / f"{i}.csv", labels)).fingerprint
        for i, labels in enumerate([[0, 1] * 10, [1, 0] * 10, [0, 1] * 11])
    }
    assert len(prints) == 3


@pytest.mark.parametrize(("labels", "part"), [([1] * 20, "training"), ([0, 1] * 7 + [1] * 6, "test")])
def test_a_part_with_one_kind_of_review_is_refused(labels: list[int], part: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"the {part} part of .* both kinds are needed"):
        read_parts(_csv(tmp_path / "reviews.csv", labels))


def test_words_come_back_as_they_were_written(tmp_path: Path) -> None:
    read = read_parts(_csv(tmp_path / "reviews.csv", [0, 1] * 10))
    write_words(read, tmp_path / "words", "default", processes=1)
    documents, labels = read_words(tmp_path / "words", "test")
    assert documents[0] == ["review", "number"]
    assert np.array_equal(labels, read.test.labels)


def test_a_review_without_a_word_has_no_words(tmp_path: Path) -> None:
    path = _csv(tmp_path / "reviews.csv", [0, 1] * 10)
    path.write_text(path.read_text(encoding="utf-8").replace("Review number 15.", "???"), encoding="utf-8")
    write_words(read_parts(path), tmp_path / "words", "default", processes=1)
    assert read_words(tmp_path / "words", "test")[0][1] == []
