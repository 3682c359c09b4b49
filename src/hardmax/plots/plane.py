"""Tokens in the plane at one layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from hardmax.plots.scene import Limits, Scene
from hardmax.plots.style import COLUMN

if TYPE_CHECKING:
    from hardmax.dynamics import Trajectory


def plot_tokens(
    trajectory: Trajectory,
    layer: int = -1,
    *,
    ax: Axes | None = None,
    words: Sequence[str] | None = None,
    decoder: tuple[ArrayLike, float] | None = None,
    title: str | None = None,
    mean: bool = True,
    trails: bool = False,
    shading: bool = True,
    start_white: bool = False,
    limits: Limits | None = None,
) -> Axes:
    """Draw the tokens of one layer in the plane (arXiv 2407.01602).

    Tokens have the colour of the token that they follow, leaders are stars, and a followed token
    that is no leader has a ring in its own colour. A colour belongs to one followed token at all
    layers, so several layers of one trajectory can stand side by side.

    Parameters
    ----------
    trajectory : Trajectory
        With tokens of dimension 2.
    layer : int
        0 to K; negative layers count from the end.
    ax : matplotlib.axes.Axes, optional
        Where to draw; on a new figure by default.
    words : sequence of str, optional
        The n tokens' words; leaders are tagged with theirs. Tags never overlap: one that finds no
        free place is left out. Words of more than 20 letters are cut.
    decoder : (v (2,), b), optional
        Draws the half-planes on the two sides of the dashed line <v, x> + b = 0, green where
        sigma(<v, x> + b) is near 1 and red where it is near 0.
    title : str, optional
        What stands before '(K = 3)'. By default 'Positive review' or 'Negative review', as the
        decoder has it for the mean token at the last layer; nothing when there is no decoder.
    mean : bool
        Draw the (weighted) mean token as a black triangle.
    trails : bool
        Draw the way of each token so far, coloured by whom it followed.
    shading : bool
        Shade the half-planes; the line alone is drawn otherwise.
    start_white : bool
        Tokens are white at layer 0 and take on their colour layer by layer.
    limits : ((left, right), (bottom, top)), optional
        The part of the plane to show; all tokens of all layers by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        When the tokens are not of dimension 2, not finite or none; when there is no such layer;
        when there is not one word for each token; when `v` is not two finite numbers.

    Examples
    --------
    >>> from hardmax.dynamics import preset, simulate
    >>> ax = plot_tokens(simulate(preset("triangle"), layers=3), decoder=([1.0, 1.0], 0.0))
    >>> ax.get_title()
    'Positive review (K = 3)'
    """
    layer = trajectory.layer_number(layer)
    scene = Scene(
        square_axes() if ax is None else ax,
        trajectory,
        layer,
        words=words,
        decoder=decoder,
        title=title,
        mean=mean,
        trails=trails,
        shading=shading,
        start_white=start_white,
        limits=limits,
    )
    scene.show(layer)
    return scene.ax


def square_axes(width: float = COLUMN) -> Axes:
    """Make a figure with square axes, `width` inches wide; fixed margins, so that every frame is alike."""
    return Figure(figsize=(width, width)).add_axes((0.135, 0.105, 0.825, 0.825))
