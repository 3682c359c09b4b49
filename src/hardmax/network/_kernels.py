"""The inner loops of training: the layers and the decoder of a batch forward, and their gradients backward.

As in `hardmax.dynamics.packing`, the sets of a batch lie one after another in `Z` (N, d); A is the identity.
One thread moves one set through all layers, in one order, so results do not depend on the number of threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from hardmax.dynamics.rules.hardmax import hardmax_tile
from hardmax.dynamics.rules.softmax import any_within, softmax_reach, softmax_tile
from hardmax.dynamics.search.scores import score, scores_with


@njit(cache=True)
def columns(Z: Any, rows: Any) -> Any:
    """Return the tokens of some rows as columns, (d, len(rows)): the queries for A = I."""
    q = np.empty((Z.shape[1], len(rows)), Z.dtype)
    for t in range(len(rows)):
        for column in range(Z.shape[1]):
            q[column, t] = Z[rows[t], column]
    return q


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


@njit(cache=True)
def search(
    k: int,
    rows: Any,
    Z: Any,
    weights: Any,
    lo: int,
    hi: int,
    tie_tol: Any,
    targets: Any,
    first: Any,
    ties: Any,
) -> None:
    """Write targets, first and ties of layer k: of `rows` by `hardmax_tile`, of all others as before."""
    if k > 0:
        targets[k, lo:hi] = targets[k - 1, lo:hi]
        first[k, lo:hi] = first[k - 1, lo:hi]
        ties[k, lo:hi] = ties[k - 1, lo:hi]
    to = np.empty((len(rows), Z.shape[1]), Z.dtype)
    index, count = np.empty((2, len(rows)), first.dtype)
    hardmax_tile(columns(Z, rows), Z, weights, lo, hi, tie_tol, to, index, count)
    for t in range(len(rows)):
        targets[k, rows[t]], first[k, rows[t]], ties[k, rows[t]] = to[t], index[t], count[t]


@njit(nogil=True, cache=True)
def forward(
    begin: int,
    end: int,
    weights: Any,
    offsets: Any,
    rate: Any,
    temperature: Any,
    tie_tol: Any,
    states: Any,
    targets: Any,
    first: Any,
    ties: Any,
    peak: Any,
    total: Any,
    last: Any,
) -> None:
    """Fill states[K] for the sets begin..end-1, and for each layer what `backward` needs of it.

    states (K + 1, N, d) holds the tokens of layer 0 in its first row; targets (K, N, d), first and
    ties (K, N) are those of `hardmax_tile`, peak and total (K, N) the largest score and the sum of
    exponentials of the softmax. Temperature 0 is the hardmax. last (S,) is the last layer at which a
    set was searched: once all its tokens are settled, the layers that are left are one step.
    """
    layers = len(targets)
    for s in range(begin, end):
        lo, hi = offsets[s], offsets[s + 1]
        rows = np.arange(lo, hi)
        leads = np.zeros(hi - lo, np.bool_)
        last[s] = layers - 1
        for k in range(layers):
            Z = states[k]
            if temperature > 0:
                peak[k, lo:hi], total[k, lo:hi] = softmax_tile(
                    columns(Z, rows),
                    Z,
                    weights,
                    lo,
                    hi,
                    tie_tol,
                    temperature,
                    targets[k, lo:hi],
                    first[k, lo:hi],
                    ties[k, lo:hi],
                )
            else:
                search(k, rows, Z, weights, lo, hi, tie_tol, targets, first, ties)
                rows = unsettled(rows, lo, first[k], ties[k], leads)
                if len(rows) == 0:
                    last[s] = k
            left = layers - k if k == last[s] else 1
            fraction, _ = fraction_covered(rate, left)
            now, drawn, then = Z[lo:hi].ravel(), targets[k, lo:hi].ravel(), states[k + left, lo:hi].ravel()
            for e in range(len(now)):
                then[e] = now[e] + fraction * (drawn[e] - now[e])
            if k == last[s]:
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
def backward(
    begin: int,
    end: int,
    weights: Any,
    offsets: Any,
    rate: Any,
    temperature: Any,
    tie_tol: Any,
    states: Any,
    targets: Any,
    first: Any,
    ties: Any,
    peak: Any,
    total: Any,
    last: Any,
    grad: Any,
    rate_grad: Any,
) -> None:
    """Turn `grad` (N, d), by the last states of the sets begin..end-1, into that by their first states.

    The gradient by `rate` goes to rate_grad (S,). C_i is taken as constant, as automatic differentiation of
    an argmax takes it.
    """
    layers, _, dim = targets.shape
    for s in range(begin, end):
        lo, hi = offsets[s], offsets[s + 1]
        pull = np.empty((hi - lo, dim), states.dtype)
        by_rate = np.zeros((hi - lo) * dim, states.dtype)
        flat_grad, flat_pull = grad[lo:hi].ravel(), pull.ravel()
        for k in range(last[s], -1, -1):
            Z = states[k]
            fraction, slope = fraction_covered(rate, layers - k if k == last[s] else 1)
            now, drawn = Z[lo:hi].ravel(), targets[k, lo:hi].ravel()
            for e in range(len(by_rate)):
                by_rate[e] += slope * flat_grad[e] * (drawn[e] - now[e])
                flat_pull[e] = fraction * flat_grad[e]
                flat_grad[e] -= flat_pull[e]
            if temperature > 0:
                softmax_pull(
                    Z, weights, lo, hi, temperature, targets[k], first[k], peak[k], total[k], pull, grad
                )
            else:
                hardmax_pull(Z, weights, lo, hi, tie_tol, first[k], ties[k], pull, grad)
        rate_grad[s] = by_rate.sum()


@njit(cache=True)
def hardmax_pull(
    Z: Any, weights: Any, lo: int, hi: int, tie_tol: Any, first: Any, ties: Any, pull: Any, grad: Any
) -> None:
    """Pass the gradient `pull` by each token's target on to the tokens that it follows."""
    dim = Z.shape[1]
    for i in range(lo, hi):
        if ties[i] == 1:
            for column in range(dim):
                grad[first[i], column] += pull[i - lo, column]
            continue
        q = columns(Z, np.arange(i, i + 1))
        best = score(q, 0, Z[first[i]])
        for j in range(first[i], hi):
            best = max(best, score(q, 0, Z[j]))
        least = best - tie_tol * abs(best)
        mass = weights[first[i]] * 0
        for j in range(first[i], hi):
            if score(q, 0, Z[j]) >= least:
                mass += weights[j]
        for j in range(first[i], hi):
            if score(q, 0, Z[j]) >= least:
                for column in range(dim):
                    grad[j, column] += weights[j] / mass * pull[i - lo, column]


@njit(cache=True, error_model="numpy")  # see `softmax_tile`
def softmax_pull(
    Z: Any,
    weights: Any,
    lo: int,
    hi: int,
    temperature: Any,
    targets: Any,
    first: Any,
    peak: Any,
    total: Any,
    pull: Any,
    grad: Any,
) -> None:
    """Pass the gradient `pull` by each token's target on through values, keys and queries of the softmax.

    A token whose weight lies all on one other passes it on as under the hardmax.
    """
    dim = Z.shape[1]
    contested = np.empty(hi - lo, np.int64)
    count = 0
    for i in range(lo, hi):
        if total[i] == weights[first[i]]:
            for column in range(dim):
                grad[first[i], column] += pull[i - lo, column]
        else:
            contested[count] = i
            count += 1
    if count == 0:
        return
    contested = contested[:count]
    q = np.empty((dim, count), Z.dtype)
    base = np.zeros(count, Z.dtype)
    for c in range(count):
        i = contested[c]
        for column in range(dim):
            q[column, c] = Z[i, column]
            base[c] += pull[i - lo, column] * targets[i, column]
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
