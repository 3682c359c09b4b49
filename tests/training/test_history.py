"""`History`: rows in, a CSV file out and back."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from hardmax.errors import InputError
from hardmax.training.history import COLUMNS, History


def history() -> History:
    made = History()
    made.append({"epoch": 0, "train_loss": 0.1 + 0.2, "train_loss_hm": 0.7, "alpha": 0.25})
    made.append({"epoch": 1, "train_loss": 1 / 3, "test_acc": 0.5})
    return made


def test_it_comes_back_from_its_file_to_the_last_bit(tmp_path: Path) -> None:
    history().save(tmp_path / "history.csv")
    loaded = History.load(tmp_path / "history.csv")
    for column in COLUMNS:
        np.testing.assert_array_equal(loaded[column], history()[column])
    assert len(loaded) == 2


def test_the_file_begins_with_the_columns_that_users_rely_on(tmp_path: Path) -> None:
    history().save(tmp_path / "history.csv")
    lines = (tmp_path / "history.csv").read_text().splitlines()
    promised = "epoch,train_loss,train_loss_hm,train_acc,test_loss,test_loss_hm,test_acc,alpha,seconds"
    assert lines[0].startswith(promised)
    assert lines[1].startswith("0,0.30000000000000004,0.7,,")


def test_what_was_not_computed_is_nan() -> None:
    assert math.isnan(history()["test_loss"][0])
    assert history()["train_loss_hm"].tolist()[0] == 0.7 and math.isnan(history()["train_loss_hm"][1])


def test_no_epoch_is_a_history_too(tmp_path: Path) -> None:
    History().save(tmp_path / "history.csv")
    assert len(History.load(tmp_path / "history.csv")) == 0


@pytest.mark.parametrize("content", ["epoch,loss\n0,1\n", ",".join(COLUMNS) + "\n0,0.5\n", "\xff\xfe"])
def test_another_file_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "history.csv"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(InputError, match=r"history\.csv is not the history") as caught:
        History.load(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv"):
        History.load(tmp_path / "none.csv")
