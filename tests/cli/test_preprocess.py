"""``hardmax preprocess``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def test_it_writes_what_train_reads(run: Run, refused: Run, home: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    assert run("preprocess", home / "reviews.csv", words).status == 0
    assert words.read_text().startswith("processed,label\n")
    assert "holds words already" in refused("preprocess", words, tmp_path / "again.csv")
    done = run("train", "--train", words, "--out", tmp_path / "run", "--epochs", 2)
    assert done.status == 0 and "holds words already, taken as those of the pipeline 'default'" in done.out
    for name in ("model.safetensors", "vocabulary.txt"):
        assert (tmp_path / "run" / name).read_bytes() == (home / "run" / name).read_bytes()


def test_reviews_are_not_overwritten_with_their_own_words(refused: Run, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes((home / "reviews.csv").read_bytes())
    assert "give another file to write" in refused("preprocess", path, path)
    assert "give another file to write" in refused("preprocess", tmp_path, path)
    assert path.read_bytes() == (home / "reviews.csv").read_bytes()


def test_names_in_brackets_are_printed_as_they_are(run: Run, home: Path, tmp_path: Path) -> None:
    target = tmp_path / "[red]words[bold] :smile:.csv"
    assert str(target) in run("preprocess", home / "reviews.csv", target).out
