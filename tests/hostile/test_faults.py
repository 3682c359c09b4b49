"""A disk that is full, a process that is killed, folders that cannot be written: nothing is lost."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hardmax._support.folders import LOCK
from hardmax.classifier import TrainedModel
from hardmax.errors import InputError
from hardmax.text.vocabulary import Vocabulary
from hardmax.training.history import History

Run = Callable[..., Any]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def inputs(home: Path, sample_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder to work in, with reviews, their words, a model and tokens."""
    (tmp_path / "reviews.csv").symlink_to(home / "reviews.csv")
    (tmp_path / "words.csv").symlink_to(sample_file)
    (tmp_path / "run").symlink_to(home / "run")
    np.save(tmp_path / "tokens.npy", np.eye(2))
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- a full disk


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A disk that takes no more, of every file."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize(
    ("command", "sizes"),
    [
        ("train --train reviews.csv --epochs 2 --out new", (0, 500, 1_500)),
        ("preprocess reviews.csv old.csv", (0, 500)),
        ("predict run reviews.csv --out old.csv", (0, 500)),
        ("predict run reviews.csv --json --out old.csv", (500,)),
        ("explain run --text wonderful --plot old.pdf", (0, 4_000, 6_000, 8_000)),
        ("explain run --text wonderful --plot old.png", (1_000,)),
        ("explain run --text wonderful --plot old.svg", (1_000, 10_000)),
        ("explain run --text wonderful --gif old.gif", (0, 2_000)),
        ("simulate --tokens tokens.npy --layers 1 --out new", (0, 500, 4_000)),
        ("reproduce --data words.csv --quick --out new", (0, 500, 1_000)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_full_disk_is_said_in_one_line_and_loses_nothing(
    run: Run, inputs: Path, command: str, sizes: tuple[int, ...]
) -> None:
    for ending in ("csv", "pdf", "png", "svg", "gif"):
        Path(f"old.{ending}").write_text("old")
    before = contents(inputs)
    for number, size in enumerate(sizes):
        words = command.replace("new", f"new{number}").split()
        with files_of_at_most(size):
            done = run(*words)
        assert done.status == 2 and done.err.count("\n") == 1, done
        assert "cannot write" in done.err and "File too large" in done.err
        after = contents(inputs)
        assert {name: after.get(name) for name in before} == before
        assert not [name for name in after if Path(name).name.startswith(".")]


# --- a process that is killed


def killed(before_renaming: bool, number: int, act: Callable[[], object]) -> None:
    """Act in a child that is killed just before, or after, it gives the file of this number its name."""
    rename, left = os.replace, number

    def rename_and_die(*arguments: Any, **options: Any) -> None:
        nonlocal left
        left -= 1
        if left or not before_renaming:
            rename(*arguments, **options)
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            os.replace = rename_and_die
            act()
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


# All files of two epochs, from config.json to metrics.json.
@pytest.mark.parametrize(
    ("number", "before_renaming"),
    [*((number, True) for number in range(1, 14)), (1, False), (4, False), (13, False)],
)
def test_a_killed_training_is_resumed_to_the_same_bits(
    run: Run, home: Path, tmp_path: Path, number: int, before_renaming: bool
) -> None:
    out = tmp_path / "out"
    options = [
        "train",
        "--train",
        home / "reviews.csv",
        "--test",
        home / "reviews.csv",
        "--epochs",
        2,
        "--out",
        out,
    ]
    killed(before_renaming, number, lambda: run(*options))
    resume = ["--resume"] if (out / "config.json").exists() else []
    done = run(*options, *resume)
    assert done.status == 0, done
    assert set(contents(out)) == set(contents(home / "run"))
    for name in ("model.safetensors", "vocabulary.txt", "config.json"):
        assert contents(out)[name] == contents(home / "run")[name]


@pytest.fixture
def models(home: Path) -> list[TrainedModel]:
    """A model, and one with other tokens in the same number."""
    old = TrainedModel.load(home / "run")
    return [old, replace(old, vocabulary=Vocabulary(old.vocabulary.tokens[::-1]))]


@pytest.mark.parametrize("number", range(1, 6))
@pytest.mark.parametrize("before_renaming", [True, False])
def test_a_model_saved_over_another_is_never_a_mixture_of_both(
    models: list[TrainedModel], tmp_path: Path, number: int, before_renaming: bool
) -> None:
    old, new = models
    folder = tmp_path / "model"
    old.save(folder)
    killed(before_renaming, number, lambda: new.save(folder))
    try:
        found = TrainedModel.load(folder).vocabulary.tokens
    except InputError as error:
        assert "holds no model.safetensors" in str(error)
    else:
        assert found == (old if number < 3 else new).vocabulary.tokens
    new.save(folder)
    assert TrainedModel.load(folder).vocabulary.tokens == new.vocabulary.tokens
    assert set(contents(folder)) == {"model.safetensors", "config.json", "vocabulary.txt"}


@pytest.mark.parametrize("size", [0, 50, 400])
def test_a_model_that_cannot_be_saved_leaves_the_one_that_is_there(
    models: list[TrainedModel], tmp_path: Path, size: int
) -> None:
    old, new = models
    old.save(tmp_path)
    before = contents(tmp_path)
    with files_of_at_most(size), pytest.raises(InputError, match="File too large"):
        new.save(tmp_path)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "command",
    [
        "preprocess reviews.csv new.csv",
        "predict run reviews.csv --out new.csv",
        "explain run --text wonderful --plot new.png",
        "explain run --text wonderful --gif new.gif",
        "simulate --tokens tokens.npy --layers 1 --out new",
    ],
)
def test_what_a_killed_process_left_is_removed_by_the_next_and_nothing_else(
    run: Run, inputs: Path, command: str
) -> None:
    users = [".new-notes.csv", ".new-0123456789abcdef.txt", ".older-0123456789abcdef.csv", "tmp1a2b3c4d"]
    for name in users:
        Path(name).write_text("a user's")
    before = contents(inputs)
    killed(True, 1, lambda: run(*command.split()))
    assert len(contents(inputs)) == len(before) + 1
    assert run(*command.split()).status == 0
    after = contents(inputs)
    assert {name: after.get(name) for name in before} == before
    assert not [name for name in set(after) - set(before) if Path(name).name.startswith(".")]


def test_a_killed_experiment_leaves_nothing_that_the_next_does_not_remove(run: Run, inputs: Path) -> None:
    command = ["reproduce", "--data", "words.csv", "--quick", "--out", "new"]
    for number in (1, 2, 3, 4):  # at stages.json, the words, stages.json, a model
        killed(True, number, lambda: run(*command))
        hidden = [name for name in contents(Path("new")) if Path(name).name.startswith(".")]
        left = [name for name in hidden if not name.endswith(LOCK)]  # a lock is free, whatever its file
        assert len(left) == 1, left


# --- what cannot be written


@pytest.mark.parametrize("command", ["--help", "predict run reviews.csv"])
def test_a_full_standard_output_is_named(process: Run, inputs: Path, command: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = process(*command.split(), stdout=full)
    assert (done.returncode, done.stderr) == (2, "hardmax: standard output: No space left on device\n")


@pytest.mark.parametrize("out", [".", "link", "a/b/c", "empty/d", "empty/../e", "empty"])
def test_a_training_that_fails_says_why_and_removes_the_folders_that_it_made(
    refused: Run, inputs: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    place = inputs / "place"
    (place / "empty").mkdir(parents=True)
    (place / "link").symlink_to("empty")
    if out == ".":
        (place / "link").unlink()
        (place / "empty").rmdir()
    monkeypatch.chdir(place)
    before = sorted(place.rglob("*"))
    options = ["--train", inputs / "reviews.csv", "--set", "learning_rate=1e300", "--out", out]
    assert "the weights went out of range in epoch 1" in refused("train", *options)
    assert sorted(place.rglob("*")) == before


def test_a_training_whose_folder_vanishes_ends_in_one_line(
    refused: Run, inputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = History.save

    def vanish(history: History, path: Path) -> None:
        save(history, path)
        shutil.rmtree(path.parent)

    monkeypatch.setattr(History, "save", vanish)
    line = refused(*["train", "--train", "reviews.csv", "--epochs", "2", "--out", "new"])
    assert "cannot write new/checkpoint.safetensors: No such file" in line


LONG = "a" * 300


@pytest.mark.parametrize(
    "out", ["run", "loop", "lost", "reviews.csv/new", LONG, f"new/{LONG}", "/dev/null/new", "/proc/new"]
)
@pytest.mark.parametrize(
    "command",
    [
        "preprocess reviews.csv OUT",
        "predict run reviews.csv --out OUT",
        "explain run --text wonderful --plot OUT.png",
        "simulate --tokens tokens.npy --layers 1 --out OUT",
        "train --train reviews.csv --epochs 1 --out OUT",
        "reproduce --quick --data words.csv --out OUT",
    ],
)
def test_what_cannot_be_written_is_said_in_one_line(
    refused: Run, inputs: Path, command: str, out: str
) -> None:
    Path("loop").symlink_to("loop")
    Path("lost").symlink_to("nowhere/new")
    for name in ("run", "loop", "lost"):
        Path(f"{name}.png").symlink_to(name)
    before = contents(inputs)
    refused(*command.replace("OUT", out).split())
    assert contents(inputs) == before and not Path("new").exists()
