"""The inner loops of the network: layers and decoder forward, as predicting needs it, and their gradients.

As in `hardmax.dynamics.packing`, the sets of a batch lie one after another in `Z` (N, d); A is the identity.
One thread moves one set through all layers, in one order, so results do not depend on the number of threads.
"""

from typing import Any, NamedTuple

import numpy as np

from hardmax._support.kernels import njit
from hardmax.dynamics.rules.hardmax import hardmax_tile
from hardmax.dynamics.rules.softmax import any_within, softmax_reach, softmax_tile
from hardmax.dynamics.search.scores import least_tied, score, scores_with


@njit(cache=True)
def unsettled(rows: Any, lo: int, first: Any, ties: Any, leads: Any) -> Any:
    """Return the rows that may still change whom they follow; see `find_settled` of the dynamics."""
    for i in rows:
        leads[i - lo] = ties[i] == 1 and first[i] == i
    left = np.empty_like(rows)
    count = 0
    for i in rows:
        if ties[i] > 1 or not leads[first[i] - lo]:
            left[count] = i
            count += 1
    return left[:count]


class Pass(NamedTuple):
    """One pass of S sets through K layers: its settings, and what it leaves for the way back."""

    weights: Any  # (N,): how many times each token counts
    offsets: Any  # (S + 1,)
    rate: Any  # the fraction alpha / (1 + alpha) of the way that one layer covers
    temperature: Any  # 0 for the hardmax
    tie_tol: Any
    states: Any  # (K + 1, N, d): the tokens; those before the first layer are given
    targets: Any  # (K, N, d)
    first: Any  # (K, N): the first token that each follows, as in `hardmax_tile`
    ties: Any  # (K, N): how many it follows
    peak: Any  # (K, N): the largest scores of the softmax, as in `softmax_tile`
    total: Any  # (K, N): the sums of its exponentials
    last: Any  # (S,): the layer at which all tokens of a set are settled; those after it are one step


@njit(nogil=True, cache=True)
def forward(begin: int, end: int, run: Pass) -> None:
    """Fill the last states of the sets begin..end-1, and for each layer what `backward` needs of it."""
    weights, targets, first, ties = run.weights, run.targets, run.first, run.ties
    peak, total = run.peak, run.total
    layers = len(targets)
    for s in range(begin, end):
        lo, hi = run.offsets[s], run.offsets[s + 1]
        rows = np.arange(lo, hi)
        leads = np.zeros(hi - lo, np.bool_)
        run.last[s] = layers - 1
        for k in range(layers):
            Z = run.states[k]
            q = np.ascontiguousarray(Z[rows].T)  # the queries for A = I
            if run.temperature > 0:
                found = softmax_tile(q, Z, weights, lo, hi, run.tie_tol, run.temperature)
                targets[k, lo:hi], first[k, lo:hi], ties[k, lo:hi], peak[k, lo:hi], total[k, lo:hi] = found
            else:
                if k > 0:
                    targets[k, lo:hi] = targets[k - 1, lo:hi]
                    first[k, lo:hi] = first[k - 1, lo:hi]
                    ties[k, lo:hi] = ties[k - 1, lo:hi]
                pulled = hardmax_tile(q, Z, weights, lo, hi, run.tie_tol)
                targets[k][rows], first[k][rows], ties[k][rows] = pulled
                rows = unsettled(rows, lo, first[k], ties[k], leads)
                if len(rows) == 0:
                    run.last[s] = k
            left = layers - k if k == run.last[s] else 1
            fraction, _ = fraction_covered(run.rate, left)
            now, drawn, then = (
                Z[lo:hi].ravel(),
                targets[k, lo:hi].ravel(),
                run.states[k + left, lo:hi].ravel(),
            )
            for e in range(len(now)):
                then[e] = now[e] + fraction * (drawn[e] - now[e])
            if k == run.last[s]:
                break


@njit(cache=True)
def fraction_covered(rate: Any, steps: int) -> Any:
    """Return the fraction of the way to a fixed target that `steps` cover, and its derivative by `rate`."""
    fraction = slope = rate * 0
    for _ in range(steps):
        slope += (1 - fraction) - rate * slope
        fraction += rate * (1 - fraction)
    return fraction, slope


@njit(nogil=True, cache=True)
def backward(begin: int, end: int, run: Pass, grad: Any, rate_grad: Any) -> None:
    """Turn `grad` (N, d), by the last states of the sets begin..end-1, into that by their first states.

    The gradient by `rate` goes to rate_grad (S,). C_i is taken as constant, as automatic differentiation of
    an argmax takes it.
    """
    layers, _, dim = run.targets.shape
    for s in range(begin, end):
        lo, hi = run.offsets[s], run.offsets[s + 1]
        pull = np.empty((hi - lo, dim), grad.dtype)
        by_rate = np.zeros((hi - lo) * dim, grad.dtype)
        flat_grad, flat_pull = grad[lo:hi].ravel(), pull.ravel()
        for k in range(run.last[s], -1, -1):
            fraction, slope = fraction_covered(run.rate, layers - k if k == run.last[s] else 1)
            now, drawn = run.states[k, lo:hi].ravel(), run.targets[k, lo:hi].ravel()
            for e in range(len(by_rate)):
                by_rate[e] += slope * flat_grad[e] * (drawn[e] - now[e])
                flat_pull[e] = fraction * flat_grad[e]
                flat_grad[e] -= flat_pull[e]
            if run.temperature > 0:
                softmax_pull(run, k, lo, hi, pull, grad)
            else:
                hardmax_pull(run, k, lo, hi, pull, grad)
        rate_grad[s] = by_rate.sum()


