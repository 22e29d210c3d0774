"""Long work in the background: jobs that give way to shorter ones and can be cancelled, and the queue they wait in.

There are as many turns as processors. A job starts with high priority and loses it with the time that it has used
(Corbató, Daggett & Daley 1962), so short work passes long work without anybody guessing how long it will take. Nothing
is interrupted from outside: a job that calls `give_way` between units of work pauses there while others go first.
"""

import logging
import secrets
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Generic, Literal, TypeVar

from segmenter import config
from segmenter.errors.base import SegmenterError
from segmenter.networks.network import Curves, watching
from segmenter.progress import Cancelled, Progress
from segmenter.threads import n_threads
from segmenter.worker.client import Cancellation

# A table of fewer cells (50,000 customers × 10 columns) is small: its work never waits behind that on larger ones.
SMALL_CELLS: Final = 500_000
# Work on a small table counts as short for so many seconds; it then queues with the rest.
SHORT_SECONDS: Final = 5.0
# Other work is passed by newcomers after so many seconds.
MEDIUM_SECONDS: Final = 60.0
# Who has waited so long moves up one level, so that a stream of short jobs holds nobody up for ever, ...
AGEING_SECONDS: Final = 30.0
# ... and then keeps its turn for so long.
AGED_TURN_SECONDS: Final = 5.0
# Work lets quick work of a more urgent kind go first, but waits no longer than this before it has a turn.
LET_FIRST_SECONDS: Final = 20.0
# Paused jobs keep their memory: beyond the processors so many jobs on large tables may be under way.
PAUSED_AT_MOST: Final = 2
# What a job is taken to last before one has ended, in seconds: on a small table, on a large one.
USUAL_SECONDS: Final = {True: 3.0, False: 60.0}
# How much the newest job of a kind counts in the mean of how long they last.
NEWEST_COUNTS: Final = 0.3
# Below this share what a job has done says little about what is left.
TELLING_SHARE: Final = 0.05


class Level(IntEnum):
    """Priority of a job, the most urgent first."""

    SHORT = 0
    MEDIUM = 1
    LONG = 2
    UNATTENDED = 3
    """Its visitor's tab has closed or lost the connection: it only runs while nobody else's work does."""


@dataclass(frozen=True)
class Queued:
    """Where a job that does not run stands.

    Attributes
    ----------
    ahead
        Number of jobs that go first.
    seconds
        A guess of how long it will wait.
    started
        Whether it has run before and is paused for others.
    """

    ahead: int
    seconds: float
    started: bool


