"""Networks: architecture, training and its curve, and the forward pass on plain numbers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from segmenter.errors.learning import DivergedError
from segmenter.progress import Progress, silent
from segmenter.threads import n_threads, one_blas_thread, shared
from segmenter.typing import FloatArray


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


# Half the bytes of float64, and a twentieth of the rounding that one batch's noise has anyway.
QUICK: DTypeLike = np.float32

Array = NDArray[np.floating]


class Parameter(NamedTuple):
    """One layer's numbers and the slope of the loss in each of them; two arrays of the same shape."""

    value: Array
    slope: Array


class ParameterStore:
    """All numbers of a network in one row.

    A step of training then is a handful of operations on one array, whatever the number of layers: in
    networks as small as these, calls cost more than calculating.

    Attributes
    ----------
    values, slopes
        Shape (size,).
    """

    def __init__(self, size: int, dtype: DTypeLike = QUICK) -> None:
        self.values: Array = np.zeros(size, dtype=dtype)
        self.slopes: Array = np.zeros(size, dtype=dtype)
        self._taken = 0

    def take(self, *shape: int) -> Parameter:
        """Return the next numbers as a parameter of this shape, sharing the store's memory."""
        stretch = slice(self._taken, self._taken + int(np.prod(shape)))
        self._taken = stretch.stop
        return Parameter(self.values[stretch].reshape(shape), self.slopes[stretch].reshape(shape))


# Added to variances, as Ioffe & Szegedy (2015) do, so that a column without any does not divide by zero.
NORM_EPSILON: Final = 1e-3
# Share of the running mean and variance that each batch renews: about the last twenty batches count.
NORM_RENEWAL: Final = 0.05


class NetworkLayer(Protocol):
    """One step of a network; remembers what it needs of the last batch to send slopes back."""

    def forward(self, rows: Array, *, training: bool) -> Array:
        """Return what goes on, shape (n_rows, n_out)."""

    def backward(self, slope: Array) -> Array:
        """Return the loss's slope in what came in, from that in what went out; note that in its parameters."""


class Dense:
    """Sums of all that comes in, each with its weight, and a bias: `rows @ weights + bias`."""

    def __init__(self, weights: Parameter, bias: Parameter, *, first: bool = False) -> None:
        self.weights, self.bias, self._first = weights, bias, first

    def forward(self, rows: Array, *, training: bool) -> Array:  # noqa: ARG002 - one signature for all
        """Return the sums."""
        self._rows = rows
        sums = rows @ self.weights.value
        sums += self.bias.value
        return sums

    def backward(self, slope: Array) -> Array:
        """Return the slope in `rows`; nobody needs the first layer's."""
        np.matmul(self._rows.T, slope, out=self.weights.slope)
        np.sum(slope, axis=0, out=self.bias.slope)
        return slope if self._first else slope @ self.weights.value.T


class ReLU:
    """Positive numbers stay, negative ones become zero."""

    def forward(self, rows: Array, *, training: bool) -> Array:  # noqa: ARG002 - one signature for all
        """Return max(rows, 0)."""
        self._rows = np.maximum(rows, 0.0)
        return self._rows

    def backward(self, slope: Array) -> Array:
        """Let through what belongs to positive numbers."""
        return slope * (self._rows > 0)


class Dropout:
    """While training, numbers become zero at random and the others grow, so that the expected sum stays."""

    def __init__(self, share: float, random: np.random.Generator) -> None:
        self._share, self._random = share, random

    def forward(self, rows: Array, *, training: bool) -> Array:
        """Return the rows with a share of their numbers dropped (Srivastava et al. 2014, scaled while training)."""
        if not training:
            return rows
        kept = self._random.random(rows.shape, dtype=np.float32) >= self._share
        self._factor = kept * rows.dtype.type(1.0 / (1.0 - self._share))
        return rows * self._factor

    def backward(self, slope: Array) -> Array:
        """Return the slope where numbers were kept."""
        return slope * self._factor


