"""The command line: what it prints, its exit status, and one line for whatever is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import hardmax as hx
from hardmax.cli.app import main

REVIEWS = [
    ("A wonderful, moving film. I loved it!", 1),
    ("Boring. A dull and boring plot.", 0),
    ("Great actors and a wonderful plot.", 1),
    ("An awful film, simply dull.", 0),
] * 10


@dataclass
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str


class Shell:
    """Runs commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: object) -> Done:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        out, err = self.capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return Done(caught.value.code, out, err)

    def refused(self, *arguments: object) -> str:
        """Give the one line that is said of wrong input."""
        done = self(*arguments)
        assert done.status == 2, done
        assert done.out == "", done
        assert done.err.startswith("hardmax: ") and done.err.count("\n") == 1 and done.err.endswith("\n")
        assert "Traceback" not in done.err and len(done.err) > len("hardmax: \n")
        return done.err.removeprefix("hardmax: ")


def command(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    line = [sys.executable, "-m", "hardmax.cli.app", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, **options)  # type: ignore[call-overload]


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


def write_csv(path: Path, rows: Sequence[tuple[str, object]], header: str = "text,label") -> Path:
    path.write_text(header + "\n" + "".join(f'"{text}",{label}\n' for text, label in rows))
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with reviews.csv and a trained model in run/."""
    folder = tmp_path_factory.mktemp("home")
    reviews = write_csv(folder / "reviews.csv", REVIEWS)
    options = ["--train", reviews, "--test", reviews, "--out", folder / "run", "--epochs", 2]
    with pytest.raises(SystemExit) as caught:
        main(["train", *map(str, options)])
    assert caught.value.code == 0
    return folder


def test_without_arguments_it_shows_the_help(shell: Shell) -> None:
    done = shell()
    assert done.status == 0 and done.err == ""
    assert done.out == shell("--help").out
    for name in ("simulate", "download", "preprocess", "train", "evaluate", "explain", "reproduce"):
        assert name in done.out


@pytest.mark.parametrize("name", ["simulate", "preprocess", "train", "evaluate", "explain", "reproduce"])
def test_each_command_has_a_help(shell: Shell, name: str) -> None:
    assert shell(name, "--help").status == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dance"], "dance"),
        (["--loud"], "--loud"),
        (["simulate", "--out", "OUT", "--presett", "faces"], "--presett"),
        (["simulate", "--preset", "faces"], "--out"),
        (["simulate", "--out", "OUT"], "give either --preset or --tokens"),
        (
            ["simulate", "--preset", "faces", "--tokens", "t.csv", "--out", "OUT"],
            "either --preset or --tokens",
        ),
        (["simulate", "--preset", "circle", "--out", "OUT"], "'circle'; give one of triangle, emerging"),
        (["simulate", "--preset", "faces", "--alpha", "abc", "--out", "OUT"], "'--alpha'"),
        (["simulate", "--preset", "faces", "--alpha", "-1", "--out", "OUT"], "alpha is -1.0"),
        (["simulate", "--preset", "faces", "--alpha", "0", "--out", "OUT"], "alpha is 0.0"),
        (["simulate", "--preset", "faces", "--alpha", "nan", "--out", "OUT"], "alpha is nan"),
        (["simulate", "--preset", "faces", "--layers", "-1", "--out", "OUT"], "layers is -1"),
        (["simulate", "--preset", "faces", "--layers", "1.5", "--out", "OUT"], "'--layers'"),
        (["simulate", "--preset", "faces", "--seed", "-1", "--out", "OUT"], "'--seed'"),
        (["simulate", "--preset", "faces", "--layers", "2000000000", "--out", "OUT"], "not enough memory"),
        (["simulate", "--tokens", "none.csv", "--out", "OUT"], "none.csv: No such file"),
        (["simulate", "--tokens", "none.txt", "--out", "OUT"], "none.txt is no .npy or .csv file"),
        (["download", "mnist"], "mnist"),
        (["preprocess", "none.csv", "OUT.csv"], "no file or folder none.csv"),
        (["train", "--train", "none.csv", "--out", "OUT"], "no file or folder none.csv"),
        (["train", "--train", "none.csv"], "--out"),
        (["evaluate", "none", "reviews.csv"], "there is no folder none"),
        (["explain", "none", "--text", "Great"], "there is no folder none"),
        (["explain", "none"], "give either --text or --file"),
        (["explain", "none", "--text", "a", "--file", "b"], "give either --text or --file"),
    ],
)
def test_wrong_arguments_get_one_line(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in shell.refused(*arguments)
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "OUT"])
    assert not (tmp_path / "OUT").exists() or not list((tmp_path / "OUT").iterdir())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--preset", "turbo"], "there is no preset 'turbo'; give one of default, paper"),
        (["--alpha", "abc"], "'abc'; give 'learn' or a number"),
        (["--alpha", "-1"], "alpha is -1.0"),
        (["--alpha", "0"], "alpha is 0"),
        (["--alpha", "inf"], "alpha is inf"),
        (["--layers", "-1"], "layers is -1"),
        (["--dim", "0"], "dim is 0"),
        (["--dim", "2000000000"], "not enough memory"),
        (["--epochs", "0"], "epochs is 0"),
        (["--max-tokens", "0"], "max_tokens is 0"),
        (["--temperature", "-1"], "temperature is -1.0"),
        (["--temperature", "nan"], "temperature is nan"),
        (["--seed", "-1"], "seed is -1"),
        (["--seed", "9" * 30], "seed is 9"),
        (["--pipeline", "magic"], "pipeline is 'magic'"),
        (["--processes", "0"], "--processes"),
        (["--resume"], "holds no run to resume"),
        (["--test", "none.csv"], "no file or folder none.csv"),
    ],
)
def test_wrong_settings_get_one_line(
    shell: Shell, home: Path, tmp_path: Path, options: list[str], words: str
) -> None:
    line = shell.refused("train", "--train", home / "reviews.csv", "--out", tmp_path / "out", *options)
    assert words in line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "reviews.csv is empty"),
        (b"text,label\n", "holds no reviews"),
        (b"text\nGreat\n", "columns"),
        (b"text,label,more\nGreat,1,2\n", "more"),
        (b"text,label\nGreat,1\nAwful,bad\n", "row 2"),
        (b"text,label\nGreat,2\n", "the label is '2'"),
        (b"text,label\n ,1\n", "row 1 (line 2): the review is empty"),
        (b"text,label\nGr\xff\xfeat,1\n", "UTF-8"),
        (b"text,label\nGreat\n", "row 1"),
        (b'text,label\n"Great,1\n', "reviews.csv"),
    ],
)
def test_wrong_reviews_get_one_line(
    shell: Shell, home: Path, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(content)
    for arguments in (
        ["evaluate", home / "run", path, "--json"],
        ["preprocess", path, tmp_path / "out.csv"],
        ["train", "--train", path, "--out", tmp_path / "out"],
    ):
        assert words in shell.refused(*arguments)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.csv", b"", "holds no token"),
        ("t.csv", b"x,y\n", "holds no token"),
        ("t.csv", b"1,2\n3\n", "line 2: 1 numbers where the first token has 2"),
        ("t.csv", b"1,2\nthree,4\n", "line 2, column 1: 'three'"),
        ("t.csv", b"1,2\nnan,4\n", "t.csv: row 1, column 0 is nan"),
        ("t.csv", b"1,2\n3,inf\n", "t.csv: row 1, column 1 is inf"),
        ("t.csv", b"\xff\xfe1,2\n", "UTF-8"),
        ("t.npy", b"", "t.npy is not a .npy file"),
        ("t.npy", b"\x93NUMPY\x01\x00v\x00{'descr'", "t.npy is not a .npy file"),
    ],
)
def test_wrong_tokens_get_one_line(
    shell: Shell, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert words in shell.refused("simulate", "--tokens", tmp_path / name, "--out", tmp_path / "out")


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.array([[1.0, np.nan]]), "column 1 is nan"),
        (np.array([[1.0, np.inf]]), "column 1 is inf"),
        (np.ones(3), "shape (3,)"),
        (np.array([["a", "b"]]), "not an array of real numbers"),
        (np.array([[1 + 2j, 1]]), "not an array of real numbers"),
    ],
)
def test_wrong_arrays_of_tokens_get_one_line(
    shell: Shell, tmp_path: Path, array: np.ndarray, words: str
) -> None:
    np.save(tmp_path / "t.npy", array)
    assert words in shell.refused("simulate", "--tokens", tmp_path / "t.npy", "--out", tmp_path / "out")


def test_pickled_tokens_are_not_loaded(shell: Shell, tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert "t.npy" in shell.refused("simulate", "--tokens", tmp_path / "t.npy", "--out", tmp_path / "out")


def test_what_stands_in_an_output_folder_is_not_lost(shell: Shell, home: Path, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("data")
    reviews = home / "reviews.csv"
    for arguments in (["simulate", "--preset", "faces"], ["train", "--train", reviews]):
        assert "is not empty" in shell.refused(*arguments, "--out", tmp_path)
        assert "is a file" in shell.refused(*arguments, "--out", tmp_path / "precious.txt")
    assert "holds a run" in shell.refused("train", "--train", reviews, "--out", home / "run")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("precious.txt", "data")]


def test_reviews_are_not_overwritten_with_their_own_words(shell: Shell, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "reviews.csv", REVIEWS)
    before = path.read_bytes()
    assert "give another OUT.csv" in shell.refused("preprocess", path, path)
    assert path.read_bytes() == before


def test_simulate_writes_the_trajectory_and_its_figures(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "[bold]out"
    done = shell("simulate", "--preset", "faces", "--layers", 4, "--alpha", 0.25, "--seed", 3, "--out", out)
    assert done.status == 0 and str(out) in done.out
    assert {file.name for file in out.iterdir()} == {
        "trajectory.npz",
        "dynamics.pdf",
        "dynamics.png",
        "dynamics.gif",
    }
    saved = hx.Trajectory.load(out / "trajectory.npz")
    wanted = hx.simulate(hx.preset("faces", 3), hx.Hardmax(alpha=0.25), 4)
    np.testing.assert_array_equal(saved.positions, wanted.positions)
    assert saved.rule == wanted.rule


def test_simulate_takes_tokens_of_any_dimension(shell: Shell, tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.random.default_rng(0).normal(size=(6, 3)))
    done = shell("simulate", "--tokens", tmp_path / "t.npy", "--out", tmp_path / "out", "--layers", 2)
    assert done.status == 0 and "6 of dimension 3" in done.out
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["trajectory.npz"]


def test_preprocess_writes_what_train_reads(shell: Shell, home: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    assert shell("preprocess", home / "reviews.csv", words).status == 0
    assert words.read_text().startswith("processed,label\n")
    assert "holds words already" in shell.refused("preprocess", words, tmp_path / "again.csv")
    done = shell("train", "--train", words, "--out", tmp_path / "run", "--epochs", 2)
    assert done.status == 0
    for name in ("model.safetensors", "vocabulary.txt"):
        assert (tmp_path / "run" / name).read_bytes() == (home / "run" / name).read_bytes()


def test_train_tells_what_it_reached_and_where(shell: Shell, home: Path, tmp_path: Path) -> None:
    done = shell(
        "train", "--train", home / "reviews.csv", "--out", tmp_path / "a run", "--epochs", 1, "--alpha", 0.5
    )
    assert done.status == 0 and done.err == ""
    assert str(tmp_path / "a run") in done.out and "None" not in done.out
    config = json.loads((tmp_path / "a run" / "config.json").read_text())
    assert config["settings"]["alpha"] == 0.5 and config["settings"]["epochs"] == 1


def test_resuming_a_finished_run_says_that_it_is_finished(shell: Shell, home: Path) -> None:
    options = ["--train", home / "reviews.csv", "--test", home / "reviews.csv", "--out", home / "run"]
    assert "is finished" in shell.refused("train", *options, "--epochs", 2, "--resume")


def test_ctrl_c_is_status_130_and_resume_finishes(
    shell: Shell, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hardmax.classifier import training

    options = ["train", "--train", home / "reviews.csv", "--test", home / "reviews.csv", "--epochs", 2]
    options += ["--out", tmp_path / "run"]

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training, "_measured", stop)
        done = shell(*options)
    assert done.status == 130 and "--resume goes on" in done.out
    assert done.err.strip() == "hardmax: stopped"
    assert shell("evaluate", tmp_path / "run", home / "reviews.csv").status == 0
    assert shell(*options, "--resume").status == 0
    whole = home / "run" / "model.safetensors"
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == whole.read_bytes()


def test_evaluate_prints_one_json_object_and_nothing_else(shell: Shell, home: Path) -> None:
    done = shell("evaluate", home / "run", home / "reviews.csv", "--json")
    assert done.status == 0 and done.err == "" and done.out.count("\n") == 1
    found = json.loads(done.out)
    assert set(found) == {"accuracy", "loss", "n"}
    metrics = json.loads((home / "run" / "metrics.json").read_text())
    assert found == {"accuracy": metrics["test_accuracy"], "loss": metrics["test_loss"], "n": 40}


def test_evaluate_prints_a_table(shell: Shell, home: Path) -> None:
    done = shell("evaluate", home / "run", home / "reviews.csv")
    assert done.status == 0
    assert [line.split()[0] for line in done.out.splitlines()] == ["accuracy", "loss", "reviews"]


def test_explain_names_the_decision_and_the_leaders(shell: Shell, home: Path, tmp_path: Path) -> None:
    done = shell("explain", home / "run", "--text", "A wonderful film, a boring plot.")
    assert done.status == 0 and "probability of positive" in done.out and "leader " in done.out
    (tmp_path / "review.txt").write_text("A wonderful film, a boring plot.")
    assert shell("explain", home / "run", "--file", tmp_path / "review.txt").out == done.out


def test_explain_prints_one_json_object(shell: Shell, home: Path) -> None:
    done = shell("explain", home / "run", "--text", "A wonderful film", "--json")
    found = json.loads(done.out)
    assert done.out.count("\n") == 1 and found["tokens"] == ["wonderful", "film", "a wonderful"]


def test_testing_on_the_training_reviews_is_said(shell: Shell, home: Path, tmp_path: Path) -> None:
    reviews = home / "reviews.csv"
    options = ["--train", reviews, "--epochs", 1, "--out"]
    assert "learnt from" in shell("train", *options, tmp_path / "a", "--test", reviews).out
    assert "learnt from" not in shell("train", *options, tmp_path / "b").out


def test_explain_draws(shell: Shell, home: Path, tmp_path: Path) -> None:
    figure, animation = tmp_path / "a.png", tmp_path / "a.gif"
    text = "A wonderful film, a boring plot."
    assert shell("explain", home / "run", "--text", text, "--plot", figure, "--gif", animation).status == 0
    assert figure.read_bytes().startswith(b"\x89PNG") and animation.read_bytes().startswith(b"GIF8")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--text", ""], "the text has no word to read alone"),
        (["--text", "Zyzzyva!"], "knows none of its words"),
        (["--file", "none.txt"], "cannot read none.txt"),
        (["--file", "."], "cannot read ."),
        (["--text", "Great film", "--plot", "none/a.png"], "none"),
        (["--text", "Great film", "--plot", "a.xyz"], "a.xyz"),
        (["--text", "Great film", "--gif", "a.xyz"], "a.xyz"),
    ],
)
def test_what_cannot_be_explained_gets_one_line(
    shell: Shell,
    home: Path,
    options: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in shell.refused("explain", home / "run", *options)


def test_a_file_that_is_not_utf8_gets_one_line(shell: Shell, home: Path, tmp_path: Path) -> None:
    (tmp_path / "review.txt").write_bytes(b"Gr\xffat")
    assert "is not UTF-8 at byte 2" in shell.refused(
        "explain", home / "run", "--file", tmp_path / "review.txt"
    )


def test_only_the_plane_can_be_drawn(shell: Shell, home: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert (
        shell("train", "--train", home / "reviews.csv", "--out", run, "--dim", 3, "--epochs", 1).status == 0
    )
    for option in ("--plot", "--gif"):
        shell.refused("explain", run, "--text", "Great film", option, tmp_path / "a.png")


def test_a_broken_model_gets_one_line(shell: Shell, home: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(home / "run", tmp_path / "run"))
    weights = run / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    assert "model.safetensors is cut off" in shell.refused("explain", run, "--text", "Great film")
    assert "model.safetensors is cut off" in shell.refused("evaluate", run, home / "reviews.csv")


def test_names_in_brackets_are_printed_as_they_are(shell: Shell, home: Path, tmp_path: Path) -> None:
    target = tmp_path / "[red]words[bold] :smile:.csv"
    assert str(target) in shell("preprocess", home / "reviews.csv", target).out
    assert "[bold]none" in shell.refused("evaluate", "[bold]none", home / "reviews.csv")


def test_a_full_disk_gets_one_line(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    monkeypatch.setattr(np, "savez", full)
    line = shell.refused("simulate", "--preset", "faces", "--out", tmp_path / "out")
    assert "trajectory.npz: No space left on device" in line
    assert list((tmp_path / "out").iterdir()) == []


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.eye(3))
    read, write = os.pipe()
    os.close(read)
    simulate = ["simulate", "--tokens", str(tmp_path / "t.npy"), "--out", str(tmp_path / "out")]
    for arguments in (["--help"], simulate):
        line = [sys.executable, "-m", "hardmax.cli.app", *arguments]
        done = subprocess.run(line, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 1 and done.stderr == ""
    os.close(write)


def test_a_terminal_without_unicode_is_no_traceback(shell: Shell, tmp_path: Path) -> None:
    reviews = [("Très naïve café", 1), ("Schön öde", 0)] * 10
    path = write_csv(tmp_path / "naïve.csv", reviews)
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert shell("train", "--train", path, "--out", tmp_path / "rün", "--epochs", 1).status == 0
    for options in ([], ["--json"]):
        done = command("explain", tmp_path / "rün", "--text", "naïve öde", *options, env=environment)
        assert done.returncode == 0 and done.stderr == "" and done.stdout.isascii()


def test_the_command_itself_says_one_line_and_status_2() -> None:
    done = command("simulate", "--preset", "circle", "--out", "nowhere")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("hardmax: there is no preset 'circle'") and done.stderr.count("\n") == 1


def test_tokens_too_large_to_draw_are_simulated_all_the_same(tmp_path: Path) -> None:
    np.save(tmp_path / "tokens.npy", np.array([[1e308, 0.0], [-1e308, 1e307]]))
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as stopped:
        main(["simulate", "--tokens", str(tmp_path / "tokens.npy"), "--layers", "2", "--out", str(out)])
    assert not stopped.value.code
    assert [file.name for file in out.iterdir()] == ["trajectory.npz"]


def test_a_missing_package_is_said_in_one_line(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "hardmax.classifier.trained_model", None)
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "run", "data"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "hardmax: hardmax.classifier.trained_model is not installed; get it with: pip install 'hardmax[all]'\n"
    )


def test_columns_of_other_names_are_named(shell: Shell, home: Path, tmp_path: Path) -> None:
    rows = [(text, f"{label},7") for text, label in REVIEWS]
    data = write_csv(tmp_path / "data.csv", rows, header="comment,verdict,id")
    assert "comment,verdict,id" in shell.refused("evaluate", home / "run", data)
    done = shell(
        "evaluate", home / "run", data, "--text-column", "comment", "--label-column", "verdict", "--json"
    )
    assert json.loads(done.out) == json.loads(
        shell("evaluate", home / "run", home / "reviews.csv", "--json").out
    )
