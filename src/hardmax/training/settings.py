"""All that a training can be told, as one frozen value, and the presets."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from hardmax._support.checks import real_number, whole_number
from hardmax.errors import InputError
from hardmax.text.pipelines import PIPELINES

_LARGEST_SEED = 2**63 - 1  # torch takes no larger one
_LARGEST_NUMBER = 2**31 - 1
_SHARES = ("cooling", "word_dropout", "averaging", "validation")
_LARGEST_BATCH, _FEWEST_STEPS = 256, 50  # of an epoch, for batch_size 'auto'


@dataclass(frozen=True)
class Settings:
    """The settings of a training; the defaults are the preset 'default'.

    Attributes
    ----------
    dim, layers : int
        Dimension d of the embedding and number of layers K.
    alpha : float or 'learn'
        The step of the layers; learned from a start uniform in (0, 1), or fixed, greater than 0.
    alpha_floor : float
        From its first step of training on, a learned alpha is at least this; from 1 on, tokens arrive
        at their leaders within 8 layers.
    temperature : float
        0 trains through hardmax layers, greater through softmax layers of that temperature.
    cooling : float
        Share of the training over which `temperature` falls to 0; with 0 it stays as it is.
    gradient : str
        How the gradient passes the layers: 'straight-through' gives each word the gradient of the point
        at which it ends, 'exact' gives it to the leader that took the word there.
    encoder : str
        'free' learns all coordinates of a word; 'lines' learns its polarity alone, and the others say how
        strong it is, see `hardmax.network.line_encoder`. More than two classes are always 'free'.
    max_tokens : int
        How many words of a text are read, from its beginning; function words are not counted.
    pairs : int
        Two words at most this far apart are a token too, function words left out; with 0 words alone are
        read.
    function_words : bool
        Whether a function word and its neighbour are a pair too, such as 'must see', where there are pairs
        and the pipeline keeps function words.
    repeats : bool
        Whether what is said twice counts twice.
    pipeline : str
        How a text becomes words: a name in `hardmax.text.pipelines.PIPELINES`.
    min_count : int
        Words and pairs in fewer texts than this are left out of the vocabulary; where what is said twice
        counts twice, those said less often.
    vocabulary_from : str
        'train' counts what is read of the training texts; 'all' whole texts, those to measure on
        among them, as the paper does.
    pad : bool
        Whether shorter texts are filled up with a word PAD that is followed and counted like any
        other, as in the paper; without it padding does not exist.
    epochs : int
        Passes over the training texts.
    batch_size : int or 'auto'
        Texts in a step; 'auto' is 256, or less where an epoch would have fewer than 50 steps.
    learning_rate : float
        Of Adam, at the start.
    schedule : str
        'constant', or 'cosine' for a learning rate that falls to 0.
    clip : float
        Largest norm of the gradient.
    word_dropout : float
        Share of the words and pairs left out at random, anew in every epoch.
    weight_decay : float
        This times the mean squared norm of a batch's words is added to the loss.
    averaging : float
        Share of the epochs, the last ones, whose weights are averaged; with 0 one epoch is kept.
    validation : float
        Share of the training texts kept aside to choose the best epoch (but where weights are averaged);
        with 0 the last is kept.
    patience : int
        Training stops after so many epochs without a better one, by `validation`; with 0 it does not.
    seed : int
        Of the start, the texts kept aside, the order of the others, and the words left out.

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
    alpha_floor: float = 1.0
    temperature: float = 0.0
    cooling: float = 0.0
    gradient: str = "straight-through"
    encoder: str = "lines"
    max_tokens: int = 128
    pairs: int = 1
    function_words: bool = True
    repeats: bool = False
    pipeline: str = "default"
    min_count: int = 5
    vocabulary_from: str = "train"
    pad: bool = False
    epochs: int = 20
    batch_size: int | str = "auto"
    learning_rate: float = 2e-2
    schedule: str = "cosine"
    clip: float = 5.0
    word_dropout: float = 0.7
    weight_decay: float = 0.0
    averaging: float = 0.0
    validation: float = 0.0
    patience: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("dim", "max_tokens", "min_count", "epochs"):
            whole_number(getattr(self, name), name, least=1)
        for name in ("layers", "pairs", "patience", "seed"):
            whole_number(getattr(self, name), name)
        for name in ("alpha_floor", "temperature", "weight_decay", *_SHARES):
            real_number(getattr(self, name), name)
        for name in ("learning_rate", "clip"):
            real_number(getattr(self, name), name, positive=True)
        if self.alpha != "learn":
            if isinstance(self.alpha, str):
                raise InputError(f"alpha is {self.alpha!r}; give 'learn' or a number greater than 0")
            real_number(self.alpha, "alpha", positive=True)
        if self.batch_size != "auto":
            if isinstance(self.batch_size, str):
                raise InputError(f"batch_size is {self.batch_size!r}; give 'auto' or a whole number")
            whole_number(self.batch_size, "batch_size", least=1)
        for name in _SHARES:
            if getattr(self, name) >= 1:
                raise InputError(f"{name} is {getattr(self, name)}; give a share, 0 or more and less than 1")
        for name in ("function_words", "repeats", "pad"):
            if not isinstance(getattr(self, name), bool):
                raise InputError(f"{name} is {getattr(self, name)!r}; give true or false")
        if self.patience and not self.validation:
            raise InputError(f"patience is {self.patience}, but validation is 0; give a share, such as 0.1")
        if self.patience and self.averaging:
            raise InputError(f"patience is {self.patience} and averaging {self.averaging}; give one of them")
        if self.cooling and not self.temperature:
            raise InputError(f"cooling is {self.cooling}, but temperature is 0; give one to cool from")
        for name in ("dim", "layers", "max_tokens", "pairs", "min_count", "epochs", "batch_size"):
            value = getattr(self, name)
            if not isinstance(value, str) and value > _LARGEST_NUMBER:
                raise InputError(f"{name} is {value}; give one of at most {_LARGEST_NUMBER}")
        if self.seed > _LARGEST_SEED:
            raise InputError(f"seed is {self.seed}; give one of at most {_LARGEST_SEED}")
        for name, choices in (
            ("pipeline", tuple(PIPELINES)),
            ("gradient", ("exact", "straight-through")),
            ("encoder", ("free", "lines")),
            ("schedule", ("constant", "cosine")),
            ("vocabulary_from", ("train", "all")),
        ):
            if getattr(self, name) not in choices:
                raise InputError(f"{name} is {getattr(self, name)!r}; give one of {', '.join(choices)}")

    def batch_of(self, texts: int) -> int:
        """Give the number of texts in a step of a training on so many."""
        if isinstance(self.batch_size, str):
            return max(1, min(_LARGEST_BATCH, texts // _FEWEST_STEPS))
        return self.batch_size

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


#: How we train, how the paper does (arXiv 2407.01602), and how the models that come with the package were
#: trained: one whose words can be seen in the plane, and one that reads whole reviews.
PRESETS: dict[str, Settings] = {
    "default": Settings(),
    "paper": Settings(
        alpha_floor=0.0,
        temperature=1e-3,
        gradient="exact",
        encoder="free",
        pairs=0,
        repeats=True,
        pipeline="paper",
        min_count=1,
        vocabulary_from="all",
        pad=True,
        epochs=101,
        batch_size=64,
        learning_rate=1e-3,
        schedule="constant",
        word_dropout=0.0,
    ),
    # The way that is left halves in each layer, so that it can be seen (docs/choices.md: no worse).
    "imdb-d2": Settings(alpha=1.0),
    "imdb-d16": Settings(dim=16, max_tokens=100_000, pairs=2, min_count=8),
}