class Turn:
    """One job's place in the queue; a context manager that holds a processor from when it is this job's turn.

    Attributes
    ----------
    share
        How much of the job is done (0-1), from which the wait of others is guessed.
    """

    def __init__(self, scheduler: "Scheduler", kind: str, *, small: bool, limit: float) -> None:
        self.share = 0.0
        self._scheduler, self._kind, self._small, self._limit = scheduler, kind, small, limit
        self._number = 0
        self._state: Literal["waiting", "running", "ended"] = "waiting"
        self._started = False
        self._stopped = False
        self._attended = True
        self._used = 0.0
        self._changed_at = scheduler.clock()
        self._aged = 0
        self._let_first = False

    def __enter__(self) -> "Turn":
        self._scheduler._wait(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._scheduler._end(self)

    def give_way(self) -> None:
        """Pause here while others go first.

        Raises
        ------
        Cancelled
            If the job was stopped, before or while it paused, or has used up its time.
        """
        self._scheduler._give_way(self)

    def stop(self) -> None:
        """Let the job end at its next `give_way`, and at once where it waits."""
        self._scheduler._change(self, stopped=True)

    def attend(self, *, attended: bool) -> None:
        """Say whether somebody is there to see the result; a job that nobody attends lets all others pass."""
        if attended != self._attended:
            self._scheduler._change(self, attended=attended)

    @property
    def used(self) -> float:
        """Seconds for which it has held a processor."""
        running = self._scheduler.clock() - self._changed_at if self._state == "running" else 0.0
        return self._used + running

    @property
    def overdue(self) -> bool:
        """Whether it has used all the time that a job may take."""
        return self.used > self._limit

    def seconds_left(self) -> float | None:
        """Return a guess of the seconds that it still needs; None while what it has done says too little."""
        used = self.used
        return used * (1 - self.share) / self.share if self.share >= TELLING_SHARE and used else None

    def queued(self) -> Queued | None:
        """Return where it stands, or None while it runs and after it has ended."""
        return self._scheduler._queued(self)

    @property
    def _level(self) -> Level:
        if not self._attended:
            return Level.UNATTENDED
        used = self.used
        if self._small and used < SHORT_SECONDS:
            own = Level.SHORT
        else:
            own = Level.MEDIUM if used < MEDIUM_SECONDS else Level.LONG
        return Level(max(own - self._raised(), Level.SHORT))

    def _raised(self) -> int:
        """Return by how many levels waiting has moved it up."""
        since = self._scheduler.clock() - self._changed_at
        if self._state == "waiting":
            return int(since // AGEING_SECONDS)
        return self._aged if since < AGED_TURN_SECONDS else 0

    @property
    def _lets_others_first(self) -> bool:
        """Whether it pauses for more urgent work; for a while, and then not for a while."""
        since = self._scheduler.clock() - self._changed_at
        if self._state == "waiting":
            return since < LET_FIRST_SECONDS
        return not (self._let_first and since < AGED_TURN_SECONDS)

    @property
    def _order(self) -> tuple[Level, int]:
        return self._level, self._number

    @property
    def _short(self) -> bool:
        """Whether it is short work on a small table, which has turns of its own."""
        return self._small and self._attended and self.used < SHORT_SECONDS

    def _set(self, state: Literal["waiting", "running", "ended"]) -> None:
        self._aged = self._raised() if state == "running" else 0
        self._let_first = state == "running" and not self._lets_others_first
        self._used = self.used
        self._changed_at = self._scheduler.clock()
        self._state = state


class Scheduler:
    """Hands out turns, as many at once as there are processors.

    Short work on small tables has as many turns of its own: it starts beside long work that is inside a compiled
    loop, and that pauses at its next call of `give_way`.

    Parameters
    ----------
    n_turns
        How many jobs may run at once.
    limit
        Seconds of processor time after which a job is stopped.
    clock
        Tells seconds.
    look_every
        Seconds after which those who wait look again whether they have moved up.
    before
        Another scheduler whose short work on small tables goes first, as long as there is enough of it for every
        processor.
    """

    def __init__(
        self,
        n_turns: int,
        limit: float,
        clock: Callable[[], float] = time.monotonic,
        look_every: float = 1.0,
        before: "Scheduler | None" = None,
    ) -> None:
        self.clock = clock
        self._n_turns, self._limit, self._look_every = n_turns, limit, look_every
        self._before = before
        self._changed = threading.Condition()
        self._turns: list[Turn] = []
        self._numbers = 0
        self._usual: dict[tuple[str, bool], float] = {}

    def enter(self, kind: str, n_cells: int) -> Turn:
        """Put a job at the end of the queue; enter what is returned in the job's own thread.

        Parameters
        ----------
        kind
            What sort of work it is: jobs of a kind tell how long the next one will take.
        n_cells
            Cells of the table that it works on.
        """
        turn = Turn(self, kind, small=n_cells < SMALL_CELLS, limit=self._limit)
        with self._changed:
            self._numbers += 1
            turn._number = self._numbers
            self._turns.append(turn)
            # The newcomer may be what another one has to give way to.
            self._changed.notify_all()
        return turn

    @property
    def n_jobs(self) -> int:
        """How many jobs run, wait or pause."""
        return len(self._turns)

    def _wait(self, turn: Turn) -> None:
        """Block until it is this job's turn."""
        with self._changed:
            # One job may call from several threads: whichever of them sees that it may run starts it for all.
            while turn._state == "waiting" and not (turn._stopped or self._may_run(turn)):
                # The end of more urgent work is not announced here.
                self._changed.wait(self._look_every / 10 if self._is_in_the_way(turn) else self._look_every)
            if turn._stopped:
                raise Cancelled
            if turn._state == "waiting":
                turn._set("running")
                turn._started = True
                self._changed.notify_all()

    def _give_way(self, turn: Turn) -> None:
        with self._changed:
            if turn._stopped or turn.overdue:
                raise Cancelled
            if turn._state == "running":
                if not self._must_pause(turn):
                    return
                turn._set("waiting")
                self._changed.notify_all()
        self._wait(turn)

    def _end(self, turn: Turn) -> None:
        with self._changed:
            if not turn._stopped:
                seconds, key = turn.used, (turn._kind, turn._small)
                before = self._usual.get(key, seconds)
                self._usual[key] = before + NEWEST_COUNTS * (seconds - before)
            self._leave(turn)

    def _change(self, turn: Turn, *, stopped: bool = False, attended: bool | None = None) -> None:
        with self._changed:
            turn._stopped = turn._stopped or stopped
            turn._attended = turn._attended if attended is None else attended
            if turn._stopped and not turn._started:
                self._leave(turn)
            self._changed.notify_all()

    def _leave(self, turn: Turn) -> None:
        turn._set("ended")
        if turn in self._turns:
            self._turns.remove(turn)
        self._changed.notify_all()

    def _may_run(self, turn: Turn) -> bool:
        if self._is_in_the_way(turn):
            return False
        waiting = [each for each in self._turns if each._state == "waiting" and not self._held_back(each)]
        if turn._short:
            first = min((each for each in waiting if each._short), key=lambda each: each._order)
            return first is turn and sum(each._short for each in self._running()) < self._n_turns
        # Who has aged that far starts beside short work too, or a stream of it would hold the job up for ever.
        aged = turn._level is Level.SHORT
        busy = sum(not (aged and each._short) for each in self._running())
        return turn in waiting and busy < self._n_turns and min(waiting, key=lambda each: each._order) is turn

    def _is_in_the_way(self, turn: Turn) -> bool:
        """Whether more urgent work wants every processor, or nobody is there for this job and somebody for another."""
        if self._before is not None and turn._lets_others_first and self._before._is_full_of_short_work():
            return True
        # Also on a free processor it would share the interpreter, and each of its steps slow down the other's.
        return not turn._attended and any(each._attended for each in self._running())

    def _is_full_of_short_work(self) -> bool:
        return sum(each._short for each in list(self._turns)) >= self._n_turns

    def _held_back(self, turn: Turn) -> bool:
        """Whether a job on a large table must wait because enough of them hold memory already."""
        if turn._small or turn._started:
            return False
        under_way = sum(each._started and each._attended and not each._small for each in self._turns)
        return under_way >= self._n_turns + PAUSED_AT_MOST

    def _must_pause(self, turn: Turn) -> bool:
        if self._is_in_the_way(turn):
            return True
        if turn._short or turn._raised():
            return False
        running = self._running()
        last = max(running, key=lambda each: (not each._short, each._order)) if running else None
        if len(running) > self._n_turns and last is turn:
            return True
        level = turn._level
        return any(
            each._level < level for each in self._turns if each._state == "waiting" and not self._held_back(each)
        )

    def _running(self) -> list[Turn]:
        return [each for each in self._turns if each._state == "running"]

    def _queued(self, turn: Turn) -> Queued | None:
        with self._changed:
            if turn._state != "waiting":
                return None
            ahead = [each for each in self._turns if each is not turn and self._goes_first(each, turn)]
            left = sum(self._left(each) for each in ahead)
            return Queued(len(ahead), left / self._n_turns, turn._started)

    @staticmethod
    def _goes_first(other: Turn, turn: Turn) -> bool:
        if turn._short:
            return other._short and (other._state == "running" or other._number < turn._number)
        if other._state == "running":
            return other._level <= turn._level
        return other._order < turn._order

    def _left(self, turn: Turn) -> float:
        """Guess how many more seconds a job needs."""
        left, used = turn.seconds_left(), turn.used
        if left is not None:
            return left
        usual = self._usual.get((turn._kind, turn._small), USUAL_SECONDS[turn._small])
        return max(usual - used, 1.0)


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
