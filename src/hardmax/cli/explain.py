"""The command that shows how a model decides about one text."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import numpy as np
import typer
from rich.cells import cell_len, set_cell_size

from hardmax.cli.shared import (
    MOST_NAMED,
    AsJson,
    Model,
    console,
    files_of_model,
    load_model,
    path_option,
    print_json,
    print_table,
    refuse_overwriting,
)
from hardmax.errors import InputError, printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hardmax.explain.explanation import Camp, Explanation

_LONGEST_TOKEN, _LONGEST_LIST = 22, 60  # characters
_LONGEST_TEXT = 10_000_000  # characters: more is no text, such as a device that does not end
_MEANING = """\
Leaders with the tokens that follow them, themselves included: their number and
fraction, the logit at the leader, and what they add to the logit of the text."""
_MEANING_OF_SEVERAL = """\
Leaders with the tokens that follow them, themselves included: their number and
fraction, and of the class that they add most to, above the mean of all classes,
the logit at the leader and what they add to the logit of the text."""


def explain(
    model: Model,
    text: Annotated[str | None, typer.Option(help="The text.")] = None,
    file: Annotated[
        Path | None, path_option("--file", "A file that holds the text; - for standard input.", "FILE")
    ] = None,
    as_json: AsJson = False,
    gif: Annotated[
        Path | None, path_option("--gif", "Write an animation to this file .gif or .mp4 (d = 2).", "FILE")
    ] = None,
    plot: Annotated[
        Path | None, path_option("--plot", "Draw the last layer into this file .pdf or .png (d = 2).", "FILE")
    ] = None,
) -> None:
    """Show how a model decides about a text, and which words lead.

    Each leader is listed with the words that follow it and with what they add to the decision.
    """
    if (text is None) == (file is None):
        raise InputError("give either --text or --file")
    source = Path("/dev/stdin") if str(file) == "-" else file
    refuse_overwriting([*files_of_model(model), *filter(None, [source])], [plot, gif])
    read = _decoded(text) if text is not None else _read_text(Path(file or ""))
    explanation = load_model(model).explain(read)
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
    print_table(_decision(explanation))
    _print_leaders(explanation)
    if written := [str(path) for path in (plot, gif) if path is not None]:
        console.print()
        console.print(f"written to {', '.join(written)}")


def _decoded(text: str) -> str:
    """Return an argument in UTF-8, which Python takes for ASCII in the locale C."""
    try:
        return text.encode("utf-8", "surrogateescape").decode()
    except UnicodeError:
        return text


def _read_text(path: Path) -> str:
    given, name = str(path) == "-", "standard input" if str(path) == "-" else str(path)
    try:
        with nullcontext(sys.stdin) if given else path.open(encoding="utf-8") as file:
            text = file.read(_LONGEST_TEXT + 1)
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 at byte {error.start}; give text in UTF-8") from error
    if len(text) > _LONGEST_TEXT:
        raise InputError(f"{name} has more than {_LONGEST_TEXT:,} characters; give a shorter text")
    return text


def _name(explanation: "Explanation", label: Any) -> str:
    """Return the label as people read it: 0 and 1 are negative and positive."""
    if explanation.classes == (0, 1):
        return "positive" if label else "negative"
    return str(label)


def _drawn(explanation: "Explanation") -> dict[str, Any]:
    """Return what a picture shows beside the tokens."""
    label = _name(explanation, explanation.label)
    return {
        "words": explanation.tokens,
        "decoder": (explanation.v, explanation.b) if len(explanation.classes) == 2 else None,
        "title": f"{label.capitalize()} review" if explanation.classes == (0, 1) else label,
        "trails": True,
    }


def _decision(explanation: "Explanation") -> dict[str, Any]:
    """Return the rows that say what is decided, of many classes the likeliest ones."""
    classes, probabilities = explanation.classes, explanation.probabilities
    rows: dict[str, Any] = {"decision": _name(explanation, explanation.label)}
    shown = [1] if len(classes) == 2 else np.argsort(-probabilities, kind="stable")[:MOST_NAMED]
    for number in shown:
        rows[f"probability of {_name(explanation, classes[number])}"] = f"{probabilities[number]:.4f}"
    if len(classes) > MOST_NAMED:
        rest = 1 - probabilities[shown].sum()
        rows[f"probability of {len(classes) - MOST_NAMED} others"] = f"{rest:.4f}"
    if len(classes) == 2:
        rows["logit"] = f"{explanation.logits_by_layer[-1, 0]:+.2f}"
    if explanation.unknown:
        rows["not known"] = _listed(explanation.unknown)
    return rows


def _print_leaders(explanation: "Explanation") -> None:
    """Print each leader with what the tokens that follow it add to the decision."""
    tokens, ends = explanation.tokens, explanation.trajectory.positions[-1]
    total = explanation.trajectory.weights.sum()

    def print_row(name: str, camps: "list[Camp]", leader: int = -1) -> None:
        adds = np.sum([camp.adds for camp in camps], axis=0)
        output = int(adds.argmax())  # the only one of two classes
        towards = explanation.classes[int(adds[0] > 0) if len(adds) == 1 else output]
        logits = explanation.weight @ ends[leader] + explanation.bias
        if len(adds) > 1:  # a number added to all logits changes no probability
            adds, logits = adds - adds.mean(), logits - logits.mean()
        fraction = sum(camp.fraction for camp in camps)
        logit = f"{logits[output]:+.2f}" if leader >= 0 else ""
        numbers = [f"{fraction * total:.0f}", f"{fraction:.3f}", logit, f"{adds[output]:+.2f}"]
        _print_line(name, numbers, _name(explanation, towards))

    camps = explanation.camps()
    led = [camp for camp in camps if camp.leader >= 0]
    meaning = _MEANING if len(explanation.bias) == 1 else _MEANING_OF_SEVERAL
    for line in ("", *meaning.splitlines(), ""):
        console.print(line)
    _print_line("leader", ["tokens", "fraction", "logit", "adds"], "towards")
    for camp in led[:MOST_NAMED]:
        print_row(tokens[camp.leader], [camp], camp.leader)
        if followers := [tokens[i] for i in camp.members if i != camp.leader]:
            console.print(f"  {_listed(followers)}")
    if others := led[MOST_NAMED:]:
        print_row(f"{len(others)} other leader{'s' * (len(others) > 1)}", others)
    if rest := camps[len(led) :]:
        print_row("followers of no leader", rest)


def _print_line(name: str, numbers: list[str], towards: str) -> None:
    cells = [set_cell_size(_cut(name), _LONGEST_TOKEN), *(number.rjust(8) for number in numbers)]
    console.print("  ".join([*cells, _cut(towards)]))


def _cut(name: str) -> str:
    """Return a name, whose end is left out where it is long."""
    name = printable(name)
    if cell_len(name) <= _LONGEST_TOKEN:
        return name
    return set_cell_size(name, _LONGEST_TOKEN - 1).rstrip() + "…"


def _listed(names: list[str]) -> str:
    """Return the first few names on a short line, and how many more there are."""
    shown: list[str] = []
    for name in map(_cut, names):
        if cell_len(", ".join([*shown, name])) > _LONGEST_LIST:
            break
        shown.append(name)
    left = len(names) - len(shown)
    return ", ".join(shown) + (f", … and {left} more" if left else "")
