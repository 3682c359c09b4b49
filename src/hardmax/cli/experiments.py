"""Commands that make every figure and table again."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from hardmax.cli.shared import OutFolder, Processes, console, path_option, refuse_overwriting

Data = Annotated[
    Path | None, path_option("--data", "Labelled reviews in any form; downloaded when not given.")
]
Quick = Annotated[
    bool, typer.Option("--quick", help="Use few epochs and a part of the reviews, to see that all works.")
]


def reproduce(out: OutFolder, data: Data = None, quick: Quick = False, processes: Processes = 2) -> None:
    """Make every figure and table of the paper, and a report.

    Stopped at any point, the same command goes on where it was.
    """
    from hardmax.experiments.paper import reproduce

    _run("report", reproduce, out, data, quick, processes)


def study(
    out: OutFolder,
    data: Data = None,
    quick: Quick = False,
    processes: Annotated[int, typer.Option(min=1, help="How many models are trained at a time.")] = 2,
) -> None:
    """Measure accuracy against clustering, and what leaders mean.

    Stopped at any point, the same command goes on where it was.
    """
    from hardmax.experiments.clustering import study

    _run("page", study, out, data, quick, processes)


def _run(
    what: str, experiment: Callable[..., Path], out: Path, data: Path | None, quick: bool, processes: int
) -> None:
    """Run an experiment, and print where the page that it makes is."""
    from hardmax.data.sources import files_of

    if data is not None and data.exists():  # else the experiment says what is missing
        refuse_overwriting(files_of(data), [out])
    page = experiment(
        out=out, data=data, quick=quick, processes=processes, say=console.print, progress=sys.stderr.isatty()
    )
    console.print(f"{what}: {page}")
