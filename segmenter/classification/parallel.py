"""Many fits side by side, with one progress and one Cancel."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from typing import Generic, TypeVar

from joblib import Parallel, delayed

from segmenter.progress import Cancelled, Progress
from segmenter.threads import n_threads, one_blas_thread, one_openmp_thread

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Task(Generic[Result]):
    """One piece of work.

    Attributes
    ----------
    work
        Is given a progress of its own, 0-1; it raises `Cancelled` when the visitor has had enough.
    weight
        How much of the whole it is, in any unit.
    """

    doing: str
    work: Callable[[Progress], Result]
    weight: float = 1.0


class _Watch:
    """Adds up the tasks' progress and hands Cancel on to all of them."""

    def __init__(self, progress: Progress, weights: Sequence[float]) -> None:
        self.stopped = False
        self._progress = progress
        self._weights = [weight / sum(weights) for weight in weights]
        self._done = [0.0] * len(weights)
        self._lock = threading.Lock()

    def of(self, place: int) -> Progress:
        """Return the progress of one task."""

        def report(share: float, doing: str) -> None:
            with self._lock:
                if self.stopped:
                    raise Cancelled
                self._done[place] = share
                whole = sum(weight * done for weight, done in zip(self._weights, self._done, strict=True))
                try:
                    self._progress(whole, doing)
                except Cancelled:
                    self.stopped = True
                    raise

        return report


def side_by_side(tasks: Sequence[Task[Result]], progress: Progress) -> Iterator[tuple[int, Result]]:
    """Yield (position, result) of each task as it is done.

    Threads, not processes: nearly all the time goes into compiled code that leaves Python's lock to others,
    nothing has to be copied, and stopping one visitor's work cannot end another's workers.

    Raises
    ------
    Cancelled
        Once the tasks that were under way have noticed.
    """
    watch = _Watch(progress, [task.weight for task in tasks])

    def run(place: int, task: Task[Result]) -> tuple[int, Result | None]:
        # Only ordinary exceptions cross a pool's threads; Cancelled is none and travels as a flag.
        try:
            watch.of(place)(0.0, task.doing)
            # Boosting on small tables takes five times the work with two threads, and is no quicker.
            with one_openmp_thread():
                result = task.work(watch.of(place))
            watch.of(place)(1.0, task.doing)
        except Cancelled:
            return place, None
        except BaseException:
            watch.stopped = True
            raise
        return place, result

    parallel = Parallel(n_jobs=min(n_threads(), len(tasks)), backend="threading", return_as="generator_unordered")
    with one_blas_thread():
        # Each task takes the caller's context along: whoever watches networks learn sees those of all threads.
        for place, result in parallel(delayed(copy_context().run)(run, *each) for each in enumerate(tasks)):
            if not watch.stopped and result is not None:
                yield place, result
    if watch.stopped:
        raise Cancelled
