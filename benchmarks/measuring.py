"""How long, and how much memory, does a piece of work take?"""

import contextlib
import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
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


def measured_apart(code: str, *paths: Path) -> tuple[float, float]:
    """Run code in a process of its own that prints how many seconds its work took.

    Returns
    -------
    Those seconds, and the most memory in MB that the process and its children take together.
    """
    command = [sys.executable, "-c", code, *map(str, paths)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    process, peak = psutil.Process(started.pid), 0
    while started.poll() is None:
        peak = max(peak, memory_of(process))
        time.sleep(_SAMPLING_SECONDS)
    said = started.communicate()[0]
    if started.returncode:
        message = "one side failed"
        raise RuntimeError(message)
    return float(said), peak / MB


def memory_of(process: psutil.Process) -> int:
    """Return all of a process's memory and what only its children hold: what they share is counted once."""
    try:
        total: int = process.memory_info().rss
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                held = child.memory_info()
                total += held.rss - held.shared
    except psutil.NoSuchProcess:
        return 0
    return total
