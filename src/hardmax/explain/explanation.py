"""`Explanation`: how a model reads one text, layer by layer."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hardmax.dynamics import Trajectory
from hardmax.errors import InputError
from hardmax.network.network import HardmaxNetwork
from hardmax.network.predict import forward, likeliest, probabilities_of
from hardmax.text.bags import Bags
from hardmax.text.reading import Reading
from hardmax.text.tokens import single_words
from hardmax.text.vocabulary import PAD, Vocabulary

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Camp:
    """The tokens that follow one leader at the last layer.

    Attributes
    ----------
    leader : int
        The number of the leading token; -1 for the tokens that follow no leader.
    members : (m,) int array
        The numbers of the tokens, the leader among them.
    fraction : float
        The fraction of all tokens of the text that they are, as often as they count.
    adds : (outputs,) array
        What they add to the logits of the text.
    """

    leader: int
    members: npt.NDArray[np.int64]
    fraction: float
    adds: Floats

    @property
    def size(self) -> float:
        """How much they move the decision: what they add, above the mean of the classes if there are many."""
        return float(abs(self.adds[0]) if len(self.adds) == 1 else self.adds.max() - self.adds.mean())


@dataclass(frozen=True, eq=False)
class Explanation:
    """A text on its way through a network.

    Attributes
    ----------
    tokens : list of str
        The words of the text that the model knows, then the pairs, each in order of appearance.
    trajectory : Trajectory
        Their motion; each token counts once, or with `repeats` as often as it occurs.
    leaders : list of str
        The words and pairs that lead at the last layer.
    unknown : list of str
        The words of the text that the model does not know and ignores.
    classes : tuple
        The C labels; the second of two is the one called positive.
    logits_by_layer : (K + 1, outputs) array
        The logits of the mean token of each layer, one for two classes, else C.
    weight, bias : (outputs, d) and (outputs,) arrays
        The decoder: the logits of a point x are weight x + bias.
    """

    tokens: list[str]
    trajectory: Trajectory
    leaders: list[str]
    unknown: list[str]
    classes: tuple[Any, ...]
    logits_by_layer: Floats
    weight: Floats
    bias: Floats

    @property
    def probabilities_by_layer(self) -> Floats:
        """The probabilities of the classes if the mean token of each layer were decoded, (K + 1, C)."""
        return probabilities_of(self.logits_by_layer)

    @property
    def probabilities(self) -> Floats:
        """The probability of each class, (C,)."""
        return self.probabilities_by_layer[-1, :]

    @property
    def label(self) -> Any:
        """The likeliest class."""
        return self.classes[likeliest(self.logits_by_layer[-1:])[0]]

    @property
    def probability(self) -> float:
        """The probability that the text is positive; for two classes alone."""
        return float(self.probability_by_layer[-1])

    @property
    def probability_by_layer(self) -> Floats:
        """`probability` if the mean token of each layer were decoded, (K + 1,)."""
        self._check_two()
        return self.probabilities_by_layer[:, 1]

    @property
    def v(self) -> Floats:
        """The direction (d,) of the decoder of two classes: the logit of a point x is <v, x> + b."""
        self._check_two()
        return self.weight[0, :]

    @property
    def b(self) -> float:
        """The offset of the decoder of two classes, see `v`."""
        self._check_two()
        return float(self.bias[0])

    def _check_two(self) -> None:
        if len(self.classes) > 2:
            raise InputError(
                f"the model has {len(self.classes)} classes, and this is only defined for two; "
                "use label and probabilities"
            )

    def camps(self) -> list[Camp]:
        """Return the tokens by the leader that they follow, and what they add to the logits.

        These are the leaders of the last layer. A token adds its fraction times the logits at the point where
        it ends, so all camps together add up to the logits of the text. The camp that adds most stands first;
        the tokens that follow no leader, if there are any, are the last one.
        """
        trajectory = self.trajectory
        follows, leaders = trajectory.follows(-1), trajectory.leaders()
        fractions = trajectory.weights / trajectory.weights.sum()
        adds = fractions[:, None] * (trajectory.positions[-1] @ self.weight.T + self.bias)
        groups = [(int(leader), follows == leader) for leader in leaders]
        groups += [(-1, ~np.isin(follows, leaders))]
        camps = [
            Camp(leader, np.flatnonzero(of), float(fractions[of].sum()), adds[of].sum(axis=0))
            for leader, of in groups
            if of.any()
        ]
        return sorted(camps, key=lambda camp: (camp.leader < 0, -camp.size))

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain data for JSON, with all probabilities of more than two classes."""
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


def explain_document(
    words: list[str],
    network: HardmaxNetwork,
    vocabulary: Vocabulary,
    reading: Reading,
    classes: tuple[Any, ...] = (0, 1),
) -> Explanation:
    """Follow the words of one text through `network`.

    Raises
    ------
    InputError
        When the network knows none of the words.
    """
    bags = Bags.build([words], vocabulary, reading)
    single = single_words(words, reading)
    if not (bags.ids != PAD).any():
        reason = "the model knows none of its words" if single else "the text has no word to read alone"
        raise InputError(f"there is nothing to read: {reason}; give a longer text")
    layers, logits = forward(network, bags)
    (trajectory,) = layers.trajectories()
    weight, bias = network.decoder.parameters64()
    tokens = vocabulary.decode(bags.ids)
    return Explanation(
        tokens=tokens,
        trajectory=trajectory,
        leaders=[tokens[i] for i in trajectory.leaders()],
        unknown=[word for word in single if word not in vocabulary],
        classes=classes,
        logits_by_layer=logits[:, 0],
        weight=weight,
        bias=bias,
    )
