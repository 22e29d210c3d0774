"""How did a network learn, epoch by epoch, and who wants to watch it?"""

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
    """

    training: tuple[float, ...] = ()
    validation: tuple[float, ...] = ()
    rates: tuple[float, ...] = ()
    measured: str = "loss"

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

    def grown(self, training: float, validation: float, rate: float) -> "LearningCurve":
        """Return the curve with one more epoch."""
        return LearningCurve(
            (*self.training, training), (*self.validation, validation), (*self.rates, rate), self.measured
        )


OnEpoch = Callable[[LearningCurve], None]
_WATCHER: ContextVar[OnEpoch | None] = ContextVar("watcher", default=None)


@contextmanager
def watching(on_epoch: OnEpoch) -> Iterator[None]:
    """Hand every curve that grows inside the block, in this thread, to `on_epoch`.

    A page that forms segments does not know which method will train a network, nor do the steps between.
    """
    token = _WATCHER.set(on_epoch)
    try:
        yield
    finally:
        _WATCHER.reset(token)


def hand_out(curve: LearningCurve) -> None:
    """Give the curve as it is now to whoever watches."""
    watcher = _WATCHER.get()
    if watcher is not None:
        watcher(curve)
