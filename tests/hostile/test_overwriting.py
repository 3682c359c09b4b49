"""No command writes to a file that it reads, by whatever name, nor into a folder that it reads."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Run = Callable[..., Any]
Files = dict[str, tuple[int, bytes]]

WORDS = {"pos": ["A wonderful film", "A moving film"], "neg": ["A dull plot", "An awful plot"]}


@pytest.fixture(scope="module")
def sources(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a source of each form, a model in run/, and other names for their files."""
    pandas = pytest.importorskip("pandas")
    folder = tmp_path_factory.mktemp("sources")
    shutil.copytree(home / "run", folder / "run")
    table = pandas.DataFrame(
        [(text, label) for label in WORDS for text in WORDS[label]], columns=["text", "label"]
    )
    for place in ("one", "parts"):
        (folder / place).mkdir()
    for name in ("one/reviews.csv", "reviews.csv"):
        table.to_csv(folder / name, index=False)
    for name in ("train", "train-2", "test"):
        table.to_parquet(folder / "parts" / f"{name}.parquet")
    with tarfile.open(folder / "aclImdb_v1.tar.gz", "w:gz") as archive:
        for split in ("train", "test"):
            for label, texts in WORDS.items():
                for number, text in enumerate(texts):
                    member = tarfile.TarInfo(
                        f"aclImdb/{split}/{label}/{number}_{9 if label == 'pos' else 1}.txt"
                    )
                    member.size = len(text)
                    archive.addfile(member, io.BytesIO(text.encode()))
    with tarfile.open(folder / "aclImdb_v1.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    (folder / "text.png").write_text("A wonderful film")
    np.save(folder / "tokens.npy", np.eye(2))
    (folder / "link.csv").symlink_to("reviews.csv")
    (folder / "hard.csv").hardlink_to(folder / "reviews.csv")
    (folder / "again").symlink_to("run")
    (folder / "elsewhere").symlink_to(folder)
    (folder / "hard.parquet").hardlink_to(folder / "parts" / "train-2.parquet")
    (folder / "weights").symlink_to("run/model.safetensors")
    return folder


@pytest.fixture
def inside(sources: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Files]]:
    """Work in the folder of sources; return all files there with their contents."""
    monkeypatch.chdir(sources)

    def files() -> Files:
        return {
            str(path): (path.lstat().st_ino, path.read_bytes())
            for path in Path().rglob("*")
            if path.is_file()
        }

    yield files


@pytest.mark.parametrize(
    "command",
    [
        # the file itself, by other names
        "preprocess reviews.csv reviews.csv",
        "preprocess reviews.csv ./one/../reviews.csv",
        "preprocess reviews.csv ABSOLUTE/reviews.csv",
        "preprocess reviews.csv link.csv",
        "preprocess link.csv reviews.csv",
        "preprocess reviews.csv hard.csv",
        "preprocess hard.csv reviews.csv",
        "preprocess elsewhere/reviews.csv reviews.csv",
        "preprocess reviews.csv elsewhere/elsewhere/link.csv",
        "predict run reviews.csv --out reviews.csv",
        "predict run link.csv --out elsewhere/hard.csv",
        # a file of a folder, or of an archive
        "preprocess parts parts/train.parquet",
        "preprocess parts parts/train-2.parquet",
        "preprocess parts elsewhere/parts/test.parquet",
        "preprocess parts hard.parquet",
        "preprocess one one/reviews.csv",
        "preprocess aclImdb aclImdb/train/pos/0_9.txt",
        "preprocess elsewhere/aclImdb aclImdb/test/neg/1_1.txt",
        "preprocess aclImdb_v1.tar.gz aclImdb_v1.tar.gz",
        "preprocess aclImdb_v1.tar.gz elsewhere/aclImdb_v1.tar.gz",
        "predict run parts --out parts/train.parquet",
        "predict run aclImdb_v1.tar.gz --out aclImdb_v1.tar.gz",
        # a new file in a folder that is read
        "preprocess parts parts/train-3.parquet",
        "preprocess one one/words.csv",
        "preprocess one elsewhere/one/words.csv",
        "preprocess aclImdb aclImdb/train/pos/9_9.txt",
        "predict run one --out one/predictions.csv",
        "predict run parts --out parts/test2.parquet",
        # the files of a model
        "predict run reviews.csv --out run/config.json",
        "predict run reviews.csv --out run/vocabulary.txt",
        "predict run reviews.csv --out again/model.safetensors",
        "predict again reviews.csv --out run/history.csv",
        "predict run reviews.csv --out weights",
        "predict run reviews.csv --out run/predictions.csv",
        "explain run --text wonderful --plot run/plot.png",
        "explain run --text wonderful --gif again/new.gif",
        "explain run --text wonderful --plot run/new/../plot.pdf",
        # a text, tokens
        "explain run --file text.png --plot text.png",
        "explain run --file text.png --gif elsewhere/text.png",
        "explain run --file text.png --plot both.gif --gif both.gif",
        "explain run --file text.png --plot both.gif --gif elsewhere/both.gif",
        "simulate --tokens tokens.npy --out tokens.npy",
        "simulate --tokens tokens.npy --out .",
        # a folder to write to that holds what is read
        "train --train run/history.csv --out run --resume",
        "train --train reviews.csv --test link.csv --out .",
        "train --train one --test parts --out one",
        "train --train reviews.csv --out elsewhere --resume",
        "reproduce --data parts --out parts",
        "reproduce --data one --out elsewhere",
        "study --data reviews.csv --out .",
    ],
)
def test_what_is_read_is_never_written(refused: Run, inside: Callable[[], Files], command: str) -> None:
    before = inside()
    refused(*command.replace("ABSOLUTE", str(Path.cwd())).split())
    assert inside() == before


