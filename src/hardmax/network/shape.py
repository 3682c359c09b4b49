"""`Shape`: what a network is made of."""

from dataclasses import dataclass

from hardmax._support.checks import LARGEST_COUNT, one_of, real_number, whole_number
from hardmax.errors import InputError


@dataclass(frozen=True)
class Shape:
    """What a network is made of: its encoder, its layers and their step.

    Attributes
    ----------
    dim, layers : int
        Dimension d of the embedding and number of layers K.
    alpha : float or 'learn'
        The step of the layers: fixed and greater than 0, or learned from a start uniform in (0, 1).
    temperature : float
        0 for hardmax layers, greater for softmax layers of that temperature.
    gradient : str
        How the gradient passes the layers: 'straight-through' gives each token the gradient at the point
        where it ends, 'exact' gives that gradient to the leader that the token followed there.
    encoder : str
        'free' learns all coordinates of a token; 'lines' learns its polarity alone, and the other coordinates
        say how strong it is, see `hardmax.network.line_encoder`. More than two classes are always 'free'.

    Raises
    ------
    InputError
        When a value is outside its range.

    Examples
    --------
    >>> Shape(dim=16).layers
    8
    """

    dim: int = 2
    layers: int = 8
    alpha: float | str = "learn"
    temperature: float = 0.0
    gradient: str = "straight-through"
    encoder: str = "lines"

    def __post_init__(self) -> None:
        whole_number(self.dim, "dim", 1, LARGEST_COUNT)
        whole_number(self.layers, "layers", 0, LARGEST_COUNT)
        real_number(self.temperature, "temperature")
        one_of(self.gradient, "gradient", ("exact", "straight-through"))
        one_of(self.encoder, "encoder", ("free", "lines"))
        if isinstance(self.alpha, str) and self.alpha != "learn":
            raise InputError(f"alpha is {self.alpha!r}; give 'learn' or a number greater than 0")
        if not isinstance(self.alpha, str):
            real_number(self.alpha, "alpha", positive=True)
