"""Commands that fetch texts and cut them into words."""

from pathlib import Path
from typing import Annotated

import typer

from hardmax.cli.shared import (
    LabelColumn,
    Processes,
    TextColumn,
    console,
    path_argument,
    path_option,
    refuse_overwriting,
)
from hardmax.errors import InputError


def download(
    name: Annotated[str, typer.Argument(help="The data set, which is imdb.")],
    to: Annotated[
        Path | None, path_option("--to", "The folder to put it into; a cache when not given.", "DIR")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Another address to fetch it from, which HARDMAX_IMDB_URL sets too.")
    ] = None,
) -> None:
    """Fetch the public film reviews, and print where they are.

    A file that was fetched before is checked and not fetched again.
    """
    from hardmax.data import download

    console.print(str(download(name, to, url)))


def preprocess(
    source: Annotated[Path, path_argument("IN", "Labelled texts in any form.")],
    target: Annotated[Path, path_argument("OUT.csv", "The file to write, with the columns processed,label.")],
    pipeline: Annotated[
        str, typer.Option(help="How texts are cut into words: default, or paper for the paper's way.")
    ] = "default",
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    processes: Processes = 1,
) -> None:
    """Cut texts into words, and write them to a CSV file.

    Every command that reads texts takes the file, and does not cut them again.
    """
    from hardmax.data import read_reviews, write_processed
    from hardmax.data.sources import files_of
    from hardmax.training.prepare import documents_of

    refuse_overwriting([source, *files_of(source)], [target])
    if target.suffix.lower() != ".csv":
        raise InputError(f"{target} does not end in .csv, by which commands know what it is; name it so")
    reviews = read_reviews(source, "all", text_column, label_column)
    if reviews.processed:
        raise InputError(f"{source} holds words already; give the texts themselves")
    labels = [reviews.classes[number] for number in reviews.labels]
    write_processed(target, documents_of(reviews, pipeline, processes), labels)
    console.print(f"{len(reviews):,} texts written to {target}")
