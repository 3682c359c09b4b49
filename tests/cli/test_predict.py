"""``hardmax predict``."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hardmax import TrainedModel

Run = Callable[..., Any]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_a_text_in_the_order_of_the_texts(run: Run, home: Path, reviews: Any) -> None:
    done = run("predict", home / "run", home / "reviews.csv")
    assert done.status == 0 and done.err == ""
    assert done.out.startswith("row,label,probability_0,probability_1\n")
    rows = rows_of(done.out)
    assert [row["row"] for row in rows] == [str(number) for number in range(1, 41)]
    found = np.array([[float(row["probability_0"]), float(row["probability_1"])] for row in rows])
    wanted = TrainedModel.load(home / "run").probabilities([text for text, _ in reviews])
    np.testing.assert_array_equal(found, wanted)
    assert [row["label"] for row in rows] == [str(label) for label in wanted.argmax(axis=1)]


def test_predicted_labels_are_as_accurate_as_evaluate_says(run: Run, home: Path, reviews: Any) -> None:
    rows = rows_of(run("predict", home / "run", home / "reviews.csv").out)
    right = [int(row["label"]) == label for row, (_, label) in zip(rows, reviews, strict=True)]
    done = run("evaluate", home / "run", home / "reviews.csv", "--json")
    assert json.loads(done.out)["accuracy"] == np.mean(right)


def test_json_lines_hold_the_same_as_csv(run: Run, topics: Path) -> None:
    table = rows_of(run("predict", topics / "run", topics / "news.csv").out)
    done = run("predict", topics / "run", topics / "news.csv", "--json")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert list(lines[0]) == ["row", "label", "probability_film", "probability_sport", "probability_trade"]
    assert [line["label"] for line in lines[:3]] == ["sport", "trade", "film"]
    assert [{name: str(value) for name, value in line.items()} for line in lines] == table


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text\nA wonderful film\nA dull plot\n"),
        ("a.csv", "id,text\n7,A wonderful film\n8,A dull plot\n"),
        ("a.tsv", "review\tstars\nA wonderful film\t\nA dull plot\tnone\n"),
        ("a.jsonl", '{"text": "A wonderful film"}\n{"text": "A dull plot"}\n'),
    ],
)
def test_texts_need_no_labels(run: Run, home: Path, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    rows = rows_of(run("predict", home / "run", tmp_path / name).out)
    assert [row["label"] for row in rows] == ["1", "0"]


def test_parquet_files_need_no_labels(run: Run, home: Path, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.table({"text": ["A wonderful film", "A dull plot"]}), tmp_path / "a.parquet")
    rows = rows_of(run("predict", home / "run", tmp_path / "a.parquet").out)
    assert [row["label"] for row in rows] == ["1", "0"]


def test_the_column_of_the_texts_is_named_or_that_of_the_training(
    run: Run, home: Path, topics: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("comment,id\nA moving film,7\n")
    assert rows_of(run("predict", topics / "run", tmp_path / "a.csv").out)[0]["label"] == "film"
    done = run("predict", home / "run", tmp_path / "a.csv", "--text-column", "comment")
    assert len(rows_of(done.out)) == 1


def test_standard_input_has_a_text_a_line(process: Run, home: Path) -> None:
    done = process("predict", home / "run", "-", input="A wonderful film\r\n\nA dull plot\nZyzzyva")
    assert done.returncode == 0 and done.stderr == ""
    assert [row["label"] for row in rows_of(done.stdout)][:2] == ["1", "0"]
    assert [row["row"] for row in rows_of(done.stdout)] == ["1", "2", "3"]


def test_a_file_is_written_whole(run: Run, home: Path, tmp_path: Path) -> None:
    printed = run("predict", home / "run", home / "reviews.csv").out
    out = tmp_path / "[bold]predictions.csv"
    done = run("predict", home / "run", home / "reviews.csv", "--out", out)
    assert done.status == 0 and done.out == f"40 predictions written to {out}\n"
    assert out.read_text() == printed and list(tmp_path.iterdir()) == [out]


def test_the_texts_are_not_overwritten(refused: Run, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes((home / "reviews.csv").read_bytes())
    (tmp_path / "link.csv").symlink_to(path)
    for data, out in ((path, path), (path, tmp_path / "link.csv"), (tmp_path / "link.csv", path)):
        assert "give another file to write" in refused("predict", home / "run", data, "--out", out)
    (tmp_path / "link.csv").unlink()
    assert "give another file to write" in refused("predict", home / "run", tmp_path, "--out", path)
    assert path.read_bytes() == (home / "reviews.csv").read_bytes()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "a.csv is empty"),
        ("text\n", "holds no texts"),
        ("stars\n5\n", "wanted is one of text, review, processed"),
        ("text\nGreat\n \n", "row 2 (line 3): the text is empty"),
    ],
)
def test_wrong_texts_get_one_line_and_leave_no_file(
    refused: Run, home: Path, tmp_path: Path, content: str, words: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    assert words in refused("predict", home / "run", path, "--out", tmp_path / "b.csv")
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_gets_one_line(refused: Run, home: Path, tmp_path: Path) -> None:
    line = refused("predict", home / "run", home / "reviews.csv", "--out", tmp_path / "none" / "a.csv")
    assert "cannot write" in line and "none" in line


def test_a_reader_that_goes_away_is_no_traceback(process: Run, home: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = process("predict", home / "run", home / "reviews.csv", stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert done.returncode == 1 and done.stderr == ""


def test_a_terminal_without_unicode_gets_valid_json(
    run: Run, process: Run, tmp_path: Path, write_csv: Callable[..., Path]
) -> None:
    path = write_csv(tmp_path / "a.csv", [("Très naïve café", "größer"), ("Schön öde", "café")] * 10)
    assert run("train", "--train", path, "--out", tmp_path / "run", "--epochs", 1).status == 0
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = process("predict", tmp_path / "run", path, "--json", env=environment)
    assert done.returncode == 0 and done.stdout.isascii()
    assert set(json.loads(done.stdout.splitlines()[0])) == {
        "row",
        "label",
        "probability_café",
        "probability_größer",
    }
