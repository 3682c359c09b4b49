"""The whole paper in one call: from the reviews to models, tables, figures and a report."""

import os
from collections.abc import Callable
from pathlib import Path

from hardmax import __version__
from hardmax._support.files import locked_folder
from hardmax._support.stages import Stages
from hardmax.classifier.runs import METRICS
from hardmax.experiments.paper.report import write_report
from hardmax.experiments.paper.steps import DIMS, EXAMPLES, Work
from hardmax.experiments.review_split import read_parts, write_words
from hardmax.training.settings import PRESETS

QUICK_EPOCHS = 3
FIGURES = ("training_loss_sm_hm", "acc_embs", "histogram_leaders", "dyn_panels")


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
        parts = read_parts(data, quick, progress)
        depends_on = {"hardmax": __version__, "quick": quick, "reviews": parts.fingerprint}
        depends_on |= settings.to_dict()
        about = parts.about
        stages = Stages.open(folder, depends_on, about, total=len(DIMS) + 5, say=say or (lambda _: None))
        work, report = Work(folder, settings), folder / "report.html"

        stages.run(
            f"words of {about['train_reviews']:,} + {about['test_reviews']:,} reviews",
            lambda: write_words(parts, work.words, settings.reading.pipeline, processes, progress),
            makes=[work.words / "train.csv", work.words / "test.csv"],
        )
        for dim in DIMS:
            made = work.model_folder(dim) / METRICS
            stages.run(f"train d = {dim}", lambda dim=dim: work.train(dim, progress), makes=[made])  # type: ignore[misc]
        made_tables = [work.table(name) for name in ("results", "losses", "leaders")]
        stages.run("tables of results and leaders", work.tabulate, makes=made_tables)
        stages.run("histogram of leader words", work.count_words, makes=[work.table("histogram")])
        stages.run("figures and films", work.draw, makes=_drawn(work))
        stages.run("report", lambda: write_report(report, work, stages.record), makes=[report])
        return report


def _drawn(work: Work) -> list[Path]:
    stems = [*FIGURES, *(f"{name}_{when}" for name in EXAMPLES for when in ("initial0", "final8"))]
    made = [work.figure(f"{stem}.{ending}") for stem in stems for ending in ("pdf", "png")]
    return [*made, *(work.figure(f"{name}_rev.gif") for name in EXAMPLES), work.table("examples")]
