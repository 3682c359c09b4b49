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

import pytest
import torch

from hardmax import Reviews, Settings, TrainedModel, sample_reviews
from hardmax.classifier import train_run
from hardmax.classifier.runs import check_run_folder
from hardmax.errors import InputError
from hardmax.training import PRESETS
from hardmax.training.checkpoint import Checkpoint
from hardmax.training.prepare import prepare_reviews

SMALL = {"pipeline": "default", "min_count": 2, "batch_size": 32, "max_tokens": 40, "epochs": 3}
DEFAULT = PRESETS["default"].replace(**SMALL)
PAPER = PRESETS["paper"].replace(**SMALL)
TRAIN, TEST = sample_reviews("train"), sample_reviews("test")
STEPS = 10  # of an epoch
resource = pytest.importorskip("resource", reason="limits of file sizes are for Unix")
CONTENT = {"model.safetensors", "config.json", "vocabulary.txt", "history.csv", "metrics.json"}


def run(
    folder: Path,
    settings: Settings = DEFAULT,
    resume: bool = False,
    reviews: Reviews = TRAIN,
    test: Reviews | None = TEST,
) -> TrainedModel:
    return train_run(prepare_reviews(reviews, test, settings), settings, folder, resume=resume)


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


class Killed(BaseException):
    """The end of the process."""


@contextmanager
def stopped_after(steps: int, by: type[BaseException] = KeyboardInterrupt) -> Iterator[None]:
    """Stop a training in the step after so many, as Ctrl-C does."""
    left, step = steps, torch.optim.Adam.step

    def stop(*arguments: object) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise by
        return step(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.optim.Adam, "step", stop)
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
    assert len(words) + 1 == len(TrainedModel.load(finished).network.encoder.weight)


def test_the_model_read_back_measures_what_the_training_measured(finished: Path) -> None:
    metrics = json.loads((finished / "metrics.json").read_text())
    found = TrainedModel.load(finished).evaluate(TEST)
    assert found == {"accuracy": metrics["test_accuracy"], "loss": metrics["test_loss"], "n": 100}


def test_the_same_seed_gives_the_same_files(finished: Path, tmp_path: Path) -> None:
    run(tmp_path / "again")
    for name in ("model.safetensors", "config.json", "vocabulary.txt"):
        assert files(tmp_path / "again")[name] == files(finished)[name]


def test_files_hold_no_code(finished: Path) -> None:
    header = files(finished)["model.safetensors"][8:].split(b"}}")[0]
    assert header.startswith(b'{"') and b"F32" in header
    assert not any(content.startswith((b"PK", b"\x80")) for content in files(finished).values())


def test_the_numbers_of_the_kept_epoch_are_null_without_a_test_split(tmp_path: Path) -> None:
    run(tmp_path / "run", DEFAULT.replace(validation=0.1), test=None)
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["test_accuracy"] is None and metrics["valid_accuracy"] >= 0


@pytest.mark.parametrize("settings", [DEFAULT, PAPER], ids=["default", "paper"])
@pytest.mark.parametrize("steps", [2, 16, 29])
def test_ctrl_c_leaves_a_usable_run_that_can_be_finished(
    settings: Settings, steps: int, tmp_path: Path
) -> None:
    run(tmp_path / "whole", settings)
    with stopped_after(steps):
        stopped = run(tmp_path / "stopped", settings)
    assert stopped.outcome.interrupted
    assert stopped.outcome.kept_epoch == steps // STEPS - 1
    assert set(files(tmp_path / "stopped")) == CONTENT | {"checkpoint.safetensors"}
    assert json.loads((tmp_path / "stopped" / "metrics.json").read_text())["interrupted"] is True
    found = TrainedModel.load(tmp_path / "stopped").evaluate(TEST)
    assert math.isfinite(found["loss"]) and found["n"] == 100

    run(tmp_path / "stopped", settings, resume=True)
    assert set(files(tmp_path / "stopped")) == CONTENT
    for name in ("model.safetensors", "config.json", "vocabulary.txt"):
        assert files(tmp_path / "stopped")[name] == files(tmp_path / "whole")[name]


