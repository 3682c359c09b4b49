"""The inner loops of training: all layers of a batch forward, and their gradient backward.

As in `hardmax.dynamics.kernels`, the sets of a batch lie one after another in `Z` (N, d), and A is the
identity. One thread moves one set through all layers, in one order, so results do not depend
on the number of threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from hardmax.dynamics.kernels import any_within, hardmax_tile, scores_with, score, softmax_reach, softmax_tile


@njit(cache=True)
def columns(Z: Any, lo: int, hi: int) -> Any:
    """Give the tokens lo..hi-1 as columns, (d, hi - lo): the queries for A = I."""
    q = np.empty((Z.shape[1], hi - lo), Z.dtype)
    for i in range(lo, hi):
        for column in range(Z.shape[1]):
            q[column, i - lo] = Z[i, column]
    return q


@njit(cache=True)
def all_on_leaders(lo: int, first: Any, ties: Any) -> bool:
    """Say whether every token follows one leader, so that nobody ever changes whom they follow."""
    for t in range(len(first)):
        if ties[t] != 1 or first[first[t] - lo] != first[t]:
            return False
    return True


@njit(parallel=True, cache=True)
def forward(
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
) -> None:
    """Fill states[1:], and for each layer what `backward` needs of it.

    states (K + 1, N, d) holds the tokens of layer 0 in its first row; targets (K, N, d), first and ties (K, N)
    are those of `hardmax_tile`, peak and total (K, N) the largest score and the sum of
    exponentials of the softmax. Temperature 0 is the hardmax.
    """
    layers, _, dim = targets.shape
    for s in prange(len(offsets) - 1):
        lo, hi = offsets[s], offsets[s + 1]
        frozen = False
        for k in range(layers):
            Z = states[k]
            if frozen:
                targets[k, lo:hi] = targets[k - 1, lo:hi]
                first[k, lo:hi] = first[k - 1, lo:hi]
                ties[k, lo:hi] = 1
            elif temperature > 0:
                q = columns(Z, lo, hi)
                peak[k, lo:hi], total[k, lo:hi] = softmax_tile(
                    q,
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
                q = columns(Z, lo, hi)
                hardmax_tile(
                    q, Z, weights, lo, hi, tie_tol, targets[k, lo:hi], first[k, lo:hi], ties[k, lo:hi]
                )
                frozen = all_on_leaders(lo, first[k, lo:hi], ties[k, lo:hi])
            for i in range(lo, hi):
                for column in range(dim):
                    states[k + 1, i, column] = Z[i, column] + rate * (targets[k, i, column] - Z[i, column])


@njit(parallel=True, cache=True)
def backward(
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
    grad: Any,
    rate_grad: Any,
) -> None:
    """Turn `grad` (N, d), the gradient by the last states, into the gradient by the first; write that by `rate` to rate_grad (S,).

    C_i is taken as constant, as automatic differentiation of an argmax takes it.
    """
    layers, _, dim = targets.shape
    for s in prange(len(offsets) - 1):
        lo, hi = offsets[s], offsets[s + 1]
        rate_grad[s] = 0
        pull = np.empty((hi - lo, dim), states.dtype)
        for k in range(layers - 1, -1, -1):
            Z = states[k]
            for i in range(lo, hi):
                for column in range(dim):
                    g = grad[i, column]
                    rate_grad[s] += g * (targets[k, i, column] - Z[i, column])
                    pull[i - lo, column] = rate * g
                    grad[i, column] = g - rate * g
            if temperature > 0:
                softmax_pull(
                    Z, weights, lo, hi, temperature, targets[k], first[k], peak[k], total[k], pull, grad
                )
            else:
                hardmax_pull(Z, weights, lo, hi, tie_tol, first[k], ties[k], pull, grad)


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
        q = columns(Z, i, i + 1)
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


@njit(cache=True)
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
