"""How many threads may numerical work use, and how is it shared between them?"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TypeVar

from threadpoolctl import threadpool_limits

Share = TypeVar("Share")


def n_threads() -> int:
    """Return how many threads numerical work may use: what the environment allows, else all cores."""
    allowed = os.environ.get("OMP_NUM_THREADS", "")
    return int(allowed) if allowed.isdigit() and int(allowed) else len(os.sched_getaffinity(0))


def one_blas_thread() -> AbstractContextManager[object]:
    """Keep matrix products to the thread they are called from.

    Where every thread multiplies its own block of rows, further threads inside each would only fight for
    the cores.
    """
    limits: AbstractContextManager[object] = threadpool_limits(1, user_api="blas")
    return limits


def shared(work: Callable[[int], Share], n_shares: int) -> Iterable[Share]:
    """Return the results of `work(0)` … `work(n_shares - 1)` in that order, each from its own thread."""
    if n_shares == 1:
        return [work(0)]
    with one_blas_thread(), ThreadPoolExecutor(n_shares) as pool:
        return list(pool.map(work, range(n_shares)))
