"""``report.html``: each number beside the published one, in one page that needs no other file."""

import math
from pathlib import Path
from typing import Any

from hardmax._support.files import write_text
from hardmax._support.machine import machine
from hardmax.experiments.paper import published, sentences, tables
from hardmax.experiments.paper.sentences import Facts
from hardmax.experiments.paper.steps import Work
from hardmax.experiments.review_split import division
from hardmax.reports.pages import render
from hardmax.reports.tables import read_table

TEMPLATE = Path(__file__).with_name("templates") / "report.html.j2"
TABLES = ("results", "losses", "leaders", "histogram", "examples")
#: What `Facts.depends_on` holds beside the settings that all models share.
_NO_SETTINGS = ("hardmax", "quick", "reviews", "dim")


def write_report(path: Path, work: Work, record: dict[str, Any]) -> list[Path]:
    """Write the page from what the stages made, and from the content of ``stages.json``."""
    model = work.model(2)
    v, b = model.network.direction()
    read = record | {name: read_table(work.table(name)) for name in TABLES}
    facts = Facts(
        **read,
        histories=work.histories(),
        alpha=model.network.attention.alpha.item(),
        v=tuple(v.tolist()),
        b=b,
        vocabulary_rows=len(model.vocabulary),
    )
    write_text(path, report(facts, work.folder / "figures"))
    return [path]


def report(facts: Facts, figures: Path) -> str:
    """Return the page as HTML; `figures` is the folder of the figures, which become a part of it."""
    tests = facts.about["test_reviews"]
    d2 = facts.histories[2].rows
    return render(
        TEMPLATE,
        facts=facts,
        figures=figures,
        published=published,
        sentences=sentences,
        rules=tables,
        division=division(facts.about),
        machine=machine(),
        settings={name: value for name, value in facts.depends_on.items() if name not in _NO_SETTINGS},
        seconds={name: stage["seconds"] for name, stage in facts.stages.items() if stage["finished"]},
        last_differences=sentences.span(_differences(facts, "last", "published_last")),
        best_differences=sentences.span(_differences(facts, "best", "published_best")),
        # Twice the standard error of a difference of two accuracies near 0.8.
        chance=2 * math.sqrt(0.8 * 0.2 * (1 / tests + 1 / published.TEST_REVIEWS)),
        gains=[max(_differences(facts, f"{whose}best", f"{whose}last")) for whose in ("", "published_")],
        last_of_both=[row for row in d2 if not math.isnan(row["train_loss_hm"])][-1],
        counts={row["word"]: row["count"] for row in facts.histogram},
        places={row["word"]: place for place, row in enumerate(facts.histogram, start=1)},
        length_of_v=math.hypot(*facts.v),
        published_length_of_v=math.hypot(*published.V),
    )


def _differences(facts: Facts, column: str, minus: str) -> list[float]:
    """Return one column of test accuracies minus another, for each model."""
    return [row[f"{column}_test_accuracy"] - row[f"{minus}_test_accuracy"] for row in facts.results]
