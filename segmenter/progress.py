"""Progress of long work, and its cancellation."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

Progress = Callable[[float, str], None]
"""Called between units of work with the share done (0-1) and what is being done; may raise `Cancelled`."""


# Seldom enough to cost nothing, and often enough that Cancel is heard at once.
_CALL_SECONDS: Final = 0.5


class Cancelled(BaseException):
    """The visitor pressed Cancel.

    Derives from BaseException, as asyncio's does, so that no `except Exception` on the way swallows it.
    """


def silent(share: float, doing: str) -> None:
    """Report nothing: the progress of work that nobody watches."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress whose 0-1 is the stretch from `start` to `end` of `progress`."""

    def report(share: float, doing: str) -> None:
        progress(start + (end - start) * share, doing)

    return report


@contextmanager
def called_from_within(progress: Progress, share: float, doing: str) -> Iterator[None]:
    """Call `progress` twice a second from inside whatever Python code runs in the block.

    For another library's long loop, which knows nothing of progress: a boosting of a hundred trees, a t-SNE of a
    thousand steps. Python calls a profile function at every call of a function in this thread; an exception that it
    raises comes out of the loop, and where it pauses the loop pauses. Only one call of compiled code is waited for.
    Where a profiler is at work already, nothing is called.
    """
    if progress is silent or sys.getprofile() is not None:
        yield
        return
    last = time.monotonic()

    def call(frame: FrameType, event: str, argument: object) -> None:  # noqa: ARG001 - Python's signature
        nonlocal last
        now = time.monotonic()
        if now - last >= _CALL_SECONDS:
            # What is called from here is not looked at, and a pause is no time in which nothing was called.
            sys.setprofile(None)
            progress(share, doing)
            last = time.monotonic()
            sys.setprofile(call)

    sys.setprofile(call)
    try:
        yield
    finally:
        sys.setprofile(None)


def called_meanwhile(work: Callable[[], None], progress: Progress, share: float, doing: str) -> None:
    """Do work in a thread of its own, and call `progress` twice a second meanwhile.

    For calls of compiled code that take seconds, and let other threads run, as one tree of 300,000 rows does. When
    `progress` raises, its exception comes out at once, and the work ends at its next call of a Python function; where
    `progress` pauses, the work pauses there.
    """
    if progress is silent:
        work()
        return
    may_go, is_wanted = threading.Event(), threading.Event()
    may_go.set()
    is_wanted.set()
    failed: list[BaseException] = []

    def call(frame: FrameType, event: str, argument: object) -> None:  # noqa: ARG001 - Python's signature
        if not may_go.is_set():
            may_go.wait()
        if not is_wanted.is_set():
            sys.setprofile(None)
            raise Cancelled

    def run() -> None:
        sys.setprofile(call)
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised below, in the thread that waits
            failed.append(error)
        finally:
            sys.setprofile(None)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_CALL_SECONDS)
            may_go.clear()
            progress(share, doing)
            may_go.set()
    except BaseException:
        is_wanted.clear()
        may_go.set()
        raise
    if failed:
        raise failed[0]
