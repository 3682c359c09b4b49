"""Commands that train a model, measure it, and show why it decides."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from hardmax.cli.shared import (
    LabelColumn,
    Processes,
    TextColumn,
    console,
    print_json,
    print_table,
)
from hardmax.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hardmax.data.sources import Reviews
    from hardmax.explain.explanation import Explanation

Model = Annotated[
    str, typer.Argument(metavar="RUN|MODEL", help="Folder of a training, or imdb-d2 or imdb-d16.")
]
_MOST_NAMED = 10  # classes on a line


def train(
    out: Annotated[Path, typer.Option("--out", help="Folder of the run; new, or --resume.")],
    train: Annotated[Path, typer.Option("--train", help="Reviews to learn from, in any form.")],
    test: Annotated[
        Path | None, typer.Option("--test", help="Reviews to measure on; they choose nothing.")
    ] = None,
    preset: Annotated[
        str,
        typer.Option(help="default; paper: exactly the paper's training; or the name of a shipped model."),
    ] = "default",
    dim: Annotated[int | None, typer.Option(help="Dimension d of the embedding.")] = None,
    layers: Annotated[int | None, typer.Option(help="Number of layers K.")] = None,
    alpha: Annotated[str | None, typer.Option(metavar="learn|NUMBER", help="Step of the layers.")] = None,
    temperature: Annotated[
        float | None, typer.Option(help="0 for hardmax, greater for softmax layers.")
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(help="Words read of each review, function words not counted.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the reviews.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same model, bit for bit.")] = None,
    pipeline: Annotated[str | None, typer.Option(help="How texts become words: default or paper.")] = None,
    other: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other setting, such as min_count=2."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    processes: Processes = 1,
) -> None:
    """Train a model; ends with the model, history.csv and metrics.json in a folder."""
    from hardmax.classifier.runs import metrics_of, prepare, run_folder, train_run
    from hardmax.data.sources import splits_of
    from hardmax.training.settings import PRESETS, Settings

    if preset not in PRESETS:
        raise InputError(f"there is no preset {preset!r}; give one of {', '.join(PRESETS)}")
    told: dict[str, Any] = {
        "dim": dim,
        "layers": layers,
        "alpha": _alpha(alpha),
        "temperature": temperature,
        "max_tokens": max_tokens,
        "epochs": epochs,
        "seed": seed,
        "pipeline": pipeline,
    }
    told = {name: value for name, value in told.items() if value is not None}
    preset_values = PRESETS[preset].to_dict()
    settings = Settings.from_dict(preset_values | _others(other or []) | told, source="the options")
    run_folder(out, resume)  # said before the work, not after it
    columns = (text_column, label_column)
    learn = _read_part(train, "train", *columns)
    measure = None if test is None else _read_part(test, "test", *columns)
    if test is not None and test.resolve() == train.resolve() and len(splits_of(test)) < 2:
        console.print(
            f"{test} has no train and test parts: the test numbers are those of the reviews learnt from.",
            soft_wrap=True,
        )
    if learn.processed and pipeline is None:
        console.print(f"{train} holds words already, taken as those of the pipeline {settings.pipeline!r}.")
    if learn.classes != (0, 1):
        names = ", ".join(map(str, learn.classes[:_MOST_NAMED]))
        more = ", …" if len(learn.classes) > _MOST_NAMED else ""
        console.print(f"{len(learn.classes)} classes: {names}{more}", soft_wrap=True)
    with console.status(f"cutting {len(learn):,} reviews into words"):
        prepared = prepare(learn, measure, settings, processes)
    _, outcome = train_run(prepared, settings, out, resume, progress=sys.stderr.isatty())
    found = metrics_of(outcome)
    print_table(
        {
            name.replace("_", " "): f"{value:.4f}" if isinstance(value, float) else value
            for name, value in found.items()
            if value is not None
        }
        | {"written to": out}
    )
    if outcome.interrupted:
        console.print("Stopped early; the same command with --resume goes on.")
        raise KeyboardInterrupt


def evaluate(
    run: Model,
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="Reviews in any form; their test part if they have one.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    processes: Processes = 1,
) -> None:
    """Measure a model on labelled reviews."""
    from hardmax.classifier.bundled import model_folder
    from hardmax.classifier.trained_model import TextModel

    found = TextModel.load(model_folder(run)).evaluate(
        _read_part(data, "test", text_column, label_column), processes
    )
    if as_json:
        print_json(found)
    else:
        print_table(
            {
                "accuracy": f"{found['accuracy']:.4f}",
                "loss": f"{found['loss']:.4f}",
                "reviews": f"{found['n']:,}",
            }
        )


def explain(
    model: Model,
    text: Annotated[str | None, typer.Option(help="The review.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="File that holds the review; - for standard input.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    gif: Annotated[Path | None, typer.Option(help="Write the animation here, .gif or .mp4 (d = 2).")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Write the figure of the last layer here, .pdf or .png (d = 2).")
    ] = None,
) -> None:
    """Show how a model decides about one review: the words that lead, and who follows them."""
    from hardmax.classifier.bundled import model_folder
    from hardmax.classifier.trained_model import TextModel

    if (text is None) == (file is None):
        raise InputError("give either --text or --file")
    said = text if text is not None else _read_text(Path(file or ""))
    explanation = TextModel.load(model_folder(model)).explain(said)
    if plot is not None:
        from hardmax.plots import plot_tokens, save_figure

        axes = plot_tokens(explanation.trajectory, **_drawn(explanation))
        save_figure(cast("Figure", axes.figure), plot)
    if gif is not None:
        from hardmax.plots import animate_tokens

        animate_tokens(explanation.trajectory, gif, **_drawn(explanation))
    if as_json:
        print_json(explanation.to_dict())
        return
    tokens = explanation.tokens
    follows = explanation.trajectory.follows(-1)
    rows: dict[str, Any] = {"decision": _name(explanation, explanation.label)}
    for label, probability in list(zip(explanation.classes, explanation.probabilities, strict=True))[::-1]:
        if len(explanation.classes) > 2 or label == explanation.classes[1]:
            rows[f"probability of {_name(explanation, label)}"] = f"{probability:.4f}"
    for leader in explanation.trajectory.leaders():
        others = [tokens[i] for i in range(len(tokens)) if follows[i] == leader and i != leader]
        led = f"{len(others)} follower{'s' * (len(others) > 1)}: " + ", ".join(others) if others else "alone"
        rows[f"leader {tokens[leader]}"] = f"{_pull(explanation, leader)}; {led}"
    if explanation.unknown:
        rows["not known"] = ", ".join(explanation.unknown)
    if written := [str(path) for path in (plot, gif) if path is not None]:
        rows["written to"] = ", ".join(written)
    print_table(rows)


def _read_part(path: Path, part: str, text_column: str | None, label_column: str | None) -> Reviews:
    """Read the given part of a source that has parts of its own, and all of any other."""
    from hardmax.data.sources import read_reviews, splits_of

    return read_reviews(path, part if part in splits_of(path) else "all", text_column, label_column)


def _read_text(path: Path) -> str:
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8") from error


def _others(told: list[str]) -> dict[str, Any]:
    """Read settings given as NAME=VALUE."""
    values = {}
    for one in told:
        name, equals, value = one.partition("=")
        if not equals:
            raise InputError(f"--set is {one!r}; give NAME=VALUE, such as --set min_count=2")
        try:
            values[name.strip()] = json.loads(value)
        except ValueError:
            values[name.strip()] = value.strip()
    return values


def _alpha(value: str | None) -> float | str | None:
    if value is None or value == "learn":
        return value
    with contextlib.suppress(ValueError):
        return float(value)
    raise InputError(f"--alpha is {value!r}; give 'learn' or a number greater than 0")


def _name(explanation: Explanation, label: Any) -> str:
    """Say a label as people do: 0 and 1 are negative and positive."""
    if explanation.classes == (0, 1):
        return "positive" if label else "negative"
    return str(label)


def _pull(explanation: Explanation, leader: int) -> str:
    """Say what the decoder would if all words were where this leader is."""
    logits = explanation.weight @ explanation.trajectory.positions[-1, leader] + explanation.bias
    if len(logits) == 1:
        return f"logit {logits[0]:+.2f}"
    return f"towards {_name(explanation, explanation.classes[int(logits.argmax())])}"


def _drawn(explanation: Explanation) -> dict[str, Any]:
    """Give what a picture shows beside the tokens."""
    return {
        "words": explanation.tokens,
        "decoder": (explanation.v, explanation.b) if len(explanation.classes) == 2 else None,
        "title": f"{_name(explanation, explanation.label).capitalize()} review"
        if explanation.classes == (0, 1)
        else str(explanation.label),
        "trails": True,
    }
