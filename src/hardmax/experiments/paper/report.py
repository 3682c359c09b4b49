"""``report.html``: each number beside the published one, in one page that needs nothing but itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from hardmax._support.files import write_text
from hardmax.experiments.paper import findings, published
from hardmax.experiments.paper.sentences import Decoder, Facts
from hardmax._support.machine import machine
from hardmax.reports.html import figure, heading, number, page, paragraph, points, section, table
from hardmax.experiments.paper.tables import CONFIDENCE, EXAMPLE_LEADERS, EXAMPLE_WORDS, TOP, WORD_LOGIT, read_table
from hardmax.experiments.paper.steps import EXAMPLES, Work

_TITLE = "Clustering in hardmax transformers, reproduced"
TABLES = ("results", "losses", "leaders", "histogram", "examples")


def write_report(path: Path, work: Work, record: dict[str, Any]) -> None:
    """Gather what the stages made, and write the page.

    Parameters
    ----------
    path : Path
        The page.
    work : Work
        Whose tables, figures and models are finished.
    record : dict
        What ``stages.json`` holds.
    """
    facts = gather(work, record)
    body = [_head(facts)]
    for name, (title, content) in _SECTIONS.items():
        body.append(section(name, title, content(facts, work)))
    body.append(
        f"<footer>The paper: {escape(published.PAPER)}, "
        f'<a href="{published.PAPER_LINK}">arXiv 2407.01602</a>. '
        "Its numbers here are those of the stored training histories.</footer>"
    )
    write_text(path, page(_TITLE, body))


def gather(work: Work, record: dict[str, Any]) -> Facts:
    """Read the tables, the histories and the model of d = 2."""
    text_model = work.model(2)
    v, b = text_model.model.direction()
    return Facts(
        record=record,
        histories=work.histories(),
        **{name: read_table(work.table(name)) for name in TABLES},
        decoder=Decoder(
            alpha=text_model.model.attention.alpha.item(),
            v=tuple(v.tolist()),
            b=b,
        ),
        vocabulary_rows=len(text_model.vocabulary),
    )


def _head(facts: Facts) -> str:
    said = ["<header>", f"<h1>{_TITLE}</h1>"]
    said.append(
        paragraph(
            "Every figure and table of the experiments of Alcalde, Fantuzzi and Zuazua (2024), made anew "
            "from the reviews. 'Ours' is this run, 'paper' what was published.",
            "soft",
        )
    )
    if facts.quick:
        said.append(
            f'<div class="notice"><b>Quick run: these numbers are not comparable with the paper\'s.</b> '
            f"{facts.epochs} epochs instead of {published.EPOCHS}, and {facts.train_reviews:,} + "
            f"{facts.test_reviews:,} reviews; it only shows that everything works.</div>"
        )
    said += [points(findings.summary(facts)), "<nav>"]
    said += [f'<a href="#{name}">{title}</a>' for name, (title, _) in _SECTIONS.items()]
    return "\n".join([*said, "</nav></header>"])


def _accuracy(facts: Facts, work: Work) -> list[str]:
    rows = [
        [
            str(row["d"]),
            *_beside(row["last_test_accuracy"], row["published_last_test_accuracy"]),
            *_beside(row["best_test_accuracy"], row["published_best_test_accuracy"]),
            str(row["best_epoch"]),
            str(row["published_best_epoch"]),
        ]
        for row in facts.results
    ]
    last, paper = facts.epochs - 1, published.EPOCHS - 1
    caption = f"Accuracy on the test reviews; the last epoch is {last} here and {paper} in the paper."
    groups = [("", 1), ("last epoch", 3), ("best epoch, chosen on the test reviews", 3), ("at epoch", 2)]
    return [
        table(["d", *_BESIDE, *_BESIDE, "ours", "paper"], rows, caption, groups),
        heading("Where the runs differ"),
        points(findings.of_data(facts)),
        heading("What the curves say"),
        points(findings.of_accuracy(facts)),
        figure(work.figure("acc_embs.png"), "Accuracy on training and test reviews by epoch.", 900),
    ]


def _losses(facts: Facts, work: Work) -> list[str]:
    rows = [
        [
            str(row["d"]) if row["epoch"] == 0 else "",
            str(row["epoch"]),
            *_beside(row["train_loss"], row["published_train_loss"]),
            number(row["train_loss_hardmax"]),
            number(row["loss_at_equal_steps"]),
            number(row["epoch_at_equal_steps"], 1),
        ]
        for row in facts.losses
    ]
    columns = ["d", "epoch", *_BESIDE, "ours", "ours", "our epoch"]
    groups = [("", 2), ("softmax", 3), ("hardmax", 1), ("at the paper's steps", 2)]
    caption = "Training loss: mean binary cross-entropy over the batches of an epoch."
    own = [row for row in facts.histories[2].rows if not math.isnan(row["train_loss_hm"])][-1]
    sm_hm = [
        ["ours", number(int(own["epoch"])), number(own["train_loss"]), number(own["train_loss_hm"])],
        ["paper", "100", number(published.RESULTS[2].train_losses[-1]), number(published.HARDMAX_LOSS)],
    ]
    return [
        table(columns, rows, caption, groups),
        points(findings.of_losses(facts)),
        table(["", "epoch", "softmax", "hardmax"], sm_hm, "The last epoch with both losses, d = 2."),
        figure(work.figure("training_loss_sm_hm.png"), "Training loss by epoch, d = 2 and d = 4.", 520),
    ]


def _leaders(facts: Facts, work: Work) -> list[str]:
    rows = [
        [
            str(row["d"]),
            *(number(float(row[name]), 2) for name in ("mean", "std")),
            *(str(row[name]) for name in ("min", "max")),
            number(row["initial_fraction"]),
        ]
        for row in facts.leaders
    ]
    columns = ["d", "average", "std. deviation", "minimum", "maximum", "already leaders at layer 0"]
    caption = f"Leaders of a review at the last layer, over {facts.test_reviews:,} test reviews."
    return [table(columns, rows, caption), points(findings.of_leaders(facts))]


def _words(facts: Facts, work: Work) -> list[str]:
    ours = [(str(row["word"]), row["count"]) for row in facts.histogram]
    counts, places = dict(ours), {word: place for place, (word, _) in enumerate(ours, start=1)}
    rows = []
    for place, (word, count) in enumerate(published.LEADER_WORDS.items()):
        top = ours[place] if place < len(ours) else None
        own = [top[0], number(top[1]), number(published.LEADER_WORDS.get(top[0]))] if top else ["–"] * 3
        theirs = [word, number(count), number(counts.get(word, 0)), number(places.get(word))]
        rows.append([str(place + 1), *own, *theirs])
    columns = ["place", "word", "count", "paper's count", "word", "paper's count", "our count", "our place"]
    rule = f"|⟨v, x⟩ + b| > {WORD_LOGIT:g}".replace(" ", "\N{NO-BREAK SPACE}")
    caption = (
        "Leaders at the last layer in test reviews that are classified correctly with confidence over "
        f"{CONFIDENCE}, words with {rule}, d = 2."
    )
    return [
        table(columns, rows, caption, [("", 1), (f"our {TOP} most frequent", 3), (f"the paper's {TOP}", 4)]),
        points(findings.of_words(facts)),
        figure(
            work.figure("histogram_leaders.png"), "Our most frequent leaders, and the published counts.", 520
        ),
    ]


def _model(facts: Facts, work: Work) -> list[str]:
    ours = facts.decoder
    pairs = [("alpha", ours.alpha, published.ALPHA), ("b", ours.b, published.B)]
    pairs[1:1] = [(f"v{i + 1}", a, b) for i, (a, b) in enumerate(zip(ours.v, published.V, strict=True))]
    rows = [[name, *_beside(a, b)] for name, a, b in pairs]
    rows.append(["rows of the embedding", f"{facts.vocabulary_rows:,}", published.VOCABULARY_ROWS, "–"])
    return [table(["", *_BESIDE], rows, "Learned numbers."), points(findings.of_decoder(facts))]


def _reviews(facts: Facts, work: Work) -> list[str]:
    body = [
        paragraph(
            "d = 2. Tokens have the colour of the token that they follow, leaders are stars with their "
            "word, the black triangle is the mean token; the dashed line parts the decoder's two "
            "half-planes, negative (red) and positive (green). Reviews shorter than 128 words are filled "
            "up with PAD, as in the paper."
        ),
        paragraph(
            "The reviews are chosen by a rule: of those classified correctly with confidence over "
            f"{CONFIDENCE} that have at least {EXAMPLE_LEADERS} leaders (PAD not counted) and "
            f"{EXAMPLE_WORDS} different words, the one with the fewest words; where there is no such review, "
            "the one that comes nearest, which need not be classified correctly. The figures' titles say how "
            "the model decides."
        ),
    ]
    for row in facts.examples:
        name, leaders = row["review"], set(str(row["leaders"]).split(" "))
        words = [f"<b>{escape(w)}</b>" if w in leaders else escape(w) for w in str(row["words"]).split(" ")]
        kind = {1: "Positive", 0: "Negative"}[EXAMPLES[name]]
        body += [
            paragraph(
                f"{kind} review, row {row['row_of_test_part']} of the test part; probability that it is "
                f"positive: {number(float(row['probability_positive']))}. Its words, leaders in bold:"
            ),
            f'<p class="review">{" ".join(words)}</p>',
            '<div class="row">',
            figure(work.figure(f"{name}_initial0.png"), "Layer 0.", 400),
            figure(work.figure(f"{name}_final8.png"), "Layer 8, the last.", 400),
            figure(work.figure(f"{name}_rev.gif"), "All layers, one a second.", 400),
            "</div>",
        ]
    return body


def _dynamics(facts: Facts, work: Work) -> list[str]:
    caption = (
        "Figure 2 of the paper: four starting positions under the hardmax rule, alpha = 0.5. A leader "
        "emerges at layer 1 in the second row; in the last row two clusters are projections of the origin "
        "onto faces. Tokens placed at random are not the paper's."
    )
    return [figure(work.figure("dyn_panels.png"), caption, 900)]


def _made(facts: Facts, work: Work) -> list[str]:
    about, settings = facts.record["about"], dict(facts.record["depends_on"])
    data = {
        "Reviews": f"{about['source']}: {about['division']}",
        "Training": f"{about['train_reviews']:,} reviews, {about['train_positive']:,} of them positive",
        "Testing": f"{about['test_reviews']:,} reviews, {about['test_positive']:,} of them positive",
        "Digest": settings.pop("reviews"),
    }
    for name in ("hardmax", "quick", "dim"):
        settings.pop(name)
    stages = {name: stage["seconds"] for name, stage in facts.record["stages"].items() if stage["finished"]}
    seconds = [[name, number(each, 1)] for name, each in stages.items()]
    seconds.append(["all of these", number(sum(stages.values()), 1)])
    return [
        _listed("Data.", data),
        _listed("Settings of all trainings.", settings),
        _listed("Machine that wrote this report.", machine()),
        table(["stage", "seconds"], seconds, "Time, all sittings together, without this report."),
    ]


def _listed(caption: str, values: Mapping[str, object]) -> str:
    rows = [[name, str(value)] for name, value in values.items()]
    return table(["", ""], rows, caption, text=True)


_BESIDE = ["ours", "paper", "difference"]


def _beside(ours: float | None, paper: float) -> list[str]:
    return [number(ours), number(paper), number(None if ours is None else ours - paper, sign=True)]


#: What stands under each link: its title, and what writes it.
_SECTIONS: dict[str, tuple[str, Callable[[Facts, Work], list[str]]]] = {
    "accuracy": ("Accuracy", _accuracy),
    "losses": ("Training losses", _losses),
    "leaders": ("Leaders", _leaders),
    "words": ("Leader words", _words),
    "model": ("The model of d = 2", _model),
    "reviews": ("Two reviews in the plane", _reviews),
    "dynamics": ("The dynamics", _dynamics),
    "made": ("Data, settings, machine", _made),
}
