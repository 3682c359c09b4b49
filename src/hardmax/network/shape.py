"""`Shape`: what a network is made of."""

from dataclasses import dataclass

from hardmax._support.checks import keep, one_of, real_number, whole_number
from hardmax.errors import InputError

#: The bounds of a network, to train it and to load it: a file of somebody else's cannot ask for more. Its
#: layers; the coordinates of a token over all layers, dim * (layers + 1), which bound the memory and the time
#: of a text; the numbers of its embedding, tokens * dim; its classes; and the largest step and temperature,
#: which float32 must hold.
MOST_LAYERS, LARGEST_PATH, LARGEST_TABLE, MOST_CLASSES = 1000, 2**14, 2**28, 10_000
LARGEST_STEP = 1e30


@dataclass(frozen=True)
class Shape:
    """What a network is made of: its encoder, its layers and their step.

    Attributes
    ----------
    dim, layers : int
        Dimension d of the embedding and number of layers K, at most 1,000; d (K + 1) is at most 16,384.
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
        alpha = self.alpha
        if isinstance(alpha, str) and alpha != "learn":
            raise InputError(f"alpha is {alpha!r}; give 'learn' or a number greater than 0")
        keep(
            self,
            dim=whole_number(self.dim, "dim", 1),
            layers=whole_number(self.layers, "layers", 0, MOST_LAYERS),
            alpha="learn" if isinstance(alpha, str) else real_number(alpha, "alpha", True, LARGEST_STEP),
            temperature=real_number(self.temperature, "temperature", most=LARGEST_STEP),
            gradient=one_of(self.gradient, "gradient", ("exact", "straight-through")),
            encoder=one_of(self.encoder, "encoder", ("free", "lines")),
        )
        if self.dim * (self.layers + 1) > LARGEST_PATH:
            raise InputError(
                f"dim is {self.dim} and layers {self.layers}; give smaller ones: dim * (layers + 1) is at "
                f"most {LARGEST_PATH}"
            )
