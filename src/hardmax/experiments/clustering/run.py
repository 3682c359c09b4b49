"""Accuracy against clustering: what gathering on leaders costs, and whether leaders carry the meaning."""

import os
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from hardmax import __version__
from hardmax._support.checks import whole_number
from hardmax._support.files import locked_folder, output_folder, read_json, write_text
from hardmax._support.stages import Stages
from hardmax.experiments.clustering.figure import plot_study
from hardmax.experiments.clustering.grid import TRAININGS, Cell, Grid, measure_cells, summary_of
from hardmax.experiments.clustering.page import study_page
from hardmax.experiments.opinion_lexicon import opinion_lexicon
from hardmax.experiments.review_split import read_parts
from hardmax.plots import save_figures
from hardmax.reports.tables import write_table
from hardmax.training.prepare import prepare_reviews
from hardmax.training.settings import PRESETS

FULL = Grid(dims=[2, 4, 8, 16], alphas=[0, 0.03, 0.1, 0.3, 1, 3, "learn"], seeds=[0, 1, 2, 3, 4])
QUICK = Grid(dims=[2, 4], alphas=[0, 1], seeds=[0, 1])
QUICK_EPOCHS = 3
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
        parts = read_parts(data, quick, progress)
        shared = {name: value for name, value in settings.to_dict().items() if name not in _OF_THE_CELL}
        depends_on = {"hardmax": __version__, "vaderSentiment": version("vaderSentiment"), "quick": quick}
        depends_on |= {"reviews": parts.fingerprint, "trainings": TRAININGS, **asdict(grid), **shared}
        stages = Stages.open(folder, depends_on, parts.about, total=2, say=say)
        files = {cell: folder / "cells" / f"{cell.name}.json" for cell in grid.cells()}

        def train() -> None:
            output_folder(folder / "cells")
            left = {cell: file for cell, file in files.items() if not file.exists()}
            if len(left) < len(files):
                say(f"{len(files) - len(left)} of {len(files)} cells were done before, {len(left)} are left")
            prepared = prepare_reviews(parts.train, parts.test, settings, processes)
            measure_cells(left, settings, prepared, lexicon, processes, progress)

        stages.run(f"{len(files)} cells, each a training", train, makes=files.values())
        made = [folder / name for name in ("study.csv", "summary.csv", "study.pdf", "study.png", "study.md")]
        stages.run("tables, figure and page", lambda: _write_up(folder, files, stages), makes=made)
        return folder / "study.md"


def _write_up(folder: Path, files: dict[Cell, Path], stages: Stages) -> None:
    rows = [read_json(file) for file in files.values()]
    write_table(folder / "study.csv", rows)
    summary = summary_of(rows)
    write_table(folder / "summary.csv", summary)
    save_figures(plot_study(summary), folder / "study")
    write_text(folder / "study.md", study_page(summary, rows, stages.record))
