"""``study.md``: the figure, what it shows, the numbers, and how they were measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hardmax.reports.html import number
from hardmax.experiments.paper.tables import Table
from hardmax.experiments.clustering.sentences import NAMES, Row, among_all, mean, of_accuracy, of_opinions, percent

_DEFINITIONS = (
    "**Words on lines** are trained as this package does by default: a word learns its polarity alone, and "
    "the gradient goes straight through the layers. **Free words** learn all coordinates by the exact "
    "gradient, as in [the paper](https://arxiv.org/abs/2407.01602). All else is the same.",
    "**alpha** is the step of the layers: fixed, learned without a floor (*learn*; a star in the figure), or "
    "0: no layers.",
    "**Clustering strength** is the share of the distance between tokens and the points that they are drawn "
    "to at the last layer that is gone there, over all tokens of all test reviews together: 0 when nothing "
    "has moved, 1 when all have arrived. Leaders have no way to go and do not enter it, so the share of the "
    "tokens that lead stands beside it.",
    "**Opinions** are the words in the lexicon of VADER (Hutto and Gilbert, 2014), and the pairs with such a "
    "word. A pair has two chances where a word has one, so they are counted apart. A token counts once in a "
    "review, and so does a leader; leaders are those of the last layer.",
    "Differences of accuracy are in percentage points; *within the spread* are those that are no larger than "
    "the standard deviations of both sides together.",
)


def study_page(summary: Table, rows: Sequence[Row], record: Mapping[str, Any]) -> str:
    """Give the page in Markdown; it shows the file ``study.png`` beside it.

    Parameters
    ----------
    summary, rows : list of dict
        The tables ``summary.csv`` and ``study.csv``.
    record : dict
        What the folder tells of the settings (``depends_on``) and the reviews (``about``).
    """
    depends_on, about = record["depends_on"], record["about"]
    seeds = len(depends_on["seeds"])
    quick = "**A quick run on few epochs and reviews: it shows that everything works, and no more.**"
    pieces = [
        "# Accuracy against clustering",
        *([quick] if depends_on["quick"] else []),
        "What does it cost that tokens gather on leaders, and do leaders carry the meaning? "
        f"{len(rows)} trainings, with {depends_on['layers']} layers where alpha is not 0, measured on "
        f"{about['test_reviews']:,} test reviews.",
        "![Accuracy, clustering strength, leaders and opinion words](study.png)",
        f"Means over {seeds} seeds, with bars of one standard deviation.",
        "## What clustering costs",
        _list(of_accuracy(summary)),
        "## Do leaders carry the meaning?",
        _list(of_opinions(summary)),
        "## The numbers",
        f"Means over {seeds} seeds, ± one standard deviation; more is in [summary.csv](summary.csv), and "
        "every training in [study.csv](study.csv).",
        _table(summary, _CLUSTERING),
        f"Opinions among the leaders. {among_all(summary)}",
        _table(summary, _OPINIONS),
        "## How it was measured",
        _list([*_DEFINITIONS, *_made(rows, depends_on, about)]),
    ]
    return "\n\n".join(pieces) + "\n"


_CLUSTERING: dict[str, Callable[[Row], str]] = {
    "accuracy": lambda row: f"{mean(row, 'test_accuracy', 4)} ± {number(row['test_accuracy_std'])}",
    "strength": lambda row: mean(row, "strength"),
    "leaders a review": lambda row: mean(row, "leaders", 1),
    "tokens that lead": lambda row: percent(row["leading_mean"]),
}
_OPINIONS: dict[str, Callable[[Row], str]] = {
    "leading words": lambda row: percent(row["opinion_of_leading_words_mean"]),
    "leading pairs": lambda row: percent(row["opinion_of_leading_pairs_mean"]),
    "all leaders": lambda row: percent(row["opinion_of_leaders_mean"]),
}


def _table(summary: Table, columns: Mapping[str, Callable[[Row], str]]) -> str:
    """Give a table with a row for each training, d and alpha."""
    lines = [["training", "d", "alpha", *columns], ["---", *["--:"] * (2 + len(columns))]]
    for row in summary:
        cells = [write(row) for write in columns.values()]
        lines.append([NAMES[row["training"]], str(row["d"]), str(row["alpha"]), *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _made(rows: Sequence[Row], depends_on: Row, about: Row) -> list[str]:
    told = ", ".join(f"{name} {value}" for name, value in depends_on.items() if name != "reviews")
    hours = sum(row["train_seconds"] for row in rows) / 3600
    return [
        f"Reviews: {about['division']}; {about['train_reviews']:,} to train on and {about['test_reviews']:,} "
        f"to measure on, which choose nothing: the last epoch is kept. Digest {depends_on['reviews']}.",
        f"Settings: {told}.",
        f"All trainings together took {hours:.2f} hours, each on one thread.",
    ]


def _list(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)
