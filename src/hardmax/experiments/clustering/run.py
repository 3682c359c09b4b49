"""Accuracy against clustering: what gathering on leaders costs, and whether leaders carry the meaning."""

import os
from collections.abc import Callable, Iterable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hardmax import __version__
from hardmax._support.checks import whole_number
from hardmax._support.files import read_json, write_text
from hardmax._support.folders import locked_folder, output_folder
from hardmax._support.stages import Stages
from hardmax.experiments.clustering import sentences
from hardmax.experiments.clustering.figure import plot_study
from hardmax.experiments.clustering.grid import TRAININGS, Cell, Grid, measure_cells, summary_of
from hardmax.experiments.opinions import opinion_lexicon
from hardmax.experiments.review_split import division, read_splits
from hardmax.plots import save_figures
from hardmax.reports.pages import render
from hardmax.reports.tables import Table, write_table
from hardmax.training.prepare import prepare_reviews
from hardmax.training.settings import PRESETS

FULL = Grid(dims=[2, 4, 8, 16], alphas=[0, 0.03, 0.1, 0.3, 1, 3, "learn"], seeds=[0, 1, 2, 3, 4])
QUICK = Grid(dims=[2, 4], alphas=[0, 1], seeds=[0, 1])
QUICK_EPOCHS = 3
TEMPLATE = Path(__file__).with_name("templates") / "study.md.j2"
#: What each training of the grid has of its own.
_OF_THE_CELL = ("dim", "alpha", "alpha_floor", "seed", "encoder", "gradient")


def study(
    out: str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
    quick: bool = False,
    processes: int = 1,
    say: Callable[[str], None] | None = None,
    progress: bool = False,
) -> Path:
    """Train models whose tokens cluster more and less, and set their accuracy against their clustering.

    A cell of the study is one training run; see `hardmax.experiments.clustering.grid`. The same call goes on
    after a stop: finished cells are not trained again.

    Parameters
    ----------
    out : path
        A new or empty folder, or that of a call with the same `data` and `quick`. It ends with ``study.csv``
        (one row for each cell), ``summary.csv`` (mean and standard deviation over the seeds), ``study.pdf``,
        ``study.png`` and ``study.md``, whose path is returned.
    data, quick, say, progress
        As for `hardmax.experiments.paper.reproduce`; with `quick` there are also fewer cells.
    processes : int
        How many cells are trained at once, each on one thread.

    Raises
    ------
    InputError
        When the reviews cannot be read, or the folder was begun with something else or is in use.
    """
    whole_number(processes, "processes", least=1)
    say = say or (lambda _: None)
    lexicon = opinion_lexicon()
    grid = QUICK if quick else FULL
    settings = PRESETS["default"].replace(epochs=QUICK_EPOCHS) if quick else PRESETS["default"]
    with locked_folder(out) as folder:
        splits = read_splits(data, quick, progress)
        shared = {name: value for name, value in settings.to_dict().items() if name not in _OF_THE_CELL}
        depends_on = {"hardmax": __version__, "vaderSentiment": version("vaderSentiment"), "quick": quick}
        depends_on |= {"reviews": splits.fingerprint, "trainings": TRAININGS, **asdict(grid), **shared}
        stages = Stages.open(folder, depends_on, splits.about, total=2, say=say)
        files = {cell: folder / "cells" / f"{cell.name}.json" for cell in grid.cells()}

        def train() -> Iterable[Path]:
            output_folder(folder / "cells")
            left = {cell: file for cell, file in files.items() if not file.exists()}
            if len(left) < len(files):
                say(f"{len(files) - len(left)} of {len(files)} cells were done before, {len(left)} are left")
            prepared = prepare_reviews(splits.train, splits.test, settings, processes)
            measure_cells(left, settings, prepared, lexicon, processes, progress)
            return files.values()

        stages.run(f"{len(files)} cells, each a training", train)
        stages.run("tables, figure and page", lambda: _write_up(folder, files, stages))
        return folder / "study.md"


def _write_up(folder: Path, files: dict[Cell, Path], stages: Stages) -> list[Path]:
    rows = [read_json(file) for file in files.values()]
    summary = summary_of(rows)
    page = folder / "study.md"
    write_text(page, _page(summary, rows, stages.record))
    tables = [write_table(folder / "study.csv", rows), write_table(folder / "summary.csv", summary)]
    return [*tables, *save_figures(plot_study(summary), folder / "study"), page]


def _page(summary: Table, rows: Table, record: dict[str, Any]) -> str:
    """Return the page in Markdown: the figure, what it shows, the numbers, and how they were measured."""
    return render(
        TEMPLATE,
        **record,
        summary=summary,
        trainings=len(rows),
        seconds=sum(row["train_seconds"] for row in rows),
        division=division(record["about"]),
        of_accuracy=sentences.of_accuracy(summary),
        of_opinions=sentences.of_opinions(summary),
        names=sentences.NAMES,
    )
