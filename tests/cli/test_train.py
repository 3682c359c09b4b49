"""``hardmax train``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_it_prints_what_it_reached_and_where(run: Run, home: Path, tmp_path: Path) -> None:
    out = tmp_path / "a run"
    done = run("train", "--train", home / "reviews.csv", "--out", out, "--epochs", 1, "--alpha", 0.5)
    assert done.status == 0 and done.err == ""
    assert str(out) in done.out and "None" not in done.out
    config = json.loads((out / "config.json").read_text())
    assert config["settings"]["alpha"] == 0.5 and config["settings"]["epochs"] == 1


def test_any_setting_can_be_set(run: Run, home: Path, tmp_path: Path) -> None:
    others = ["--set", "min_count=3", "--set", "schedule=constant"]
    reviews = home / "reviews.csv"
    assert run("train", "--train", reviews, "--out", tmp_path / "run", "--epochs", 1, *others).status == 0
    settings = json.loads((tmp_path / "run" / "config.json").read_text())["settings"]
    assert settings["min_count"] == 3 and settings["schedule"] == "constant"


def test_labels_of_any_kind_need_no_column_to_be_named(
    run: Run, tmp_path: Path, write_csv: Callable[..., Path]
) -> None:
    rows = [("The team won", "sport"), ("Oil prices rose", "trade"), ("A moving film", "5 stars")] * 5
    path = write_csv(tmp_path / "news.csv", rows)
    done = run("train", "--train", path, "--out", tmp_path / "run", "--epochs", 1)
    assert done.status == 0 and "3 classes: 5 stars, sport, trade" in done.out
    assert json.loads((tmp_path / "run" / "config.json").read_text())["classes"] == [
        "5 stars",
        "sport",
        "trade",
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--preset", "turbo"], "there is no preset 'turbo'; give one of default, paper"),
        (["--alpha", "abc"], "'abc'; give 'learn' or a number"),
        (["--alpha", "-1"], "alpha is -1.0"),
        (["--alpha", "0"], "alpha is 0"),
        (["--alpha", "inf"], "alpha is inf"),
        (["--layers", "-1"], "layers is -1"),
        (["--dim", "0"], "dim is 0"),
        (["--dim", "2000000000"], "dim * (layers + 1) is at most 16384"),
        (["--epochs", "0"], "epochs is 0"),
        (["--max-tokens", "0"], "max_tokens is 0"),
        (["--temperature", "-1"], "temperature is -1.0"),
        (["--temperature", "nan"], "temperature is nan"),
        (["--seed", "-1"], "seed is -1"),
        (["--seed", "9" * 30], "seed is 9"),
        (["--pipeline", "magic"], "pipeline is 'magic'"),
        (["--set", "min_count"], "--set is 'min_count'; give NAME=VALUE"),
        (["--set", "colour=red"], "there is no setting 'colour'"),
        (["--processes", "0"], "--processes"),
        (["--resume"], "holds no run to resume"),
        (["--test", "none.csv"], "no file or folder none.csv"),
        (["--set", "learning_rate=1e300"], "the weights went out of range in epoch 1"),
    ],
)
def test_wrong_settings_get_one_line_and_leave_no_folder(
    refused: Run, home: Path, tmp_path: Path, options: list[str], words: str
) -> None:
    out = tmp_path / "out"
    assert words in refused("train", "--train", home / "reviews.csv", "--out", out, *options)
    assert not out.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("text,label\nGreat film,1\nGreat plot,1\n", "have the label 1; give two classes"),
        ("text,label\nGreat film,1\nAwful plot,0\n", "no word is in 5 texts or more"),
        ("text,label\nGreat film,1\nAwful plot\n", "row 2 (line 3) has 1 columns"),
    ],
)
def test_reviews_that_cannot_be_learnt_from_leave_no_folder(
    refused: Run, tmp_path: Path, content: str, words: str
) -> None:
    path, out = tmp_path / "reviews.csv", tmp_path / "out"
    path.write_text(content)
    assert words in refused("train", "--train", path, "--out", out)
    assert not out.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "reviews.csv is empty"),
        (b"text,label\n", "holds no texts"),
        (b"text\nGreat\n", "columns"),
        (b"text,label,more\nGreat,1,2\n", "more"),
        (b"text,label\nGreat,1\nAwful,bad\n", "row 2"),
        (b"text,label\n ,1\n", "row 1 (line 2): the text is empty"),
        (b"text,label\nGr\xff\xfeat,1\n", "UTF-8"),
        (b"text,label\nGreat\n", "row 1"),
        (b'text,label\n"Great,1\n', "reviews.csv"),
    ],
)
def test_wrong_reviews_get_the_same_line_of_every_command(
    refused: Run, home: Path, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(content)
    lines = {
        refused(*arguments)
        for arguments in (
            ["evaluate", home / "run", path, "--json"],
            ["preprocess", path, tmp_path / "out.csv"],
            ["train", "--train", path, "--out", tmp_path / "out"],
        )
    }
    assert len(lines) == 1 and words in lines.pop()
    assert list(tmp_path.iterdir()) == [path]


def test_what_stands_in_an_output_folder_is_not_lost(refused: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("data")
    train = ["train", "--train", home / "reviews.csv", "--out"]
    assert "is not empty" in refused(*train, tmp_path)
    assert "is a file" in refused(*train, tmp_path / "precious.txt")
    assert "holds a run" in refused(*train, home / "run")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("precious.txt", "data")]


def test_resuming_a_finished_run_says_that_it_is_finished(refused: Run, home: Path) -> None:
    options = ["--train", home / "reviews.csv", "--test", home / "reviews.csv", "--out", home / "run"]
    assert "is finished" in refused("train", *options, "--epochs", 2, "--resume")


def test_testing_on_the_training_reviews_is_said(run: Run, home: Path, tmp_path: Path) -> None:
    reviews = home / "reviews.csv"
    options = ["--train", reviews, "--epochs", 1, "--out"]
    assert "learnt from" in run("train", *options, tmp_path / "a", "--test", reviews).out
    assert "learnt from" not in run("train", *options, tmp_path / "b").out
