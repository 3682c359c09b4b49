"""The cells of the study: trainings on a grid, each measured and written down as soon as it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from hardmax.analysis import clustering_strength
from hardmax.errors import MissingExtraError
from hardmax._support.files import write_json
from hardmax.experiments.paper.tables import readings
from hardmax.text.bags import Corpus
from hardmax.classifier.runs import Prepared
from hardmax.training.settings import Settings
from hardmax.classifier.trained_model import TextModel
from hardmax.training.loop import evaluate, train
from hardmax.experiments.opinion_lexicon import kinds_of
from hardmax._support.threads import using_threads

#: The two trainings that are compared, by what they tell `Settings`.
TRAININGS: dict[str, dict[str, Any]] = {
    "lines": {"encoder": "lines", "gradient": "straight-through"},
    "free": {"encoder": "free", "gradient": "exact"},
}


@dataclass(frozen=True)
class Cell:
    """One training.

    Attributes
    ----------
    training : str
        A name in `TRAININGS`.
    dim : int
        The dimension d.
    alpha : float or 'learn'
        The step; with 0 there are no layers.
    seed : int
        The seed.
    """

    training: str
    dim: int
    alpha: float | str
    seed: int

    @property
    def name(self) -> str:
        """What the cell's file is called.

        Examples
        --------
        >>> Cell("lines", 2, 0.1, 0).name
        'lines_d2_alpha0.1_seed0'
        """
        return f"{self.training}_d{self.dim}_alpha{self.alpha}_seed{self.seed}"

    def settings(self, shared: Settings) -> Settings:
        """Give the settings of this training, which are `shared` but for what the cell tells."""
        step: dict[str, Any] = {"layers": 0} if self.alpha == 0 else {"alpha": self.alpha, "alpha_floor": 0.0}
        return replace(shared, **TRAININGS[self.training], **step, dim=self.dim, seed=self.seed)


@dataclass(frozen=True)
class Grid:
    """All cells: each training with each of these dimensions, steps and seeds."""

    dims: list[int]
    alphas: list[float | str]
    seeds: list[int]

    def cells(self) -> Iterator[Cell]:
        """Give the cells, those that differ in the seed alone one after another."""
        for values in product(TRAININGS, self.dims, self.alphas, self.seeds):
            yield Cell(*values)


def measure_cells(
    files: Mapping[Cell, Path],
    shared: Settings,
    prepared: Prepared,
    lexicon: frozenset[str],
    processes: int = 1,
    progress: bool = False,
) -> None:
    """Measure cells and write what was found of each to its file, as JSON, when it is done.

    Parameters
    ----------
    files : mapping of Cell to Path
        The cells, and where each is written.
    shared, prepared, lexicon
        As for `measure`.
    processes : int
        How many cells are trained at once; 1 starts no other process.
    progress : bool
        Show a bar.

    Raises
    ------
    MissingExtraError
        When joblib is not installed.
    """
    try:
        from joblib import Parallel, delayed
    except ImportError as error:
        raise MissingExtraError("joblib", "sentiment") from error
    # The arrays of the reviews are written to disk once and mapped by all processes; torch warns of arrays
    # that are for reading only, so each process may change its own view ("c").
    jobs = Parallel(processes, batch_size=1, return_as="generator_unordered", mmap_mode="c")
    one = delayed(_measure_to_file)
    done = jobs(one(file, cell, shared, prepared, lexicon) for cell, file in files.items())
    for _ in tqdm(done, total=len(files), disable=not progress, unit="cell"):
        pass


def _measure_to_file(
    file: Path, cell: Cell, shared: Settings, prepared: Prepared, lexicon: frozenset[str]
) -> None:
    write_json(file, measure(cell, shared, prepared, lexicon))


def measure(cell: Cell, shared: Settings, prepared: Prepared, lexicon: frozenset[str]) -> dict[str, Any]:
    """Train a model on one thread, and measure it on the test reviews, which choose nothing.

    Parameters
    ----------
    cell : Cell
        The training.
    shared : Settings
        What all cells share.
    prepared : Prepared
        The reviews, with a test part.
    lexicon : frozenset of str
        The words of opinion.

    Returns
    -------
    dict
        A row of ``study.csv``: the cell; `step`, the alpha that the model ends with, 0 for no layers;
        `test_accuracy` and `test_loss`; what `clustering_of` gives; and `train_seconds`.
    """
    assert prepared.test is not None
    settings = cell.settings(shared)
    text_model = TextModel.start(prepared.vocabulary, settings)
    with using_threads(1):
        outcome = train(text_model.model, settings, prepared.train)
        if outcome.interrupted:
            raise KeyboardInterrupt
        loss, accuracy = evaluate(text_model.model, prepared.test)
        return {
            "training": cell.training,
            "d": cell.dim,
            "alpha": cell.alpha,
            "seed": cell.seed,
            "step": text_model.model.attention.alpha.item() if settings.layers else 0.0,
            "test_accuracy": accuracy,
            "test_loss": loss,
            **clustering_of(text_model, prepared.test, lexicon),
            "train_seconds": round(float(outcome.history["seconds"].sum()), 2),
        }


def clustering_of(text_model: TextModel, corpus: Corpus, lexicon: frozenset[str]) -> dict[str, float | None]:
    """Measure how strongly the tokens of `corpus` cluster, and how many of those that lead are opinions.

    Returns
    -------
    dict
        `strength`: of the way from all tokens of all texts to the points that they are drawn to at the last
        layer, the share that is behind them; `hardmax.analysis.clustering_strength` of each text, weighted
        by the way of its tokens. `tokens` and `leaders` of a text on average, and `leading`, the share of
        the tokens that lead. Then the share of opinions among all tokens and among the leaders at the last
        layer: `opinion_of_words` and `opinion_of_leading_words` without pairs, `opinion_of_pairs` and
        `opinion_of_leading_pairs`, and both together `opinion_of_tokens` and `opinion_of_leaders`. A token
        counts once in each text; a share of nothing is None.
    """
    opinion, pair = kinds_of(text_model.vocabulary, lexicon)
    said = np.bincount(corpus.ids, minlength=len(opinion))
    led = np.zeros(len(opinion), np.int64)
    ways, strengths = [], []
    for reading in readings(text_model, corpus):
        trajectory = reading.trajectory
        led[reading.ids[trajectory.leaders()]] += 1
        to_go = trajectory.positions[0] - trajectory.targets[trajectory.point_of]
        ways.append(trajectory.weights @ np.linalg.norm(to_go, axis=1))
        strengths.append(clustering_strength(trajectory))
    every = np.ones(len(opinion), np.bool_)
    kinds = {
        "words": ("leading_words", ~pair),
        "pairs": ("leading_pairs", pair),
        "tokens": ("leaders", every),
    }
    shares: dict[str, float | None] = {}
    for name, (name_of_leading, kind) in kinds.items():
        shares[f"opinion_of_{name}"] = _share(said[kind & opinion], said[kind])
        shares[f"opinion_of_{name_of_leading}"] = _share(led[kind & opinion], led[kind])
    return {
        "strength": float(np.average(strengths, weights=ways)) if np.sum(ways) else 1.0,
        "tokens": float(said.sum() / len(corpus)),
        "leaders": float(led.sum() / len(corpus)),
        "leading": _share(led, said),
        **shares,
    }


def _share(part: Any, whole: Any) -> float | None:
    return float(part.sum() / whole.sum()) if whole.sum() else None
