"""An animation drawn the plain way: a new figure for each layer, through PNG files."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from PIL import Image

from hardmax.dynamics import Trajectory
from hardmax.plots import plot_tokens


def animate_through_files(
    trajectory: Trajectory,
    path: Path,
    *,
    words: Sequence[str] | None = None,
    decoder: tuple[ArrayLike, float] | None = None,
    trails: bool = False,
) -> None:
    """Write the same film as `hardmax.plots.animate_tokens`, with nothing shared between frames."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for layer in range(trajectory.layers + 1):
            ax = Figure(figsize=(3.4, 3.4)).add_axes((0.135, 0.105, 0.825, 0.825))
            plot_tokens(trajectory, layer, ax=ax, words=words, decoder=decoder, trails=trails)
            files.append(Path(folder) / f"{layer}.png")
            ax.figure.savefig(files[-1], dpi=180)
        frames = [Image.open(file) for file in files]
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=1000, loop=0)
