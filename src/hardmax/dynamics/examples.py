"""The four starting positions of Figure 2 of the paper."""

import numpy as np
import numpy.typing as npt

from hardmax._support.checks import LARGEST_SEED, whole_number
from hardmax.errors import InputError

#: The names that `preset` knows, in the order of the figure's rows.
PRESETS = ("triangle", "emerging", "square", "faces")

_CORNERS = [(1.0, 1.0), (1.0, -1.0), (-1.0, -1.0), (-1.0, 1.0)]


def preset(name: str, seed: int = 0) -> npt.NDArray[np.float64]:
    """Return the tokens of one row of Figure 2 (arXiv 2407.01602).

    Parameters
    ----------
    name : str
        'triangle', 'emerging' (a leader emerges at layer 1), 'square', or 'faces' (two of the clusters
        are not at a leader).
    seed : int
        Seed of the tokens placed at random; 'emerging' has none.

    Returns
    -------
    (n, 2) array

    Raises
    ------
    InputError
        When there is no preset of that name, or the seed is not a whole number, 0 or more.

    Examples
    --------
    >>> preset("emerging").shape
    (8, 2)
    """
    rng = np.random.default_rng(whole_number(seed, "seed", most=LARGEST_SEED))
    if name == "triangle":
        fixed = [(1.0, 1.0), (0.5, -0.5), (-1.0, -1.0)]
        return np.vstack(
            [fixed, rng.uniform(0, 1, (2, 2)), rng.uniform(-1, 0, (2, 2)), [(0.3, -0.2), (0.1, -0.2)]]
        )
    if name == "emerging":
        first = [(1, 1 / 3), (-1 / 12, 1 / 12), (-1, -1), (0, 1 / 4)]
        return np.array([*first, (-0.3, -0.7), (-0.6, -0.9), (0.8, 0.1), (0.6, 0.15)])
    if name == "square":
        return np.vstack([_CORNERS, rng.uniform(-0.5, 0.5, (6, 2))])
    if name == "faces":
        return np.vstack([_CORNERS, [(-0.5, 0.0), (0.5, 0.0)], rng.uniform(-0.5, 0.5, (4, 2))])
    raise InputError(f"there is no preset {name!r}; give one of {', '.join(PRESETS)}")
