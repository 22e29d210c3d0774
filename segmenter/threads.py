"""The number of threads for numerical work, and how work is shared between them."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from typing import TypeVar

from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")


def n_threads() -> int:
    """Return how many threads numerical work may use: what the environment allows, else all cores of this process."""
    # OpenMP takes a number for each level of nested loops; the first is for the outermost.
    allowed = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(allowed) if allowed.isdecimal() and int(allowed) else _n_cores()


def _n_cores() -> int:
    # From Python 3.13 on; before, Linux alone tells which cores a process may use.
    if hasattr(os, "process_cpu_count"):
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def one_blas_thread() -> AbstractContextManager[object]:
    """Keep matrix products to the thread they are called from.

    Where every thread multiplies its own block of rows, further threads inside each would only fight for
    the cores.
    """
    limits: AbstractContextManager[object] = _libraries().limit(limits=1, user_api="blas")
    return limits


def one_openmp_thread() -> AbstractContextManager[object]:
    """Keep compiled loops that are called from this thread to it; other threads keep theirs."""
    limits: AbstractContextManager[object] = _libraries().limit(limits=1, user_api="openmp")
    return limits


def one_thread() -> AbstractContextManager[object]:
    """Keep compiled loops to one thread.

    Several threads add their sums in the order in which they finish, which changes the last bits.
    """
    limits: AbstractContextManager[object] = _libraries().limit(limits=1)
    return limits


def shared(work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """Yield the results of `work` on each item, in the items' order, while several threads work ahead."""
    if threads == 1:
        yield from map(work, items)
        return
    with one_blas_thread(), ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(work, item) for item in items]
        try:
            for each in waiting:
                yield each.result()
        finally:
            # Whoever stops listening (a visitor who cancels) stops the work that has not begun.
            for each in waiting:
                each.cancel()


@cache
def _libraries() -> ThreadpoolController:
    """Return the numerical libraries of this process; finding them takes as long as a step on 500,000 rows."""
    return ThreadpoolController()
