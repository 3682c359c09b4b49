"""Tables come back from their files as they were written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hardmax.errors import InputError
from hardmax.reports.tables import read_table, write_table


def test_numbers_words_and_gaps_come_back(tmp_path: Path) -> None:
    rows = [
        {"word": 'so "good", so far', "count": 3, "logit": -0.1},
        {"word": "x", "count": 0, "logit": None},
    ]
    write_table(tmp_path / "a.csv", rows)
    assert read_table(tmp_path / "a.csv") == rows


def test_numpy_numbers_come_back_as_plain_ones(tmp_path: Path) -> None:
    write_table(tmp_path / "a.csv", [{"a": np.float64(0.5), "b": np.int64(2)}])
    assert read_table(tmp_path / "a.csv") == [{"a": 0.5, "b": 2}]


def test_a_table_without_rows_has_none(tmp_path: Path) -> None:
    write_table(tmp_path / "a.csv", [])
    assert read_table(tmp_path / "a.csv") == []


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*gone\.csv .*; delete it to have it made again"):
        read_table(tmp_path / "gone.csv")
