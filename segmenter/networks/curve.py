"""Learning curves, epoch by epoch, and who watches them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class LearningCurve:
    """The losses after each epoch.

    Attributes
    ----------
    training
        Mean loss over the epoch's batches, as they were learned from.
    validation
        Loss on the rows held out, after the epoch.
    rates
        Learning rate during the epoch.
    measured
        What the loss is, in words.
    training_accuracy, validation_accuracy
        Share of the rows put into the right class, 0-1, as for the losses; empty where there are no classes.
    """

    training: tuple[float, ...] = ()
    validation: tuple[float, ...] = ()
    rates: tuple[float, ...] = ()
    measured: str = "loss"
    training_accuracy: tuple[float, ...] = ()
    validation_accuracy: tuple[float, ...] = ()

    @property
    def n_epochs(self) -> int:
        """Number of epochs so far."""
        return len(self.training)

    @property
    def best_epoch(self) -> int:
        """The epoch (1 is the first) whose weights are kept: the lowest validation loss; 0 before the first."""
        return 1 + min(range(self.n_epochs), key=self.validation.__getitem__) if self.n_epochs else 0

    @property
    def best_loss(self) -> float:
        """The lowest validation loss."""
        return self.validation[self.best_epoch - 1]

    def grown(
        self,
        training: float,
        validation: float,
        rate: float,
        accuracies: tuple[float, float] | None = None,
    ) -> "LearningCurve":
        """Return the curve with one more epoch; `accuracies` are that of training and of validation."""
        right = [(each,) for each in accuracies] if accuracies else [(), ()]
        return LearningCurve(
            (*self.training, training),
            (*self.validation, validation),
            (*self.rates, rate),
            self.measured,
            (*self.training_accuracy, *right[0]),
            (*self.validation_accuracy, *right[1]),
        )


Curves = tuple[LearningCurve, ...]
"""One curve per training, in the order in which they began."""

OnEpoch = Callable[[Curves], None]


class _Watch:
    """Collects the curves of every training that begins inside a block; several may run side by side."""

    def __init__(self, on_epoch: OnEpoch) -> None:
        self._on_epoch, self._curves, self._lock = on_epoch, dict[int, LearningCurve](), threading.Lock()

    def training(self) -> Callable[[LearningCurve], None]:
        """Return what one more training hands its curve to after each epoch."""
        with self._lock:
            place = len(self._curves)
            self._curves[place] = LearningCurve()

        def take(curve: LearningCurve) -> None:
            with self._lock:
                self._curves[place] = curve
                self._on_epoch(tuple(each for each in self._curves.values() if each.n_epochs))

        return take


_WATCH: ContextVar[_Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watching(on_epoch: OnEpoch) -> Iterator[None]:
    """Hand all curves to `on_epoch` whenever one of a training that began inside the block has grown.

    A page that forms segments does not know which method will train a network, nor do the steps between. Work
    that is handed to other threads must take the context with it (`contextvars.copy_context`).
    """
    yield from _set(_Watch(on_epoch))


@contextmanager
def unwatched() -> Iterator[None]:
    """Let nobody watch the trainings inside the block: those that only test how stable a result is."""
    yield from _set(None)


def audience() -> Callable[[LearningCurve], None]:
    """Return what a training that begins here and now hands its curve to after each epoch."""
    watch = _WATCH.get()
    return watch.training() if watch else lambda _: None


def _set(watch: _Watch | None) -> Iterator[None]:
    token = _WATCH.set(watch)
    try:
        yield
    finally:
        _WATCH.reset(token)
