"""`History`: what a training run measured, epoch by epoch, as plain data."""

import csv
import math
import os
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hardmax._support.files import read_bytes, replacing
from hardmax.errors import InputError

#: The columns of ``history.csv``; `_hm` stands for hardmax layers in place of softmax.
COLUMNS = (
    "epoch",
    "train_loss",
    "train_loss_hm",
    "train_acc",
    "test_loss",
    "test_loss_hm",
    "test_acc",
    "alpha",
    "seconds",
    "valid_loss",
    "valid_acc",
)
_LARGEST_HISTORY = 2**26  # bytes


@dataclass
class History:
    """One row an epoch; NaN where a value was not computed.

    Examples
    --------
    >>> history = History()
    >>> history.append({"epoch": 0, "train_loss": 0.69})
    >>> history["train_loss"]
    array([0.69])
    """

    rows: list[dict[str, float]] = field(default_factory=list)

    def append(self, row: dict[str, float]) -> None:
        """Add the row of one epoch."""
        self.rows.append({column: float(row.get(column, math.nan)) for column in COLUMNS})

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, column: str) -> npt.NDArray[np.float64]:
        return np.array([row[column] for row in self.rows])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a CSV file, NaN as an empty field."""
        with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            for row in self.rows:
                known = {column: value for column, value in row.items() if not math.isnan(value)}
                writer.writerow(known | {"epoch": int(row["epoch"])})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "History":
        """Read a CSV file that `save` wrote.

        Raises
        ------
        InputError
            When the file is not there or holds something else.
        """
        history = cls()
        try:
            reader = csv.DictReader(read_bytes(path, _LARGEST_HISTORY).decode().splitlines())
            if list(reader.fieldnames or ()) != list(COLUMNS):
                raise ValueError("it has other columns")
            for epoch, row in enumerate(reader):
                history.append({c: math.nan if row[c] == "" else float(row[c]) for c in COLUMNS})
                if history.rows[-1]["epoch"] != epoch:
                    raise ValueError(f"epoch {row['epoch']} where epoch {epoch} is expected")
        except (KeyError, TypeError, ValueError, csv.Error) as error:
            raise InputError(
                f"{path} is not the history of a training run, or is cut off ({error})"
            ) from error
        return history
