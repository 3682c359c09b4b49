"""What the tests of sources share: writing them, reading them as plain lists, and being refused."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hardmax.data import read_reviews
from hardmax.errors import InputError


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return file

    return write


@pytest.fixture
def write_parquet(tmp_path: Path) -> Callable[..., Path]:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")

    def write_parquet(name: str, **columns: Any) -> Path:
        parquet.write_table(pyarrow.table(columns), tmp_path / name)
        return tmp_path / name

    return write_parquet


@pytest.fixture
def imdb() -> dict[str, str]:
    """The files of a very small Large Movie Review Dataset."""
    return {
        "aclImdb/train/pos/0_9.txt": "Train good, first.",
        "aclImdb/train/pos/10_9.txt": "Train good, third.",
        "aclImdb/train/pos/2_8.txt": "Train good, sécond.",
        "aclImdb/train/neg/0_1.txt": "Train bad.",
        "aclImdb/test/neg/3_2.txt": "Test bad.",
        "aclImdb/train/unsup/0_0.txt": "Not labelled.",
        "aclImdb/README": "About it.",
    }


@pytest.fixture
def imdb_train() -> tuple[list[str], list[int]]:
    """The texts and labels of its train split, in their order."""
    texts = ["Train bad.", "Train good, first.", "Train good, sécond.", "Train good, third."]
    return texts, [0, 1, 1, 1]


@pytest.fixture
def archive(tmp_path: Path, imdb: dict[str, str]) -> Path:
    path = tmp_path / "aclImdb_v1.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, text in imdb.items():
            content = text.encode("utf-8")
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def read() -> Callable[..., tuple[list[str], list[int]]]:
    """Read a source as plain lists of texts and labels."""

    def read(path: Path, split: str = "all", **columns: str) -> tuple[list[str], list[int]]:
        reviews = read_reviews(path, split, **columns)
        assert all(type(text) is str for text in reviews.texts)
        assert reviews.labels.dtype == np.int64
        return reviews.texts, reviews.labels.tolist()

    return read


@pytest.fixture
def refused() -> Callable[..., None]:
    """Reading must fail with one line that holds the words and the file's name."""

    def refused(path: Path, *words: str, read: Any = read_reviews, **options: Any) -> None:
        with pytest.raises(InputError) as caught:
            read(path, **options)
        message = str(caught.value)
        assert "\n" not in message
        for word in (path.name, *words):
            assert word in message

    return refused