class BatchNorm:
    """Give every column mean 0 and variance 1 over the batch, then a learned scale and shift.

    Outside training the running mean and variance of the batches take the batch's place (Ioffe & Szegedy
    2015), so that a row's result does not depend on the others.

    Attributes
    ----------
    scale, shift
        Parameters of shape (width,).
    statistics
        Shape (2, width): running mean and variance.
    """

    def __init__(self, scale: Parameter, shift: Parameter, statistics: Array) -> None:
        self.scale, self.shift, self.statistics = scale, shift, statistics

    def forward(self, rows: Array, *, training: bool) -> Array:
        """Return the normalised rows."""
        mean, variance = (rows.mean(axis=0), rows.var(axis=0)) if training else self.statistics
        if training:
            self.statistics[0] += NORM_RENEWAL * (mean - self.statistics[0])
            self.statistics[1] += NORM_RENEWAL * (variance - self.statistics[1])
        self._deviation = np.sqrt(variance + rows.dtype.type(NORM_EPSILON))
        self._normal = (rows - mean) / self._deviation
        return self._normal * self.scale.value + self.shift.value

    def backward(self, slope: Array) -> Array:
        """Return the slope in the rows, which also moved the batch's mean and variance."""
        np.sum(slope * self._normal, axis=0, out=self.scale.slope)
        np.sum(slope, axis=0, out=self.shift.slope)
        mean_part = self.shift.slope + self._normal * self.scale.slope
        return (self.scale.value / self._deviation) * (slope - mean_part / slope.dtype.type(len(slope)))


@dataclass(frozen=True)
class Loss:
    """One way to measure how wrong outputs are.

    Attributes
    ----------
    name
        In words, for a chart's axis.
    measure
        (what came out, what should have; both of shape (n_rows, width)) to (mean loss, its slope in what came out).
    accuracy
        The same to the share of rows that are right, 0-1; None where nothing is right or wrong.
    """

    name: str
    measure: Callable[[Array, Array], tuple[float, Array]]
    accuracy: Callable[[Array, Array], float] | None = None


def mean_squared_error(outputs: Array, targets: Array) -> tuple[float, Array]:
    """Return the mean of (output - target)² over rows and columns, and its slope."""
    gaps = outputs - targets
    loss = float(np.vdot(gaps, gaps)) / gaps.size
    gaps *= gaps.dtype.type(2.0 / gaps.size)
    return loss, gaps


def mean_absolute_error(outputs: Array, targets: Array) -> tuple[float, Array]:
    """Return the mean of |output - target| over rows and columns, and its slope (0 where they are equal)."""
    gaps = outputs - targets
    loss = float(np.abs(gaps).sum(dtype=np.float64)) / gaps.size
    slope = np.sign(gaps)
    slope *= gaps.dtype.type(1.0 / gaps.size)
    return loss, slope


def softmax_cross_entropy(outputs: Array, targets: Array) -> tuple[float, Array]:
    """Return -log of the probability that softmax gives the true class, on average, and its slope.

    Targets are one-hot rows (or shares that add up to 1).
    """
    logs = log_softmax(outputs)
    n_rows = len(outputs)
    loss = -float(np.vdot(targets, logs)) / n_rows
    slope = np.exp(logs)
    slope -= targets
    slope *= slope.dtype.type(1.0 / n_rows)
    return loss, slope


def weighted_cross_entropy(outputs: Array, targets: Array) -> tuple[float, Array]:
    """Return the same as `softmax_cross_entropy` where each row of targets adds up to what the row counts."""
    logs = log_softmax(outputs)
    n_rows = len(outputs)
    loss = -float(np.vdot(targets, logs)) / n_rows
    slope = np.exp(logs) * targets.sum(axis=1, keepdims=True)
    slope -= targets
    slope *= slope.dtype.type(1.0 / n_rows)
    return loss, slope


def weighted_share_right(outputs: Array, targets: Array) -> float:
    """Return the same as `share_right` where each row counts what its targets add up to."""
    return float(np.average(outputs.argmax(axis=1) == targets.argmax(axis=1), weights=targets.sum(axis=1)))


def share_right(outputs: Array, targets: Array) -> float:
    """Return the share of rows whose largest output is that of the true class."""
    return float((outputs.argmax(axis=1) == targets.argmax(axis=1)).mean())


def log_softmax(outputs: Array) -> Array:
    """Return the logarithm of each row's softmax; the largest output is taken away first, so nothing overflows."""
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted


