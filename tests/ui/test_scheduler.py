"""Who works, who waits, who gives way: the scheduler by a clock of its own, in threads and without a browser."""

import threading
import time

import pytest

from segmenter.progress import Cancelled
from segmenter.ui.jobs import (
    AGED_TURN_SECONDS,
    AGEING_SECONDS,
    LET_FIRST_SECONDS,
    MEDIUM_SECONDS,
    PAUSED_AT_MOST,
    SHORT_SECONDS,
    SMALL_CELLS,
    Job,
    JobTooLongError,
    Scheduler,
)

SMALL, LARGE = 300 * 8, 300_000 * 8
ENDLESS = 10**6
LOOK_EVERY = 0.01


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Worker:
    """A job whose steps the test makes one by one, so that nothing hangs on how fast the machine is."""

    def __init__(self, scheduler, n_cells, kind="work"):
        self.turn = scheduler.enter(kind, n_cells)
        self._steps, self._made = threading.Semaphore(0), threading.Event()
        self._leaving = False
        self.ended = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            with self.turn:
                while True:
                    self._steps.acquire()
                    if self._leaving:
                        break
                    self.turn.give_way()
                    self._made.set()
            self.ended = "done"
        except Cancelled:
            self.ended = "cancelled"

    def step(self):
        """Let it reach its next progress call; return whether it went on from there."""
        self._made.clear()
        self._steps.release()
        assert eventually(lambda: self._made.is_set() or not self.runs)
        return self._made.is_set()

    def finish(self):
        self._leaving = True
        self._steps.release()
        self._thread.join(60)
        assert self.ended == "done"

    @property
    def runs(self):
        return self.turn.queued() is None and self.ended is None


def eventually(true, within=60.0):
    end = time.monotonic() + within
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def runs(worker):
    return eventually(lambda: worker.runs)


def waits(worker):
    return not eventually(lambda: worker.runs, within=0.2)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make(clock):
    """Return a maker of workers on one scheduler of so many turns; all of them end with the test."""
    schedulers, workers = {}, []

    def maker(n_cells, kind="work", n_turns=2, limit=ENDLESS):
        scheduler = schedulers.setdefault(n_turns, Scheduler(n_turns, limit, clock, LOOK_EVERY))
        workers.append(Worker(scheduler, n_cells, kind))
        return workers[-1]

    yield maker
    for each in workers:
        each.turn.stop()
        each._leaving = True
        each._steps.release()


def test_as_many_jobs_run_as_there_are_processors(make):
    first, second, third = (make(LARGE) for _ in range(3))
    assert runs(first)
    assert runs(second)
    assert waits(third)
    first.finish()
    assert runs(third)


def test_a_small_table_starts_at_once_beside_two_large_ones_that_never_report(make):
    busy = [make(LARGE), make(LARGE)]
    assert all(runs(each) for each in busy)
    assert runs(make(SMALL))


def test_of_two_large_ones_the_later_pauses_for_a_small_one_and_goes_on_after_it(make):
    first, second = make(LARGE), make(LARGE)
    assert runs(first)
    assert runs(second)
    small = make(SMALL)
    assert runs(small)
    assert first.step()
    assert not second.step()
    assert second.turn.queued().started
    small.finish()
    assert runs(second)


def test_a_small_table_whose_work_takes_long_queues_with_the_rest(make, clock):
    first, slow = make(LARGE, n_turns=1), make(SMALL, n_turns=1)
    assert runs(first)
    assert runs(slow)
    clock.now += SHORT_SECONDS
    newer = make(SMALL, n_turns=1)
    assert runs(newer)
    assert not slow.step()


def test_small_tables_come_in_the_order_in_which_they_were_asked_for(make):
    workers = [make(SMALL, n_turns=1) for _ in range(4)]
    for number, worker in enumerate(workers):
        assert runs(worker)
        assert all(waits(later) for later in workers[number + 1 :])
        worker.finish()


