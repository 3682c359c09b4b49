"""Commands that measure a model, and predict with it."""

import csv
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from hardmax.cli.shared import (
    AsJson,
    LabelColumn,
    Model,
    Processes,
    TextColumn,
    console,
    files_of_model,
    load_model,
    path_argument,
    path_option,
    print_json,
    print_table,
    read_split,
    refuse_overwriting,
    waiting,
)

if TYPE_CHECKING:
    from hardmax.classifier.trained_model import TrainedModel

Columns = tuple[str | None, str | None]


def evaluate(
    run: Model,
    data: Annotated[
        Path, path_argument("DATA", "Labelled texts in any form, of which the test split is read.")
    ],
    as_json: AsJson = False,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    processes: Processes = 1,
) -> None:
    """Measure a model on labelled texts: accuracy and mean loss.

    Columns that were named at training need not be named again.
    """
    from hardmax.data.sources import files_of

    trained = load_model(run)
    refuse_overwriting([*files_of_model(run), *files_of(data)])
    columns = _columns(trained, data, text_column, label_column)
    found = trained.evaluate(read_split(data, "test", *columns), processes)
    if as_json:
        print_json(found)
    else:
        measured = {name: f"{found[name]:.4f}" for name in ("accuracy", "loss")}
        print_table(measured | {"texts": f"{found['n']:,}"})


def predict(
    run: Model,
    data: Annotated[
        Path, path_argument("DATA", "Texts in any form, of all splits; - for standard input, a text a line.")
    ],
    out: Annotated[
        Path | None, path_option("--out", "The file to write, in place of standard output.", "FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write a JSON object a line, not CSV.")] = False,
    text_column: TextColumn = None,
    processes: Processes = 1,
) -> None:
    """Predict the labels of texts, and their probabilities.

    Each text becomes a row, in the order of the texts: its number from 1 (row), its likeliest class (label),
    and for each class a column of its name (probability_0). Classes 0 and 1 are negative and positive.
    Labels in the texts' file are not looked at; blank lines are no texts.
    """
    from hardmax._support.files import replacing
    from hardmax.data import read_texts
    from hardmax.data.sources import files_of
    from hardmax.network.predict import likeliest, probabilities_of

    trained = load_model(run)
    refuse_overwriting([*files_of_model(run), data, *files_of(data)], [out])
    texts = read_texts(data, text_column or _columns(trained, data, None, None)[0])
    with nullcontext() if out is None else replacing(out) as temporary:
        with waiting(f"reading {len(texts.texts):,} texts"):
            logits = trained.logits(texts, processes)
        names = ["row", "label", *(f"probability_{name}" for name in trained.classes)]
        labels = [trained.classes[number] for number in likeliest(logits)]
        numbered = zip(range(1, len(labels) + 1), labels, probabilities_of(logits).tolist(), strict=True)
        rows = ([number, label, *found] for number, label, found in numbered)
        if temporary is None:
            _write(sys.stdout, names, rows, as_json)
        else:
            with temporary.open("w", newline="", encoding="utf-8") as file:
                _write(file, names, rows, as_json)
    if out is not None:
        console.print(f"{len(labels):,} predictions written to {out}")


def _write(file: TextIO, names: list[str], rows: Iterable[list[Any]], as_json: bool) -> None:
    """Write rows with these names as JSON lines, or as CSV."""
    if as_json:
        for row in rows:
            print_json(dict(zip(names, row, strict=True)), file)
    else:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


def _columns(
    trained: "TrainedModel", data: Path, text_column: str | None, label_column: str | None
) -> Columns:
    """Return the columns to read: those named here, else those named at training where `data` has them.

    For a model of other classes than 0 and 1 the column of the labels is always named, so that no label is
    taken for a typing error.
    """
    from hardmax.data.sources import columns_of

    found = columns_of(data)
    text, label = trained.about.get("columns") or (None, None)
    text = text_column or (text if text in found else None)
    label = label_column or (label if label in found else None)
    if label is None and trained.classes != (0, 1):
        label = next((name for name in ("label", "sentiment") if name in found), None)
    return text, label
