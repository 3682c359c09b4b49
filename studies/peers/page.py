"""The page docs/peers.md: a table and sentences, all of it from what was measured."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from typing import Any

from hardmax.reports.html import number

Row = dict[str, Any]

#: Where the tokens of a model have gone this share of their way, they have gathered.
GATHERED = 0.9

HEAD = (
    "read",
    "model",
    "test accuracy",
    "seeds",
    "training, s",
    "prediction, s",
    "size, MB",
    "leaders of a review",
    "clustering strength",
)


def page(record: dict[str, Any]) -> str:
    """Write the page of a record as Markdown."""
    rows = record["rows"]
    lines = [
        "# Peers side by side",
        "",
        "Written by `python benchmarks/peers.py` from what it measured; change nothing here by hand.",
        "",
        "| " + " | ".join(HEAD) + " |",
        "|" + "---|" * len(HEAD),
        *("| " + " | ".join(cells) + " |" for row in rows for cells in _cells(row)),
        "",
        "## What the numbers say",
        "",
        *_sentences(rows, record["reviews"]["test"]),
        "",
        "## How they were measured",
        "",
        *(f"- {sentence}" for sentence in _method(record)),
    ]
    return "\n".join(lines) + "\n"


def mean(row: Row, column: str) -> float:
    """Give the mean of what was measured over the trainings of a row, NaN where there is no such number."""
    return statistics.mean(run.get(column, math.nan) for run in row["runs"])


def seconds(row: Row, what: str) -> float:
    """Give the time that the first training of a row, or its predicting, took."""
    return row["runs"][0][f"{what}_seconds"]


def _cells(row: Row) -> Iterator[list[str]]:
    """Give the cells of a row of the table, and those of its best epoch where that is told too."""
    seeds = [run["seed"] for run in row["runs"]]
    best = [run["best_epoch"] for run in row["runs"] if "best_epoch" in run]
    yield [
        row["reads"],
        row["name"] + (", last epoch" if best else ""),
        _accuracy(row, "accuracy"),
        "–" if seeds == [None] else str(len(seeds)),
        number(seconds(row, "train"), 1),
        number(seconds(row, "predict"), 2),
        number(mean(row, "bytes") / 1e6, 2),
        number(mean(row, "leaders"), 1),
        number(mean(row, "clustering_strength"), 3),
    ]
    if best:
        name = f"the same, best epoch ({', '.join(map(str, best))}), chosen on the test reviews"
        yield [row["reads"], name, _accuracy(row, "best_accuracy"), str(len(seeds)), *["–"] * 5]


def _accuracy(row: Row, column: str) -> str:
    values = [run[column] for run in row["runs"]]
    spread = f" ± {number(statistics.stdev(values))}" if len(values) > 1 else ""
    return number(statistics.mean(values)) + spread


def _sentences(rows: list[Row], tests: int) -> Iterator[str]:
    """Say what the rows that are there show, a list for each of the lengths that are read."""
    for reads in dict.fromkeys(row["reads"] for row in rows):
        there = {row["row"]: row for row in rows if row["reads"] == reads}
        yield f"- {reads[0].upper()}{reads[1:]}:"
        said = (*_of_accuracy(there), *_of_layers(there), *_of_paper(there), _of_cost(there))
        yield from (f"    - {sentence}" for sentence in said)
    accuracy = max(mean(row, "accuracy") for row in rows)
    error = math.sqrt(accuracy * (1 - accuracy) / tests)
    yield (
        f"- By the choice of {tests:,} test reviews alone an accuracy of {number(accuracy)} has a standard "
        f"error of {number(error)}; what stands after ± is the standard deviation over seeds."
    )


def _of_accuracy(there: dict[str, Row]) -> Iterator[str]:
    layered = [row for row in there.values() if "alpha" in row["runs"][0]]
    others = [row for row in there.values() if "alpha" not in row["runs"][0]]
    if not layered or not others:
        return
    theirs, ours = (max(group, key=lambda row: mean(row, "accuracy")) for group in (others, layered))
    yield (
        f"on the test reviews the most accurate without hardmax layers is {_with_accuracy(theirs)}; "
        f"the most accurate with them is {_with_accuracy(ours)}, {_points(ours, theirs)} it."
    )
    gathered = [row for row in layered if mean(row, "clustering_strength") >= GATHERED]
    if gathered:
        best = max(gathered, key=lambda row: mean(row, "accuracy"))
        told = "the same" if best is ours else f"{_with_accuracy(best)}, {_points(best, theirs)} the former"
        yield f"the most accurate with a clustering strength of {GATHERED} or more is {told}."


def _of_layers(there: dict[str, Row]) -> Iterator[str]:
    if {"d2", "mean"} <= there.keys():
        moved, plain = there["d2"], there["mean"]
        yield f"{moved['name']}, is {_points(moved, plain)} the same without layers, the mean of embeddings."
    for row in (there[key] for key in ("d2-learn", "d16-learn") if key in there):
        yield (
            f"{row['name']}: it ends at {number(mean(row, 'alpha'), 3)}, with a clustering strength of "
            f"{number(mean(row, 'clustering_strength'), 3)}."
        )


def _of_paper(there: dict[str, Row]) -> Iterator[str]:
    for paper in (there[key] for key in there if key.startswith("paper-")):
        flattery = 100 * (mean(paper, "best_accuracy") - mean(paper, "accuracy"))
        yield (
            f"{paper['name']}, is {number(flattery, 1)} points better at its best epoch than at its last; "
            "the best is chosen on the test reviews, as the paper reports it, and that flatters."
        )
        default = there.get(paper["row"].removeprefix("paper-"))
        if default is not None:
            share = seconds(default, "train") / seconds(paper, "train")
            yield (
                f"{default['name']}, is {_points(default, paper)} the last epoch of {paper['name']}, "
                f"and takes {number(share, 3)} times as long to train."
            )


def _of_cost(there: dict[str, Row]) -> str:
    order = sorted(there.values(), key=lambda row: seconds(row, "train"))
    sizes = [mean(row, "bytes") / 1e6 for row in there.values()]
    ends = (f"{row['name']} ({number(seconds(row, 'train'), 1)} s)" for row in (order[0], order[-1]))
    return (
        f"trainings take from {' to '.join(ends)}; "
        f"models take from {number(min(sizes), 2)} to {number(max(sizes), 2)} MB."
    )


def _with_accuracy(row: Row) -> str:
    return f"{row['name']} ({number(mean(row, 'accuracy'))})"


def _points(row: Row, other: Row) -> str:
    """Say how far the accuracy of a row is from that of another."""
    text = number(100 * abs(mean(row, "accuracy") - mean(other, "accuracy")), 1)
    if text == "0.0":
        return "level with"
    return f"{text} points {'above' if mean(row, 'accuracy') > mean(other, 'accuracy') else 'below'}"


def _method(record: dict[str, Any]) -> Iterator[str]:
    """Say what the columns mean and what the numbers were measured on."""
    machine, reviews = record["machine"], record["reviews"]
    versions = ", ".join(f"{name} {found}" for name, found in machine["versions"].items())
    yield (
        f"All learn from the same {reviews['train']:,} reviews and are tested on the same "
        f"{reviews['test']:,}, on the words of the default text pipeline, of which function words are "
        "read in pairs alone and not counted; the paper's own training alone has "
        "the paper's words, and its vocabulary, which counts the test reviews too."
    )
    yield (
        "Accuracy is the mean over the seeds, ± their standard deviation (dividing by one less than their "
        "number); what has no seed is the same every time."
    )
    yield (
        "Training is timed from reviews cut into words already, which is done once for all; counting words "
        "is part of it, measuring on test reviews is not. Times are those of the first seed, which had the "
        "machine to itself; further seeds may have been trained beside other work."
    )
    yield (
        f"Prediction is timed from the raw text of {reviews['timed']:,} test reviews, cutting into words "
        "included, in one process that has met none of the words before; the median of "
        f"{record['repeats']}."
    )
    yield "The size is that of the files of the saved model, those of scikit-learn's as joblib writes them."
    yield (
        "Leaders and clustering strength (`hardmax.analysis.clustering_strength`) are means over "
        f"{reviews['followed']:,} test reviews; the strength is 0 where nothing moves and 1 where every word "
        "has arrived at what draws it."
    )
    for row in {row["row"]: row for row in record["rows"] if isinstance(row["settings"], str)}.values():
        yield f"{row['name']}: `{row['settings']}`."
    yield (
        "The paper's own training has the preset 'paper', the other hardmax rows and the mean of embeddings "
        "the default `Settings`, but for what their names say."
    )
    yield (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}, "
        f"{versions}; the layers run on {machine['threads']} threads."
    )