SQUARED: Final = Loss("mean squared error", mean_squared_error)
ABSOLUTE: Final = Loss("mean absolute error", mean_absolute_error)
CROSS_ENTROPY: Final = Loss("cross-entropy", softmax_cross_entropy, share_right)
WEIGHTED_CROSS_ENTROPY: Final = Loss("cross-entropy", weighted_cross_entropy, weighted_share_right)


@dataclass(frozen=True)
class Architecture:
    """A chain of layers, each `dense → batch normalisation → ReLU → dropout`, the linear ones only `dense`.

    Attributes
    ----------
    widths
        Numbers per row, from what goes in to what comes out.
    linear
        Which dense layers (0 is the first) are linear; the last one always is.
    dropout
        Share of the numbers set to zero after each ReLU while training (0-1).
    batch_norm
        Whether numbers are normalised over the batch before each ReLU.
    """

    widths: tuple[int, ...]
    linear: frozenset[int] = frozenset()
    dropout: float = 0.0
    batch_norm: bool = False

    @property
    def n_layers(self) -> int:
        """Number of dense layers."""
        return len(self.widths) - 1

    def is_linear(self, layer: int) -> bool:
        """Whether a dense layer's sums go on as they are."""
        return layer in self.linear or layer == self.n_layers - 1

    def normalised(self, layer: int) -> bool:
        """Whether a dense layer's sums are normalised over the batch."""
        return self.batch_norm and not self.is_linear(layer)

    def shapes(self) -> Iterator[tuple[int, int, int]]:
        """Yield every dense layer's (number, numbers in, numbers out)."""
        for layer, (n_in, n_out) in enumerate(pairwise(self.widths)):
            yield layer, n_in, n_out

    @property
    def n_parameters(self) -> int:
        """Numbers that are learned: weights and biases, and a scale and a shift where sums are normalised."""
        return sum(n_in * n_out + n_out * (3 if self.normalised(layer) else 1) for layer, n_in, n_out in self.shapes())


# So many rows of a few dozen columns stay within the processor's fast memory.
_ROWS_AT_ONCE = 2_048
# Below this, waking a second thread costs more than it computes.
_ROWS_PER_THREAD = 20_000


@dataclass(frozen=True, eq=False)
class DenseLayer:
    """Sums with weights and a bias, then ReLU or not; plain numbers.

    Attributes
    ----------
    weights
        Shape (n_in, n_out).
    bias
        Shape (n_out,).
    relu
        Whether negative sums become zero.
    """

    weights: FloatArray
    bias: FloatArray
    relu: bool


