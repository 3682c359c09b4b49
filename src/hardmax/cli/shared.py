"""What commands share: the console, options that several have, and how results are printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

# What users call their files and say in their texts is printed as it is.
console = Console(markup=False, emoji=False, highlight=False)

OutFolder = Annotated[Path, typer.Option("--out", help="Folder to write to.")]
TextColumn = Annotated[str | None, typer.Option(help="Column of the texts, where it has another name.")]
LabelColumn = Annotated[str | None, typer.Option(help="Column of the labels, likewise; they may be any.")]
Processes = Annotated[int, typer.Option(min=1, help="Processes that cut texts into words.")]


def print_table(rows: dict[str, Any]) -> None:
    """Print names and values in two columns."""
    width = max(map(len, rows))
    for name, value in rows.items():
        console.print(Text.assemble((name.ljust(width), "bold"), f"  {value}"), soft_wrap=True)


def print_json(value: Any) -> None:
    """Print one line of JSON."""
    print(json.dumps(value, ensure_ascii=False))  # noqa: T201
