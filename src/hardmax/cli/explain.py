"""The command that shows how a model decides about one text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import numpy as np
import numpy.typing as npt
import typer
from rich.cells import cell_len, set_cell_size

from hardmax.cli.shared import MOST_NAMED, AsJson, Model, console, load_model, print_json, print_table
from hardmax.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hardmax.explain.explanation import Explanation

Bools = npt.NDArray[np.bool_]

_LONGEST_TOKEN, _LONGEST_LIST = 22, 60  # characters
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
        Path | None, typer.Option(help="A file that holds the text; - for standard input.")
    ] = None,
    as_json: AsJson = False,
    gif: Annotated[
        Path | None, typer.Option(help="Write an animation to this file .gif or .mp4 (d = 2).")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the last layer into this file .pdf or .png (d = 2).")
    ] = None,
) -> None:
    """Show how a model decides about a text, and which words lead.

    Each leader is listed with the words that follow it and with what they add to the decision.
    """
    if (text is None) == (file is None):
        raise InputError("give either --text or --file")
    read = text if text is not None else _read_text(Path(file or ""))
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
        console.print(f"\nwritten to {', '.join(written)}")


def _read_text(path: Path) -> str:
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8") from error


def _name(explanation: Explanation, label: Any) -> str:
    """Return the label as people read it: 0 and 1 are negative and positive."""
    if explanation.classes == (0, 1):
        return "positive" if label else "negative"
    return str(label)


def _drawn(explanation: Explanation) -> dict[str, Any]:
    """Return what a picture shows beside the tokens."""
    return {
        "words": explanation.tokens,
        "decoder": (explanation.v, explanation.b) if len(explanation.classes) == 2 else None,
        "title": f"{_name(explanation, explanation.label).capitalize()} review"
        if explanation.classes == (0, 1)
        else str(explanation.label),
        "trails": True,
    }


def _decision(explanation: Explanation) -> dict[str, Any]:
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
        logit = explanation.v @ explanation.trajectory.means[-1] + explanation.b
        rows["logit"] = f"{logit:+.2f}"
    if explanation.unknown:
        rows["not known"] = _listed(explanation.unknown)
    return rows


def _print_leaders(explanation: Explanation) -> None:
    """Print each leader with what its followers add to the decision, the largest part first."""
    trajectory, tokens = explanation.trajectory, explanation.tokens
    logits = trajectory.positions[-1] @ explanation.weight.T + explanation.bias
    several = logits.shape[1] > 1
    if several:  # a number added to all logits of a token changes no probability
        logits = logits - logits.mean(axis=1, keepdims=True)
    follows, counts = trajectory.follows(-1), trajectory.weights
    fractions = counts / counts.sum()

    def part(of: Bools) -> tuple[float, int]:
        """Return what tokens add to the logit that they add most to, and the number of that class."""
        added = fractions[of] @ logits[of]
        most = int(added.argmax()) if several else 0
        return float(added[most]), most

    def print_row(name: str, of: Bools, leader: int | None = None) -> None:
        adds, output = part(of)
        towards = explanation.classes[output if several else int(adds > 0)]
        logit = "" if leader is None else f"{logits[leader, output]:+.2f}"
        numbers = [f"{counts[of].sum():.0f}", f"{fractions[of].sum():.3f}", logit, f"{adds:+.2f}"]
        _print_line(name, numbers, _name(explanation, towards))

    leaders = sorted(trajectory.leaders().tolist(), key=lambda leader: -abs(part(follows == leader)[0]))
    console.print(f"\n{_MEANING_OF_SEVERAL if several else _MEANING}\n")
    _print_line("leader", ["tokens", "fraction", "logit", "adds"], "towards")
    for leader in leaders[:MOST_NAMED]:
        own = follows == leader
        print_row(tokens[leader], own, leader)
        if followers := [tokens[i] for i in np.flatnonzero(own) if i != leader]:
            console.print(f"  {_listed(followers)}")
    if others := leaders[MOST_NAMED:]:
        print_row(f"{len(others)} other leader{'s' * (len(others) > 1)}", np.isin(follows, others))
    if not (led := np.isin(follows, leaders)).all():
        print_row("followers of no leader", ~led)


def _print_line(name: str, numbers: list[str], towards: str) -> None:
    cells = [set_cell_size(_cut(name), _LONGEST_TOKEN), *(number.rjust(8) for number in numbers)]
    console.print("  ".join([*cells, _cut(towards)]))


def _cut(name: str) -> str:
    """Return a name, whose end is left out where it is long."""
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
