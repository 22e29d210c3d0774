"""How does a new customer get a segment, from its own values alone?"""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

# So many rows of a few columns stay within the processor's fast memory: twice as fast as all at once.
_ROWS_AT_ONCE = 4_096


class Placement(Protocol):
    """A fitted rule that gives any customer a segment; plain numbers only."""

    def place(self, X: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the segment of each row of `X`, shape (n,)."""

    def distances(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far each row is from its segment's centre, shape (n,), in scaled units."""

    def reordered(self, order: NDArray[np.intp]) -> Self:
        """Return the same rule with segment `order[i]` called `i`."""


@dataclass(frozen=True, eq=False)
class NearestCentre:
    """A customer belongs to the nearest centre.

    Attributes
    ----------
    centres
        Shape (n_segments, n_features), in the prepared space.
    """

    centres: NDArray[np.float64]

    def place(self, X: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the nearest centre of each row; ties go to the larger segment (the lower number)."""
        return self.nearest(X)[0]

    def distances(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the Euclidean distance of each row to its nearest centre."""
        return np.sqrt(self.nearest(X)[1])

    def reordered(self, order: NDArray[np.intp]) -> Self:
        """Return the same rule with centre `order[i]` called `i`."""
        return type(self)(self.centres[order])

    def nearest(self, X: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the nearest centre of each row and the squared distance to it."""
        labels = np.empty(len(X), dtype=np.intp)
        squared = np.empty(len(X))
        for start in range(0, len(X), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            labels[rows], squared[rows] = self._nearest_block(np.ascontiguousarray(X[rows].T))
        return labels, squared

    def _nearest_block(self, columns: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        # One feature at a time: every step is elementwise, so a row's result is the same to the last bit
        # whether it comes alone or among a million. A matrix product would not promise that.
        labels = np.zeros(columns.shape[1], dtype=np.intp)
        nearest = np.full(columns.shape[1], np.inf)
        for number, centre in enumerate(self.centres):
            squared = np.zeros(columns.shape[1])
            for column, value in zip(columns, centre, strict=True):
                gap = column - value
                gap *= gap
                squared += gap
            labels[squared < nearest] = number
            np.minimum(nearest, squared, out=nearest)
        return labels, nearest
