"""The page of the choices: from what was measured to plain words and tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from films import FOLDS
from held_out import BASE, FOLLOWED, Case, Run

#: The runs of each case, by its name; those of the base are means over its seeds.
Runs = dict[str, list[Run]]
BASE_NAME = Case().name


@dataclass(frozen=True)
class Option:
    """One table of the page: what is varied, in words, and the cases beside the base."""

    title: str
    about: str
    cases: Sequence[Case]


def page(options: Sequence[Option], seeds: Sequence[Case], data: dict[str, Any], runs: Runs) -> str:
    """Write the page; `seeds` are the base with different seeds, over which its numbers are means."""
    repeated = [runs[case.name] for case in seeds]
    runs = runs | {BASE_NAME: [_mean_run(same) for same in zip(*repeated, strict=True)]}
    accuracy = np.array([[run["accuracy"] for run in found] for found in repeated])
    noise = float(np.sqrt(accuracy.var(axis=0, ddof=1).mean()))  # of one run, by its seed
    chance = Chance(noise, len(seeds))
    sections = (f"## {option.title}\n\n{_section(option, runs, chance)}" for option in options)
    return "\n\n".join([_opening(data, accuracy.mean(axis=1).tolist(), chance), *sections]) + "\n"


@dataclass(frozen=True)
class Chance:
    """How far seeds alone take accuracies apart."""

    noise: float
    base_runs: int

    def of(self, folds: int) -> float:
        """Give two standard deviations of the difference between a case and the base over `folds` folds."""
        return 2 * self.noise * float(np.sqrt((1 + 1 / self.base_runs) / folds))


def _mean_run(found: Sequence[Run]) -> Run:
    return {column: float(np.mean([run[column] for run in found])) for column in found[0]}


def _gain(case: Case, runs: Runs) -> float | None:
    """Give by how much a case is above the base on the folds that both have; None where they differ."""
    if case.parts != "films":
        return None
    pairs = zip(runs[case.name], runs[BASE_NAME], strict=False)
    return float(np.mean([run["accuracy"] - base["accuracy"] for run, base in pairs]))


def _opening(data: dict[str, Any], base: list[float], chance: Chance) -> str:
    settings = ", ".join(f"`{name} = {value}`" for name, value in BASE.to_dict().items() if name != "seed")
    means = ", ".join(f"{mean:.4f}" for mean in base)
    return f"""# Why the defaults are what they are

`python benchmarks/choices.py` writes this page, its numbers and verdicts, from what it measures
([choices.json](../benchmarks/results/choices.json)). It reads training reviews alone, never a test review.

**Held-out films.** The {data["reviews"]:,} training reviews are grouped into films by the rare names that
they share: {data["films"]:,} groups, the largest of {data["largest"]} reviews, and {data["alone"]:,} of one
review alone. The groups are dealt to {FOLDS} folds. A model learns from the reviews outside a fold and is
tested on those in it, whose films it has not met. Folds 0 and 1 are used, each with its number as seed.

**The base** is {settings}. A row changes what it names and nothing else.

**Chance.** The base was trained with {chance.base_runs} sets of seeds, which reached {means}; its numbers
below are means over them. Of runs that differ in their seed alone the accuracy has a standard deviation of
{chance.noise:.4f}. So a mean over two folds is called better or worse than the base here when it differs by
more than {chance.of(2):.4f}, and one fold by more than {chance.of(1):.4f}: two standard deviations of such
differences, which luck alone passes about once in twenty rows.

**Columns.** *Accuracy* is the mean over the folds, then come the *folds* themselves; *against the base* is
the mean difference on the same folds. *Clustering* is the share of the way to the point it is drawn to that
a token has behind it after the last layer, and *leaders* is the number of leaders of a review there, both
through hardmax layers and on {FOLLOWED} held-out reviews of each fold; *alpha* is that of the end."""


def _section(option: Option, runs: Runs, chance: Chance) -> str:
    head = ["", "accuracy", "folds", "against the base", "clustering", "leaders", "alpha"]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), _row(_base_label(option), Case(), runs)]
    lines += [_row(f"`{case.name}`", case, runs) for case in option.cases]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"{option.about}\n\n{table}\n\n{_verdict(option, runs, chance)}".rstrip()


def _base_label(option: Option) -> str:
    """Name the base, with its value where one setting is varied."""
    varied = {tuple(case.changes) for case in option.cases}
    if len(varied) == 1 and len(names := varied.pop()) == 1:
        return f"**base**: `{names[0]} = {getattr(BASE, names[0])}`"
    return "**base**"


def _row(label: str, case: Case, runs: Runs) -> list[str]:
    found = runs[case.name]
    means = _mean_run(found)
    gain = _gain(case, runs) if case != Case() else None
    cells = [label, f"{means['accuracy']:.4f}", ", ".join(f"{run['accuracy']:.4f}" for run in found)]
    cells.append("–" if gain is None else f"{gain:+.4f}")
    for column, form in (("clustering_strength", ".3f"), ("leaders", ".1f"), ("alpha", ".2f")):
        cells.append(format(means[column], form) if column in means else "–")
    return cells


def _verdict(option: Option, runs: Runs, chance: Chance) -> str:
    """Say which cases are better or worse than the base, or as good up to chance."""
    sides: dict[str, list[str]] = {"Better than the base": [], "Worse": [], "No different, up to chance": []}
    for case in option.cases:
        if (gain := _gain(case, runs)) is None:
            continue
        better, worse, even = sides
        least = chance.of(len(runs[case.name]))
        sides[better if gain > least else worse if gain < -least else even].append(f"`{case.name}`")
    return " ".join(f"{side}: {'; '.join(names)}." for side, names in sides.items() if names)
