"""How wrong is what a network says, and in which direction would it be less so?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from segmenter.networks.parameters import Array


@dataclass(frozen=True)
class Loss:
    """One way to measure how wrong outputs are.

    Attributes
    ----------
    name
        In words, for a chart's axis.
    measure
        (what came out, what should have; both of shape (n_rows, width)) to (mean loss, its slope in what came out).
    """

    name: str
    measure: Callable[[Array, Array], tuple[float, Array]]


def mean_squared_error(outputs: Array, targets: Array) -> tuple[float, Array]:
    """Return the mean of (output - target)² over rows and columns, and its slope."""
    gaps = outputs - targets
    loss = float(np.vdot(gaps, gaps)) / gaps.size
    gaps *= gaps.dtype.type(2.0 / gaps.size)
    return loss, gaps


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


def log_softmax(outputs: Array) -> Array:
    """Return the logarithm of each row's softmax; the largest output is taken away first, so nothing overflows."""
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted


SQUARED: Final = Loss("mean squared error", mean_squared_error)
CROSS_ENTROPY: Final = Loss("cross-entropy", softmax_cross_entropy)
