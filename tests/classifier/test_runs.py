"""A run's folder: what is in it, and that nothing in it is ever lost."""

from __future__ import annotations

import csv
import json
import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hardmax.dynamics import Hardmax
from hardmax.errors import InputError
from hardmax.classifier import training
from hardmax.data.sources import Reviews
from hardmax.classifier.runs import prepare, prepare_documents, run_folder, train_run
from hardmax.data.sample import sample_reviews
from hardmax.training.settings import PRESETS, Settings
from hardmax.classifier.trained_model import TextModel
from hardmax.training.loop import Outcome, loss_of

SMALL = {"pipeline": "default", "min_count": 2, "batch_size": 32, "max_tokens": 40, "epochs": 3}
DEFAULT = replace(PRESETS["default"], **SMALL)
PAPER = replace(PRESETS["paper"], **SMALL)
TRAIN, TEST = sample_reviews("train"), sample_reviews("test")
resource = pytest.importorskip("resource", reason="limits of file sizes are for Unix")
CONTENT = {"model.safetensors", "config.json", "vocabulary.txt", "history.csv", "metrics.json"}


def run(
    folder: Path,
    settings: Settings = DEFAULT,
    resume: bool = False,
    reviews: Reviews = TRAIN,
    test: Reviews | None = TEST,
) -> tuple[TextModel, Outcome]:
    return train_run(prepare(reviews, test, settings), settings, folder, resume)


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@contextmanager
def stopped_after(calls: int) -> Iterator[None]:
    """Ctrl-C at a loss of the training."""
    left = calls

    def stop(*arguments: torch.Tensor) -> torch.Tensor:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return loss_of(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "loss_of", stop)
        yield


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A disk that takes no more, of every file."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "finished"
    run(folder)
    return folder


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "copied"))


def test_a_finished_run_holds_what_the_documents_promise(finished: Path) -> None:
    assert set(files(finished)) == CONTENT
    metrics = json.loads((finished / "metrics.json").read_text())
    assert {"test_accuracy", "test_loss", "train_seconds", "alpha", "kept_epoch"} <= set(metrics)
    with (finished / "history.csv").open(newline="") as file:
        history = list(csv.DictReader(file))
    assert [row["epoch"] for row in history] == ["0", "1", "2"]
    assert float(history[metrics["kept_epoch"]]["test_acc"]) == metrics["test_accuracy"]
    words = (finished / "vocabulary.txt").read_text().splitlines()
    config = json.loads((finished / "config.json").read_text())
    assert Settings.from_dict(config["settings"]) == DEFAULT
    assert len(words) + 1 == len(TextModel.load(finished).model.encoder.weight)


def test_the_model_read_back_measures_what_the_training_measured(finished: Path) -> None:
    metrics = json.loads((finished / "metrics.json").read_text())
    found = TextModel.load(finished).evaluate(TEST)
    assert found == {"accuracy": metrics["test_accuracy"], "loss": metrics["test_loss"], "n": 100}


def test_the_same_seed_gives_the_same_files(finished: Path, tmp_path: Path) -> None:
    run(tmp_path / "again")
    for name in ("model.safetensors", "config.json", "vocabulary.txt"):
        assert files(tmp_path / "again")[name] == files(finished)[name]


def test_files_hold_no_code(finished: Path) -> None:
    header = files(finished)["model.safetensors"][8:].split(b"}}")[0]
    assert header.startswith(b'{"') and b"F32" in header
    assert not any(content.startswith((b"PK", b"\x80")) for content in files(finished).values())


def test_the_numbers_of_the_kept_epoch_are_null_without_a_test_part(tmp_path: Path) -> None:
    run(tmp_path / "run", replace(DEFAULT, validation=0.1), test=None)
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["test_accuracy"] is None and metrics["valid_accuracy"] >= 0


@pytest.mark.parametrize("settings", [DEFAULT, PAPER], ids=["default", "paper"])
@pytest.mark.parametrize("calls", [2, 16, 30])
def test_ctrl_c_leaves_a_usable_run_that_can_be_finished(
    settings: Settings, calls: int, tmp_path: Path
) -> None:
    run(tmp_path / "whole", settings)
    with stopped_after(calls):
        _, outcome = run(tmp_path / "stopped", settings)
    assert outcome.interrupted
    assert set(files(tmp_path / "stopped")) == CONTENT | {"checkpoint.safetensors"}
    assert json.loads((tmp_path / "stopped" / "metrics.json").read_text())["interrupted"] is True
    found = TextModel.load(tmp_path / "stopped").evaluate(TEST)
    assert math.isfinite(found["loss"]) and found["n"] == 100

    run(tmp_path / "stopped", settings, resume=True)
    assert set(files(tmp_path / "stopped")) == CONTENT
    for name in ("model.safetensors", "config.json", "vocabulary.txt"):
        assert files(tmp_path / "stopped")[name] == files(tmp_path / "whole")[name]


