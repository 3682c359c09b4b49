"""The paper's formulas and its text pipeline, as plain loops: the slow judge of every fast path.

Nothing here is fast, and nothing here is shared with the library. The formulas are those of
arXiv 2407.01602. Import it in a test with the `reference` fixture.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np


def scores(Z: Any, A: Any, i: int) -> list[Any]:
    """<A z_i, z_j> for every j; works for floats and for fractions."""
    n, d = len(Z), len(Z[0])
    query = [sum(A[row][column] * Z[i][column] for column in range(d)) for row in range(d)]
    return [sum(query[row] * Z[j][row] for row in range(d)) for j in range(n)]


def followed(Z: Any, A: Any = None, tie_tol: Any = 0, causal: bool = False) -> list[list[int]]:
    """C_i for every i: all j whose score is lower than the largest by at most tie_tol times its magnitude.

    If causal, i looks at the tokens 0..i alone.
    """
    Z = np.asarray(Z).tolist()
    A = identity(Z) if A is None else np.asarray(A).tolist()
    sets = []
    for i in range(len(Z)):
        s = scores(Z, A, i)
        seen = range(i + 1) if causal else range(len(Z))
        best = max(s[j] for j in seen)
        sets.append([j for j in seen if s[j] >= best - tie_tol * abs(best)])
    return sets


def leaders(Z: Any, A: Any = None, tie_tol: Any = 0, causal: bool = False) -> list[int]:
    """The first token at each position that follows its own position alone."""
    found: list[int] = []
    for i, C in enumerate(followed(Z, A, tie_tol, causal)):
        own = [j for j in range(len(Z)) if same(Z[j], Z[i])]
        if i == own[0] and all(j in own for j in C):
            found.append(i)
    return found


def hardmax_layer(
    Z: Any, alpha: Any, A: Any = None, tie_tol: Any = 0, weights: Any = None, causal: bool = False
) -> list[list[Any]]:
    """(z_i + alpha * mean of C_i) / (1 + alpha) for every i."""
    weights = [1] * len(Z) if weights is None else weights
    sets = followed(Z, A, tie_tol, causal)
    targets = [mean([Z[j] for j in C], [weights[j] for j in C]) for C in sets]
    return moved(Z, alpha, targets)


def softmax_layer(
    Z: Any, alpha: Any, A: Any = None, tie_tol: Any = 0, weights: Any = None, temperature: float = 0.0
) -> list[list[float]]:
    """(z_i + alpha * sum_j softmax_j(<A z_i, z_j> / temperature) z_j) / (1 + alpha) for every i.

    At temperature 0 it is the hardmax.
    """
    if temperature == 0:
        return hardmax_layer(Z, alpha, A, tie_tol, weights)
    A = identity(Z) if A is None else np.asarray(A).tolist()
    weights = [1] * len(Z) if weights is None else weights
    targets = []
    for i in range(len(Z)):
        s = scores(Z, A, i)
        best = max(s)
        p = [weights[j] * math.exp((s[j] - best) / temperature) for j in range(len(Z))]
        targets.append(mean(Z, p))
    return moved(Z, alpha, targets)


def anchored_layer(
    Z: Any, alpha: Any, A: Any = None, tie_tol: Any = 0, weights: Any = None, anchor: Any = (), pull: Any = 0
) -> list[list[float]]:
    """(z_i + alpha * ((1 - pull) * mean of all + pull * anchor)) / (1 + alpha) for every i."""
    middle = mean(Z, [1] * len(Z) if weights is None else weights)
    target = [(1 - pull) * x + pull * y for x, y in zip(middle, anchor, strict=True)]
    return moved(Z, alpha, [target] * len(Z))


def mean(Z: Any, weights: Any) -> list[Any]:
    """The mean of the tokens Z, each with its weight."""
    total = sum(weights)
    return [
        sum(w * z[column] for w, z in zip(weights, Z, strict=True)) / total for column in range(len(Z[0]))
    ]


def moved(Z: Any, alpha: Any, targets: Any) -> list[list[Any]]:
    """(z_i + alpha * target_i) / (1 + alpha) for every i."""
    return [
        [(x + alpha * y) / (1 + alpha) for x, y in zip(z, target, strict=True)]
        for z, target in zip(Z, targets, strict=True)
    ]


def simulate(
    Z: Any,
    alpha: float,
    layers: int,
    A: Any = None,
    tie_tol: float = 1e-12,
    weights: Any = None,
    layer: Callable[..., list[list[float]]] = softmax_layer,
    **own: Any,
) -> Any:
    """All layers in float64, (layers + 1, n, d); `own` are the parameters that only this `layer` has.

    Without either it is the hardmax.
    """
    states = [[[float(x) for x in z] for z in Z]]
    for _ in range(layers):
        states.append(layer(states[-1], alpha, A, tie_tol, weights, **own) if states[-1] else [])
    return np.array(states).reshape(layers + 1, *np.shape(Z))


def exact_simulate(Z: Any, alpha: Any, layers: int, A: Any = None) -> list[list[list[Fraction]]]:
    """All hardmax layers in rational arithmetic, without a tolerance; every number must be exact as given."""
    alpha = Fraction(alpha)
    A = None if A is None else [[Fraction(x) for x in row] for row in np.asarray(A).tolist()]
    states = [[[Fraction(x) for x in z] for z in np.asarray(Z).tolist()]]
    for _ in range(layers):
        states.append(hardmax_layer(states[-1], alpha, A))
    return states


def classify(
    E: Any,
    ids: Any,
    alpha: float,
    layers: int,
    v: Any,
    b: float,
    temperature: float = 0.0,
    pad: int | None = None,
) -> float:
    """The probability that a text is positive: embedding, layers, mean, sigmoid(<v, mean> + b).

    Words with the id `pad` are left out; None keeps them as words among others, as the paper's code does.
    """
    Z = [[float(x) for x in E[i]] for i in ids if i != pad]
    last = simulate(Z, alpha, layers, temperature=temperature)[-1].tolist()
    logit = sum(x * y for x, y in zip(v, mean(last, [1] * len(last)), strict=True)) + b
    return 1 / (1 + math.exp(-logit))


def identity(Z: Any) -> list[list[int]]:
    d = len(Z[0]) if len(Z) else 0
    return [[int(row == column) for column in range(d)] for row in range(d)]


def same(a: Any, b: Any) -> bool:
    return all(x == y for x, y in zip(a, b, strict=True))


def paper_pipeline() -> Callable[[str], list[str]]:
    """The function from a review to its words, through NLTK; LookupError where its word lists are not."""
    from nltk.corpus import stopwords
    from nltk.stem import WordNetLemmatizer
    from nltk.tokenize import word_tokenize

    lemmatizer = WordNetLemmatizer()
    lemmatizer.lemmatize("words")
    stop = set(stopwords.words("english"))

    def words(text: str) -> list[str]:
        text = re.sub(r"https?://\S+|www\.\S+", "", text)
        text = re.sub(r"<[^>]+>", "", text)
        text = re.sub(r"([.,!?-])", r" \1 ", text)
        text = re.sub(r"\s{2,}", " ", text)
        text = re.sub("[" + re.escape(string.punctuation) + "]", " ", text)
        text = re.sub(r"\d+", "", text)
        text = re.sub(r" +", " ", text)
        text = re.sub(r"[^\x00-\x7f]", "", text)
        text = re.sub(r"(.)\1{2,}", r"\1\1", text)
        tokens = [token for token in word_tokenize(text, preserve_line=True) if token not in stop]
        lemmas = [lemmatizer.lemmatize(token) for token in tokens]
        return [lemma for lemma in lemmas if lemma not in stop]

    return words