def test_long_work_lets_a_newcomer_pass_after_a_minute_and_not_before(make, clock):
    old, new = make(LARGE, n_turns=1), make(LARGE, n_turns=1)
    assert runs(old)
    assert old.step()
    clock.now += MEDIUM_SECONDS
    assert not old.step()
    assert runs(new)
    new.finish()
    assert runs(old)


def test_a_stream_of_short_work_holds_nobody_up_for_ever(make, clock):
    large, small = make(LARGE, n_turns=1), make(SMALL, n_turns=1)
    assert runs(large)
    assert runs(small)
    assert not large.step()
    clock.now += SHORT_SECONDS - 1
    assert waits(large)
    for _ in range(round(AGEING_SECONDS / SHORT_SECONDS)):
        assert not large.runs
        clock.now += SHORT_SECONDS
        follower = make(SMALL, n_turns=1)
        small.finish()
        small = follower
        assert runs(small)
    assert runs(large)
    assert large.step()
    clock.now += AGED_TURN_SECONDS
    small.finish()
    assert runs(make(SMALL, n_turns=1))
    assert not large.step()


def test_work_that_nobody_attends_lets_everybody_pass_and_goes_on_when_its_visitor_is_back(make):
    gone, other = make(SMALL, n_turns=1), make(LARGE, n_turns=1)
    assert runs(gone)
    gone.turn.attend(attended=False)
    assert not gone.step()
    assert runs(other)
    gone.turn.attend(attended=True)
    assert runs(gone)


def test_work_that_nobody_attends_leaves_the_machine_to_whoever_is_there(make):
    gone, also = make(LARGE), make(LARGE)
    assert runs(gone)
    assert runs(also)
    for each in (gone, also):
        each.turn.attend(attended=False)
    assert gone.step()
    assert also.step()
    here = make(SMALL)
    assert runs(here)
    assert not gone.step()
    assert not also.step()
    here.finish()
    assert runs(gone)
    assert runs(also)


def test_a_job_is_stopped_while_it_works_while_it_pauses_and_before_it_starts(make):
    working, pausing = make(LARGE), make(LARGE)
    assert runs(working)
    assert runs(pausing)
    small = make(SMALL)
    assert runs(small)
    assert not pausing.step()
    queued = make(LARGE)
    for each in (working, pausing, queued):
        each.turn.stop()
    assert not working.step()
    assert eventually(lambda: working.ended == pausing.ended == queued.ended == "cancelled")
    assert runs(make(LARGE))


def test_only_so_many_large_tables_are_under_way_and_hold_memory(make, clock):
    workers, started = [make(LARGE, n_turns=1) for _ in range(6)], set()
    assert runs(workers[0])
    for _ in range(12):
        clock.now += MEDIUM_SECONDS / 2
        for worker in workers:
            if worker.runs:
                worker.step()
        started |= {worker for worker in workers if worker.runs or worker.turn.queued().started}
    assert len(started) == 1 + PAUSED_AT_MOST
    for worker in started:
        worker.turn.stop()
        worker.step()
    rest = [worker for worker in workers if worker not in started]
    assert eventually(lambda: any(worker.runs for worker in rest))


def test_who_waits_is_told_how_many_go_first_and_how_long_it_takes(make, clock):
    first = make(LARGE, n_turns=1)
    assert runs(first)
    clock.now += 20
    first.turn.share = 0.25
    second, third = make(LARGE, n_turns=1), make(LARGE, n_turns=1)
    # A quarter took 20 seconds, so three quarters take 60.
    assert (second.turn.queued().ahead, second.turn.queued().seconds) == (1, pytest.approx(60))
    assert third.turn.queued().ahead == 2
    first.finish()
    assert runs(second)
    second.finish()
    assert runs(third)
    clock.now += 10
    # By now two jobs of this kind have ended, after 20 and 0 seconds: .7 × 20 + .3 × 0, of which 10 are over.
    assert make(LARGE, n_turns=1).turn.queued().seconds == pytest.approx(4)