@dataclass(frozen=True, eq=False)
class DenseStack:
    """Layers one after the other."""

    layers: tuple[DenseLayer, ...]

    @property
    def n_in(self) -> int:
        """Numbers per row that go in."""
        return len(self.layers[0].weights)

    @property
    def n_out(self) -> int:
        """Numbers per row that come out."""
        return len(self.layers[-1].bias)

    def outputs(self, rows: FloatArray) -> FloatArray:
        """Return what comes out, shape (n_rows, n_out).

        The last bits of a matrix product depend on which rows are multiplied together, and a customer's
        segment must not: products are summed one number at a time, each step elementwise.
        """
        starts = range(0, len(rows), _ROWS_AT_ONCE)
        threads = min(n_threads(), 1 + len(rows) // _ROWS_PER_THREAD)
        blocks = shared(lambda start: self._block(rows[start : start + _ROWS_AT_ONCE]), starts, threads)
        return np.vstack([np.empty((0, self.n_out)), *blocks])

    def standardised(self, middle: FloatArray | float, unit: FloatArray | float) -> Self:
        """Return the stack that takes rows as they are, where this one takes `(row - middle) / unit`.

        Parameters
        ----------
        middle, unit
            One number for all columns, or one per column, shape (n_in,).
        """
        first = self.layers[0]
        weights = first.weights / np.broadcast_to(unit, (self.n_in,))[:, None]
        shifted = np.broadcast_to(middle, (self.n_in,))
        bias = first.bias - (shifted[:, None] * weights).sum(axis=0)
        return type(self)((DenseLayer(weights, bias, first.relu), *self.layers[1:]))

    def _block(self, rows: FloatArray) -> FloatArray:
        columns = np.ascontiguousarray(rows.T, dtype=np.float64)
        for layer in self.layers:
            columns = _sums(layer, columns)
        return columns.T


def _sums(layer: DenseLayer, columns: FloatArray) -> FloatArray:
    sums = np.repeat(layer.bias[:, None], columns.shape[1], axis=1)
    product = np.empty_like(sums)
    for column, weights in zip(columns, layer.weights, strict=True):
        np.multiply(weights[:, None], column, out=product)
        sums += product
    return np.maximum(sums, 0.0, out=sums) if layer.relu else sums


class Snapshot(NamedTuple):
    """All that a network has learned at one moment."""

    values: Array
    statistics: Array


class Network:
    """A chain of layers with starting weights that the seed decides.

    Weights before a ReLU start normal with variance 2 / n_in (He et al. 2015), those of linear layers uniform
    within √(6 / (n_in + n_out)) (Glorot & Bengio 2010); biases start at zero.
    """

    def __init__(self, layout: Architecture, seed: int, dtype: DTypeLike = QUICK) -> None:
        self.layout = layout
        self.store = ParameterStore(layout.n_parameters, dtype)
        normalised = [n_out for layer, _, n_out in layout.shapes() if layout.normalised(layer)]
        self._statistics = ParameterStore(2 * sum(normalised), dtype)
        self._random = np.random.default_rng(seed)
        self._dense: list[tuple[Dense, BatchNorm | None]] = []
        self.layers: list[NetworkLayer] = []
        for layer, n_in, n_out in layout.shapes():
            self._add(layer, n_in, n_out)

    @property
    def dtype(self) -> DTypeLike:
        """What its numbers are kept in."""
        return self.store.values.dtype

    def forward(self, rows: Array, *, training: bool = False) -> Array:
        """Return what comes out, shape (n_rows, widths[-1])."""
        for layer in self.layers:
            rows = layer.forward(rows, training=training)
        return rows

    def backward(self, slope: Array) -> None:
        """Note the loss's slope in every number, given that in what the last `forward` returned."""
        for layer in reversed(self.layers):
            slope = layer.backward(slope)

    def snapshot(self) -> Snapshot:
        """Return a copy of all that is learned."""
        return Snapshot(self.store.values.copy(), self._statistics.values.copy())

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to an earlier moment."""
        self.store.values[:] = snapshot.values
        self._statistics.values[:] = snapshot.statistics

    def stack(self, n_layers: int | None = None) -> DenseStack:
        """Return the first layers as plain weights and biases; what normalises is folded into them."""
        chosen = self._dense[: n_layers or self.layout.n_layers]
        return DenseStack(
            tuple(
                _folded(dense, norm, relu=not self.layout.is_linear(layer))
                for layer, (dense, norm) in enumerate(chosen)
            )
        )

    def _add(self, layer: int, n_in: int, n_out: int) -> None:
        dense = Dense(self.store.take(n_in, n_out), self.store.take(n_out), first=layer == 0)
        self.layers.append(dense)
        norm = self._norm(n_out) if self.layout.normalised(layer) else None
        self._dense.append((dense, norm))
        if self.layout.is_linear(layer):
            border = np.sqrt(6.0 / (n_in + n_out))
            dense.weights.value[:] = self._random.uniform(-border, border, (n_in, n_out))
            return
        dense.weights.value[:] = self._random.normal(0.0, np.sqrt(2.0 / n_in), (n_in, n_out))
        self.layers += [norm] if norm else []
        self.layers.append(ReLU())
        if self.layout.dropout:
            self.layers.append(Dropout(self.layout.dropout, self._random))

    def _norm(self, width: int) -> BatchNorm:
        scale, shift = self.store.take(width), self.store.take(width)
        statistics: Parameter = self._statistics.take(2, width)
        scale.value[:] = 1.0
        statistics.value[1] = 1.0
        return BatchNorm(scale, shift, statistics.value)


def _folded(dense: Dense, norm: BatchNorm | None, *, relu: bool) -> DenseLayer:
    weights, bias = (np.array(each.value, dtype=np.float64) for each in (dense.weights, dense.bias))
    if norm is not None:
        mean, variance = norm.statistics.astype(np.float64)
        factor = norm.scale.value.astype(np.float64) / np.sqrt(variance + NORM_EPSILON)
        weights, bias = weights * factor, (bias - mean) * factor + norm.shift.value
    return DenseLayer(weights, bias, relu)


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
