"""The figures of the paper as PDF and PNG, and the animations as GIF, and as MP4 where ffmpeg is there.

Each function returns the paths of the files that it wrote.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from hardmax.dynamics import Hardmax, preset, simulate
from hardmax.dynamics.examples import PRESETS
from hardmax.experiments.paper import published
from hardmax.explain.explanation import Explanation
from hardmax.plots import (
    animate_tokens,
    plot_accuracies,
    plot_dynamics,
    plot_leader_words,
    plot_losses,
    plot_tokens,
    save_figures,
)
from hardmax.plots.style import new_axes
from hardmax.reports.tables import Table
from hardmax.training.history import History


def draw_training(histories: Mapping[int, History], folder: Path) -> list[Path]:
    """Draw ``training_loss_sm_hm`` (d = 2 and 4) and ``acc_embs``."""
    ax = plot_losses({dim: histories[dim] for dim in (2, 4)})
    losses = save_figures(ax.figure.figure, folder / "training_loss_sm_hm")
    return losses + save_figures(plot_accuracies(histories), folder / "acc_embs")


def draw_histogram(rows: Table, folder: Path) -> list[Path]:
    """Draw ``histogram_leaders``, with the published counts of the same words."""
    if rows:
        counts = [(str(row["word"]), int(row["count"])) for row in rows]
        sides = {str(row["word"]): float(row["logit"]) for row in rows}
        theirs = published.LEADER_WORDS
        ax = plot_leader_words(counts, top=len(theirs), published=theirs, sides=sides)
    else:
        ax = new_axes(height=1.0)
        ax.text(0.5, 0.5, "no word leads in a confident review", ha="center", va="center")
        ax.set_axis_off()
    return save_figures(ax.figure.figure, folder / "histogram_leaders")


def draw_dynamics(folder: Path) -> list[Path]:
    """Draw ``dyn_panels``, Figure 2 of the paper."""
    rows = {name: simulate(preset(name), Hardmax(alpha=0.5), layers=30) for name in PRESETS}
    return save_figures(plot_dynamics(rows), folder / "dyn_panels")


def draw_review(explanation: Explanation, name: str, folder: Path) -> list[Path]:
    """Draw a review at its first and last layer and as a film: ``pos_initial0``, ``pos_rev`` for pos."""
    trajectory, words = explanation.trajectory, explanation.tokens
    decoder = (explanation.v, explanation.b)
    made = []
    for stem, layer in ((f"{name}_initial0", 0), (f"{name}_final8", -1)):
        ax = plot_tokens(trajectory, layer, words=words, decoder=decoder)
        made += save_figures(ax.figure.figure, folder / stem)
    for ending in ("gif", "mp4") if shutil.which("ffmpeg") else ("gif",):
        film = folder / f"{name}_rev.{ending}"
        made.append(animate_tokens(trajectory, film, words=words, decoder=decoder))
    return made
