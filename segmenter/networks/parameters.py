"""Where do a network's numbers live?"""

from typing import NamedTuple

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
