"""The sentences of the study that depend on the numbers; all others are in its template."""

from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from statistics import fmean
from typing import Any

from hardmax.reports.numbers import number, percent
from hardmax.reports.tables import Table

Row = Mapping[str, Any]

#: The names of the trainings in sentences.
NAMES = {"lines": "words on lines", "free": "free words"}


def of_accuracy(summary: Table) -> Iterator[str]:
    """Yield sentences on how accuracy changes as tokens cluster more."""
    alphas = [row["alpha"] for row in summary if row["alpha"] != "learn"]
    weakest, strongest = min(alphas), max(alphas)
    best = max(summary, key=itemgetter("test_accuracy_mean"))
    alpha = "alpha learned" if best["alpha"] == "learn" else f"alpha = {best['alpha']:g}"
    yield (
        f"The highest of the {len(summary)} mean accuracies on the test reviews is "
        f"{number(best['test_accuracy_mean'])}, of {NAMES[best['training']]} with d = {best['d']} and "
        f"{alpha}, at a clustering strength of {_strength(best)}."
    )
    for training, name in NAMES.items():
        before, after = (_rows(summary, training, alpha) for alpha in (weakest, strongest))
        leading = _each(after, lambda row: percent(row["leading_mean"]))
        yield (
            f"{name.capitalize()} from alpha = {weakest:g} to alpha = {strongest:g}: accuracy changes by "
            f"{_changes(before, after)}."
        )
        yield (
            f"At alpha = {strongest:g} the clustering strength of {name} is {_each(after, _strength)}. "
            f"The fraction of tokens that lead, and so never move, is {leading}."
        )
    lines, free = (_rows(summary, training, strongest) for training in NAMES)
    yield (
        f"The accuracy of {NAMES['lines']} minus that of {NAMES['free']}, at alpha = {strongest:g}, is "
        f"{_changes(free, lines)}."
    )
    for training, name in NAMES.items():
        if learned := _rows(summary, training, "learn"):
            steps = _each(
                learned, lambda row: f"{number(row['step_mean'], 2)} ± {number(row['step_std'], 2)}"
            )
            strengths = _each(learned, _strength)
            yield f"The learned alpha of {name} ends at {steps}; the clustering strength is {strengths}."


def of_opinions(summary: Table) -> Iterator[str]:
    """Yield sentences on whether opinions are more frequent among leaders than among all tokens."""
    for training, name in NAMES.items():
        moving = [row for row in summary if row["training"] == training and row["alpha"] != 0]
        for kind in ("words", "pairs"):
            leading, among_all = f"opinion_of_leading_{kind}_mean", f"opinion_of_{kind}_mean"
            known = [row for row in moving if row[leading] is not None]
            if not known:
                yield f"{name.capitalize()}: no {kind} lead."
                continue
            by_dim: dict[int, list[float]] = {}
            for row in known:
                by_dim.setdefault(row["d"], []).append(row[leading])
            fractions = _each(by_dim, lambda of_dim: percent(fmean(of_dim)))
            more = sum(row[leading] > row[among_all] for row in known)
            yield (
                f"{name.capitalize()}: among the leading {kind}, {fractions} are opinions (mean over "
                f"alpha > 0), more than among all {kind} in {more} of {len(known)} settings."
            )


def _rows(summary: Table, training: str, alpha: float | str) -> dict[int, Row]:
    """Return the rows of a training with one alpha, by the dimension."""
    return {row["d"]: row for row in summary if row["training"] == training and row["alpha"] == alpha}


def _strength(row: Row) -> str:
    return number(row["strength_mean"], 2)


def _changes(before: Mapping[int, Row], after: Mapping[int, Row]) -> str:
    return _each({d: (before[d], after[d]) for d in before}, _change)


def _change(pair: tuple[Row, Row]) -> str:
    """Return by how many points accuracy rises, and whether the spread over seeds is as large."""
    points = 100 * (pair[1]["test_accuracy_mean"] - pair[0]["test_accuracy_mean"])
    spread = 100 * sum(row["test_accuracy_std"] or 0.0 for row in pair)
    return number(points, 1, sign=True) + (" (within the spread)" if abs(points) <= spread else "")


def _each(values: Mapping[int, Any], said: Callable[[Any], str]) -> str:
    """Return what is said of each dimension's value: 'x at d = 2, y at d = 4 and z at d = 8'."""
    parts = [f"{said(value)} at d = {d}" for d, value in values.items()]
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
