"""Networks: their architecture, training form, and the forward pass on plain numbers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from segmenter.threads import n_threads, shared
from segmenter.typing import FloatArray

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


class Layer(Protocol):
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
        self.layers: list[Layer] = []
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
