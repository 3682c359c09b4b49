"""``hardmax evaluate``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def test_it_prints_one_json_object_and_nothing_else(run: Run, home: Path) -> None:
    done = run("evaluate", home / "run", home / "reviews.csv", "--json")
    assert done.status == 0 and done.err == "" and done.out.count("\n") == 1
    found = json.loads(done.out)
    assert set(found) == {"accuracy", "loss", "n"}
    metrics = json.loads((home / "run" / "metrics.json").read_text())
    assert found == {"accuracy": metrics["test_accuracy"], "loss": metrics["test_loss"], "n": 40}


def test_it_prints_a_table(run: Run, home: Path) -> None:
    done = run("evaluate", home / "run", home / "reviews.csv")
    assert done.status == 0
    assert [line.split()[0] for line in done.out.splitlines()] == ["accuracy", "loss", "texts"]


def test_columns_of_other_names_are_named(
    run: Run, refused: Run, home: Path, tmp_path: Path, reviews: Any, write_csv: Callable[..., Path]
) -> None:
    rows = [(text, f"{label},7") for text, label in reviews]
    data = write_csv(tmp_path / "data.csv", rows, header="comment,verdict,id")
    assert "comment,verdict,id" in refused("evaluate", home / "run", data)
    columns = ["--text-column", "comment", "--label-column", "verdict"]
    done = run("evaluate", home / "run", data, *columns, "--json")
    assert json.loads(done.out) == json.loads(
        run("evaluate", home / "run", home / "reviews.csv", "--json").out
    )


def test_the_columns_of_the_training_need_not_be_named_again(run: Run, topics: Path) -> None:
    named = ["--text-column", "comment", "--label-column", "verdict"]
    done = run("evaluate", topics / "run", topics / "news.csv", "--json")
    assert json.loads(done.out) == {"accuracy": 1.0} | json.loads(done.out)
    assert done.out == run("evaluate", topics / "run", topics / "news.csv", "--json", *named).out


def test_a_file_without_the_columns_of_the_training_is_read_by_the_usual_ones(
    run: Run, topics: Path, tmp_path: Path, write_csv: Callable[..., Path]
) -> None:
    rows = [("The team won a match", "sport"), ("Oil prices rose", "trade")]
    for header in ("text,label", "review,sentiment"):
        path = write_csv(tmp_path / "usual.csv", rows, header=header)
        done = run("evaluate", topics / "run", path, "--json")
        assert done.status == 0 and json.loads(done.out)["accuracy"] == 1


def test_a_column_named_here_counts_more_than_that_of_the_training(refused: Run, topics: Path) -> None:
    line = refused("evaluate", topics / "run", topics / "news.csv", "--label-column", "id")
    assert "the label '7' is none of the 3" in line


def test_a_wrong_row_is_named_in_a_file_with_the_columns_of_the_training(
    refused: Run, topics: Path, tmp_path: Path
) -> None:
    path = tmp_path / "news.csv"
    path.write_text("comment,verdict,id\nOil prices rose,trade,7\n ,sport,7\n")
    assert "row 2 (line 3): the text is empty" in refused("evaluate", topics / "run", path)


def test_a_rare_class_of_the_training_is_no_typing_error(
    run: Run, tmp_path: Path, write_csv: Callable[..., Path]
) -> None:
    texts = {"negative": "A dull film", "neutral": "The plot of the film", "positive": "A great film"}
    train = write_csv(tmp_path / "train.csv", [(text, label) for label, text in texts.items()] * 8)
    rows = [(texts["negative"], "negative"), (texts["positive"], "pos")] * 10
    test = write_csv(tmp_path / "test.csv", [*rows, (texts["neutral"], "neutral")])
    assert run("train", "--train", train, "--out", tmp_path / "run", "--epochs", 1).status == 0
    done = run("evaluate", tmp_path / "run", test, "--json")
    assert done.status == 0 and json.loads(done.out)["n"] == 21


def test_a_label_that_was_not_learnt_gets_one_line(
    refused: Run, topics: Path, tmp_path: Path, write_csv: Callable[..., Path]
) -> None:
    path = write_csv(tmp_path / "news.csv", [("Oil prices rose", "weather")])
    assert "the label 'weather' is none of the 3 that were learnt: film, sport, trade" in refused(
        "evaluate", topics / "run", path
    )


def test_a_broken_model_gets_one_line(refused: Run, home: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(home / "run", tmp_path / "run"))
    weights = run / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    assert "model.safetensors is cut off" in refused("evaluate", run, home / "reviews.csv")


def test_a_model_with_a_name_in_brackets_is_named_as_it_is(refused: Run, home: Path) -> None:
    assert "[bold]none" in refused("evaluate", "[bold]none", home / "reviews.csv")
