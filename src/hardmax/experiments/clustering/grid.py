"""The cells of the study: training runs on a grid, each measured and written down as soon as it is done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, product, starmap
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from hardmax._support.files import write_json
from hardmax._support.processes import starting_processes
from hardmax._support.threads import using_threads
from hardmax.classifier.fit import fit_prepared
from hardmax.experiments.measure import measure
from hardmax.experiments.opinions import opinion_fractions
from hardmax.reports.tables import Table
from hardmax.training.prepare import Prepared
from hardmax.training.settings import Settings

_CELL = ("training", "d", "alpha")

#: The two kinds of training that are compared, and their settings.
TRAININGS: dict[str, dict[str, Any]] = {
    "lines": {"encoder": "lines", "gradient": "straight-through"},
    "free": {"encoder": "free", "gradient": "exact"},
}


@dataclass(frozen=True)
class Cell:
    """One training run: `training` is a name in `TRAININGS`, and with `alpha` 0 there are no layers."""

    training: str
    dim: int
    alpha: float | str
    seed: int

    @property
    def name(self) -> str:
        """What the cell's file is called, such as 'lines_d2_alpha0.1_seed0'."""
        return f"{self.training}_d{self.dim}_alpha{self.alpha}_seed{self.seed}"

    def settings(self, shared: Settings) -> Settings:
        """Return the settings of this training run: `shared`, with the values of the cell."""
        step: dict[str, Any] = {"layers": 0} if self.alpha == 0 else {"alpha": self.alpha, "alpha_floor": 0.0}
        return shared.replace(**TRAININGS[self.training], **step, dim=self.dim, seed=self.seed)


@dataclass(frozen=True)
class Grid:
    """All cells: each training with each of these dimensions, steps and seeds."""

    dims: list[int]
    alphas: list[float | str]
    seeds: list[int]

    def cells(self) -> Iterator[Cell]:
        """Yield the cells, those that differ in the seed alone one after another."""
        yield from starmap(Cell, product(TRAININGS, self.dims, self.alphas, self.seeds))


def measure_cells(
    files: Mapping[Cell, Path],
    shared: Settings,
    prepared: Prepared,
    lexicon: frozenset[str],
    processes: int = 1,
    progress: bool = False,
) -> None:
    """Measure the cells, `processes` at once, and write each to its file, as JSON, when it is done.

    The other parameters are those of `measure_cell`.
    """
    # The arrays of the reviews are written to disk once and mapped by all processes; torch warns of arrays
    # that are for reading only, so each process may change its own view ("c").
    jobs = Parallel(processes, batch_size=1, return_as="generator_unordered", mmap_mode="c")
    one = delayed(_measure_to_file)
    with starting_processes():
        done = jobs(one(file, cell, shared, prepared, lexicon) for cell, file in files.items())
    for _ in tqdm(done, total=len(files), disable=not progress, unit="cell"):
        pass


def _measure_to_file(
    file: Path, cell: Cell, shared: Settings, prepared: Prepared, lexicon: frozenset[str]
) -> None:
    write_json(file, measure_cell(cell, shared, prepared, lexicon))


def measure_cell(cell: Cell, shared: Settings, prepared: Prepared, lexicon: frozenset[str]) -> dict[str, Any]:
    """Train a model on one thread, and measure it on the test reviews, which choose nothing.

    The row of ``study.csv`` that is returned holds the cell; `step`, the alpha that the model ends with, 0
    for no layers; accuracy, loss, clustering strength, tokens and leaders of a review; what
    `opinion_fractions` returns; and `train_seconds`.
    """
    assert prepared.test is not None
    settings = cell.settings(shared)
    with using_threads(1):
        trained = fit_prepared(replace(prepared, test=None), settings)
        found = measure(trained, prepared.test)
    return {
        "training": cell.training,
        "d": cell.dim,
        "alpha": cell.alpha,
        "seed": cell.seed,
        "step": trained.network.attention.alpha.item() if settings.shape.layers else 0.0,
        "test_accuracy": found.accuracy,
        "test_loss": found.loss,
        "strength": found.strength,
        "tokens": found.tokens,
        "leaders": found.leaders.mean,
        **opinion_fractions(found, trained.vocabulary, lexicon),
        "train_seconds": round(float(trained.outcome.history["seconds"].sum()), 2),
    }


def summary_of(rows: Sequence[dict[str, Any]]) -> Table:
    """Return mean and standard deviation over the seeds of all that was measured.

    Rows are those of ``study.csv``, cells that differ in the seed alone one after another. Of each measure
    there are `x_mean` and `x_std`, the standard deviation of a sample; None where a seed has no number, and
    the deviation for one seed.

    Examples
    --------
    >>> cell = {"training": "free", "d": 2, "alpha": 1}
    >>> rows = summary_of([{**cell, "seed": 0, "leaders": 2.0}, {**cell, "seed": 1, "leaders": 4.0}])
    >>> rows[0]["leaders_mean"], rows[0]["leaders_std"]
    (3.0, 1.414214)
    """
    summary = []
    for cell, of_seeds in groupby(rows, key=lambda row: tuple(row[name] for name in _CELL)):
        group = list(of_seeds)
        row: dict[str, Any] = {**dict(zip(_CELL, cell, strict=True)), "seeds": len(group)}
        for name in group[0]:
            if name not in (*_CELL, "seed"):
                values = np.array([each[name] for each in group], dtype=np.float64)  # None becomes NaN
                row[f"{name}_mean"] = _number(values.mean())
                row[f"{name}_std"] = _number(values.std(ddof=1)) if len(values) > 1 else None
        summary.append(row)
    return summary


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)
