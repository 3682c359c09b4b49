"""The tokens of texts on their way through a network."""

from __future__ import annotations

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


#: Reviews whose trajectories are in memory at once.
_BATCH = 512


@dataclass(frozen=True, eq=False)
class Reading:
    """A review on its way through a model: its words, its label, and where the tokens went."""

    ids: npt.NDArray[np.int64]
    label: int
    trajectory: Trajectory
    v: Floats
    b: float

    @property
    def confidence(self) -> float:
        """The probability that the model gives to the review's own label."""
        logit = float(self.trajectory.means[-1] @ self.v + self.b)
        return float(expit(logit if self.label else -logit))


def readings(text_model: TextModel, corpus: Corpus) -> Iterator[Reading]:
    """Follow review after review through the hardmax layers of a model; few are in memory at once."""
    model = text_model.model
    v, b = model.direction()
    for batch in corpus.batches(_BATCH):
        words = np.split(batch.ids, batch.offsets[1:-1])
        for ids, label, trajectory in zip(words, batch.labels, trajectories(batch, model), strict=True):
            yield Reading(ids, int(label), trajectory, v, b)
