"""Two processes in one folder, and a checkpoint that is not that of the training run, or was changed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hardmax._support.folders import LOCK, locked_folder
from hardmax.errors import InputError
from hardmax.training.history import History

Run = Callable[..., Any]
CHECKPOINT = "checkpoint.safetensors"


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that works in `folder`, until it is killed or the block ends."""
    program = (
        "import sys; from hardmax._support.folders import locked_folder\n"
        "with locked_folder(sys.argv[1]): print('there', flush=True); sys.stdin.read()"
    )
    line = [sys.executable, "-c", program, str(folder)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "there\n"
        try:
            yield process
        finally:
            process.kill()


def stop_after_an_epoch(run: Run, *arguments: object) -> None:
    """Run a training that Ctrl-C stops in its second epoch."""
    save = History.save

    def save_and_stop(history: History, path: Path) -> None:
        save(history, path)
        patch.undo()
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(History, "save", save_and_stop)
        assert run("train", *arguments).status == 130


@pytest.fixture(scope="module")
def training(home: Path) -> Callable[..., list[object]]:
    """The options of a training run in the folder `out`."""

    def training(out: Path, *more: object) -> list[object]:
        return ["--train", home / "reviews.csv", "--epochs", 2, "--out", out, *more]

    return training


@pytest.fixture
def stopped(run: Run, training: Callable[..., list[object]], tmp_path: Path) -> Path:
    """The folder of a training run stopped after its first epoch."""
    stop_after_an_epoch(run, *training(tmp_path / "stopped"))
    return tmp_path / "stopped"


def test_a_second_process_is_refused_before_it_reads_anything(refused: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text("no reviews")
    folder = tmp_path / "out"
    with another_process(folder):
        before = files(folder)
        for command in (
            ["train", "--train", broken],
            ["train", "--train", broken, "--resume"],
            ["reproduce", "--data", broken],
            ["study", "--data", broken],
        ):
            for out in (folder, folder / ".." / "out"):
                assert "another process works in" in refused(*command, "--out", out)
        assert files(folder) == before


def test_a_killed_process_refuses_no_later_one(
    run: Run, training: Callable[..., list[object]], home: Path, tmp_path: Path
) -> None:
    with another_process(tmp_path / "out") as process:
        process.kill()
        process.wait()
    assert list(files(tmp_path / "out")) == [LOCK]
    assert run("train", *training(tmp_path / "out")).status == 0
    assert set(files(tmp_path / "out")) == set(files(home / "run"))


def test_the_same_thread_may_enter_again_and_no_other(tmp_path: Path) -> None:
    def enter() -> Path:
        with locked_folder(tmp_path / "a") as folder:
            return folder

    with locked_folder(tmp_path / "a"), ThreadPoolExecutor() as pool:
        enter()
        with pytest.raises(InputError, match="another process works in"):
            pool.submit(enter).result()
    assert enter().exists() and list(enter().iterdir()) == []


def test_without_locks_the_work_is_done(
    run: Run, training: Callable[..., list[object]], home: Path, tmp_path: Path
) -> None:
    (tmp_path / "out" / LOCK).mkdir(parents=True)  # as little of a lock as a file system without them has
    assert run("train", *training(tmp_path / "out")).status == 0
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == (
        home / "run" / "model.safetensors"
    ).read_bytes()


@pytest.mark.parametrize(
    "other",
    [
        ["--set", "learning_rate=0.5"],
        ["--set", "word_dropout=0.1"],
        ["--epochs", "3"],
        ["--seed", "1"],
        ["--max-tokens", "399"],
        ["--train", "OTHER"],
        ["--test", "OTHER"],
    ],
    ids=" ".join,
)
def test_a_checkpoint_is_resumed_by_no_other_training_run(
    run: Run,
    refused: Run,
    training: Callable[..., list[object]],
    stopped: Path,
    tmp_path: Path,
    write_csv: Callable[..., Path],
    reviews: list[Any],
    other: list[str],
) -> None:
    rows = [(text, 1 - label) for text, label in reviews]
    path = write_csv(tmp_path / "other.csv", rows)
    options = training(tmp_path / "b", *(path if word == "OTHER" else word for word in other))
    stop_after_an_epoch(run, *options)
    shutil.copy(stopped / CHECKPOINT, tmp_path / "b" / CHECKPOINT)
    before = files(tmp_path / "b")
    assert "is of other settings or texts" in refused("train", *options, "--resume")
    assert files(tmp_path / "b") == before


def test_changed_bytes_of_a_checkpoint_are_seen(
    refused: Run, training: Callable[..., list[object]], stopped: Path
) -> None:
    whole = (stopped / CHECKPOINT).read_bytes()
    before = files(stopped)
    for place in range(0, len(whole), len(whole) // 40):
        changed = bytearray(whole)
        changed[place] ^= 1
        (stopped / CHECKPOINT).write_bytes(changed)
        refused("train", *training(stopped), "--resume")
        assert files(stopped) == before | {CHECKPOINT: bytes(changed)}


@pytest.mark.parametrize(("name", "value"), [("learning_rate", 0.5), ("max_tokens", 399), ("seed", 1)])
def test_settings_edited_between_stop_and_resume_are_refused(
    refused: Run, training: Callable[..., list[object]], stopped: Path, name: str, value: object
) -> None:
    config = json.loads((stopped / "config.json").read_text())
    config["settings"][name] = value
    (stopped / "config.json").write_text(json.dumps(config))
    assert f"was trained with {name} = {value}" in refused("train", *training(stopped), "--resume")
    edited = training(stopped, "--resume", "--set", f"{name}={value}")
    assert "is of other settings or texts" in refused("train", *edited)
