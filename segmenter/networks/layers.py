"""Layers, losses and the parameters of small neural networks, with their gradients."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

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
