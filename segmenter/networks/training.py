"""Training of a network: Adam, early stopping, and which epoch is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from segmenter.errors.learning import DivergedError
from segmenter.networks.curve import LearningCurve, audience
from segmenter.networks.network import Array, Loss, Network, ParameterStore
from segmenter.progress import Progress, silent
from segmenter.threads import one_blas_thread

# Kingma & Ba (2015), algorithm 1 with the defaults of its section 2; the small constant is Keras' (1e-7).
FIRST_DECAY: Final = 0.9
SECOND_DECAY: Final = 0.999
EPSILON: Final = 1e-7


class Adam:
    """Steps of about `rate` for each number, smaller where its slope keeps changing sign.

    Attributes
    ----------
    rate
        The learning rate; may be lowered between steps.
    """

    def __init__(self, store: ParameterStore, rate: float) -> None:
        self._store, self.rate, self._steps = store, rate, 0
        self._mean: Array = np.zeros_like(store.values)
        self._square: Array = np.zeros_like(store.values)

    def step(self) -> None:
        """Move every number of the store against its slope.

        As the end of section 2 has it: both corrections of the early steps go into the rate.
        """
        self._steps += 1
        slopes, kind = self._store.slopes, self._store.values.dtype.type
        self._mean += kind(1.0 - FIRST_DECAY) * (slopes - self._mean)
        self._square += kind(1.0 - SECOND_DECAY) * (slopes * slopes - self._square)
        rate = self.rate * np.sqrt(1.0 - SECOND_DECAY**self._steps) / (1.0 - FIRST_DECAY**self._steps)
        below = np.sqrt(self._square)
        below += kind(EPSILON)
        self._store.values -= kind(rate) * (self._mean / below)


# A loss that falls by less than this share of itself counts as flat, for the learning rate only.
FLAT: Final = 1e-4
LOWEST_RATE: Final = 1e-6
# Validation is a forward pass; more rows than this at once leave the processor's fast memory.
_ROWS_CHECKED_AT_ONCE = 8_192


@dataclass(frozen=True)
class Schedule:
    """How long and how fast a network learns.

    Attributes
    ----------
    epochs
        Passes over all rows, at most.
    batch_rows
        Rows per step, at most.
    rate
        Adam's learning rate at the start.
    patience
        Epochs without a lower validation loss after which learning stops.
    flat_epochs
        Flat epochs after which the learning rate is halved.
    seed
        Decides in which order rows are learned from.
    """

    epochs: int = 100
    batch_rows: int = 32
    rate: float = 1e-3
    patience: int = 15
    flat_epochs: int = 5
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Examples:
    """What is learned from and what is held out to check it.

    Attributes
    ----------
    rows, targets
        Shapes (n, width in), (n, width out).
    held_rows, held_targets
        The same of the rows held out.
    """

    rows: Array
    targets: Array
    held_rows: Array
    held_targets: Array


def train(
    network: Network, examples: Examples, loss: Loss, schedule: Schedule, progress: Progress = silent
) -> LearningCurve:
    """Train in place; the weights of the epoch with the lowest validation loss are kept.

    The same seed gives the same weights to the last bit; `progress` is called before every batch, so that
    Cancel is heard within milliseconds, and each epoch's curve is handed out to whoever watches.

    Raises
    ------
    DivergedError
        If no epoch ended with a loss that is a number.
    """
    # Numbers that grow without bounds are noticed by the loss, epoch by epoch.
    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        return _Training(network, examples, loss, schedule).run(progress)


class _Training:
    def __init__(self, network: Network, examples: Examples, loss: Loss, schedule: Schedule) -> None:
        self.network, self.examples, self.loss, self.schedule = network, examples, loss, schedule
        self.adam = Adam(network.store, schedule.rate)
        self.random = np.random.default_rng((schedule.seed, 1))
        self.plateau = _Plateau(schedule.flat_epochs)

    def run(self, progress: Progress) -> LearningCurve:
        curve, best, kept = LearningCurve(measured=self.loss.name), np.inf, self.network.snapshot()
        hand_out = audience()
        for epoch in range(self.schedule.epochs):
            rate = self.adam.rate
            training, right = self._epoch(epoch, curve, progress)
            validation, held_right = self._checked()
            curve = curve.grown(training, validation, rate, (right, held_right) if self.loss.accuracy else None)
            hand_out(curve)
            if validation < best:
                best, kept = validation, self.network.snapshot()
            if curve.n_epochs - curve.best_epoch >= self.schedule.patience:
                break
            if self.plateau.is_flat(validation):
                self.adam.rate = max(rate / 2, LOWEST_RATE)
        if not np.isfinite(best):
            raise DivergedError(self.schedule.rate)
        self.network.restore(kept)
        return curve

    def _epoch(self, epoch: int, curve: LearningCurve, progress: Progress) -> tuple[float, float]:
        """Learn from all rows once; return the mean loss and accuracy on the way."""
        total, right, n_rows = 0.0, 0.0, len(self.examples.rows)
        said = f"Epoch {epoch + 1} of at most {self.schedule.epochs}"
        said += f", validation loss {curve.validation[-1]:.4f}" if curve.n_epochs else ""
        for start, rows, targets in self._batches():
            progress((epoch + start / n_rows) / self.schedule.epochs, said)
            outputs = self.network.forward(rows, training=True)
            right += self._accuracy(outputs, targets) * len(rows)
            loss, slope = self.loss.measure(outputs, targets)
            self.network.backward(slope)
            self.adam.step()
            total += loss * len(rows)
        return total / n_rows, right / n_rows

    def _accuracy(self, outputs: Array, targets: Array) -> float:
        return self.loss.accuracy(outputs, targets) if self.loss.accuracy else 0.0

    def _batches(self) -> Iterator[tuple[int, Array, Array]]:
        # Batches of equal size, give or take a row: one left over alone would have no variance to normalise by.
        order = self.random.permutation(len(self.examples.rows))
        rows, targets = self.examples.rows[order], self.examples.targets[order]
        n_batches = -(-len(order) // self.schedule.batch_rows)
        borders = [len(order) * batch // n_batches for batch in range(n_batches + 1)]
        for start, stop in pairwise(borders):
            yield start, rows[start:stop], targets[start:stop]

    def _checked(self) -> tuple[float, float]:
        """Return the loss and accuracy on the rows held out."""
        rows, targets = self.examples.held_rows, self.examples.held_targets
        total, right = 0.0, 0.0
        for start in range(0, len(rows), _ROWS_CHECKED_AT_ONCE):
            block = slice(start, start + _ROWS_CHECKED_AT_ONCE)
            outputs = self.network.forward(rows[block])
            right += self._accuracy(outputs, targets[block]) * len(rows[block])
            total += self.loss.measure(outputs, targets[block])[0] * len(rows[block])
        # Numbers too large to learn from give no loss; infinity is never the best one.
        return total / len(rows) if np.isfinite(total) else np.inf, right / len(rows)


class _Plateau:
    """Notices when the loss has not fallen for so many epochs, then begins to count anew."""

    def __init__(self, flat_epochs: int) -> None:
        self._most, self._flat, self._best = flat_epochs, 0, np.inf

    def is_flat(self, loss: float) -> bool:
        """Say whether the rate should be lowered, given one more epoch's loss."""
        if loss < self._best * (1.0 - FLAT):
            self._best, self._flat = loss, 0
            return False
        self._flat = (self._flat + 1) % self._most
        return self._flat == 0
