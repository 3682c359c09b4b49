"""`Explanation`: how a model reads one text, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from hardmax.dynamics import Hardmax, Softmax, Trajectory, simulate
from hardmax.errors import InputError
from hardmax.sentiment.corpus import Corpus
from hardmax.sentiment.model import SentimentModel
from hardmax.sentiment.settings import Settings
from hardmax.sentiment.vocabulary import PAD, Vocabulary

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Explanation:
    """A text on its way through the model.

    Attributes
    ----------
    tokens : list of str
        The words of the text that the model knows, in the order in which they are first said.
    trajectory : Trajectory
        Their motion; each word counts as often as it is said.
    leaders : list of str
        The words that lead at the last layer.
    unknown : list of str
        The words of the text that the model does not know, which it passes over.
    probability : float
        That the text is positive.
    probability_by_layer : (K + 1,) array
        What the decoder would say of the mean token at each layer.
    v, b : (d,) array, float
        The decoder: the logit of a point x is <v, x> + b.
    """

    tokens: list[str]
    trajectory: Trajectory
    leaders: list[str]
    unknown: list[str]
    probability: float
    probability_by_layer: Floats
    v: Floats
    b: float

    @property
    def positive(self) -> bool:
        """Whether the model takes the text as positive."""
        return self.probability > 0.5

    def to_dict(self) -> dict[str, Any]:
        """Give what was found as plain data for JSON."""
        return {
            "probability": self.probability,
            "label": int(self.positive),
            "leaders": self.leaders,
            "unknown": self.unknown,
            "probability_by_layer": self.probability_by_layer.tolist(),
            "tokens": self.tokens,
            "counts": self.trajectory.weights.astype(int).tolist(),
            "follows": [self.tokens[i] for i in self.trajectory.follows(-1)],
        }


def explain_document(
    words: list[str], model: SentimentModel, vocabulary: Vocabulary, settings: Settings
) -> Explanation:
    """Follow the words of one text through `model`; see `TextModel.explain`."""
    corpus = Corpus.build([words], [0], vocabulary, settings)
    if not (corpus.ids != PAD).any():
        raise InputError(f"the model knows none of the {len(words)} words of the text; give a longer text")
    trajectory = trajectories(corpus, model, model.attention.temperature)[0]
    v, b = model.direction()
    tokens = vocabulary.decode(corpus.ids)
    by_layer = expit(trajectory.means @ v + b)
    return Explanation(
        tokens=tokens,
        trajectory=trajectory,
        leaders=[tokens[i] for i in trajectory.leaders()],
        unknown=[word for word in dict.fromkeys(words[: settings.max_tokens]) if word not in vocabulary],
        probability=float(by_layer[-1]),
        probability_by_layer=by_layer,
        v=v,
        b=b,
    )


def trajectories(corpus: Corpus, model: SentimentModel, temperature: float = 0.0) -> list[Trajectory]:
    """Give the motion of the distinct words of each text in float64; temperature 0 is the hardmax."""
    alpha = float(model.attention.alpha.detach())
    # A model whose alpha fell to 0 moves nothing; the smallest positive step moves by less than rounding.
    alpha = max(alpha, float(np.finfo(np.float64).tiny))
    rule = Softmax(alpha, temperature=temperature) if temperature > 0 else Hardmax(alpha)
    rows = model.encoder.weight.detach().double().numpy()[corpus.ids]
    texts = [slice(lo, hi) for lo, hi in pairwise(corpus.offsets)]
    counts = corpus.counts.astype(np.float64)
    tokens, weights = ([array[text] for text in texts] for array in (rows, counts))
    found: list[Trajectory] = simulate(tokens, rule, model.attention.layers, weights)
    return found
