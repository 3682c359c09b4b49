"""The command line: parses, calls the library, prints.

Exit status: 0 done; 1 nobody reads the output any more; 2 the input is wrong, said in one line; 130 stopped
with Ctrl-C.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

from hardmax.errors import InputError, MissingExtraError

try:
    import typer
    from rich.console import Console
    from rich.text import Text
except ModuleNotFoundError as error:
    sys.exit(f"hardmax: {MissingExtraError(error.name or 'typer', 'cli')}")

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hardmax.sentiment.data import Reviews
    from hardmax.sentiment.explain import Explanation

app = typer.Typer(
    name="hardmax",
    help="Token dynamics under hardmax self-attention, and a sentiment classifier that shows its reasons.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
# What users call their files and say in their texts is printed as it is.
console = Console(markup=False, emoji=False, highlight=False)

#: What click raises for wrong arguments; typer keeps click under changing names.
_CLICK_ERROR: Any = typer.BadParameter.__mro__[2]
_STOPPED = 130  # what shells give for Ctrl-C, and newer typers too

OutFolder = Annotated[Path, typer.Option("--out", help="Folder to write to.")]
TextColumn = Annotated[str | None, typer.Option(help="Column of the texts, where it has another name.")]
LabelColumn = Annotated[str | None, typer.Option(help="Column of the labels, likewise.")]
Processes = Annotated[int, typer.Option(min=1, help="Processes that cut texts into words.")]


@app.command()
def simulate(
    out: OutFolder,
    preset: Annotated[str | None, typer.Option(help="triangle, emerging, square or faces.")] = None,
    tokens: Annotated[
        Path | None, typer.Option(help="File of tokens, .npy or .csv, one token a row.")
    ] = None,
    alpha: Annotated[float, typer.Option(help="Step of the layers, greater than 0.")] = 0.5,
    layers: Annotated[int, typer.Option(help="Number of layers.")] = 30,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the preset's random tokens.")] = 0,
) -> None:
    """Move tokens through the layers; write the trajectory, and figures where d = 2."""
    import hardmax as hx
    from hardmax.dynamics.token_files import read_tokens
    from hardmax.files import new_folder

    if (preset is None) == (tokens is None):
        raise InputError("give either --preset or --tokens")
    start = hx.preset(preset, seed) if preset is not None else read_tokens(Path(tokens or ""))
    trajectory = hx.simulate(start, hx.Hardmax(alpha=alpha), layers)
    folder = new_folder(out)
    trajectory.save(folder / "trajectory.npz")
    figures = trajectory.dim == 2 and trajectory.n > 0 and abs(start).max() <= _LARGEST_DRAWN
    if figures:
        from hardmax.plots import animate_tokens, plot_dynamics, save_figures

        columns = [k for k in (0, 1, 2, 5, 30) if k < layers] + [layers]
        save_figures(plot_dynamics({preset or "tokens": trajectory}, layers=columns), folder / "dynamics")
        shown = hx.simulate(start, trajectory.rule, min(layers, _ANIMATED_LAYERS))
        animate_tokens(shown, folder / "dynamics.gif", trails=True, mean=False)
    _print_table(
        {
            "tokens": f"{trajectory.n} of dimension {trajectory.dim}",
            "leaders at layer 0": len(trajectory.leaders(0)),
            f"leaders at layer {layers}": len(trajectory.leaders()),
            "clusters": len(set(trajectory.clusters().tolist())),
            "ended": trajectory.ended,
            "figures": "dynamics.pdf, .png, .gif" if figures else "none: not in the plane, or too large",
            "written to": folder,
        }
    )


_LARGEST_DRAWN = 1e300  # coordinates; `hardmax.plots` refuses larger ones
_ANIMATED_LAYERS = 12  # past these, tokens of a step that can be seen move by less than a pixel


@app.command()
def download(
    name: Annotated[str, typer.Argument(help="The data set: imdb.")],
    to: Annotated[Path | None, typer.Option(help="Folder to put it into; the cache when not given.")] = None,
    url: Annotated[str | None, typer.Option(help="Another address; also HARDMAX_IMDB_URL.")] = None,
) -> None:
    """Fetch the real reviews, checked and cached."""
    from hardmax.sentiment.download import download

    console.print(str(download(name, to, url)), soft_wrap=True)


@app.command()
def preprocess(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Reviews in any form.")],
    target: Annotated[Path, typer.Argument(metavar="OUT.csv", help="Columns processed,label.")],
    pipeline: Annotated[str, typer.Option(help="default or paper.")] = "default",
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    processes: Processes = 1,
) -> None:
    """Cut reviews into words and write them to a CSV file."""
    from hardmax.sentiment.data import read_reviews, write_processed
    from hardmax.sentiment.text_model import documents_of

    if target.exists() and target.samefile(source):
        raise InputError(f"{target} is the file of the reviews themselves; give another OUT.csv")
    reviews = read_reviews(source, "all", text_column, label_column)
    if reviews.processed:
        raise InputError(f"{source} holds words already; give the reviews themselves")
    write_processed(target, documents_of(reviews, pipeline, processes), reviews.labels)
    console.print(f"{len(reviews):,} reviews written to {target}", soft_wrap=True)


@app.command()
def train(
    out: Annotated[Path, typer.Option("--out", help="Folder of the run; new, or --resume.")],
    train: Annotated[Path, typer.Option("--train", help="Reviews to learn from, in any form.")],
    test: Annotated[
        Path | None, typer.Option("--test", help="Reviews to measure on; they choose nothing.")
    ] = None,
    preset: Annotated[str, typer.Option(help="default, or paper: exactly the paper's training.")] = "default",
    dim: Annotated[int | None, typer.Option(help="Dimension d of the embedding.")] = None,
    layers: Annotated[int | None, typer.Option(help="Number of layers K.")] = None,
    alpha: Annotated[str | None, typer.Option(metavar="learn|NUMBER", help="Step of the layers.")] = None,
    temperature: Annotated[
        float | None, typer.Option(help="0 for hardmax, greater for softmax layers.")
    ] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Words read of each review.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the reviews.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same model, bit for bit.")] = None,
    pipeline: Annotated[str | None, typer.Option(help="How texts become words: default or paper.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    processes: Processes = 1,
) -> None:
    """Train a model; ends with the model, history.csv and metrics.json in a folder."""
    from hardmax.sentiment.data import splits_of
    from hardmax.sentiment.run import metrics_of, prepare, run_folder, train_run
    from hardmax.sentiment.settings import PRESETS

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
    settings = replace(PRESETS[preset], **{name: value for name, value in told.items() if value is not None})
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
    with console.status(f"cutting {len(learn):,} reviews into words"):
        prepared = prepare(learn, measure, settings, processes)
    _, outcome = train_run(prepared, settings, out, resume, progress=sys.stderr.isatty())
    found = metrics_of(outcome)
    _print_table(
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


@app.command()
def evaluate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a trained model.")],
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="Reviews in any form; their test part if they have one.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    processes: Processes = 1,
) -> None:
    """Measure a model on labelled reviews."""
    from hardmax.sentiment.text_model import TextModel

    found = TextModel.load(run).evaluate(_read_part(data, "test", text_column, label_column), processes)
    if as_json:
        _print_json(found)
    else:
        _print_table(
            {
                "accuracy": f"{found['accuracy']:.4f}",
                "loss": f"{found['loss']:.4f}",
                "reviews": f"{found['n']:,}",
            }
        )


@app.command()
def explain(
    model: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a trained model.")],
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
    from hardmax.sentiment.text_model import TextModel

    if (text is None) == (file is None):
        raise InputError("give either --text or --file")
    explanation = TextModel.load(model).explain(text if text is not None else _read_text(Path(file or "")))
    if plot is not None:
        from hardmax.plots import plot_tokens, save_figure

        axes = plot_tokens(
            explanation.trajectory,
            words=explanation.tokens,
            decoder=(explanation.v, explanation.b),
            title=_title(explanation),
            trails=True,
        )
        save_figure(cast("Figure", axes.figure), plot)
    if gif is not None:
        from hardmax.plots import animate_tokens

        animate_tokens(
            explanation.trajectory,
            gif,
            words=explanation.tokens,
            decoder=(explanation.v, explanation.b),
            title=_title(explanation),
            trails=True,
        )
    if as_json:
        _print_json(explanation.to_dict())
        return
    tokens = explanation.tokens
    follows = explanation.trajectory.follows(-1)
    rows: dict[str, Any] = {
        "decision": "positive" if explanation.positive else "negative",
        "probability of positive": f"{explanation.probability:.4f}",
    }
    for leader in explanation.trajectory.leaders():
        others = [tokens[i] for i in range(len(tokens)) if follows[i] == leader and i != leader]
        # What the decoder would say if all words were where this leader is.
        logit = float(explanation.trajectory.positions[-1, leader] @ explanation.v + explanation.b)
        led = f"{len(others)} follower{'s' * (len(others) > 1)}: " + ", ".join(others) if others else "alone"
        rows[f"leader {tokens[leader]}"] = f"logit {logit:+.2f}; {led}"
    if explanation.unknown:
        rows["not known"] = ", ".join(explanation.unknown)
    if written := [str(path) for path in (plot, gif) if path is not None]:
        rows["written to"] = ", ".join(written)
    _print_table(rows)


@app.command()
def reproduce(
    out: OutFolder,
    data: Annotated[Path | None, typer.Option(help="Reviews in any form; downloaded when not given.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few epochs on part of the reviews.")] = False,
    processes: Processes = 2,
) -> None:
    """Make every figure and table of the paper, and report.html with its numbers beside ours."""
    from hardmax.reproduce import reproduce

    report = reproduce(
        out,
        data,
        quick,
        processes,
        say=lambda line: console.print(line),
        progress=sys.stderr.isatty(),
    )
    console.print(f"report: {report}", soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; what the user did wrong is said in one line, never as a traceback."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    with contextlib.suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: nothing is lost
    for name in ("stdin", "stdout", "stderr"):  # None where the shell closed it
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w"))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):  # a word that the terminal cannot show is no reason to fail
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = app(arguments or ["--help"], standalone_mode=False)
        sys.stdout.flush()
    except (InputError, MissingExtraError) as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        _fail(str(MissingExtraError(error.name or str(error), "all")))
    except _CLICK_ERROR as error:
        _fail(error.format_message())
    except (KeyboardInterrupt, typer.Abort):
        status = _STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        _fail(f"{error.filename or 'a file'}: {error.strerror or error}")
    except (MemoryError, RuntimeError) as error:
        # torch raises a RuntimeError for want of memory.
        if isinstance(error, RuntimeError) and "memory" not in str(error):
            raise
        _fail("there is not enough memory; give fewer or smaller tokens, layers or reviews")
    if status == _STOPPED:
        print("hardmax: stopped", file=sys.stderr)  # noqa: T201
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str) -> None:
    print("hardmax: " + " ".join(message.split()), file=sys.stderr)  # noqa: T201
    sys.exit(2)


def _read_part(path: Path, part: str, text_column: str | None, label_column: str | None) -> Reviews:
    """Read the given part of a source that has parts of its own, and all of any other."""
    from hardmax.sentiment.data import read_reviews, splits_of

    return read_reviews(path, part if part in splits_of(path) else "all", text_column, label_column)


def _read_text(path: Path) -> str:
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8") from error


def _alpha(value: str | None) -> float | str | None:
    if value is None or value == "learn":
        return value
    with contextlib.suppress(ValueError):
        return float(value)
    raise InputError(f"--alpha is {value!r}; give 'learn' or a number greater than 0")


def _title(explanation: Explanation) -> str:
    return "Positive review" if explanation.positive else "Negative review"


def _print_table(rows: dict[str, Any]) -> None:
    width = max(map(len, rows))
    for name, value in rows.items():
        console.print(Text.assemble((name.ljust(width), "bold"), f"  {value}"), soft_wrap=True)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))  # noqa: T201


if __name__ == "__main__":
    main()
