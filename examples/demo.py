"""The main job in a minute: the dynamics, a d = 2 model, and how it reads two reviews.

Usage: python examples/demo.py FOLDER

Trains on the embedded sample of reviews, or on the real ones when HARDMAX_DATA names a folder of them.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

import hardmax as hx
from hardmax.analysis import leader_table
from hardmax._support.files import output_folder, replacing
from hardmax.plots import (
    animate_tokens,
    plot_accuracies,
    plot_dynamics,
    plot_tokens,
    save_figure,
    save_figures,
)
from hardmax.data.sources import Reviews, read_reviews
from hardmax.explain.explanation import trajectories
from hardmax.classifier.runs import prepare
from hardmax.data.sample import sample_reviews
from hardmax.training.settings import PRESETS, Settings
from hardmax.classifier.trained_model import TextModel
from hardmax.training.loop import evaluate, train


def reviews_to_use() -> tuple[Reviews, Reviews, Settings]:
    """Give a training part, a test part, and settings that suit their size."""
    settings = PRESETS["default"]
    folder = os.environ.get("HARDMAX_DATA")
    if folder:
        return read_reviews(folder, "train"), read_reviews(folder, "test"), settings
    return sample_reviews("train"), sample_reviews("test"), replace(settings, min_count=2)


def main(folder: Path) -> None:
    """Make everything and say where it is."""
    folder = output_folder(folder)
    began = time.perf_counter()

    print("1/4 the dynamics of Figure 2")
    panels = {name: hx.simulate(hx.preset(name), hx.Hardmax(alpha=0.5), layers=30) for name in hx.PRESETS}
    save_figures(plot_dynamics(panels), folder / "dynamics")

    train_part, test_part, settings = reviews_to_use()
    print(f"2/4 training on {len(train_part):,} reviews, d = 2")
    prepared = prepare(train_part, test_part, settings)
    text_model = TextModel.start(prepared.vocabulary, settings)
    outcome = train(
        text_model.model,
        settings,
        prepared.train,
        prepared.valid,
        prepared.test,
        progress=sys.stderr.isatty(),
    )
    text_model.save(folder / "model")
    outcome.history.save(folder / "history.csv")
    save_figures(plot_accuracies({settings.dim: outcome.history}), folder / "accuracy")
    assert prepared.test is not None
    _, accuracy = evaluate(text_model.model, prepared.test)
    # The curve of the training part is lower at first: it is measured with most of the words left out.
    print(f"    accuracy on {len(test_part):,} reviews that it did not see: {accuracy:.3f}")

    print("3/4 the leaders of the test reviews")
    table = leader_table(trajectories(prepared.test, text_model.model))
    with replacing(folder / "leaders.csv") as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["d", "mean", "std", "min", "max", "share leaders at layer 0"])
        writer.writerow([settings.dim, table.mean, table.std, table.min, table.max, table.initial_fraction])
    print(f"    leaders in a review: {table.mean:.1f} on average, {table.min} to {table.max}")

    print("4/4 figures and animations of two reviews")
    probability = text_model.probabilities(test_part.texts)
    for side, number in (("positive", np.argmax(probability)), ("negative", np.argmin(probability))):
        explanation = text_model.explain(test_part.texts[number])
        print(f"    {side}: led by {', '.join(explanation.leaders)}")
        decoder = (explanation.v, explanation.b)
        title = f"{side.capitalize()} review"
        for layer in (0, settings.layers):
            axes = plot_tokens(
                explanation.trajectory,
                layer,
                words=explanation.tokens,
                decoder=decoder,
                title=title,
                trails=True,
            )
            save_figure(axes.figure, folder / f"{side}_layer{layer}.png")
        animate_tokens(
            explanation.trajectory,
            folder / f"{side}.gif",
            words=explanation.tokens,
            decoder=decoder,
            title=title,
            trails=True,
        )
    print(f"Done in {time.perf_counter() - began:.0f} s; everything is in {folder.resolve()}")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo-output"))
    except hx.InputError as error:
        print(f"demo: {error}", file=sys.stderr)
        sys.exit(2)