def test_a_run_can_be_stopped_many_times(tmp_path: Path) -> None:
    run(tmp_path / "whole")
    with stopped_after(14):
        run(tmp_path / "stopped")
    for steps in (0, 14, 3):
        with stopped_after(steps):
            run(tmp_path / "stopped", resume=True)
    run(tmp_path / "stopped", resume=True)
    assert files(tmp_path / "stopped")["model.safetensors"] == files(tmp_path / "whole")["model.safetensors"]


def test_a_run_killed_before_its_first_checkpoint_can_be_finished(tmp_path: Path) -> None:
    run(tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Checkpoint, "start", lambda *_: (_ for _ in ()).throw(Killed))
        run(tmp_path / "killed")
    assert set(files(tmp_path / "killed")) == {"config.json"}
    run(tmp_path / "killed", resume=True)
    assert files(tmp_path / "killed")["model.safetensors"] == files(tmp_path / "whole")["model.safetensors"]


def test_a_run_killed_in_the_middle_has_no_untrained_model_but_can_be_finished(tmp_path: Path) -> None:
    run(tmp_path / "whole")
    with stopped_after(STEPS + 4, by=Killed), pytest.raises(Killed):
        run(tmp_path / "killed")
    with pytest.raises(InputError, match=r"holds no model\.safetensors; finish the training first"):
        TrainedModel.load(tmp_path / "killed")
    run(tmp_path / "killed", resume=True)
    assert files(tmp_path / "killed")["model.safetensors"] == files(tmp_path / "whole")["model.safetensors"]


def test_a_training_that_fails_at_its_start_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the weights went out of range in epoch 1; give a learning_rate"):
        run(tmp_path / "run", DEFAULT.replace(learning_rate=1e38))
    assert not (tmp_path / "run").exists()
    (tmp_path / "run").mkdir()  # the user's own
    with pytest.raises(InputError):
        run(tmp_path / "run", DEFAULT.replace(learning_rate=1e38))
    assert files(tmp_path / "run") == {}
    run(tmp_path / "run")
    assert set(files(tmp_path / "run")) == CONTENT


def test_a_training_that_fails_later_keeps_its_epochs(tmp_path: Path) -> None:
    with stopped_after(STEPS + 4, by=OSError), pytest.raises(OSError):
        run(tmp_path / "run")
    assert set(files(tmp_path / "run")) == {"config.json", "checkpoint.safetensors", "history.csv"}
    assert len(run(tmp_path / "run", resume=True).outcome.history) == DEFAULT.training.epochs


def test_columns_that_were_named_are_remembered_and_the_classes(tmp_path: Path) -> None:
    reviews = replace(TRAIN, classes=("dull", "fine"))
    prepared = prepare_reviews(reviews, None, DEFAULT)
    train_run(prepared, DEFAULT, tmp_path / "run", columns=("comment", None))
    loaded = TrainedModel.load(tmp_path / "run")
    assert loaded.about["columns"] == ["comment", None] and loaded.classes == ("dull", "fine")


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
    assert check_run_folder(tmp_path / "run") == tmp_path / "run"


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
        ({"settings": DEFAULT.replace(dim=3)}, "was trained with dim = 2, not 3"),
        ({"settings": DEFAULT.replace(epochs=9)}, "was trained with epochs = 3, not 9"),
        ({"settings": DEFAULT.replace(alpha=0.5)}, "was trained with alpha = 'learn', not 0.5"),
        ({"reviews": TRAIN[1:]}, "was trained on other texts"),
        ({"reviews": replace(TRAIN, labels=1 - TRAIN.labels)}, "was trained on other texts"),
        ({"test": TEST[1:]}, "was trained on other texts"),
        ({"test": None}, "was trained on other texts"),
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
    for act in (lambda: TrainedModel.load(tmp_path / "run"), lambda: run(tmp_path / "run", resume=True)):
        with pytest.raises(InputError) as caught:
            act()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "vocabulary.txt"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_cut_off_file_is_named_in_one_line(name: str, share: float, copied: Path) -> None:
    content = (copied / name).read_bytes()
    (copied / name).write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match=name.split(".")[0]) as caught:
        TrainedModel.load(copied)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "vocabulary.txt"])
def test_a_missing_file_is_named_in_one_line(name: str, copied: Path) -> None:
    (copied / name).unlink()
    with pytest.raises(InputError, match=name) as caught:
        TrainedModel.load(copied)
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