@njit(cache=True)
def hardmax_pull(run: Pass, k: int, lo: int, hi: int, pull: Any, grad: Any) -> None:
    """Pass the gradient `pull` by each token's target on to the tokens that it follows."""
    Z, first, ties, weights = run.states[k], run.first[k], run.ties[k], run.weights
    for i in range(lo, hi):
        if ties[i] == 1:
            for column in range(Z.shape[1]):
                grad[first[i], column] += pull[i - lo, column]
            continue
        q = np.ascontiguousarray(Z[i : i + 1].T)
        best = score(q, 0, Z[first[i]])
        for j in range(first[i], hi):
            best = max(best, score(q, 0, Z[j]))
        least = least_tied(best, run.tie_tol)
        mass = weights[first[i]] * 0
        for j in range(first[i], hi):
            if score(q, 0, Z[j]) >= least:
                mass += weights[j]
        for j in range(first[i], hi):
            if score(q, 0, Z[j]) >= least:
                for column in range(Z.shape[1]):
                    grad[j, column] += weights[j] / mass * pull[i - lo, column]


@njit(cache=True, error_model="numpy")  # see `softmax_tile`
def softmax_pull(run: Pass, k: int, lo: int, hi: int, pull: Any, grad: Any) -> None:
    """Pass the gradient `pull` by each token's target on through values, keys and queries of the softmax.

    A token whose weight lies all on one other passes it on as under the hardmax.
    """
    Z, first, peak, total = run.states[k], run.first[k], run.peak[k], run.total[k]
    weights, temperature = run.weights, run.temperature
    dim = Z.shape[1]
    contested = lo + np.flatnonzero(total[lo:hi] != weights[first[lo:hi]])
    for i in range(lo, hi):
        if total[i] == weights[first[i]]:
            for column in range(dim):
                grad[first[i], column] += pull[i - lo, column]
    count = len(contested)
    if count == 0:
        return
    q = np.ascontiguousarray(Z[contested].T)
    base = np.zeros(count, Z.dtype)
    for c in range(count):
        i = contested[c]
        for column in range(dim):
            base[c] += pull[i - lo, column] * run.targets[k, i, column]
    best = peak[contested]
    reach = softmax_reach(Z, temperature)
    s = np.empty(count, Z.dtype)
    for j in range(lo, hi):
        scores_with(q, Z[j], s)
        if not any_within(s, best, reach):
            continue
        for c in range(count):
            if best[c] - s[c] > reach:
                continue
            i = contested[c]
            p = weights[j] * np.exp((s[c] - best[c]) / temperature) / total[i]
            along = -base[c]
            for column in range(dim):
                along += pull[i - lo, column] * Z[j, column]
            along *= p / temperature
            for column in range(dim):
                grad[j, column] += p * pull[i - lo, column] + along * Z[i, column]
                grad[i, column] += along * Z[j, column]


@njit(nogil=True, cache=True)
def spread_means(weights: Any, offsets: Any, grad: Any, spread: Any) -> None:
    """Write to `spread` (N, d) the gradient by the rows of all sets, from that by their means."""
    for s in range(len(offsets) - 1):
        total = weights[offsets[s] : offsets[s + 1]].sum()
        for i in range(offsets[s], offsets[s + 1]):
            fraction = weights[i] / total
            for column in range(grad.shape[1]):
                spread[i, column] = fraction * grad[s, column]


@njit(nogil=True, cache=True)
def decode(points: Any, weight: Any, bias: Any, logits: Any) -> None:
    """Write W x + b to `logits` (S, outputs) for each of the points (S, d)."""
    for s in range(len(points)):
        for output in range(len(bias)):
            total = bias[output]
            for column in range(points.shape[1]):
                total += weight[output, column] * points[s, column]
            logits[s, output] = total


@njit(nogil=True, cache=True)
def decode_back(points: Any, weight: Any, grad: Any, by_points: Any, by_weight: Any, by_bias: Any) -> None:
    """Turn `grad` (S, outputs) by the logits into the gradients by points, weight and bias.

    `by_weight` and `by_bias` are 0 before.
    """
    for s in range(len(points)):
        by_points[s] = 0
        for output in range(len(by_bias)):
            by_bias[output] += grad[s, output]
            for column in range(points.shape[1]):
                by_weight[output, column] += grad[s, output] * points[s, column]
                by_points[s, column] += grad[s, output] * weight[output, column]
