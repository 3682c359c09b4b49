"""The command that trains a model."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hardmax.cli.shared import (
    BUNDLED,
    MOST_NAMED,
    LabelColumn,
    OutFolder,
    Processes,
    TextColumn,
    console,
    path_option,
    print_table,
    read_split,
    refuse_overwriting,
    waiting,
)
from hardmax.errors import InputError

if TYPE_CHECKING:
    from hardmax.data import Reviews
    from hardmax.training.loop import Outcome
    from hardmax.training.settings import Settings

Train = Annotated[Path, path_option("--train", "Labelled texts to learn from, in any form.")]
Test = Annotated[Path | None, path_option("--test", "Labelled texts to measure on, which choose nothing.")]
Preset = Annotated[
    str, typer.Option(help=f"Settings: default, paper for the paper's, or those of {BUNDLED}.")
]
Dim = Annotated[int | None, typer.Option(help="The dimension d of the embedding.")]
Layers = Annotated[int | None, typer.Option(help="The number of layers K.")]
Alpha = Annotated[
    str | None, typer.Option(metavar="learn|NUMBER", help="The step of the layers, or learn to learn it.")
]
Temperature = Annotated[
    float | None, typer.Option(help="The temperature of softmax layers, or 0 for hardmax layers.")
]
MaxTokens = Annotated[
    int | None, typer.Option(help="How many words of a text are read, function words not counted.")
]
Epochs = Annotated[int | None, typer.Option(help="The number of passes over the texts.")]
Seed = Annotated[int | None, typer.Option(help="The seed; the same one gives the same model, bit for bit.")]
Pipeline = Annotated[str | None, typer.Option(help="How texts are cut into words: default or paper.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any other setting, such as min_count=2; repeatable."),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run in --out, which was stopped.")]


def train(
    out: OutFolder,
    train: Train,
    test: Test = None,
    preset: Preset = "default",
    dim: Dim = None,
    layers: Layers = None,
    alpha: Alpha = None,
    temperature: Temperature = None,
    max_tokens: MaxTokens = None,
    epochs: Epochs = None,
    seed: Seed = None,
    pipeline: Pipeline = None,
    other: Set = None,
    resume: Resume = False,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    processes: Processes = 1,
) -> None:
    """Train a model on labelled texts.

    The folder ends with the model, its history and its metrics. A setting that is not given has the value of
    the preset. Ctrl-C stops the training, and the same command with --resume goes on.
    """
    from hardmax._support.folders import locked_folder
    from hardmax.classifier.runs import check_run_folder, train_run
    from hardmax.data.sources import files_of
    from hardmax.training.prepare import prepare_reviews

    options = {
        "dim": dim,
        "layers": layers,
        "alpha": _number_or_word(alpha),
        "temperature": temperature,
        "max_tokens": max_tokens,
        "epochs": epochs,
        "seed": seed,
        "pipeline": pipeline,
    }
    given = {name: value for name, value in options.items() if value is not None}
    settings = _settings(preset, _others(other or []) | given)
    columns = (text_column, label_column)
    refuse_overwriting([file for source in filter(None, [train, test]) for file in files_of(source)], [out])
    with locked_folder(out):
        check_run_folder(out, resume)  # before the work, not after it
        learn = read_split(train, "train", *columns)
        measure = None if test is None else read_split(test, "test", *columns)
        _print_notes(train, test, learn, settings, pipeline)
        with waiting(f"cutting {len(learn):,} texts into words"):
            prepared = prepare_reviews(learn, measure, settings, processes)
        trained = train_run(
            prepared, settings, out, columns=columns, resume=resume, progress=sys.stderr.isatty()
        )
    _print_outcome(trained.outcome, out)


def _settings(preset: str, changes: dict[str, Any]) -> "Settings":
    from hardmax.training.settings import PRESETS, Settings

    if preset not in PRESETS:
        raise InputError(f"there is no preset {preset!r}; give one of {', '.join(PRESETS)}")
    return Settings.from_dict(PRESETS[preset].to_dict() | changes, source="the options")


def _others(given: list[str]) -> dict[str, Any]:
    """Read settings given as NAME=VALUE."""
    values = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise InputError(f"--set is {one!r}; give NAME=VALUE, such as --set min_count=2")
        try:
            values[name.strip()] = json.loads(value)
        except (ValueError, RecursionError):
            values[name.strip()] = value.strip()
    return values


def _number_or_word(value: str | None) -> float | str | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return value


def _print_notes(
    train: Path, test: Path | None, learn: "Reviews", settings: "Settings", pipeline: str | None
) -> None:
    """Print what the user may not expect of the texts."""
    from hardmax.data import splits_of

    if test is not None and test.resolve() == train.resolve() and len(splits_of(test)) < 2:
        console.print(
            f"{test} has no train and test splits: the test numbers are those of the texts learnt from."
        )
    if learn.processed and pipeline is None:
        used = settings.reading.pipeline
        console.print(f"{train} holds words already, taken as those of the pipeline {used!r}.")
    if learn.classes != (0, 1):
        names = ", ".join(map(str, learn.classes[:MOST_NAMED]))
        more = ", …" if len(learn.classes) > MOST_NAMED else ""
        console.print(f"{len(learn.classes)} classes: {names}{more}")


def _print_outcome(outcome: "Outcome", out: Path) -> None:
    """Print what the training reached; a training stopped by Ctrl-C ends as Ctrl-C does."""
    from hardmax.classifier.runs import metrics_of

    print_table(
        {
            name.replace("_", " "): f"{value:.4f}" if isinstance(value, float) else value
            for name, value in metrics_of(outcome).items()
            if value is not None
        }
        | {"written to": out}
    )
    if outcome.interrupted:
        console.print("Stopped early; the same command with --resume goes on.")
        raise KeyboardInterrupt
