"""What does a trained network say of a row, to the last bit the same in any company?"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from segmenter.threads import n_threads, shared

Matrix = NDArray[np.float64]

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

    weights: Matrix
    bias: Matrix
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

    def outputs(self, rows: Matrix) -> Matrix:
        """Return what comes out, shape (n_rows, n_out).

        The last bits of a matrix product depend on which rows are multiplied together, and a customer's
        segment must not: products are summed one number at a time, each step elementwise.
        """
        starts = range(0, len(rows), _ROWS_AT_ONCE)
        threads = min(n_threads(), 1 + len(rows) // _ROWS_PER_THREAD)
        blocks = shared(lambda start: self._block(rows[start : start + _ROWS_AT_ONCE]), starts, threads)
        return np.vstack([np.empty((0, self.n_out)), *blocks])

    def standardised(self, middle: Matrix | float, unit: Matrix | float) -> Self:
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

    def _block(self, rows: Matrix) -> Matrix:
        columns = np.ascontiguousarray(rows.T, dtype=np.float64)
        for layer in self.layers:
            columns = _sums(layer, columns)
        return columns.T


def _sums(layer: DenseLayer, columns: Matrix) -> Matrix:
    sums = np.repeat(layer.bias[:, None], columns.shape[1], axis=1)
    product = np.empty_like(sums)
    for column, weights in zip(columns, layer.weights, strict=True):
        np.multiply(weights[:, None], column, out=product)
        sums += product
    return np.maximum(sums, 0.0, out=sums) if layer.relu else sums
