"""What does each kind of layer do to a batch, and to the slope of the loss on its way back?"""

from typing import Final, Protocol

import numpy as np

from segmenter.networks.parameters import Array, Parameter

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
