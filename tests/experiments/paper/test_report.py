"""The report shows each number beside the published one, and needs no other file."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("jinja2")

from hardmax.experiments.paper import published
from hardmax.experiments.paper.report import report
from hardmax.experiments.paper.sentences import Facts
from hardmax.training.history import History

DRAWN = [
    f"{review}_{what}" for review in ("pos", "neg") for what in ("initial0.png", "final8.png", "rev.gif")
]


@pytest.fixture
def figures(tmp_path: Path) -> Path:
    for name in (
        "acc_embs.png",
        "training_loss_sm_hm.png",
        "histogram_leaders.png",
        "dyn_panels.png",
        *DRAWN,
    ):
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def _history() -> History:
    history = History()
    for epoch, gap in enumerate((0.001, math.nan)):
        loss = 0.7 - 0.1 * epoch
        history.append({"epoch": epoch, "train_loss": loss, "train_loss_hm": loss + gap, "test_loss": loss})
    return history


def _facts(quick: bool = False) -> Facts:
    about: dict[str, Any] = {"source": "<reviews>.csv", "own_splits": False, "sampled": False}
    about |= {"train_reviews": 700, "test_reviews": 300, "train_positive": 340, "test_positive": 150}
    results, losses = [], []
    for d, paper in published.RESULTS.items():
        results.append(
            {
                "d": d,
                "last_test_accuracy": 0.7,
                "published_last_test_accuracy": paper.last_test_accuracy,
                "best_test_accuracy": 0.8,
                "published_best_test_accuracy": paper.best_test_accuracy,
                "best_epoch": 1,
                "published_best_epoch": paper.best_epoch,
            }
        )
        for epoch, loss in zip(published.LOSS_EPOCHS, paper.train_losses, strict=True):
            ours = 0.7 if epoch == 0 else None
            row = {"d": d, "epoch": epoch, "train_loss": ours, "published_train_loss": loss}
            row |= {"train_loss_hardmax": ours, "epoch_at_equal_steps": None, "loss_at_equal_steps": None}
            losses.append(row)
    leaders = {"mean": 4.5, "std": 1.0, "min": 2, "max": 7, "initial_fraction": 0.9}
    example = {
        "row_of_test_split": 3,
        "probability_positive": 0.97,
        "leaders": "great",
        "words": "a great film",
    }
    return Facts(
        about=about | {"processed": False},
        depends_on={"hardmax": "1", "quick": quick, "reviews": "d1g35t", "dim": 2, "epochs": 2, "layers": 8},
        stages={"train d = 2": {"finished": True, "seconds": 1.25}},
        histories=dict.fromkeys(published.RESULTS, _history()),
        results=results,
        losses=losses,
        leaders=[{"d": d} | leaders for d in published.RESULTS],
        histogram=[{"word": "great", "count": 1300, "logit": 2.5}],
        examples=[{"review": review} | example for review in ("pos", "neg")],
        alpha=2.0,
        v=(-3.0, 4.0),
        b=-0.5,
        vocabulary_rows=5000,
    )


def _row(html: str, beginning: str) -> list[str]:
    """The cells of the first row of a table that begins with a cell."""
    row = html[html.index(f"<tr><td>{beginning}</td>") :].partition("</tr>")[0]
    return re.findall(r"<td[^>]*>(.*?)</td>", row)


def test_each_number_stands_beside_the_published_one_with_their_difference(figures: Path) -> None:
    html = report(_facts(), figures)
    assert _row(html, "2")[:4] == ["2", "0.7000", "0.7914", "−0.0914"]
    assert _row(html, "alpha") == ["alpha", "2.0000", "2.3528", "−0.3528"]
    assert _row(html, "v2") == ["v2", "4.0000", "5.7100", "−1.7100"]
    assert _row(html, "1") == ["1", "great", "1,300", "1,247", "great", "1,247", "1,300", "1"]
    assert _row(html, "10") == ["10", "–", "–", "–", "perfect", "335", "0", "–"]
    assert "The length of v is 5.000 here and 9.258 in the paper." in html


def test_the_last_epoch_with_both_losses_is_compared(figures: Path) -> None:
    html = report(_facts(), figures)
    assert _row(html, "ours") == ["ours", "0", "0.7000", "0.7010"]
    assert _row(html, "paper") == ["paper", "100", "0.1604", "0.1605"]


def test_choosing_the_epoch_on_the_test_reviews_is_said_to_be_too_good_and_by_how_much(figures: Path) -> None:
    assert "it is up to 0.100 above the last epoch's here and up to 0.037 in the paper" in report(
        _facts(), figures
    )


def test_settings_are_listed_without_what_is_none(figures: Path) -> None:
    html = report(_facts(), figures)
    assert '<td class="text">layers</td><td class="text">8</td>' in html
    assert '<td class="text">quick</td>' not in html and '<td class="text">dim</td>' not in html


def test_what_users_give_is_escaped(figures: Path) -> None:
    html = report(_facts(), figures)
    assert "&lt;reviews&gt;.csv: the first 70 % of the rows" in html and "<reviews>" not in html


def test_leaders_are_bold_among_the_words_of_a_review(figures: Path) -> None:
    html = report(_facts(), figures)
    assert re.search(r'<p class="review">\s*a\s+<b>great</b>\s+film\s*</p>', html)


@pytest.mark.parametrize("quick", [True, False])
def test_a_quick_run_alone_is_said_not_to_be_comparable(quick: bool, figures: Path) -> None:
    assert ("not comparable with the paper's" in report(_facts(quick), figures)) == quick


def test_a_model_without_leader_words_has_a_report(figures: Path) -> None:
    assert "not trained far enough" in report(replace(_facts(), histogram=[]), figures)
