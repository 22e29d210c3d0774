"""How are customers placed where each segment is described by its typical values, numbers and categories alike?"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Labels = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class NearestPrototype:
    """A customer belongs to the segment whose typical values are nearest by Gower's distance.

    Attributes
    ----------
    prototypes
        Shape (n_segments, n_features): the median of each number, the commonest value of each category, in the
        prepared space.
    factors
        Shape (n_features,): what an absolute difference in each prepared column counts.
    """

    prototypes: Matrix
    factors: Matrix

    def place(self, X: Matrix) -> Labels:
        """Return the nearest prototype of each row; ties go to the larger segment (the lower number)."""
        return self._nearest(X)[0]

    def distances(self, X: Matrix) -> Matrix:
        """Return Gower's distance of each row to its prototype; 0-1 for customers within the range seen."""
        return self._nearest(X)[1]

    def reordered(self, order: Labels) -> Self:
        """Return the same rule with prototype `order[i]` called `i`."""
        return type(self)(self.prototypes[order], self.factors)

    def _nearest(self, X: Matrix) -> tuple[Labels, Matrix]:
        # Elementwise, one column at a time: a row's result is the same to the last bit in any company.
        labels = np.zeros(len(X), dtype=np.intp)
        nearest = np.full(len(X), np.inf)
        for number, prototype in enumerate(self.prototypes):
            apart = np.zeros(len(X))
            for column, value, factor in zip(X.T, prototype, self.factors, strict=True):
                if factor:
                    apart += np.abs(column - value) * factor
            labels[apart < nearest] = number
            np.minimum(nearest, apart, out=nearest)
        return labels, nearest
