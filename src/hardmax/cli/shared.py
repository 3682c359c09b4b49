"""What commands share: the console, options that several have, and how results are printed."""

import json
import os
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from rich.console import Console

from hardmax.classifier.bundled import bundled_models
from hardmax.errors import InputError, printable

if TYPE_CHECKING:
    from hardmax.classifier.trained_model import TrainedModel
    from hardmax.data import Reviews


class _Console(Console):
    """Prints each line whole and `printable`, since file names, labels and words may hold anything."""

    def print(self, *lines: Any, **options: Any) -> None:
        super().print(*(printable(str(line)) for line in lines), **options)


# Lines are not wrapped; and rich would print nothing in a width of 0.
console = _Console(markup=False, emoji=False, highlight=False, soft_wrap=True, width=80)

BUNDLED = " or ".join(bundled_models())
MOST_NAMED = 10  # classes or leaders that are listed


def path_option(name: str, help: str, metavar: str = "PATH") -> Any:
    """Return an option that is a path."""
    return typer.Option(name, parser=lambda text: Path(_given(text)), metavar=metavar, help=help)


def path_argument(metavar: str, help: str) -> Any:
    """Return an argument that is a path."""
    return typer.Argument(parser=lambda text: Path(_given(text)), metavar=metavar, help=help)


def _given(text: str) -> str:
    if not text:  # as an unset variable gives; `Path` takes it for the folder where the command runs
        raise typer.BadParameter("it is empty; give a path")
    return text


Model = Annotated[
    str,
    typer.Argument(
        parser=_given,
        metavar="RUN|MODEL",
        help=f"The folder of a training run, or a bundled model: {BUNDLED}.",
    ),
]
OutFolder = Annotated[Path, path_option("--out", "The folder to write to, new or empty.")]
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


def files_of_model(model: str) -> list[Path]:
    """Return the folder of a model, as `load_model` finds it, and all files in it."""
    from hardmax.classifier.bundled import model_folder

    folder = model_folder(model)
    return [folder, *folder.glob("*")]


def refuse_overwriting(read: Iterable[Path], written: Iterable[Path | None] = ()) -> None:
    """Raise `InputError` when a file to write is read, is in a folder that is read, or is written twice.

    A folder to write to must not hold what is read, and standard output must not be appended to it. Files are
    told apart as the system does, so that links and other spellings of a name are seen through.
    """
    from hardmax.text.paper import word_list_folders

    known = {_identity(path): path for path in [*read, *filter(Path.exists, word_list_folders())]}
    output = Path("/dev/stdout")
    if output.is_file() and _identity(output) in known:
        raise InputError(
            f"standard output is {known[_identity(output)]}, which is read; write to another file"
        )
    for path in filter(None, written):
        place = Path(os.path.realpath(path))
        if place.is_dir():
            folders = {folder for one in known.values() for folder in Path(os.path.realpath(one)).parents}
            if _identity(place) in map(_identity, folders):
                raise InputError(f"{path} holds what is read; give another folder to write to")
        for around in (place, *place.parents):
            if (found := known.get(_identity(around))) is not None:
                what = "is" if around == place else "is in"
                raise InputError(
                    f"{path} {what} {found}, which is read or written too; give another file to write"
                )
        known[_identity(place)] = path


def _identity(path: Path) -> tuple[int, int] | str:
    """Return what the system knows a file by, or the name of a file that is not there yet."""
    try:
        found = path.stat()
    except OSError:
        return os.path.realpath(path)
    return found.st_dev, found.st_ino


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
