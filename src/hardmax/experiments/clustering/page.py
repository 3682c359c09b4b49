"""``study.md``: the figure, what it shows, the numbers, and how they were measured."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hardmax.experiments.clustering import sentences
from hardmax.experiments.review_split import division
from hardmax.reports.pages import render
from hardmax.reports.tables import Table

TEMPLATE = Path(__file__).with_name("templates") / "study.md.j2"


def study_page(summary: Table, rows: Sequence[Mapping[str, Any]], record: Mapping[str, Any]) -> str:
    """Return the page in Markdown, made of ``summary.csv``, ``study.csv`` and ``stages.json``.

    It shows the file ``study.png`` beside it.
    """
    depends_on, about = record["depends_on"], record["about"]
    return render(
        TEMPLATE,
        summary=summary,
        trainings=len(rows),
        seconds=sum(row["train_seconds"] for row in rows),
        depends_on=depends_on,
        settings={name: value for name, value in depends_on.items() if name != "reviews"},
        about=about,
        division=division(about),
        of_accuracy=sentences.of_accuracy(summary),
        of_opinions=sentences.of_opinions(summary),
        names=sentences.NAMES,
    )
