"""All that a training can be told, as one frozen value, and the presets."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from hardmax.checks import real_number, whole_number
from hardmax.errors import InputError
from hardmax.sentiment.text import PIPELINES

_LARGEST_SEED = 2**63 - 1  # torch takes no larger one


@dataclass(frozen=True)
class Settings:
    """The settings of a training; the defaults are the preset 'default'.

    Attributes
    ----------
    dim, layers : int
        Dimension d of the embedding and number of layers K.
    alpha : float or 'learn'
        The step of the layers; learned from a start uniform in (0, 1), or fixed, greater than 0.
    temperature : float
        0 trains through hardmax layers, greater through softmax layers of that temperature.
    max_tokens : int
        How many words of a text are read, from its beginning.
    pipeline : str
        How a text becomes words: a name in `hardmax.sentiment.text.PIPELINES`.
    min_count : int
        Words seen less often than this are left out of the vocabulary.
    vocabulary_from : str
        'train', or 'all' to build it from the test reviews too, as the paper does.
    pad : bool
        Whether shorter texts are filled up with a word PAD that is followed and counted like any
        other, as in the paper; without it padding does not exist.
    epochs, batch_size : int
        Passes over the training reviews, and reviews in a step.
    learning_rate : float
        Of Adam, at the start.
    schedule : str
        'constant', or 'cosine' for a learning rate that falls to 0.
    clip : float
        Largest norm of the gradient.
    word_dropout : float
        Share of the words left out at random, anew in every epoch.
    validation : float
        Share of the training reviews kept aside to choose the best epoch; with 0 the last is kept.
    seed : int
        Of the start, the order of the reviews, and the words left out.

    Raises
    ------
    InputError
        When a value is outside its range.

    Examples
    --------
    >>> PRESETS["paper"].temperature
    0.001
    """

    dim: int = 2
    layers: int = 8
    alpha: float | str = "learn"
    temperature: float = 0.0
    max_tokens: int = 128
    pipeline: str = "default"
    min_count: int = 5
    vocabulary_from: str = "train"
    pad: bool = False
    epochs: int = 25
    batch_size: int = 64
    learning_rate: float = 1e-2
    schedule: str = "cosine"
    clip: float = 5.0
    word_dropout: float = 0.5
    validation: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("dim", "max_tokens", "min_count", "epochs", "batch_size"):
            whole_number(getattr(self, name), name, least=1)
        for name in ("layers", "seed"):
            whole_number(getattr(self, name), name)
        for name in ("temperature", "word_dropout", "validation"):
            real_number(getattr(self, name), name)
        for name in ("learning_rate", "clip"):
            real_number(getattr(self, name), name, positive=True)
        if self.alpha != "learn":
            if isinstance(self.alpha, str):
                raise InputError(f"alpha is {self.alpha!r}; give 'learn' or a number greater than 0")
            real_number(self.alpha, "alpha", positive=True)
        for name in ("word_dropout", "validation"):
            if getattr(self, name) >= 1:
                raise InputError(f"{name} is {getattr(self, name)}; give a share, 0 or more and less than 1")
        if self.seed > _LARGEST_SEED:
            raise InputError(f"seed is {self.seed}; give one of at most {_LARGEST_SEED}")
        for name, choices in (
            ("pipeline", tuple(PIPELINES)),
            ("schedule", ("constant", "cosine")),
            ("vocabulary_from", ("train", "all")),
        ):
            if getattr(self, name) not in choices:
                raise InputError(f"{name} is {getattr(self, name)!r}; give one of {', '.join(choices)}")

    def to_dict(self) -> dict[str, Any]:
        """Give the settings as plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any], source: str = "the settings") -> Settings:
        """Make settings of plain data.

        Raises
        ------
        InputError
            When a name is not known or a value is wrong; the message names `source`.
        """
        known = {field.name for field in fields(cls)}
        for name in values:
            if name not in known:
                raise InputError(
                    f"{source}: there is no setting {name!r}; known are {', '.join(sorted(known))}"
                )
        try:
            return cls(**values)
        except InputError as error:
            raise InputError(f"{source}: {error}") from error


#: How the paper trains (arXiv 2407.01602), and how we do.
PRESETS: dict[str, Settings] = {
    "default": Settings(),
    "paper": Settings(
        temperature=1e-3,
        pipeline="paper",
        min_count=1,
        vocabulary_from="all",
        pad=True,
        epochs=101,
        learning_rate=1e-3,
        schedule="constant",
        word_dropout=0.0,
        validation=0.0,
    ),
}