@pytest.mark.parametrize(
    "command", ["predict run - --out reviews.csv", "predict run - --out elsewhere/hard.csv"]
)
def test_standard_input_from_a_file_is_a_file_that_is_read(
    process: Run, inside: Callable[[], Files], command: str
) -> None:
    before = inside()
    with Path("reviews.csv").open() as file:
        done = process(*command.split(), stdin=file)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert inside() == before


def test_results_are_not_appended_to_what_is_read(process: Run, inside: Callable[[], Files]) -> None:
    before = inside()
    with Path("reviews.csv").open("a") as file:
        done = process("predict", "run", "link.csv", stdout=file)
    assert done.returncode == 2 and "standard output is link.csv" in done.stderr
    assert inside() == before


@pytest.mark.parametrize(
    "command",
    [
        "train --train OUT --out a",
        "train --train reviews.csv --test OUT --out a",
        "train --train reviews.csv --out OUT",
        "preprocess reviews.csv OUT",
        "preprocess OUT a.csv",
        "predict run reviews.csv --out OUT",
        "predict run OUT",
        "predict OUT reviews.csv",
        "evaluate OUT reviews.csv",
        "evaluate run OUT",
        "explain run --file OUT",
        "explain run --text wonderful --plot OUT",
        "explain run --text wonderful --gif OUT",
        "simulate --preset faces --out OUT",
        "simulate --tokens OUT --out a",
        "reproduce --out OUT",
        "reproduce --data OUT --out a",
        "study --out OUT",
        "download imdb --to OUT",
    ],
)
def test_an_empty_path_is_refused(refused: Run, inside: Callable[[], Files], command: str) -> None:
    before = inside()
    assert "is empty; give a path" in refused(*("" if word == "OUT" else word for word in command.split()))
    assert inside() == before


@pytest.mark.parametrize(
    "command",
    [
        "preprocess parts OUT.csv",
        "preprocess aclImdb aclImdb.csv",
        "predict run one --out OUT.csv",
        "simulate --tokens tokens.npy --out OUT",
        "train --train one --out one/OUT --epochs 1 --set min_count=1",
    ],
)
def test_other_places_are_written(run: Run, inside: Callable[[], Files], command: str) -> None:
    before = inside()
    done = run(*command.split())
    assert done.status == 0, done
    new = set(inside()) - set(before)
    assert new and {name: inside()[name] for name in before} == before
    for name in new:
        Path(name).unlink()


def test_word_lists_are_never_written(
    refused: Run, inside: Callable[[], Files], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = tmp_path / "corpora" / "stopwords.zip"
    lists.parent.mkdir()
    lists.write_bytes(b"lists")
    monkeypatch.setenv("NLTK_DATA", str(tmp_path))
    assert "which is read" in refused("preprocess", "reviews.csv", lists, "--pipeline", "paper")
    assert lists.read_bytes() == b"lists"
