"""Which film each review is about, guessed from the names in it, and folds that keep films whole.

Reviews of one film share the names of its people and places. A model tested on further reviews of the films
that it has learned from knows these names, and how the films were liked; on other films it does not. So
that a choice holds for films never seen, it is made on folds that divide films, not reviews.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import networkx as nx
import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GroupKFold, KFold

Ids = npt.NDArray[np.int64]

#: Names in fewer reviews join none, and those in more are not of one film.
FEWEST, MOST = 2, 150
#: Reviews more alike than this, by the cosine of their names, are joined by an edge.
ALIKE = 0.3
#: The higher, the smaller are the groups that the edges are cut into.
RESOLUTION = 50
FOLDS = 5

_TAG = re.compile(r"<[^>]*>")
_NAME = re.compile(r"[A-Z][a-z'éèüöäáó]+")
_SMALL = re.compile(r"\b[a-z]+\b")


def films_of(texts: Sequence[str]) -> Ids:
    """Return the number of the film of each review, (n,); no label is used.

    A name is a capitalised word that is rare and seldom written in lower case. Reviews whose names, weighted
    by their rarity, are alike are joined, and the graph is cut into its communities (Louvain, arXiv
    0803.0476).

    Examples
    --------
    >>> names = [first + second for first in "BCDFGHJKLMNPRSTV" for second in "aeiou"]
    >>> films = films_of([f"I like {name}." for name in names] + [f"{name} was dull." for name in names])
    >>> bool((films[:80] == films[80:]).all()), len(set(films))
    (True, 80)
    """
    names = [_NAME.findall(_TAG.sub(" ", text)) for text in texts]
    capital = Counter(name for found in names for name in set(found))
    small = Counter(word for text in texts for word in set(_SMALL.findall(text)))
    rare = {
        name for name, seen in capital.items() if FEWEST <= seen <= MOST and small[name.lower()] < 0.5 * seen
    }
    kept = [[name for name in found if name in rare] for found in names]
    weights = TfidfVectorizer(analyzer=list, sublinear_tf=True).fit_transform(kept)
    alike = (weights @ weights.T).tocoo()
    edge = (alike.data > ALIKE) & (alike.row < alike.col)
    ends = (alike.row[edge].tolist(), alike.col[edge].tolist(), (alike.data[edge] ** 2).tolist())
    graph = nx.Graph()
    graph.add_nodes_from(range(len(texts)))
    graph.add_weighted_edges_from(zip(*ends, strict=True))
    films = np.empty(len(texts), np.int64)
    for number, members in enumerate(nx.community.louvain_communities(graph, resolution=RESOLUTION, seed=0)):
        films[list(members)] = number
    return films


def fold(films: Ids, number: int, held_out: str = "films") -> tuple[Ids, Ids]:
    """Return the numbers of the reviews to learn from and of those held out, in fold `number` of five.

    Parameters
    ----------
    films : (n,) int array
        The film of each review.
    number : int
        0 to 4.
    held_out : str
        'films' holds out whole films, 'reviews' any reviews.
    """
    kind, groups = (GroupKFold, films) if held_out == "films" else (KFold, None)
    return list(kind(FOLDS, shuffle=True, random_state=0).split(films, groups=groups))[number]
