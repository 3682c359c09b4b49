"""Train the bundled models, measure them, and write their files, their cards and digests.json.

Usage: python studies/release_models.py [MODEL ...] [--out FOLDER]

Needs the real reviews in HARDMAX_DATA. The files are those of
``hardmax train --train $HARDMAX_DATA/train.parquet --preset MODEL --out RUN``; the test reviews are read for
the cards alone. With --out all files go to that folder, not into the package.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import tempfile
from pathlib import Path

import numpy as np
import torch

from hardmax._support.files import read_json, write_json, write_text
from hardmax._support.folders import output_folder
from hardmax._support.machine import machine
from hardmax.classifier import TrainedModel, model_folder, train_run
from hardmax.classifier.bundled import CARD
from hardmax.classifier.fit import fit_prepared
from hardmax.classifier.trained_model import CONFIG, VOCABULARY, WEIGHTS
from hardmax.data.reviews import Reviews
from hardmax.data.sources import read_reviews
from hardmax.errors import InputError
from hardmax.experiments.measure import Measurement, measure
from hardmax.reports.pages import render
from hardmax.training import PRESETS, Examples, Prepared
from hardmax.training.prepare import prepare_reviews
from shared import reviews_folder

PURPOSE = {
    "imdb-d2": "For seeing why: every word is a point of the plane, and gathers on one of a few leaders.",
    "imdb-d16": "For predicting: it reads whole reviews, and its words keep more leaders apart.",
}
FILES = (WEIGHTS, CONFIG, VOCABULARY)
SEEDS = range(5)
#: How many test reviews are followed through the layers.
FOLLOWED = 1_000
TEMPLATE = Path(__file__).with_name("card.md.j2")


def release(name: str, train: Reviews, test: Reviews, folder: Path) -> dict[str, dict[str, str]]:
    """Write the files and the card of a model to `folder`; return how they were made, and their digests."""
    settings = PRESETS[name]
    prepared = prepare_reviews(train, None, settings)
    found: dict[int, Measurement] = {}
    for seed in SEEDS:
        if seed == settings.training.seed:
            trained = released = _released(prepared, name, folder)
        else:
            trained = fit_prepared(prepared, settings.replace(seed=seed))
        found[seed] = measure(trained, Examples(trained.bags(test), test.labels), FOLLOWED)
        print(f"{name}, seed {seed}: {found[seed].accuracy:.4f}", flush=True)
    about = machine()
    made_with = {package: about["versions"][package] for package in ("torch", "numpy", "numba")}
    made_with = {"cpu_capability": torch.backends.cpu.get_cpu_capability()} | made_with
    digests = {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in FILES}
    text = card(name, released, len(train), found, cpu=about["cpu"], made_with=made_with, digests=digests)
    write_text(folder / CARD, text)
    return {"made_with": made_with, "sha256": digests}


def _released(prepared: Prepared, name: str, folder: Path) -> TrainedModel:
    """Train as the command does, and copy the files of the model to `folder`."""
    output_folder(folder)
    with tempfile.TemporaryDirectory() as temporary:
        run = Path(temporary) / "run"
        trained = train_run(prepared, PRESETS[name], run)
        for file in FILES:
            shutil.copyfile(run / file, folder / file)
    return trained


def card(
    name: str,
    trained: TrainedModel,
    n_train: int,
    found: dict[int, Measurement],
    *,
    cpu: str,
    made_with: dict[str, str],
    digests: dict[str, str],
) -> str:
    """Return the card of a model from what was measured with each seed."""
    settings = trained.settings
    accuracies = [each.accuracy for each in found.values()]
    return render(
        TEMPLATE,
        name=name,
        purpose=PURPOSE[name],
        reviews=n_train,
        words=len(trained.vocabulary.tokens),
        reading=settings.reading,
        shape=settings.shape,
        training=settings.training,
        alpha=trained.network.attention.alpha.item(),
        own=found[settings.training.seed],
        seeds=list(found),
        mean=float(np.mean(accuracies)),
        std=float(np.std(accuracies, ddof=1)),
        cpu=cpu,
        made_with=made_with,
        digests=digests,
    )


def main() -> None:
    """Release the named models, all without names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL", help=", ".join(PURPOSE))
    parser.add_argument("--out", type=Path, default=model_folder("imdb-d2").parent)
    chosen = parser.parse_args()
    try:
        for name in chosen.models:
            if name not in PURPOSE:
                raise InputError(f"there is no bundled model {name!r}; give some of {', '.join(PURPOSE)}")
        train, test = (read_reviews(reviews_folder(), split) for split in ("train", "test"))
        path = output_folder(chosen.out) / "digests.json"
        digests = read_json(path) if path.exists() else {}
        for name in chosen.models or PURPOSE:
            digests[name] = release(name, train, test, chosen.out / name)
            write_json(path, digests)
    except InputError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
