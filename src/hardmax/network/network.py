"""`HardmaxNetwork`: encoder, attention layers that share one step, mean, linear decoder."""

from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from hardmax.dynamics import Hardmax, Rule, Softmax
from hardmax.errors import InputError
from hardmax.network.attention import HardmaxAttention
from hardmax.network.decoder import Decoder
from hardmax.network.line_encoder import line_type, packed, start_on_lines, unpacked
from hardmax.network.shape import LARGEST_TABLE, MOST_CLASSES, Shape
from hardmax.text.bags import Bags

Floats = npt.NDArray[np.float64]
_TABLE, _POLARITY, _LINE = "encoder.weight", "encoder.polarity", "encoder.line"


class HardmaxNetwork(nn.Module):
    """The classifier of arXiv 2407.01602.

    An embedding makes a point of each token, the points move through K layers that share one alpha, and the
    decoder x -> <v, x> + b reads their mean.

    Parameters
    ----------
    tokens : int
        Rows of the embedding.
    shape : Shape
        What the network is made of.
    outputs : int
        1 for two classes, else the number of classes.
    seed : int
        Seed of the start.
    fused : bool
        As for `HardmaxAttention`.

    Raises
    ------
    InputError
        When the embedding would have more than 2^28 numbers, or there are more than 10,000 outputs.
    """

    def __init__(
        self, tokens: int, shape: Shape, outputs: int = 1, seed: int = 0, fused: bool = True
    ) -> None:
        super().__init__()
        if tokens * shape.dim > LARGEST_TABLE:
            raise InputError(
                f"{tokens:,} tokens of dim {shape.dim} are {tokens * shape.dim:,} numbers, and at most "
                f"{LARGEST_TABLE:,} are held; give a smaller dim or a larger min_count"
            )
        if outputs > MOST_CLASSES:
            raise InputError(f"there are {outputs:,} classes; give at most {MOST_CLASSES:,}")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.encoder = nn.Embedding(tokens, shape.dim)
            self.attention = HardmaxAttention(
                shape.layers,
                shape.alpha,
                shape.temperature,
                straight_through=shape.gradient == "straight-through",
                fused=fused,
            )
            self.decoder = Decoder(shape.dim, outputs)
            self.on_lines = _is_on_lines(shape, outputs)
            if self.on_lines:
                nn.init.zeros_(self.decoder.bias)
                start_on_lines(self.encoder.weight, self.decoder.weight)

    def forward(self, bags: Bags) -> Tensor:
        """Return the logits of all texts of `bags`, (S, outputs), in the precision of training.

        `hardmax.network.predict.logits` predicts.
        """
        ids = torch.from_numpy(bags.ids).to(self.encoder.weight.device)
        return self.decode(self.encoder(ids), bags)

    def decode(self, points: Tensor, bags: Bags, temperature: float | None = None) -> Tensor:
        """Return the logits of all texts of `bags` from the embeddings (N, d) of its tokens."""
        attention = self.attention if temperature is None else self.attention.at_temperature(temperature)
        counts, offsets = (torch.from_numpy(a).to(points.device) for a in (bags.counts, bags.offsets))
        return cast(Tensor, self.decoder(attention.packed_mean(points, counts, offsets)))

    def points(self, bags: Bags) -> Floats:
        """Return the embeddings of all tokens of `bags` in float64, (N, d)."""
        found = self.encoder.weight.detach()[torch.from_numpy(bags.ids)].double().cpu().numpy()
        return found + 0.0  # -0.0 and 0.0 are one point

    def rule(self, temperature: float | None = None) -> Rule:
        """Return the rule that moves the tokens; temperature 0 is the hardmax, None the network's own."""
        attention = self.attention
        # A network whose alpha fell to 0 moves nothing; the smallest positive step moves by less than
        # rounding.
        alpha = max(float(attention.alpha.detach()), float(np.finfo(np.float64).tiny))
        temperature = attention.temperature if temperature is None else temperature
        if temperature > 0:
            return Softmax(alpha, tie_tol=attention.tie_tol, temperature=temperature)
        return Hardmax(alpha, tie_tol=attention.tie_tol)

    def direction(self) -> tuple[Floats, float]:
        """Return v (d,) and b of a decoder with one output: the logit of a point x is <v, x> + b."""
        if len(self.decoder.bias) > 1:
            raise InputError(
                f"the model has {len(self.decoder.bias)} classes; only a model of two has v and b"
            )
        weight, bias = self.decoder.parameters64()
        return weight[0], float(bias[0])

    def stored(self) -> dict[str, Tensor]:
        """Return the tensors to keep in a file; of tokens on lines, polarities and lines alone."""
        tensors = {name: value.clone() for name, value in self.state_dict().items()}
        if self.on_lines:
            polarity, line = packed(tensors.pop(_TABLE))
            tensors |= {_POLARITY: polarity, _LINE: line}
        return tensors

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Set the weights to what `stored` returned; a RuntimeError where it is of another network."""
        tensors = dict(tensors)
        if self.on_lines:
            polarity, line = tensors.pop(_POLARITY), tensors.pop(_LINE)
            tensors[_TABLE] = unpacked(polarity, line, self.encoder.embedding_dim)
        self.load_state_dict(tensors)
        if self.attention.alpha < 0:
            raise InputError(f"alpha is {self.attention.alpha.item()}; no step is less than 0")


def stored_like(tokens: int, shape: Shape, outputs: int) -> dict[str, Tensor]:
    """Return tensors of the names, shapes and types of `HardmaxNetwork.stored`, which take no memory."""

    def like(*size: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.zeros((), dtype=dtype).expand(size)

    found = {
        "attention.alpha": like(),
        "decoder.weight": like(outputs, shape.dim),
        "decoder.bias": like(outputs),
    }
    if _is_on_lines(shape, outputs):
        return found | {_POLARITY: like(tokens), _LINE: like(tokens, dtype=line_type(shape.dim))}
    return found | {_TABLE: like(tokens, shape.dim)}


def _is_on_lines(shape: Shape, outputs: int) -> bool:
    return shape.encoder == "lines" and outputs == 1
