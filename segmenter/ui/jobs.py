"""Long work in the background: one job a visitor, with progress and Cancel."""

import logging
import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from segmenter.errors import SegmenterError
from segmenter.networks.curve import Curves, watching
from segmenter.progress import Cancelled, Progress

# As many heavy jobs at once as there are processors; the others wait their turn.
_WORKERS = ThreadPoolExecutor(max_workers=max(1, os.cpu_count() or 1), thread_name_prefix="job")
_LOG = logging.getLogger(__name__)
T = TypeVar("T")


class Job(Generic[T]):
    """One piece of work that runs while the page stays usable.

    Attributes
    ----------
    name
        Which page's work it is.
    of
        What it was started from, so that its result is not taken for another's.
    share, doing
        How far it is (0-1) and what it is doing.
    partial
        What it has found so far, if it hands that out.
    curves
        How the networks in it have learnt so far, epoch by epoch.
    """

    def __init__(self, name: str, of: object, work: "Callable[[Progress, Job[T]], T]") -> None:
        self.name = name
        self.of = of
        self.share = 0.0
        self.doing = "Waiting for a free processor"
        self.partial: T | None = None
        self.curves: Curves = ()
        self._stopped = threading.Event()
        self._future: Future[T] = _WORKERS.submit(self._run, work)

    def _run(self, work: "Callable[[Progress, Job[T]], T]") -> T:
        # Whichever page's work it is and however deep inside a network learns: it can be watched.
        with watching(self._take):
            return work(self._report, self)

    def _take(self, curves: Curves) -> None:
        self.curves = curves

    def _report(self, share: float, doing: str) -> None:
        if self._stopped.is_set():
            raise Cancelled
        self.share, self.doing = min(max(share, 0.0), 1.0), doing

    @property
    def running(self) -> bool:
        """Whether it has neither finished nor failed."""
        return not self._future.done()

    def cancel(self) -> None:
        """Ask it to stop at the next step."""
        self._stopped.set()
        self._future.cancel()

    def wait(self, timeout: float | None = None) -> BaseException | None:
        """Block until it has ended; return the error that ended it, `Cancelled` after a cancel."""
        try:
            return self._future.exception(timeout)
        except CancelledError:
            return Cancelled()

    def result(self) -> T:
        """Return what it found.

        Raises
        ------
        SegmenterError
            What the user can repair, or a sentence with a reference for a fault of ours.
        """
        error = self._future.exception()
        if error is None or isinstance(error, SegmenterError):
            return self._future.result()
        raise OurFaultError(log_fault(error)) from None


class OurFaultError(SegmenterError):
    """Something is wrong in this product; the reference finds it in the server's log."""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference

    def __str__(self) -> str:
        return (
            "Something went wrong in our code, not in your file. "
            f"Reference {self.reference}. Try again, or with other settings; nothing was saved."
        )


def log_fault(error: BaseException) -> str:
    """Log a fault's type and place, never its text, which may hold a customer's value; return a reference."""
    reference = secrets.token_hex(2).upper()
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    place = f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}" if last else "unknown place"
    _LOG.error("fault %s: %s at %s", reference, type(error).__name__, place)
    return reference
