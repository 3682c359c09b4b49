"""`Explanation`: how a model reads one text, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, softmax

from hardmax.dynamics import Hardmax, Softmax, Trajectory, simulate
from hardmax.errors import InputError
from hardmax.text.bags import Corpus
from hardmax.network.network import SentimentModel
from hardmax.text.tokens import tokens_of
from hardmax.training.settings import Settings
from hardmax.text.vocabulary import PAD, Vocabulary

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Explanation:
    """A text on its way through the model.

    Attributes
    ----------
    tokens : list of str
        The words of the text that the model knows, then the pairs, each in the order first said.
    trajectory : Trajectory
        Their motion; each token counts once, or as often as it is said where the settings say so.
    leaders : list of str
        The words and pairs that lead at the last layer.
    unknown : list of str
        The words of the text that the model does not know, which it passes over.
    classes : tuple
        The C labels; the second of two is the one called positive.
    probabilities_by_layer : (K + 1, C) array
        What the decoder would say of the mean token at each layer.
    weight, bias : (outputs, d) and (outputs,) arrays
        The decoder: the logits of a point x are weight x + bias, one for two classes, else C.
    """

    tokens: list[str]
    trajectory: Trajectory
    leaders: list[str]
    unknown: list[str]
    classes: tuple[Any, ...]
    probabilities_by_layer: Floats
    weight: Floats
    bias: Floats

    @property
    def probabilities(self) -> Floats:
        """The probability of each class, (C,)."""
        last: Floats = self.probabilities_by_layer[-1]
        return last

    @property
    def label(self) -> Any:
        """The likeliest class."""
        return self.classes[int(self.probabilities.argmax())]

    @property
    def probability(self) -> float:
        """That the text is positive; of two classes only."""
        return float(self.probability_by_layer[-1])

    @property
    def probability_by_layer(self) -> Floats:
        """That the text is positive, by the mean token at each layer, (K + 1,); of two classes only."""
        self._check_two()
        return self.probabilities_by_layer[:, 1]

    @property
    def positive(self) -> bool:
        """Whether the model takes the text as positive; of two classes only."""
        return self.probability > 0.5

    @property
    def v(self) -> Floats:
        """The direction (d,) of the decoder of two classes: the logit of a point x is <v, x> + b."""
        self._check_two()
        direction: Floats = self.weight[0]
        return direction

    @property
    def b(self) -> float:
        """The offset of the decoder of two classes, see `v`."""
        self._check_two()
        return float(self.bias[0])

    def _check_two(self) -> None:
        if len(self.classes) > 2:
            raise InputError(
                f"the model has {len(self.classes)} classes, and this is of two alone; "
                "ask an explanation for its label and probabilities"
            )

    def to_dict(self) -> dict[str, Any]:
        """Give what was found as plain data for JSON; of more than two classes, all probabilities."""
        two = len(self.classes) == 2
        name = "probability" if two else "probabilities"
        by_layer = self.probability_by_layer if two else self.probabilities_by_layer
        return ({} if self.classes == (0, 1) else {"classes": list(self.classes)}) | {
            name: by_layer[-1].tolist(),
            "label": self.label,
            "leaders": self.leaders,
            "unknown": self.unknown,
            f"{name}_by_layer": by_layer.tolist(),
            "tokens": self.tokens,
            "counts": self.trajectory.weights.astype(int).tolist(),
            "follows": [self.tokens[i] for i in self.trajectory.follows(-1)],
        }


def probabilities_of(logits: Floats) -> Floats:
    """Give the probability of each class, (n, C), from logits (n, 1) of two classes or (n, C) of more."""
    if logits.shape[1] == 1:
        return np.hstack([expit(-logits), expit(logits)])
    return np.asarray(softmax(logits, axis=1))


def explain_document(
    words: list[str],
    model: SentimentModel,
    vocabulary: Vocabulary,
    settings: Settings,
    classes: tuple[Any, ...] = (0, 1),
) -> Explanation:
    """Follow the words of one text through `model`; see `TextModel.explain`."""
    corpus = Corpus.build([words], [0], vocabulary, settings)
    alone = tokens_of(words, replace(settings, pairs=0, repeats=False))
    if not (corpus.ids != PAD).any():
        reason = "the model knows none of its words" if alone else "the text has no word to read alone"
        raise InputError(f"there is nothing to read: {reason}; give a longer text")
    trajectory = trajectories(corpus, model, model.attention.temperature)[0]
    weight, bias = (parameter.detach().double().numpy() for parameter in model.decoder.parameters())
    logits = trajectory.means @ weight.T + bias
    tokens = vocabulary.decode(corpus.ids)
    return Explanation(
        tokens=tokens,
        trajectory=trajectory,
        leaders=[tokens[i] for i in trajectory.leaders()],
        unknown=[word for word in alone if word not in vocabulary],
        classes=classes,
        probabilities_by_layer=probabilities_of(logits),
        weight=weight,
        bias=bias,
    )


