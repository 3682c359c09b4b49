"""The whole paper in one call, on the sample reviews: what is made, and stopping and starting."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")

from hardmax.experiments.paper import published, reproduce
from hardmax.experiments.paper.steps import DIMS, Work
from hardmax.training import History

FIGURES = (
    *("training_loss_sm_hm", "acc_embs", "histogram_leaders", "dyn_panels"),
    *("pos_initial0", "pos_final8", "neg_initial0", "neg_final8"),
)


def _tables(folder: Path) -> dict[str, str]:
    """All tables, without the seconds, which no run has twice."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in (folder / "tables").iterdir()}
    texts["results.csv"] = re.sub(r",[^,\n]*$", "", texts["results.csv"], flags=re.MULTILINE)
    return texts


def test_every_figure_table_and_model_of_the_paper_is_made(reproduced: Path) -> None:
    for stem in FIGURES:
        assert (reproduced / "figures" / f"{stem}.pdf").read_bytes().startswith(b"%PDF")
        assert (reproduced / "figures" / f"{stem}.png").read_bytes().startswith(b"\x89PNG")
    for name in ("pos_rev.gif", "neg_rev.gif"):
        assert (reproduced / "figures" / name).read_bytes().startswith(b"GIF8")
    for name in ("results", "losses", "leaders", "histogram", "examples"):
        assert (reproduced / "tables" / f"{name}.csv").is_file()
    for dim in DIMS:
        made = {path.name for path in (reproduced / "models" / f"d{dim}").iterdir()}
        assert made == {"model.safetensors", "config.json", "vocabulary.txt", "history.csv", "metrics.json"}


def test_a_deleted_file_is_made_again_and_nothing_else(
    reproduced: Path, sample_file: Path, times: Callable[[Path], dict[Path, int]]
) -> None:
    (reproduced / "tables" / "histogram.csv").unlink()
    before = times(reproduced)
    reproduce(reproduced, sample_file, quick=True)
    after = times(reproduced)
    changed = {path.name for path, time in after.items() if before.get(path) != time}
    assert changed == {"histogram.csv", "stages.json"}


def _stop_once(
    monkeypatch: pytest.MonkeyPatch, target: type, name: str, when: Callable[..., bool]
) -> list[bool]:
    """Make a method end by Ctrl-C the first time that `when` is true of its arguments."""
    method, stopped = getattr(target, name), list[bool]()

    def stopping(*args: object) -> object:
        if not stopped and when(*args):
            stopped.append(True)
            raise KeyboardInterrupt
        return method(*args)

    monkeypatch.setattr(target, name, stopping)
    return stopped


def test_a_run_stopped_in_training_and_in_a_table_goes_on_and_ends_with_the_same_tables(
    reproduced: Path, sample_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    in_epoch_2_of_d4 = _stop_once(
        monkeypatch, History, "save", lambda history, path: len(history) == 2 and path.parent.name == "d4"
    )
    in_the_histogram = _stop_once(monkeypatch, Work, "count_words", lambda work: True)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            reproduce(out, sample_file, quick=True)
        assert not (out / "report.html").exists()
    assert in_epoch_2_of_d4 and in_the_histogram
    said: list[str] = []
    reproduce(out, sample_file, quick=True, say=said.append)
    assert [line.endswith("done before") for line in said] == [True] * 6 + [False] * 3
    assert _tables(out) == _tables(reproduced)
    weights = [(folder / "models" / "d4" / "model.safetensors").read_bytes() for folder in (out, reproduced)]
    assert weights[0] == weights[1]


class _Links(HTMLParser):
    """Collects where a page points to, and its tags and text."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("src", "srcset", "data", "poster", "background"):
                self.loaded.append(value or "")
            if name == "href":
                self.links.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"


@pytest.fixture(scope="module")
def page(reproduced: Path) -> _Links:
    parser = _Links()
    parser.feed((reproduced / "report.html").read_text(encoding="utf-8"))
    return parser


def test_the_report_needs_nothing_but_itself(reproduced: Path, page: _Links) -> None:
    assert len(page.loaded) == 10
    assert all(
        source.startswith(("data:image/png;base64,", "data:image/gif;base64,")) for source in page.loaded
    )
    assert {link for link in page.links if not link.startswith("#")} == {published.PAPER_LINK}
    assert not page.tags & {"script", "link", "iframe", "object", "embed"}
    html = (reproduced / "report.html").read_text(encoding="utf-8")
    assert "url(" not in html and "@import" not in html


def test_the_report_holds_each_published_number(page: _Links) -> None:
    cells = page.text.split("\n")
    for result in published.RESULTS.values():
        numbers = (result.best_test_accuracy, result.last_test_accuracy, *result.train_losses)
        assert {f"{number:.4f}" for number in numbers} <= set(cells)
        assert str(result.best_epoch) in cells
    for number in (published.HARDMAX_LOSS, published.ALPHA, *published.V, published.B):
        assert f"{number:.4f}".replace("-", "\N{MINUS SIGN}") in cells
    for word, count in published.LEADER_WORDS.items():
        place = cells.index(word)
        assert f"{count:,}" in cells[place : place + 4]
    for said in (published.VOCABULARY_ROWS, "35,000", "15,000", str(published.SOFTMAX_HARDMAX_GAP)):
        assert said in page.text


def test_a_quick_run_says_that_its_numbers_are_not_comparable(page: _Links) -> None:
    assert "not comparable with the paper's" in page.text


def test_every_link_within_the_report_leads_somewhere(reproduced: Path, page: _Links) -> None:
    html = (reproduced / "report.html").read_text(encoding="utf-8")
    assert all(f'id="{link[1:]}"' in html for link in page.links if link.startswith("#"))


def test_the_words_of_the_reviews_are_kept_in_the_form_of_the_papers_preprocessing(
    reproduced: Path, sample_file: Path
) -> None:
    rows = list(csv.reader(sample_file.open(encoding="utf-8", newline="")))
    kept = [
        list(csv.reader((reproduced / "words" / f"{split}.csv").open(encoding="utf-8")))
        for split in ("train", "test")
    ]
    assert [len(part) for part in kept] == [281, 121]
    assert kept[0][0] == kept[1][0] == ["processed", "label"]
    assert np.array_equal(kept[0][1:] + kept[1][1:], rows[1:])
