"""How are customers placed where a segment has several centres?"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.nearest import distances_to, nearest_units


@dataclass(frozen=True, eq=False)
class NearestUnit:
    """A customer belongs to the segment of the nearest unit: of a map, of a tree's leaves.

    Attributes
    ----------
    units
        Shape (n_units, n_features), in the prepared space.
    segments
        Shape (n_units,): the segment of each unit, -1 for "fits no segment".
    reach
        Shape (n_units,): a customer farther than this from its nearest unit fits no segment; None for no limit.
    agreement
        Share of the customers it was made from that it gives the segment in which they were formed, 0-1.
    """

    units: NDArray[np.float64]
    segments: NDArray[np.intp]
    reach: NDArray[np.float64] | None = None
    agreement: float = 1.0

    def place(self, X: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the segment of the nearest unit of each row; ties go to the unit listed first."""
        nearest = self.nearest(X)
        labels = self.segments[nearest]
        if self.reach is not None:
            labels = np.where(self.distances(X) > self.reach[nearest], -1, labels)
        return labels

    def nearest(self, X: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the nearest unit of each row, shape (n,)."""
        return nearest_units(X, self.units)

    def distances(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the Euclidean distance of each row to its nearest unit."""
        return distances_to(X, self.units[nearest_units(X, self.units)])

    def reordered(self, order: NDArray[np.intp]) -> Self:
        """Return the same rule with segment `order[i]` called `i`."""
        new = np.full(int(max(order.max(initial=-1), self.segments.max())) + 2, -1, dtype=np.intp)
        new[order] = np.arange(len(order))
        return replace(self, segments=new[self.segments])
