"""What commands share: the console, options that several have, and how results are printed."""

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from rich.console import Console

from hardmax.classifier.bundled import bundled_models
from hardmax.errors import InputError

if TYPE_CHECKING:
    from hardmax.classifier.trained_model import TrainedModel
    from hardmax.data import Reviews


def printable(text: str) -> str:
    r"""Return `text` with the characters that would steer a terminal, or cannot be seen, as escapes.

    Examples
    --------
    >>> print(printable("naïve\x1b[2J"))
    naïve\x1b[2J
    """
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


class _Console(Console):
    """Prints each line whole and `printable`, since file names, labels and words may hold anything."""

    def print(self, *lines: Any, **options: Any) -> None:
        super().print(*(printable(str(line)) for line in lines), **options)


# Lines are not wrapped; and rich would print nothing in a width of 0.
console = _Console(markup=False, emoji=False, highlight=False, soft_wrap=True, width=80)

BUNDLED = " or ".join(bundled_models())
MOST_NAMED = 10  # classes or leaders that are listed

Model = Annotated[
    str,
    typer.Argument(metavar="RUN|MODEL", help=f"The folder of a training run, or a bundled model: {BUNDLED}."),
]
OutFolder = Annotated[Path, typer.Option("--out", help="The folder to write to, new or empty.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
TextColumn = Annotated[
    str | None, typer.Option(metavar="NAME", help="The column of the texts, if it has another name.")
]
LabelColumn = Annotated[
    str | None, typer.Option(metavar="NAME", help="The column of the labels, if it has another name.")
]
Processes = Annotated[int, typer.Option(min=1, help="How many processes cut texts into words.")]


def load_model(model: str) -> "TrainedModel":
    """Load the model of a training run's folder, or a bundled one."""
    from hardmax.classifier.bundled import model_folder
    from hardmax.classifier.trained_model import TrainedModel

    return TrainedModel.load(model_folder(model))


def read_split(path: Path, split: str, text_column: str | None, label_column: str | None) -> "Reviews":
    """Read one split of a source that has splits of its own, and all of any other."""
    from hardmax.data import read_reviews, splits_of

    return read_reviews(path, split if split in splits_of(path) else "all", text_column, label_column)


def refuse_overwriting(source: Path, target: Path) -> None:
    """Raise `InputError` when `target` is the file, or in the folder, that is read."""
    if target.exists() and source.resolve() in (target.resolve(), *target.resolve().parents):
        raise InputError(f"{target} is what is read, and would be lost; give another file to write")


def waiting(message: str) -> AbstractContextManager[object]:
    """Show a message while a block runs, on a terminal alone."""
    if not sys.stderr.isatty():
        return nullcontext()
    return Console(stderr=True, markup=False, emoji=False).status(message)


def print_table(rows: dict[str, Any]) -> None:
    """Print names and values in two columns."""
    width = max(len(printable(name)) for name in rows)
    for name, value in rows.items():
        console.print(printable(name).ljust(width), style="bold", end="  ")
        console.print(value)


def print_json(value: Any, file: TextIO | None = None) -> None:
    """Write one line of JSON, by default to standard output, in letters that the file can hold."""
    file = sys.stdout if file is None else file
    unicode = (file.encoding or "utf-8").lower().replace("-", "").startswith("utf")
    file.write(json.dumps(value, ensure_ascii=not unicode) + "\n")
