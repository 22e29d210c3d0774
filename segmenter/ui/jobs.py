"""Long work in the background: jobs that give way to shorter ones and can be cancelled."""

import logging
import secrets
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Final, Generic, TypeVar

from segmenter import config
from segmenter.errors.base import SegmenterError
from segmenter.networks.curve import Curves, watching
from segmenter.progress import Cancelled, Progress
from segmenter.threads import n_threads
from segmenter.ui.scheduler import Queued, Scheduler
from segmenter.worker.client import Cancellation

# Pages are drawn, and short work is done, beside the Python code of long work: each step of theirs waits at most so
# many seconds for the interpreter, a fifth of what is usual.
sys.setswitchinterval(0.001)
# Reading has turns of its own: nobody's upload waits for somebody else's long work, only for others' uploads.
READERS: Final = Scheduler(n_threads(), config.JOB_MINUTES * 60)
# As many heavy jobs at once as there are processors.
SCHEDULER: Final = Scheduler(n_threads(), config.JOB_MINUTES * 60, before=READERS)
_LOG = logging.getLogger(__name__)
T = TypeVar("T")


class Job(Generic[T]):
    """One piece of work that runs while the page stays usable.

    Parameters
    ----------
    name
        Which page's work it is.
    of
        What it is started from, so that its result is not taken for another's.
    work
        Is given a progress to call between units of work, and the job; it may pause or end there.
    n_cells
        Cells of the table that it works on: work on small tables passes that on large ones.

    Attributes
    ----------
    share, doing
        How far it is (0-1) and what it is doing.
    partial
        What it has found so far, if it hands that out.
    curves
        How the networks in it have learnt so far, epoch by epoch.
    """

    def __init__(
        self,
        name: str,
        of: object,
        work: "Callable[[Progress, Job[T]], T]",
        *,
        n_cells: int = 0,
        scheduler: Scheduler = SCHEDULER,
    ) -> None:
        self.name = name
        self.of = of
        self.share = 0.0
        self.doing = "Starting"
        self.partial: object | None = None
        self.curves: Curves = ()
        self._turn = scheduler.enter(name, n_cells)
        self._workers = Cancellation()
        self._future: Future[T] = Future()
        self._settling = threading.Lock()
        # A daemon, which a thread pool has none of: a server that is stopped does not wait for long work.
        threading.Thread(target=self._run, args=(work,), name=f"job {name}", daemon=True).start()

    def _run(self, work: "Callable[[Progress, Job[T]], T]") -> None:
        try:
            # Whichever page's work it is and however deep inside a network learns: it can be watched.
            with self._turn, watching(self._take), self._workers:
                found = work(self._report, self)
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            self._settle(JobTooLongError() if isinstance(error, Cancelled) and self._turn.overdue else error)
        else:
            self._settle(found)

    def _settle(self, outcome: T | BaseException) -> None:
        with self._settling:
            if self._future.done():
                return
            if isinstance(outcome, BaseException):
                self._future.set_exception(outcome)
            else:
                self._future.set_result(outcome)

    def show(self, partial: object) -> None:
        """Hand out what was found so far."""
        self.partial = partial

    def _take(self, curves: Curves) -> None:
        self.curves = curves

    def _report(self, share: float, doing: str) -> None:
        self.share, self.doing = min(max(share, 0.0), 1.0), doing
        self._turn.share = self.share
        self._turn.give_way()

    @property
    def running(self) -> bool:
        """Whether it has neither finished nor failed; a job ends here once its time is up."""
        if self._turn.overdue:
            # Inside a compiled loop it hears of it later; whoever watches need not wait for that.
            self._settle(JobTooLongError())
            self.cancel()
        return not self._future.done()

    def queued(self) -> Queued | None:
        """Return its place in the queue, or None while it runs and after its end."""
        return self._turn.queued()

    def seconds_left(self) -> float | None:
        """Return a guess of how many more seconds it needs; None while what it has done says too little."""
        return self._turn.seconds_left()

    def attend(self, *, attended: bool) -> None:
        """Say whether its visitor is there; a job that nobody attends lets all others pass."""
        self._turn.attend(attended=attended)

    def cancel(self) -> None:
        """Ask it to stop at the next step, and at once where it waits for its turn or for a limited worker."""
        self._turn.stop()
        self._workers.cancel()

    def ended_within(self, seconds: float) -> bool:
        """Wait for its end, at most so long, and return whether it has ended."""
        return bool(wait([self._future], seconds).done)

    def wait(self, timeout: float | None = None) -> BaseException | None:
        """Block until it has ended; return the error that ended it, `Cancelled` after a cancel."""
        return self._future.exception(timeout)

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


class JobTooLongError(SegmenterError):
    """A job has used all the time that one may take."""

    def __str__(self) -> str:
        return (
            f"This took more than {config.JOB_MINUTES} minutes of work and was stopped, so that others can use the "
            "server. Nothing was kept; your settings are. Pick fewer columns or methods, a shorter range, or upload "
            "a sample of your customers."
        )


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
