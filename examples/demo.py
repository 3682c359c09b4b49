"""The main job in a minute: the dynamics, a d = 2 model, and how it reads two reviews.

Usage: python examples/demo.py FOLDER

Trains on the embedded sample of reviews, or on the real ones when HARDMAX_DATA names a folder of them.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from pathlib import Path

import numpy as np

import hardmax as hx
from hardmax.classifier import fit
from hardmax.dynamics import leader_table
from hardmax.network.predict import trajectories
from hardmax.plots import (
    animate_tokens,
    plot_accuracies,
    plot_dynamics,
    plot_tokens,
    save_figure,
    save_figures,
)
from hardmax.text import words_of


def reviews_to_use() -> tuple[hx.Reviews, hx.Reviews, hx.Settings]:
    """Return the training split, the test split, and settings that suit their size."""
    folder = os.environ.get("HARDMAX_DATA")
    if folder:
        return hx.read_reviews(folder, "train"), hx.read_reviews(folder, "test"), hx.Settings()
    return hx.sample_reviews("train"), hx.sample_reviews("test"), hx.Settings().replace(min_count=2)


def draw(explanation: hx.Explanation, side: str, folder: Path) -> None:
    """Draw a review at its first and at its last layer, and as a film."""
    look = {
        "words": explanation.tokens,
        "decoder": (explanation.v, explanation.b),
        "title": f"{side.capitalize()} review",
        "trails": True,
    }
    for layer in (0, explanation.trajectory.layers):
        axes = plot_tokens(explanation.trajectory, layer, **look)
        save_figure(axes.figure, folder / f"{side}_layer{layer}.png")
    animate_tokens(explanation.trajectory, folder / f"{side}.gif", **look)


def main(folder: Path) -> None:
    """Make everything and say where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()

    print("1/4 the dynamics of Figure 2")
    panels = {name: hx.simulate(hx.preset(name), hx.Hardmax(alpha=0.5), layers=30) for name in hx.PRESETS}
    save_figures(plot_dynamics(panels), folder / "dynamics")

    train, test, settings = reviews_to_use()
    print(f"2/4 training on {len(train):,} reviews, d = 2")
    words, test_words = words_of(train.texts), words_of(test.texts)
    show_bar = sys.stderr.isatty()
    model = fit(words, train.labels, settings, test=(test_words, test.labels), progress=show_bar)
    model.save(folder / "model")
    model.outcome.history.save(folder / "history.csv")
    save_figures(plot_accuracies({settings.shape.dim: model.outcome.history}), folder / "accuracy")
    # The curve of the training reviews is lower at first: they are read with most of their words left out.
    print(
        f"    accuracy on {len(test):,} reviews that it did not see: {model.evaluate(test)['accuracy']:.3f}"
    )

    print("3/4 the leaders of the test reviews")
    table = leader_table(path for _, path in trajectories(model.network, model.bags(test)))
    with (folder / "leaders.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["d", "mean", "std", "min", "max", "fraction that led at layer 0"])
        writer.writerow(
            [settings.shape.dim, table.mean, table.std, table.min, table.max, table.initial_fraction]
        )
    print(f"    leaders in a review: {table.mean:.1f} on average, {table.min} to {table.max}")

    print("4/4 figures and films of two reviews")
    probability = model.probabilities(test.texts)[:, 1]
    for side, number in (("positive", np.argmax(probability)), ("negative", np.argmin(probability))):
        explanation = model.explain(test.texts[number])
        print(f"    {side}: led by {', '.join(explanation.leaders)}")
        draw(explanation, side, folder)
    print(f"Done in {time.perf_counter() - began:.0f} s; everything is in {folder.resolve()}")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo-output"))
    except (hx.InputError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        sys.exit(2)
