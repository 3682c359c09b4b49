"""Tokens in the plane at one layer."""

from typing import Unpack

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hardmax.dynamics import Trajectory
from hardmax.plots.scene import Options, Scene
from hardmax.plots.style import COLUMN


def plot_tokens(
    trajectory: Trajectory, layer: int = -1, *, ax: Axes | None = None, **options: Unpack[Options]
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
        The n tokens' words; those of leaders are shown. They never overlap: a word without a free
        place is left out. Words of more than 20 letters are cut.
    decoder : (v (2,), b), optional
        Draw the dashed line <v, x> + b = 0 and shade its two sides: green where sigma(<v, x> + b) is
        near 1, red where it is near 0. A model of more than two classes has no such line.
    title : str, optional
        What stands before '(K = 3)'. By default, with a decoder, 'Positive review' or 'Negative
        review', by the mean token at the last layer.
    mean : bool, default True
        Draw the (weighted) mean token as a black triangle.
    trails : bool, default False
        Draw the trail of each token up to this layer, in the colours of whom it followed.
    shading : bool, default True
        Shade the two sides of the decoder's line.
    start_white : bool, default False
        Tokens are white at layer 0 and take on their colour layer by layer.
    limits : ((left, right), (bottom, top)), optional
        The part of the plane to show; all tokens of all layers by default.

    Raises
    ------
    InputError
        When the tokens are not of dimension 2, not finite or none; when there is no such layer;
        when there is not one word for each token; when `v` is not two finite numbers.

    Examples
    --------
    >>> from hardmax.dynamics import preset, simulate
    >>> plot_tokens(simulate(preset("triangle"), layers=3), decoder=([1.0, 1.0], 0.0)).get_title()
    'Positive review (K = 3)'
    """
    layer = trajectory.layer_number(layer)
    scene = Scene(square_axes() if ax is None else ax, trajectory, layer, **options)
    scene.show(layer)
    return scene.ax


def square_axes() -> Axes:
    """Return square axes on a new figure; fixed margins, so that all frames of an animation are alike."""
    return Figure(figsize=(COLUMN, COLUMN)).add_axes((0.135, 0.105, 0.825, 0.825))