def test_a_run_can_be_stopped_many_times(tmp_path: Path) -> None:
    run(tmp_path / "whole")
    with stopped_after(14):
        run(tmp_path / "stopped")
    for calls in (0, 14, 3):
        with stopped_after(calls):
            run(tmp_path / "stopped", resume=True)
    run(tmp_path / "stopped", resume=True)
    assert files(tmp_path / "stopped")["model.safetensors"] == files(tmp_path / "whole")["model.safetensors"]


class Killed(BaseException):
    """The end of the process."""


def test_a_run_killed_before_its_first_checkpoint_can_be_finished(tmp_path: Path) -> None:
    run(tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(training.Checkpoint, "start", lambda *_: (_ for _ in ()).throw(Killed))
        run(tmp_path / "killed")
    assert set(files(tmp_path / "killed")) == {"config.json"}
    run(tmp_path / "killed", resume=True)
    assert files(tmp_path / "killed")["model.safetensors"] == files(tmp_path / "whole")["model.safetensors"]


def test_a_run_killed_in_the_middle_has_no_untrained_model_but_can_be_finished(tmp_path: Path) -> None:
    run(tmp_path / "whole")

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(training, "_measured", lambda *_: (_ for _ in ()).throw(Killed))
        run(tmp_path / "killed")
    with pytest.raises(InputError, match=r"holds no model\.safetensors; finish the training first"):
        TextModel.load(tmp_path / "killed")
    run(tmp_path / "killed", resume=True)
    assert files(tmp_path / "killed")["model.safetensors"] == files(tmp_path / "whole")["model.safetensors"]


def test_a_folder_that_holds_something_is_refused_and_left_alone(copied: Path, tmp_path: Path) -> None:
    before = files(copied)
    with pytest.raises(InputError, match="copied holds a run; give another folder, or --resume"):
        run(copied)
    assert files(copied) == before
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious.txt").write_text("data")
    with pytest.raises(InputError, match="other is not empty; give another folder"):
        run(other)
    assert files(other) == {"precious.txt": b"data"}
    with pytest.raises(InputError, match=r"precious\.txt is a file"):
        run(other / "precious.txt")


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    assert run_folder(tmp_path / "run") == tmp_path / "run"


def test_resuming_says_when_there_is_nothing_to_resume(copied: Path, tmp_path: Path) -> None:
    before = files(copied)
    with pytest.raises(InputError, match="copied is finished; there is nothing left to resume"):
        run(copied, resume=True)
    assert files(copied) == before
    with pytest.raises(InputError, match="none holds no run to resume; train without --resume first"):
        run(tmp_path / "none", resume=True)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"settings": replace(DEFAULT, dim=3)}, "was trained with dim = 2, not 3"),
        ({"settings": replace(DEFAULT, epochs=9)}, "was trained with epochs = 3, not 9"),
        ({"settings": replace(DEFAULT, alpha=0.5)}, "was trained with alpha = 'learn', not 0.5"),
        ({"reviews": TRAIN[1:]}, "was trained on other reviews"),
        ({"reviews": replace(TRAIN, labels=1 - TRAIN.labels)}, "was trained on other reviews"),
        ({"test": TEST[1:]}, "was trained on other reviews"),
        ({"test": None}, "was trained on other reviews"),
    ],
)
def test_only_the_same_training_can_be_resumed(
    changed: dict[str, object], message: str, tmp_path: Path
) -> None:
    with stopped_after(14):
        run(tmp_path / "run")
    before = files(tmp_path / "run")
    with pytest.raises(InputError, match=message):
        run(tmp_path / "run", resume=True, **changed)
    assert files(tmp_path / "run") == before
    run(tmp_path / "run", resume=True)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"settings": []}', '{"settings": {"depth": 3}}'])
def test_a_broken_config_is_refused_in_one_line(content: str, tmp_path: Path) -> None:
    with stopped_after(14):
        run(tmp_path / "run")
    (tmp_path / "run" / "config.json").write_text(content)
    for act in (lambda: TextModel.load(tmp_path / "run"), lambda: run(tmp_path / "run", resume=True)):
        with pytest.raises(InputError) as caught:
            act()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "vocabulary.txt"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_cut_off_file_is_named_in_one_line(name: str, share: float, copied: Path) -> None:
    content = (copied / name).read_bytes()
    (copied / name).write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match=name.split(".")[0]) as caught:
        TextModel.load(copied)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "vocabulary.txt"])
def test_a_missing_file_is_named_in_one_line(name: str, copied: Path) -> None:
    (copied / name).unlink()
    with pytest.raises(InputError, match=name) as caught:
        TextModel.load(copied)
    assert "\n" not in str(caught.value)