def test_the_order_of_the_queue_is_what_is_told(make):
    large = [make(LARGE, n_turns=1) for _ in range(3)]
    small = [make(SMALL, n_turns=1) for _ in range(3)]
    assert runs(large[0])
    assert runs(small[0])
    assert [each.turn.queued().ahead for each in small[1:]] == [1, 2]
    # The running large one and three small ones, then as many again and the large one before.
    assert [each.turn.queued().ahead for each in large[1:]] == [4, 5]


def test_the_size_at_which_a_table_is_large_is_the_one_that_is_named(make):
    busy = make(LARGE, n_turns=1)
    assert runs(busy)
    assert waits(make(SMALL_CELLS, n_turns=1))
    assert runs(make(SMALL_CELLS - 1, n_turns=1))


def test_a_job_ends_at_its_time_limit_with_a_sentence_that_names_it(clock):
    go_on = threading.Event()

    def work(progress, _):
        go_on.wait(10)
        progress(0.5, "on and on")

    job = Job("choose", None, work, scheduler=Scheduler(1, 1800, clock, LOOK_EVERY))
    assert eventually(lambda: job.queued() is None)
    assert job.running
    clock.now += 1801
    # Whoever watches is told at once, although the work has not come to a progress call yet.
    assert not job.running
    with pytest.raises(JobTooLongError, match=r"more than 30 minutes .* was stopped"):
        job.result()
    go_on.set()
    assert isinstance(job.wait(10), JobTooLongError)


def test_waiting_does_not_count_as_work(make, clock):
    first = make(LARGE, n_turns=1, limit=100)
    assert runs(first)
    second = make(LARGE, n_turns=1, limit=100)
    clock.now += 99
    first.finish()
    assert runs(second)
    clock.now += 99
    assert second.step()
    clock.now += 2
    assert not second.step()
    assert second.ended == "cancelled"


def test_threads_of_one_job_pause_and_go_on_together(make, clock):
    scheduler = Scheduler(1, ENDLESS, clock, LOOK_EVERY)
    turn, passed = scheduler.enter("learn", LARGE), threading.Semaphore(0)

    def call():
        turn.give_way()
        passed.release()

    with turn:
        small = Worker(scheduler, SMALL)
        assert runs(small)
        threads = [threading.Thread(target=call, daemon=True) for _ in range(4)]
        for each in threads:
            each.start()
        assert not passed.acquire(timeout=0.2)
        small.finish()
        assert all(passed.acquire(timeout=60) for _ in threads)


@pytest.fixture
def readers(clock):
    return Scheduler(2, ENDLESS, clock, LOOK_EVERY)


@pytest.fixture
def beside_readers(clock, readers):
    workers = []

    def maker(scheduler):
        workers.append(Worker(scheduler, SMALL))
        return workers[-1]

    yield maker, Scheduler(2, ENDLESS, clock, LOOK_EVERY, before=readers)
    for each in workers:
        each.turn.stop()
        each._leaving = True
        each._steps.release()


def test_work_pauses_while_small_files_are_read_on_every_processor(beside_readers, readers):
    make, scheduler = beside_readers
    work = make(scheduler)
    first = make(readers)
    assert runs(first)
    assert work.step()  # a processor is left
    second = make(readers)
    assert runs(second)
    assert waits(make(scheduler))
    work._steps.release()
    assert eventually(lambda: not work.runs)
    second.finish()
    assert runs(work)


def test_a_stream_of_uploads_does_not_hold_work_up_for_ever(beside_readers, readers, clock):
    make, scheduler = beside_readers
    assert all(runs(make(readers)) for _ in range(2))
    work = make(scheduler)
    assert waits(work)
    clock.now += LET_FIRST_SECONDS
    assert runs(work)
    assert all(runs(make(readers)) for _ in range(2))
    assert work.step()
    clock.now += AGED_TURN_SECONDS - 1
    assert work.step()
    for _ in range(2):
        make(readers)
    clock.now += 1
    work._steps.release()
    assert eventually(lambda: not work.runs)
