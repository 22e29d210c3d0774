"""How long, and how much memory, does a piece of work take?"""

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import psutil

Result = TypeVar("Result")
MB = 2**20
_SAMPLING_SECONDS = 0.002


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured against what it must reach."""

    name: str
    work: str
    measured: str
    needed: str
    passed: bool


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Return the seconds that some work takes, and its result."""
    gc.collect()
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def fastest(work: Callable[[], Result], rounds: int) -> tuple[float, Result]:
    """Return the shortest of several times: what the work takes when nothing else disturbs it."""
    runs = [timed(work) for _ in range(rounds)]
    return min(seconds for seconds, _ in runs), runs[0][1]


def peak_above(work: Callable[[], object]) -> float:
    """Return by how many MB the process grows while it works."""
    process, done, peak = psutil.Process(), threading.Event(), [0]
    gc.collect()
    before = process.memory_info().rss

    def watch() -> None:
        while not done.is_set():
            peak[0] = max(peak[0], process.memory_info().rss)
            time.sleep(_SAMPLING_SECONDS)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return (peak[0] - before) / MB
