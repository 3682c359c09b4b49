"""`limit`: where every token ends, and which of them lead."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hardmax.dynamics.packing import checked_tokens, checked_weights, pack
from hardmax.dynamics.rules import Hardmax, Rule
from hardmax.dynamics.rules.base import checked_rule
from hardmax.dynamics.simulation import Motion
from hardmax.errors import InputError

#: Layers simulated before giving up; tokens at random freeze within a few dozen.
LONGEST_SEARCH = 10_000


@dataclass(frozen=True, eq=False)
class Limit:
    """The limit of a set of n tokens as the number of layers grows.

    Attributes
    ----------
    positions : (n, d) array
        Where each token ends.
    leaders : (m,) int array
        One token for each distinct leader position in the limit.
    layers : int
        The layer from which no token changes whom it follows; the layers simulated where that was not seen.
    certified : bool
        Whether the motion was seen to freeze, so that the positions are the limit itself: computed in
        closed form, not the positions after many layers. Scores count as tied up to the rule's `tie_tol`.
    """

    positions: npt.NDArray[Any]
    leaders: npt.NDArray[np.int64]
    layers: int
    certified: bool


def limit(tokens: npt.ArrayLike, rule: Rule | None = None) -> Limit:
    """Return where tokens under the hardmax rule end.

    Layers are simulated until every token follows only tokens at rest, such as leaders, and their mean
    follows the same ones. From there on each token approaches that mean as (1 + alpha)^-k, so the mean is
    its limit.

    Parameters
    ----------
    tokens : (n, d) array
        One token a row.
    rule : Rule, optional
        ``Hardmax(alpha=0.5)`` when not given; a rule of your own must say that its tokens `can_settle`.

    Returns
    -------
    Limit

    Raises
    ------
    InputError
        When the tokens are not a finite (n, d) array, or tokens under the rule cannot settle.

    Notes
    -----
    The theorem is that of arXiv 2407.01602. Where a motion does not freeze, which takes special
    positions (a token at the origin follows all others for ever), the positions of tokens that have not
    settled are those after 10,000 layers, and the limit is not certified.

    Examples
    --------
    >>> limit([[1.0, 1.0], [1.0, -1.0], [0.5, 0.0]]).positions
    array([[ 1.,  1.],
           [ 1., -1.],
           [ 1.,  0.]])
    """
    rule = checked_rule(rule, Hardmax())
    if not rule.can_settle:
        raise InputError(
            f"rule is {rule!r}; the limit is known only for rules whose tokens can settle, such as Hardmax"
        )
    Z = checked_tokens(tokens)
    sets = pack(Z, checked_weights(None, Z), np.array([0, len(Z)]), rule.merges_equal_tokens)
    motion = Motion(sets, rule)
    motion.search()
    while len(motion.view.rows) and motion.view.layer < LONGEST_SEARCH:
        motion.step()
        motion.search()
    settled = motion.settled_at >= 0
    points = motion.unscaled(np.where(settled[:, None], motion.targets, motion.view.points))
    leaders = np.flatnonzero(motion.leads & (motion.first == np.arange(len(points))))
    return Limit(
        positions=points[sets.point_of],
        leaders=np.unique(sets.point_of, return_index=True)[1][leaders],
        layers=int(motion.settled_at.max(initial=0)) if settled.all() else LONGEST_SEARCH,
        certified=bool(settled.all()),
    )
