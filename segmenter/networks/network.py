"""How do layers make a network, and what numbers does it come down to?"""

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from segmenter.networks.layers import NORM_EPSILON, BatchNorm, Dense, Dropout, Layer, ReLU
from segmenter.networks.layout import Layout
from segmenter.networks.parameters import QUICK, Array, Parameter, ParameterStore
from segmenter.networks.stack import DenseLayer, DenseStack


class Snapshot(NamedTuple):
    """All that a network has learned at one moment."""

    values: Array
    statistics: Array


class Network:
    """A chain of layers with starting weights that the seed decides.

    Weights before a ReLU start normal with variance 2 / n_in (He et al. 2015), those of linear layers uniform
    within √(6 / (n_in + n_out)) (Glorot & Bengio 2010); biases start at zero.
    """

    def __init__(self, layout: Layout, seed: int, dtype: DTypeLike = QUICK) -> None:
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
