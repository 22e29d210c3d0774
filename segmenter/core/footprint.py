"""How long does a piece of work take, and how much memory does it need?"""

import contextlib
import ctypes
import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

Result = TypeVar("Result")

# Linux tells a program's memory here, in pages; elsewhere memory is not measured.
_STATM = Path("/proc/self/statm")
# Often enough to see an array that lives for a tenth of a second, and too seldom to slow the work down.
SAMPLED_EVERY_SECONDS = 0.01
HOW_MEMORY_IS_MEASURED = (
    "Memory: by how much this program grew while the method ran on these customers, looked up 100 times a second. "
    "What other visitors do at the same moment counts too, so take it as a size, not as a digit."
)


@dataclass(frozen=True, eq=False)
class Measured(Generic[Result]):
    """What some work gave, and what it cost.

    Attributes
    ----------
    memory_mb
        The most that the program grew by, in millions of bytes; None where the system does not tell.
    """

    result: Result
    seconds: float
    memory_mb: float | None


def measured(work: Callable[[], Result]) -> Measured[Result]:
    """Do the work, by the clock and with an eye on the memory."""
    # What an earlier method left would be used again without being seen.
    return_memory()
    before = _resident_bytes()
    start = time.perf_counter()
    with _watched() as most:
        result = work()
    seconds = time.perf_counter() - start
    memory = None if before is None else max(most[0] - before, 0) / 1e6
    return Measured(result, seconds, memory)


@contextlib.contextmanager
def _watched() -> Iterator[list[int]]:
    """Keep the most memory seen in a list of one."""
    most, done = [_resident_bytes() or 0], threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLED_EVERY_SECONDS):
            most[0] = max(most[0], _resident_bytes() or 0)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()
        most[0] = max(most[0], _resident_bytes() or 0)


def _resident_bytes() -> int | None:
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return None


def return_memory() -> None:
    """Return memory that was freed, but that the C library keeps for later, to the system."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
