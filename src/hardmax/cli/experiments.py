"""Commands that make every figure and table again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hardmax.cli.shared import OutFolder, Processes, console


def reproduce(
    out: OutFolder,
    data: Annotated[Path | None, typer.Option(help="Reviews in any form; downloaded when not given.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few epochs on part of the reviews.")] = False,
    processes: Processes = 2,
) -> None:
    """Make every figure and table of the paper, and report.html with its numbers beside ours."""
    from hardmax.experiments.paper import reproduce

    report = reproduce(
        out,
        data,
        quick,
        processes,
        say=lambda line: console.print(line),
        progress=sys.stderr.isatty(),
    )
    console.print(f"report: {report}", soft_wrap=True)


def study(
    out: OutFolder,
    data: Annotated[Path | None, typer.Option(help="Reviews in any form; downloaded when not given.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few trainings on part of the reviews.")] = False,
    processes: Annotated[int, typer.Option(min=1, help="Processes that train side by side.")] = 2,
) -> None:
    """Measure accuracy against clustering, and whether leaders carry meaning; the same command goes on."""
    from hardmax.experiments.clustering import study

    page = study(
        data, out, quick, processes, say=lambda line: console.print(line), progress=sys.stderr.isatty()
    )
    console.print(f"page: {page}", soft_wrap=True)
