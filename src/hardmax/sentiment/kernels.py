"""The inner loops of training: all layers of a batch forward, and their gradient backward.

As in `hardmax.dynamics.kernels`, the sets of a batch lie one after another in `Z` (N, d), and A is the
identity. One thread moves one set through all layers, in one order, so results do not depend
on the number of threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from hardmax.dynamics.kernels import any_within, hardmax_tile, score, scores_with, softmax_reach, softmax_tile


@njit(cache=True)
def columns(Z: Any, rows: Any) -> Any:
    """Give some tokens as columns, (d, len(rows)): the queries for A = I."""
    q = np.empty((Z.shape[1], len(rows)), Z.dtype)
    for t in range(len(rows)):
        for column in range(Z.shape[1]):
            q[column, t] = Z[rows[t], column]
    return q


@njit(cache=True)
def unsettled(rows: Any, lo: int, first: Any, ties: Any, leads: Any) -> Any:
    """Give the rows that may still change whom they follow; see `find_settled` of the dynamics."""
    for i in rows:
        leads[i - lo] = ties[i] == 1 and first[i] == i
    left = np.empty_like(rows)
    count = 0
    for i in rows:
        if ties[i] > 1 or not leads[first[i] - lo]:
            left[count] = i
            count += 1
    return left[:count]


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
) -> None:
    """Fill states[1:] for the sets begin..end-1, and for each layer what `backward` needs of it.

    states (K + 1, N, d) holds the tokens of layer 0 in its first row; targets (K, N, d), first and
    ties (K, N) are those of `hardmax_tile`, peak and total (K, N) the largest score and the sum of
    exponentials of the softmax. Temperature 0 is the hardmax.
    """
    layers, _, dim = targets.shape
    for s in range(begin, end):
        lo, hi = offsets[s], offsets[s + 1]
        rows = np.arange(lo, hi)
        leads = np.zeros(hi - lo, np.bool_)
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
                if k > 0:
                    targets[k, lo:hi] = targets[k - 1, lo:hi]
                    first[k, lo:hi] = first[k - 1, lo:hi]
                    ties[k, lo:hi] = ties[k - 1, lo:hi]
                if len(rows) > 0:
                    to = np.empty((len(rows), dim), Z.dtype)
                    index, count = np.empty((2, len(rows)), first.dtype)
                    hardmax_tile(columns(Z, rows), Z, weights, lo, hi, tie_tol, to, index, count)
                    for t in range(len(rows)):
                        targets[k, rows[t]], first[k, rows[t]], ties[k, rows[t]] = to[t], index[t], count[t]
                    rows = unsettled(rows, lo, first[k], ties[k], leads)
            now, drawn, then = Z[lo:hi].ravel(), targets[k, lo:hi].ravel(), states[k + 1, lo:hi].ravel()
            for e in range(len(now)):
                then[e] = now[e] + rate * (drawn[e] - now[e])


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
    grad: Any,
    rate_grad: Any,
) -> None:
    """Turn `grad` (N, d), by the last states of the sets begin..end-1, into that by their first states.

    The gradient by `rate` goes to rate_grad (S,).

    C_i is taken as constant, as automatic differentiation of an argmax takes it.
    """
    layers, _, dim = targets.shape
    for s in range(begin, end):
        lo, hi = offsets[s], offsets[s + 1]
        pull = np.empty((hi - lo, dim), states.dtype)
        by_rate = np.zeros((hi - lo) * dim, states.dtype)
        flat_grad, flat_pull = grad[lo:hi].ravel(), pull.ravel()
        for k in range(layers - 1, -1, -1):
            Z = states[k]
            now, drawn = Z[lo:hi].ravel(), targets[k, lo:hi].ravel()
            for e in range(len(by_rate)):
                by_rate[e] += flat_grad[e] * (drawn[e] - now[e])
                flat_pull[e] = rate * flat_grad[e]
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
def add_rows(ids: Any, rows: Any, table: Any, touched: Any) -> Any:
    """Add rows[i] to table[ids[i]]; give the distinct ids and the sum of squares of their rows.

    `touched` (V,) is all false before and after.
    """
    dim = table.shape[1]
    distinct = np.empty_like(ids)
    count = 0
    for i in range(len(ids)):
        word = ids[i]
        if not touched[word]:
            touched[word] = True
            distinct[count] = word
            count += 1
        for column in range(dim):
            table[word, column] += rows[i, column]
    square = 0.0
    for word in distinct[:count]:
        touched[word] = False
        for column in range(dim):
            square += table[word, column] * table[word, column]
    return distinct[:count], square


@njit(nogil=True, cache=True)
def scale_rows(distinct: Any, factor: Any, table: Any) -> None:
    """Multiply the rows of `table` named by `distinct` by `factor`."""
    for word in distinct:
        for column in range(table.shape[1]):
            table[word, column] *= factor
