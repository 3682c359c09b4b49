"""What the study's numbers say, in sentences made of the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from statistics import fmean
from typing import Any

from hardmax.reports.html import number
from hardmax.experiments.paper.tables import Table

Row = Mapping[str, Any]

#: What the trainings are called in sentences.
NAMES = {"lines": "words on lines", "free": "free words"}


def of_accuracy(summary: Table) -> list[str]:
    """Say how accuracy changes as tokens cluster."""
    alphas = [row["alpha"] for row in summary if row["alpha"] != "learn"]
    weakest, strongest = min(alphas), max(alphas)
    best = max(summary, key=itemgetter("test_accuracy_mean"))
    said = [
        f"The highest mean accuracy of the {len(summary)} on the test reviews is "
        f"{mean(best, 'test_accuracy', 4)}, of {NAMES[best['training']]} with {_place(best)}, at a "
        f"clustering strength of {mean(best, 'strength')}."
    ]
    for training, name in NAMES.items():
        before, after = (_at(summary, training, alpha) for alpha in (weakest, strongest))
        strengths = _each({d: mean(row, "strength") for d, row in after.items()})
        leading = _each({d: percent(row["leading_mean"]) for d, row in after.items()})
        said += [
            f"{name.capitalize()} from alpha = {weakest:g} to alpha = {strongest:g}: accuracy changes by "
            f"{_changes(before, after)}.",
            f"There the clustering strength is {strengths}. Of the tokens {leading} lead, which never move.",
        ]
    lines, free = (_at(summary, training, strongest) for training in NAMES)
    said.append(
        f"At alpha = {strongest:g} the accuracy of {NAMES['lines']} less that of {NAMES['free']} is "
        f"{_changes(free, lines)}."
    )
    for training, name in NAMES.items():
        if learned := _at(summary, training, "learn"):
            steps = {d: f"{mean(row, 'step')} ± {number(row['step_std'], 2)}" for d, row in learned.items()}
            strengths = _each({d: mean(row, "strength") for d, row in learned.items()})
            said.append(
                f"{name.capitalize()} that learn alpha end at {_each(steps)}; their strength is {strengths}."
            )
    return said


def of_opinions(summary: Table) -> list[str]:
    """Say whether more of the leaders than of all tokens are opinions."""
    said = [among_all(summary)]
    for training, name in NAMES.items():
        moving = [row for row in summary if row["training"] == training and row["alpha"] != 0]
        for kind in ("words", "pairs"):
            share, among = f"opinion_of_leading_{kind}_mean", f"opinion_of_{kind}_mean"
            known = [row for row in moving if row[share] is not None]
            if not known:
                said.append(f"{name.capitalize()}: no {kind} lead.")
                continue
            by_dim: dict[int, list[float]] = {}
            for row in known:
                by_dim.setdefault(row["d"], []).append(row[share])
            shares = _each({d: percent(fmean(of_dim)) for d, of_dim in by_dim.items()})
            more = sum(row[share] > row[among] for row in known)
            said.append(
                f"{name.capitalize()}: of the leading {kind} {shares} are opinions, in the mean over "
                f"alpha > 0; more than of all {kind} in {more} of {len(known)} settings."
            )
    return said


def among_all(summary: Table) -> str:
    """Say which share of all that is read are opinions."""
    words, pairs = (percent(summary[0][f"opinion_of_{kind}_mean"]) for kind in ("words", "pairs"))
    return f"Of the words that are read in the test reviews {words} are opinions, and of the pairs {pairs}."


def mean(row: Row, measure: str, digits: int = 2) -> str:
    """Write a mean over the seeds."""
    return number(row[f"{measure}_mean"], digits)


def _at(summary: Table, training: str, alpha: float | str) -> dict[int, Row]:
    """Give the rows of a training with one alpha, by the dimension."""
    return {row["d"]: row for row in summary if row["training"] == training and row["alpha"] == alpha}


def _place(row: Row) -> str:
    alpha = "alpha learned" if row["alpha"] == "learn" else f"alpha = {row['alpha']:g}"
    return f"d = {row['d']} and {alpha}"


def _changes(before: Mapping[int, Row], after: Mapping[int, Row]) -> str:
    """Say by how many points the accuracy of `after` is higher, and where seeds alone may do that."""
    said = {}
    for d in before:
        pair = before[d], after[d]
        points = 100 * (pair[1]["test_accuracy_mean"] - pair[0]["test_accuracy_mean"])
        spread = 100 * sum(row["test_accuracy_std"] or 0.0 for row in pair)
        said[d] = number(points, 1, sign=True) + (" (within the spread)" if abs(points) <= spread else "")
    return _each(said)


def _each(said: Mapping[int, str]) -> str:
    """List what is said for each dimension: 'x at d = 2, y at d = 4 and z at d = 8'."""
    parts = [f"{words} at d = {d}" for d, words in said.items()]
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
