"""Commands that fetch texts and cut them into words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hardmax.cli.shared import LabelColumn, Processes, TextColumn, console
from hardmax.errors import InputError


def download(
    name: Annotated[str, typer.Argument(help="The data set: imdb.")],
    to: Annotated[Path | None, typer.Option(help="Folder to put it into; the cache when not given.")] = None,
    url: Annotated[str | None, typer.Option(help="Another address; also HARDMAX_IMDB_URL.")] = None,
) -> None:
    """Fetch the real reviews, checked and cached."""
    from hardmax.data.download import download

    console.print(str(download(name, to, url)), soft_wrap=True)


def preprocess(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Reviews in any form.")],
    target: Annotated[Path, typer.Argument(metavar="OUT.csv", help="Columns processed,label.")],
    pipeline: Annotated[str, typer.Option(help="default or paper.")] = "default",
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    processes: Processes = 1,
) -> None:
    """Cut reviews into words and write them to a CSV file."""
    from hardmax.data.sources import documents_of, read_reviews, write_processed

    if target.exists() and target.samefile(source):
        raise InputError(f"{target} is the file of the reviews themselves; give another OUT.csv")
    reviews = read_reviews(source, "all", text_column, label_column)
    if reviews.processed:
        raise InputError(f"{source} holds words already; give the reviews themselves")
    labels = [reviews.classes[number] for number in reviews.labels]
    write_processed(target, documents_of(reviews, pipeline, processes), labels)
    console.print(f"{len(reviews):,} reviews written to {target}", soft_wrap=True)
