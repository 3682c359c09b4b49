"""The page docs/choices.md: its numbers and verdicts are computed here, its words are in the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hardmax.reports.pages import render

TEMPLATE = Path(__file__).with_name("choices.md.j2")

#: What was measured of a case, for each fold.
Runs = Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class Option:
    """One table of the page: what is varied, in words, and the cases beside the base.

    A case has a `name`, the `changes` to the base's settings, and `held_out`, 'films' or 'reviews'.
    """

    title: str
    about: str
    cases: Sequence[Any]


def page(options: Sequence[Option], seeds: Sequence[Runs], runs: Mapping[str, Runs], **about: Any) -> str:
    """Return the page as Markdown.

    Parameters
    ----------
    options : list of Option
        The tables.
    seeds : list of list of dict
        The runs of the base with each set of seeds; its numbers are means over them.
    runs : dict
        The runs of each case, by its name.
    **about
        `settings` of the base, without the seed; `data`, the numbers of reviews and films; how many `folds`
        there are, and how many reviews of a fold are `followed` through the layers.
    """
    accuracy = np.array([[run["accuracy"] for run in found] for found in seeds])
    noise = float(np.sqrt(accuracy.var(axis=0, ddof=1).mean()))  # of one run, by its seed
    chance = {folds: 2 * noise * float(np.sqrt((1 + 1 / len(seeds)) / folds)) for folds in (1, 2)}
    base = [_means(same) for same in zip(*seeds, strict=True)]
    return render(
        TEMPLATE,
        options=options,
        tables=[[_row(case, runs[case.name], base, chance) for case in option.cases] for option in options],
        varied=[_varied(option) for option in options],
        base={"mean": _means(base), "runs": base, "gain": None},
        accuracies=accuracy.mean(axis=1).tolist(),
        noise=noise,
        chance=chance,
        **about,
    )


def _means(runs: Runs) -> dict[str, float]:
    return {column: float(np.mean([run[column] for run in runs])) for column in runs[0]}


def _row(case: Any, runs: Runs, base: Runs, chance: Mapping[int, float]) -> dict[str, Any]:
    """Return what a table says of a case; one that holds out other reviews than the base has no gain."""
    row: dict[str, Any] = {"name": case.name, "mean": _means(runs), "runs": runs, "gain": None}
    if case.held_out == "films":
        gain = float(np.mean([a["accuracy"] - b["accuracy"] for a, b in zip(runs, base, strict=False)]))
        least = chance[len(runs)]
        row |= {"gain": gain, "verdict": "better" if gain > least else "worse" if gain < -least else "even"}
    return row


def _varied(option: Option) -> str | None:
    """Return the one setting that all cases of an option vary, if there is one."""
    names = {tuple(case.changes) for case in option.cases}
    only = names.pop() if len(names) == 1 else ()
    return only[0] if len(only) == 1 else None
