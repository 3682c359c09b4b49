"""What the tests of commands share: a model of three classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hardmax.cli.app import main


@pytest.fixture(scope="session")
def topics(tmp_path_factory: pytest.TempPathFactory, write_csv: Callable[..., Path]) -> Path:
    """A folder with news.csv of columns comment,verdict,id, and a model of its three classes in run/."""
    folder = tmp_path_factory.mktemp("topics")
    texts = {"sport": "The team won a match", "trade": "Oil prices rose", "film": "A moving film"}
    rows = [(text, f"{topic},7") for topic, text in texts.items()] * 8
    file = write_csv(folder / "news.csv", rows, header="comment,verdict,id")
    columns = ["--text-column", "comment", "--label-column", "verdict"]
    options = ["--train", file, "--out", folder / "run", "--epochs", 5, "--set", "word_dropout=0", *columns]
    with pytest.raises(SystemExit) as caught:
        main(["train", *map(str, options)])
    assert caught.value.code == 0
    return folder
