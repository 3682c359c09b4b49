"""Train the models that come with the package, measure them, and write their files and cards.

Usage: python benchmarks/ship.py [MODEL ...]

Needs the real reviews in HARDMAX_DATA. The files are those of
``hardmax train --train $HARDMAX_DATA/train.parquet --preset MODEL --out RUN``; the test part is read for the
card alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from hardmax.analysis import clustering_strength
from hardmax._support.files import write_json, write_text
from hardmax.classifier import PRESETS, Settings, TextModel, prepare, read_reviews, train_run
from hardmax.explain.explanation import trajectories
from hardmax.classifier.runs import Prepared
from hardmax.classifier.bundled import CARD
from hardmax.classifier.trained_model import CONFIG, VOCABULARY, WEIGHTS
from hardmax.training.loop import logits
from run import machine

MODELS = Path(__file__).parents[1] / "src" / "hardmax" / "sentiment" / "models"
NAMES = ("imdb-d2", "imdb-d16")
FILES = (WEIGHTS, CONFIG, VOCABULARY)
DIGESTS = MODELS / "digests.json"
SEEDS = range(5)
_BINS = 10

PURPOSE = {
    "imdb-d2": "For seeing why: every word is a point of the plane, and gathers on one of a few leaders.",
    "imdb-d16": "For predicting: it reads whole reviews, and its words keep more leaders apart.",
}

#: The card of a model, with names of `measured` in braces.
TEMPLATE = Path(__file__).with_name("card.md").read_text()


def main(names: list[str]) -> None:
    """Train and measure the named models, all without names."""
    unknown = set(names) - set(NAMES)
    if unknown or "HARDMAX_DATA" not in os.environ:
        sys.exit(f"ship.py: name some of {', '.join(NAMES)}, and the folder of the reviews in HARDMAX_DATA")
    data = Path(os.environ["HARDMAX_DATA"])
    train, test = (read_reviews(data, part) for part in ("train", "test"))
    digests = json.loads(DIGESTS.read_text()) if DIGESTS.exists() else {}
    for name in names or NAMES:
        settings = PRESETS[name]
        prepared = prepare(train, None, settings)
        accuracies = []
        for seed in SEEDS:
            seeded = replace(settings, seed=seed)
            with tempfile.TemporaryDirectory() as folder:
                run = Path(folder) / "run"
                model, _ = train_run(prepared, seeded, run)
                corpus = model.corpus(test)
                accuracies.append(
                    float(np.mean((logits(model.model, corpus)[:, 0].numpy() > 0) == test.labels))
                )
                if seed == settings.seed:
                    (MODELS / name).mkdir(parents=True, exist_ok=True)
                    for file in FILES:
                        shutil.copyfile(run / file, MODELS / name / file)
                    facts = measured(model, settings, prepared, test)
            print(f"{name}, seed {seed}: {accuracies[-1]:.4f}", flush=True)
        found = {file: hashlib.sha256((MODELS / name / file).read_bytes()).hexdigest() for file in FILES}
        digests[name] = {"processor": torch.backends.cpu.get_cpu_capability(), "sha256": found}
        about = machine()
        card = TEMPLATE.format(
            name=name,
            purpose=PURPOSE[name],
            seeds=f"{SEEDS[0]} to {SEEDS[-1]}",
            mean=np.mean(accuracies),
            std=np.std(accuracies, ddof=1),
            files="\n".join(f"| {file} | {digest} |" for file, digest in found.items()),
            cpu=about["cpu"],
            **{package: about["versions"][package] for package in ("torch", "numpy", "numba")},
            **facts,
        )
        write_text(MODELS / name / CARD, card)
    write_json(DIGESTS, digests)


def measured(model: TextModel, settings: Settings, prepared: Prepared, test: object) -> dict[str, object]:
    """Give what the card says of one model."""
    evaluated = model.evaluate(test)
    corpus = model.corpus(test)
    positive = torch.sigmoid(logits(model.model, corpus)[:, 0].double()).numpy()
    paths = trajectories(corpus.take(np.arange(min(1000, len(corpus)))), model.model)
    rows, error = reliability(positive, corpus.labels)
    return {
        "n_train": len(prepared.train),
        "n_test": len(corpus),
        "words": len(model.vocabulary.words),
        "dim": settings.dim,
        "layers": settings.layers,
        "alpha": model.model.attention.alpha.item(),
        "step": f"learned, at least {settings.alpha_floor:g}" if settings.alpha == "learn" else "fixed",
        "max_tokens": settings.max_tokens,
        "seed": settings.seed,
        "accuracy": evaluated["accuracy"],
        "loss": evaluated["loss"],
        "strength": np.mean([clustering_strength(path) for path in paths]),
        "leaders": np.mean([len(path.leaders()) for path in paths]),
        "tokens": np.mean([path.n for path in paths]),
        "error": error,
        "bins": _BINS,
        "reliability": rows,
    }


def reliability(positive: np.ndarray, labels: np.ndarray) -> tuple[str, float]:
    """Give the rows of the reliability table, and the expected calibration error."""
    which = np.minimum((positive * _BINS).astype(int), _BINS - 1)
    rows, error = [], 0.0
    for number in range(_BINS):
        inside = which == number
        if inside.any():
            said, was = positive[inside].mean(), labels[inside].mean()
            error += abs(said - was) * inside.mean()
            bounds = f"{number / _BINS:.1f} to {(number + 1) / _BINS:.1f}"
            rows.append(f"| {bounds} | {inside.sum():,} | {said:.3f} | {was:.3f} |")
    return "\n".join(rows), error


if __name__ == "__main__":
    main(sys.argv[1:])
