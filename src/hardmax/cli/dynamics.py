"""Commands on tokens in motion."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from hardmax.cli.shared import OutFolder, path_option, print_table, refuse_overwriting
from hardmax.errors import InputError

_MOST_NUMBERS = 100_000_000  # coordinates of all layers, which take 3 GB with what belongs to them
_MOST_DRAWN = 1_000_000  # of these: their figure takes a minute and 20 MB
_LARGEST_DRAWN = 1e-8  # of the largest float; `hardmax.plots` refuses larger coordinates
_ANIMATED_LAYERS = 12  # past these, tokens of a step that can be seen move by less than a pixel


def simulate(
    out: OutFolder,
    preset: Annotated[
        str | None, typer.Option(help="Tokens of the paper: triangle, emerging, square or faces.")
    ] = None,
    tokens: Annotated[
        Path | None, path_option("--tokens", "Tokens in a file .npy or .csv, one token a row.", "FILE")
    ] = None,
    alpha: Annotated[float, typer.Option(help="The step of the layers, greater than 0.")] = 0.5,
    layers: Annotated[int, typer.Option(help="The number of layers.")] = 30,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the preset's random tokens.")] = 0,
) -> None:
    """Move tokens through the layers, and draw them in the plane.

    The folder ends with the trajectory and, for tokens of dimension 2, a figure and an animation.
    """
    import hardmax as hx
    from hardmax._support.folders import new_folder
    from hardmax.dynamics.storage import read_tokens

    if (preset is None) == (tokens is None):
        raise InputError("give either --preset or --tokens")
    refuse_overwriting(filter(None, [tokens]), [out])
    start = hx.preset(preset, seed) if preset is not None else read_tokens(Path(tokens or ""))
    most = _MOST_NUMBERS // max(start.size, 1) - 1
    if layers > most:
        n, dim = start.shape
        raise InputError(f"layers is {layers}; of {n} tokens of dimension {dim} give at most {max(most, 0)}")
    trajectory = hx.simulate(start, hx.Hardmax(alpha=alpha), layers)
    largest = _LARGEST_DRAWN * np.finfo(start.dtype).max
    figures = trajectory.dim == 2 and 0 < trajectory.positions.size <= _MOST_DRAWN
    figures = figures and abs(start).max() <= largest
    folder = new_folder(out)
    trajectory.save(folder / "trajectory.npz")
    if figures:
        from hardmax.plots import animate_tokens, plot_dynamics, save_figures

        save_figures(plot_dynamics({preset or "tokens": trajectory}), folder / "dynamics")
        shown = hx.simulate(start, trajectory.rule, min(layers, _ANIMATED_LAYERS))
        animate_tokens(shown, folder / "dynamics.gif", trails=True, mean=False)
    drawn = "dynamics.pdf, .png, .gif" if figures else "none: not in the plane, too many, or too large"
    print_table(
        {
            "tokens": f"{trajectory.n} of dimension {trajectory.dim}",
            "leaders at layer 0": len(trajectory.leaders(0)),
            f"leaders at layer {layers}": len(trajectory.leaders()),
            "clusters": len(set(trajectory.clusters().tolist())),
            "ended": trajectory.ended,
            "figures": drawn,
            "written to": folder,
        }
    )
