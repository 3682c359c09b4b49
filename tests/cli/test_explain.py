"""``hardmax explain``."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hardmax import TrainedModel
from hardmax.classifier.bundled import model_folder

Run = Callable[..., Any]
TEXT = "The plot is awful, but the music is wonderful and the actors are great."


def leaders_of(out: str) -> list[tuple[str, list[str]]]:
    """Return the name of each leader and the cells behind it."""
    lines = out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("leader "))
    table = [line for line in lines[start + 1 :] if not line.startswith("  ")]
    return [(line[:22].rstrip(), line[22:].split()) for line in table]


def test_it_names_the_decision_and_the_leaders(run: Run, tmp_path: Path) -> None:
    done = run("explain", "imdb-d2", "--text", TEXT)
    explanation = TrainedModel.load(model_folder("imdb-d2")).explain(TEXT)
    assert done.status == 0 and f"probability of positive  {explanation.probability:.4f}" in done.out
    assert {name for name, _ in leaders_of(done.out)} == set(explanation.leaders)
    (tmp_path / "review.txt").write_text(TEXT)
    assert run("explain", "imdb-d2", "--file", tmp_path / "review.txt").out == done.out


def test_leaders_are_listed_by_what_they_add_and_add_up_to_the_logit(run: Run) -> None:
    done = run("explain", "imdb-d2", "--text", TEXT)
    explanation = TrainedModel.load(model_folder("imdb-d2")).explain(TEXT)
    rows = leaders_of(done.out)
    tokens, fractions = zip(*[(int(cells[0]), float(cells[1])) for _, cells in rows], strict=True)
    logits, added = zip(*[(float(cells[2]), float(cells[3])) for _, cells in rows], strict=True)
    assert sum(tokens) == len(explanation.tokens) and sum(fractions) == pytest.approx(1, abs=0.005)
    assert list(np.abs(added)) == sorted(np.abs(added), reverse=True)
    p = explanation.probability
    assert sum(added) == pytest.approx(np.log(p / (1 - p)), abs=0.03)
    assert f"logit                    {np.log(p / (1 - p)):+.2f}\n" in done.out
    end = dict(zip(explanation.tokens, explanation.trajectory.positions[-1], strict=True))
    for (name, cells), logit, adds in zip(rows, logits, added, strict=True):
        assert logit == pytest.approx(end[name] @ explanation.v + explanation.b, abs=0.006)
        assert cells[4] == ("positive" if adds > 0 else "negative")


def test_of_more_classes_each_leader_names_the_one_that_it_speaks_for(run: Run, topics: Path) -> None:
    done = run("explain", topics / "run", "--text", "A moving film")
    assert done.status == 0 and "decision              film" in done.out
    rows = leaders_of(done.out)
    assert rows[0][1][-1] == "film" and {cells[-1] for _, cells in rows} <= {"film", "sport", "trade"}
    assert all(float(cells[3]) > 0 for _, cells in rows)


@pytest.mark.parametrize("columns", ["0", "30"])
def test_a_long_text_fits_into_80_columns_and_loses_nothing_in_fewer(process: Run, columns: str) -> None:
    words = (model_folder("imdb-d16") / "vocabulary.txt").read_text().split()[:600]
    text = " ".join([*words, "zyzzyva" * 9, *(f"unknown{number}" for number in range(300))])
    done = process("explain", "imdb-d16", "--text", text, env=os.environ | {"COLUMNS": columns})
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert re.search(r", … and \d+ more\n", done.stdout)
    rows = leaders_of(done.stdout)
    assert len(rows) == 11 and re.fullmatch(r"\d+ other leaders", rows[-1][0])
    explanation = TrainedModel.load(model_folder("imdb-d16")).explain(text)
    assert sum(int(cells[0]) for _, cells in rows) == len(explanation.tokens)


def test_of_many_classes_the_likeliest_are_named(
    run: Run, tmp_path: Path, write_csv: Callable[..., Path]
) -> None:
    path = write_csv(tmp_path / "a.csv", [(f"word{number} film", f"c{number}") for number in range(12)] * 4)
    assert run("train", "--train", path, "--out", tmp_path / "run", "--epochs", 1).status == 0
    done = run("explain", tmp_path / "run", "--text", "word3 film")
    found = [float(number) for number in re.findall(r"probability of .* (\d\.\d+)\n", done.out)]
    assert len(found) == 11 and found[:10] == sorted(found[:10], reverse=True)
    assert "probability of 2 others" in done.out and sum(found) == pytest.approx(1, abs=0.001)


def test_it_prints_one_json_object(run: Run, home: Path) -> None:
    done = run("explain", home / "run", "--text", "A wonderful film", "--json")
    found = json.loads(done.out)
    assert done.out.count("\n") == 1 and found["tokens"] == ["wonderful", "film", "a wonderful"]
    assert set(found) == {
        "probability",
        "label",
        "leaders",
        "unknown",
        "probability_by_layer",
        "tokens",
        "counts",
        "follows",
    }


def test_it_draws(run: Run, home: Path, tmp_path: Path) -> None:
    figure, animation = tmp_path / "a.png", tmp_path / "a.gif"
    done = run("explain", home / "run", "--text", TEXT, "--plot", figure, "--gif", animation)
    assert done.status == 0 and f"written to {figure}, {animation}" in done.out
    assert figure.read_bytes().startswith(b"\x89PNG") and animation.read_bytes().startswith(b"GIF8")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--text", ""], "the text has no word to read alone"),
        (["--text", "Zyzzyva!"], "knows none of its words"),
        (["--file", "none.txt"], "cannot read none.txt"),
        (["--file", "."], "cannot read ."),
        (["--text", "Great film", "--plot", "none/a.png"], "none"),
        (["--text", "Great film", "--plot", "a.xyz"], "a.xyz"),
        (["--text", "Great film", "--gif", "a.xyz"], "a.xyz"),
    ],
)
def test_what_cannot_be_explained_gets_one_line(
    refused: Run,
    home: Path,
    options: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in refused("explain", home / "run", *options)


def test_a_file_that_is_not_utf8_gets_one_line(refused: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "review.txt").write_bytes(b"Gr\xffat")
    assert "is not UTF-8 at byte 2" in refused("explain", home / "run", "--file", tmp_path / "review.txt")


def test_only_the_plane_can_be_drawn(run: Run, refused: Run, home: Path, tmp_path: Path) -> None:
    options = ["--train", home / "reviews.csv", "--out", tmp_path / "run", "--dim", 3, "--epochs", 1]
    assert run("train", *options).status == 0
    for option in ("--plot", "--gif"):
        refused("explain", tmp_path / "run", "--text", "Great film", option, tmp_path / "a.png")


def test_a_broken_model_gets_one_line(refused: Run, home: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(home / "run", tmp_path / "run"))
    (run / "config.json").write_text('{"format": 3')
    assert "config.json does not hold valid JSON" in refused("explain", run, "--text", "Great film")


def test_an_argument_in_the_locale_c_is_read_as_utf8(run: Run, home: Path) -> None:
    found = [
        json.loads(run("explain", home / "run", "--json", "--text", text).out)
        for text in ("A wonderful plot é", "A wonderful plot \udcc3\udca9")
    ]
    assert found[0] == found[1] and "é" in found[0]["unknown"]