def test_a_full_disk_costs_no_finished_epoch(tmp_path: Path) -> None:
    run(tmp_path / "whole")
    with stopped_after(14):
        run(tmp_path / "run")
    before = files(tmp_path / "run")
    with (
        files_of_at_most(3000),
        pytest.raises(InputError, match=r"cannot write .*: File too large") as caught,
    ):
        run(tmp_path / "run", resume=True)
    assert "\n" not in str(caught.value)
    assert files(tmp_path / "run") == before
    run(tmp_path / "run", resume=True)
    assert files(tmp_path / "run")["model.safetensors"] == files(tmp_path / "whole")["model.safetensors"]


def test_the_validation_part_is_taken_from_the_training_part() -> None:
    parts = prepare(TRAIN, TEST, replace(DEFAULT, validation=0.1))
    assert parts.valid is not None and parts.test is not None
    assert (len(parts.train), len(parts.valid), len(parts.test)) == (270, 30, 100)


def test_the_vocabulary_is_that_of_the_training_part_unless_the_paper_is_followed() -> None:
    documents, test = [["good"], ["bad"], ["good"], ["dull"]], [["new"]]
    labels, test_labels = np.array([1, 0, 1, 0]), np.array([1])
    honest = replace(DEFAULT, min_count=1, validation=0.0)
    parts = prepare_documents(documents, labels, test, test_labels, honest)
    assert parts.vocabulary.words == ["good", "bad", "dull"]
    leaky = prepare_documents(documents, labels, test, test_labels, replace(honest, vocabulary_from="all"))
    assert leaky.vocabulary.words == ["good", "bad", "dull", "new"]
    aside = prepare_documents(documents, labels, test, test_labels, replace(honest, validation=0.5))
    assert aside.valid is not None and len(aside.vocabulary.words) <= 2


@pytest.mark.parametrize(
    ("reviews", "changes", "message"),
    [
        (TRAIN[:0], {}, "there are 0 reviews to train on"),
        (TRAIN[[0, int(TRAIN.labels.argmin())]], {"validation": 0.1}, "there are 2 reviews to train on"),
        (TRAIN[TRAIN.labels == 1], {}, "have the label 1; give two classes"),
        (TRAIN[:20], {"min_count": 1000}, "no word is in 1000 reviews"),
    ],
)
def test_too_few_reviews_are_refused(reviews: Reviews, changes: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        prepare(reviews, None, replace(DEFAULT, **changes))


DOCUMENTS = [["good", "film", "good", "late"], ["good", "film", "bad", "late"], ["bad", "bad", "bad"]]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ["bad", "film", "good", "good film"]),
        ({"repeats": True}, ["bad", "bad bad", "film", "good", "good film"]),
        ({"repeats": True, "min_count": 3}, ["bad", "good"]),
        ({"pairs": 0}, ["bad", "film", "good"]),
        ({"max_tokens": 4}, ["bad", "film", "good", "good film", "late"]),
        ({"vocabulary_from": "all"}, ["bad", "bad late", "film", "good", "good film", "late"]),
    ],
)
def test_the_vocabulary_counts_what_is_read(changes: dict[str, object], words: list[str]) -> None:
    settings = replace(PRESETS["default"], **{"max_tokens": 3, "min_count": 2} | changes)
    test = [["dull", "bad", "late"]]
    parts = prepare_documents(DOCUMENTS, np.array([1, 1, 0]), test, np.array([0]), settings)
    assert sorted(parts.vocabulary.words) == words


def test_the_paper_takes_every_word_of_whole_reviews_of_both_parts_and_no_pairs() -> None:
    documents = [[f"a{i}" for i in range(300)], ["b"]]
    parts = prepare_documents(
        documents, np.array([1, 0]), [[f"c{i}" for i in range(200)]], np.array([1]), PRESETS["paper"]
    )
    assert set(parts.vocabulary.words) == {*documents[0], "b", *(f"c{i}" for i in range(200))}
    assert parts.test is not None
    for part in (parts.train, parts.test):  # but reads the first 128 of each
        assert set(part.said(len(parts.vocabulary) + 1)[1:].tolist()) <= {0, 1}
        assert [part.take([text]).counts.sum() for text in range(len(part))] == [128] * len(part)
    model = TextModel.start(parts.vocabulary, PRESETS["paper"]).model
    assert not model.on_lines and not model.attention.straight_through


def test_a_cooled_model_is_that_of_the_hardmax_before_and_after_its_way_through_a_file(
    tmp_path: Path,
) -> None:
    trained, _ = run(tmp_path / "run", replace(DEFAULT, temperature=0.5, cooling=0.7))
    loaded = TextModel.load(tmp_path / "run")
    assert trained.model.attention.temperature == loaded.model.attention.temperature == 0
    assert trained.probabilities(TEST.texts).tolist() == loaded.probabilities(TEST.texts).tolist()
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert loaded.evaluate(TEST)["loss"] == metrics["test_loss"]
    assert isinstance(loaded.explain(TEST.texts[0]).trajectory.rule, Hardmax)
