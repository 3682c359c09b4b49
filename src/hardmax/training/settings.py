"""`Settings`: all settings of a training run, and the presets."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from hardmax._support.checks import LARGEST_SEED, keep_plain, one_of, real_number, shown, whole_number
from hardmax.errors import InputError
from hardmax.network.shape import LARGEST_STEP, Shape
from hardmax.text.reading import Reading

_MOST_PAIRS = 100  # of each word: they bound the memory of a text
_LARGEST_BATCH, _FEWEST_STEPS = 256, 50  # in an epoch, for batch_size 'auto'


@dataclass(frozen=True)
class Training:
    """How a network is trained.

    Attributes
    ----------
    alpha_floor : float
        From the first step on, a learned alpha is at least this; from 1 on, tokens arrive at their leaders
        within 8 layers.
    epochs : int
        How many passes over the training texts.
    batch_size : int or 'auto'
        Texts in a step; 'auto' is 256, or less where an epoch would have fewer than 50 steps.
    learning_rate : float
        Learning rate of Adam at the start.
    schedule : str
        'constant', or 'cosine' for a learning rate that falls to 0.
    clip : float
        Largest norm of the gradient.
    word_dropout : float
        Fraction of the tokens left out at random, drawn anew in every epoch.
    validation : float
        Fraction of the training texts kept aside to choose the best epoch; with 0 the last epoch is kept.
    patience : int
        Training stops after so many epochs without a better validation accuracy; with 0 it does not.
    seed : int
        Seed of the start, of the texts kept aside, of the order of the others, and of the dropout.

    Raises
    ------
    InputError
        When a value is outside its range.
    """

    alpha_floor: float = 1.0
    epochs: int = 20
    batch_size: int | str = "auto"
    learning_rate: float = 2e-2
    schedule: str = "cosine"
    clip: float = 5.0
    word_dropout: float = 0.7
    validation: float = 0.0
    patience: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        keep_plain(self)
        real_number(self.alpha_floor, "alpha_floor", most=LARGEST_STEP)
        whole_number(self.epochs, "epochs", 1)
        whole_number(self.patience, "patience")
        whole_number(self.seed, "seed", most=LARGEST_SEED)
        for name in ("learning_rate", "clip"):
            real_number(getattr(self, name), name, positive=True)
        for name in ("word_dropout", "validation"):
            if real_number(getattr(self, name), name) >= 1:
                raise InputError(
                    f"{name} is {getattr(self, name)}; give a fraction, 0 or more and less than 1"
                )
        one_of(self.schedule, "schedule", ("constant", "cosine"))
        if isinstance(self.batch_size, str) and self.batch_size != "auto":
            raise InputError(f"batch_size is {self.batch_size!r}; give 'auto' or a whole number")
        if not isinstance(self.batch_size, str):
            whole_number(self.batch_size, "batch_size", 1)
        if self.patience and not self.validation:
            raise InputError(
                f"patience is {self.patience}, but validation is 0; give a fraction, as validation=0.1"
            )

    def batch_of(self, texts: int) -> int:
        """Return the number of texts in a step, when there are `texts` to train on."""
        if isinstance(self.batch_size, str):
            return max(1, min(_LARGEST_BATCH, texts // _FEWEST_STEPS))
        return self.batch_size


@dataclass(frozen=True)
class Settings:
    """All settings of a training run; the defaults are the preset 'default'.

    Attributes
    ----------
    reading : Reading
        How texts are read; its `pairs` are at most 100.
    shape : Shape
        What the network is.
    training : Training
        How it is trained.

    Notes
    -----
    No two of the three have a field of the same name, so files, estimators and command lines hold the
    settings as one flat list of names.

    Examples
    --------
    >>> PRESETS["paper"].shape.temperature
    0.001
    >>> Settings().replace(dim=4, epochs=3).shape.dim
    4
    """

    reading: Reading = field(default_factory=Reading)
    shape: Shape = field(default_factory=Shape)
    training: Training = field(default_factory=Training)

    def __post_init__(self) -> None:
        whole_number(self.reading.pairs, "pairs", most=_MOST_PAIRS)

    def replace(self, /, **changes: Any) -> "Settings":
        """Return settings in which these, named as in `to_dict`, have other values.

        Raises
        ------
        InputError
            When there is no setting of a name, or a value is outside its range.
        """
        parts = {part.name: getattr(self, part.name) for part in fields(self)}
        known = {each.name: part for part, value in parts.items() for each in fields(value)}
        for name in changes:
            if name not in known:
                raise InputError(f"there is no setting {name!r}; known are {', '.join(sorted(known))}")
        return Settings(
            **{
                part: replace(value, **{name: new for name, new in changes.items() if known[name] == part})
                for part, value in parts.items()
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all settings by name, as plain data for JSON."""
        return asdict(self.shape) | asdict(self.reading) | asdict(self.training)

    @classmethod
    def from_dict(cls, values: dict[str, Any], source: str = "the settings") -> "Settings":
        """Return the settings with these values, and defaults for all others.

        Raises
        ------
        InputError
            When a name is not known or a value is wrong; the message names `source`.
        """
        if not isinstance(values, Mapping) or not all(isinstance(name, str) for name in values):
            raise InputError(f"{source}: {shown(values)} are no settings by name; give them such as dim=2")
        try:
            return cls().replace(**values)
        except InputError as error:
            raise InputError(f"{source}: {error}") from error


#: How we train; how the paper does (arXiv 2407.01602); and how the bundled models were trained, one whose
#: tokens can be seen in the plane, and one that reads whole reviews.
PRESETS: dict[str, Settings] = {
    "default": Settings(),
    "paper": Settings(
        Reading(pairs=0, repeats=True, pipeline="paper", min_count=1, vocabulary_from="all", pad=True),
        Shape(temperature=1e-3, gradient="exact", encoder="free"),
        Training(
            alpha_floor=0.0,
            epochs=101,
            batch_size=64,
            learning_rate=1e-3,
            schedule="constant",
            word_dropout=0.0,
        ),
    ),
    # With alpha = 1 the distance to a leader halves in each layer, so that it can be seen (docs/choices.md:
    # no worse).
    "imdb-d2": Settings(shape=Shape(alpha=1.0)),
    "imdb-d16": Settings(Reading(max_tokens=100_000, pairs=2, min_count=8), Shape(dim=16)),
}
