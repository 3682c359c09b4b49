"""The whole paper in one call: from the reviews to models, tables, figures and a report."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hardmax import __version__
from hardmax._support.folders import locked_folder
from hardmax._support.stages import Stages
from hardmax.experiments.paper.report import write_report
from hardmax.experiments.paper.steps import DIMS, Work
from hardmax.experiments.review_split import read_splits, write_words
from hardmax.training.settings import PRESETS

QUICK_EPOCHS = 3


def reproduce(
    out: str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
    quick: bool = False,
    processes: int = 2,
    say: Callable[[str], None] | None = None,
    progress: bool = False,
) -> Path:
    """Repeat all experiments of arXiv 2407.01602, and set each number beside the published one in a report.

    The same call goes on after a stop: finished stages are not done again, a training run goes on from its
    last epoch, and a file that was deleted is made again.

    Parameters
    ----------
    out : path
        A new or empty folder, or that of a call with the same `data` and `quick`. It ends with ``words/``,
        ``models/``, ``tables/``, ``figures/`` and ``report.html``, whose path is returned.
    data : path, optional
        Reviews in any form that `hardmax.read_reviews` reads; downloaded when not given.
    quick : bool
        Few epochs on a part of the reviews, to see that everything works; numbers cannot be compared.
    processes : int
        How many processes cut reviews into words.
    say : callable, optional
        Called with the number and the name of each stage.
    progress : bool
        Show bars.

    Raises
    ------
    InputError
        When the reviews cannot be read, or the folder was begun with something else or is in use.
    """
    settings = PRESETS["paper"].replace(epochs=QUICK_EPOCHS) if quick else PRESETS["paper"]
    with locked_folder(out) as folder:
        splits = read_splits(data, quick, progress)
        depends_on = {"hardmax": __version__, "quick": quick, "reviews": splits.fingerprint}
        depends_on |= settings.to_dict()
        about = splits.about
        stages = Stages.open(folder, depends_on, about, total=len(DIMS) + 5, say=say or (lambda _: None))
        work, report = Work(folder, settings), folder / "report.html"

        stages.run(
            f"words of {about['train_reviews']:,} + {about['test_reviews']:,} reviews",
            lambda: write_words(splits, work.words, settings.reading.pipeline, processes, progress),
        )
        for dim in DIMS:
            stages.run(f"train d = {dim}", partial(work.train, dim, progress))
        stages.run("tables of results and leaders", work.tabulate)
        stages.run("histogram of leader words", work.count_words)
        stages.run("figures and films", work.draw)
        stages.run("report", lambda: write_report(report, work, stages.record))
        return report
