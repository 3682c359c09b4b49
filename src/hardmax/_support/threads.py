"""Run a kernel on several threads, each on its own pieces of the work."""

import functools
import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import numba

from hardmax._support.checks import whole_number

#: One for each processor that this process may use, or as many as NUMBA_NUM_THREADS says.
_threads: ContextVar[int] = ContextVar("threads", default=int(numba.config.NUMBA_NUM_THREADS))  # type: ignore[attr-defined]


@contextmanager
def using_threads(count: int) -> Iterator[None]:
    """Compute with `count` threads inside the block; no result depends on it.

    Examples
    --------
    >>> import hardmax as hx
    >>> with using_threads(1):
    ...     trajectory = hx.simulate(hx.preset("square"))
    """
    token = _threads.set(whole_number(count, "the number of threads", least=1))
    try:
        yield
    finally:
        _threads.reset(token)


def thread_count() -> int:
    """Return the number of threads that kernels use here; see `using_threads`."""
    return _threads.get()


Item = TypeVar("Item")
Result = TypeVar("Result")

_LARGEST_PIECE = 10_000  # items


def in_pieces(kernel: Callable[..., None], count: int, *arguments: Any, least: int = 4) -> None:
    """Call ``kernel(begin, end, *arguments)`` for pieces that make up 0..count, on all threads.

    There is one piece for each thread, or more pieces when these would be so large that Ctrl-C, which
    waits for the pieces being computed, would seem to do nothing. A thread is used only where it gets
    at least `least` items, because to hand them over takes longer than a few small ones do.

    Kernels must release the interpreter lock (``nogil=True``) and write to a separate place for each
    item, so that the result does not depend on the number of threads. Numba's parallel loops are not
    used because their threads spin while they wait, which makes them many times slower as soon as
    anything else runs on the machine, such as the threads of torch.

    Examples
    --------
    >>> import numpy as np
    >>> squares = np.zeros(5)
    >>> def kernel(begin, end, out):
    ...     out[begin:end] = np.arange(begin, end) ** 2
    >>> in_pieces(kernel, 5, squares)
    >>> squares
    array([ 0.,  1.,  4.,  9., 16.])
    """
    threads = max(min(thread_count(), count // least), 1)
    number = max(threads, -(-count // _LARGEST_PIECE))
    pieces = list(itertools.pairwise(count * piece // number for piece in range(number + 1)))
    own = pieces[::threads]
    others = [piece for place, piece in enumerate(pieces) if place % threads]
    waiting = []
    try:
        if others:
            pool = _pool(os.getpid(), threads - 1)
            waiting = [pool.submit(kernel, *piece, *arguments) for piece in others]
        for piece in own:
            kernel(*piece, *arguments)
        for future in waiting:
            future.result()
    finally:
        for future in waiting:
            future.cancel()  # those that had not begun at Ctrl-C


def on_threads(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return ``work(item)`` for each item, in their order; each is worked on by one thread.

    Examples
    --------
    >>> on_threads(abs, [-1, 2, -3])
    [1, 2, 3]
    """

    def alone(item: Item) -> Result:
        with using_threads(1):
            return work(item)

    items = list(items)
    workers = min(thread_count(), len(items))
    if workers < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(workers, thread_name_prefix="hardmax") as pool:
        return list(pool.map(alone, items))


@functools.lru_cache(maxsize=1)
def _pool(process: int, workers: int) -> ThreadPoolExecutor:
    """Return the threads of this process; a forked process cannot use those of its parent."""
    return ThreadPoolExecutor(workers, thread_name_prefix="hardmax")
