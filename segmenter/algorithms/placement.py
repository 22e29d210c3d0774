"""How does a new customer get a segment, from its own values alone?"""

from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.nearest import distances_to, nearest_units


class Placement(Protocol):
    """A fitted rule that gives any customer a segment; plain numbers only."""

    def place(self, X: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the segment of each row of `X`, shape (n,)."""

    def distances(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far each row is from its segment's centre, shape (n,), in scaled units."""

    def reordered(self, order: NDArray[np.intp]) -> Self:
        """Return the same rule with segment `order[i]` called `i`."""


@runtime_checkable
class Probable(Protocol):
    """A rule that also says how sure it is."""

    def probabilities(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each segment for each row, shape (n, n_segments); rows sum to 1."""


def agreement_of(placement: Placement) -> float:
    """Return the share of the customers it was made from that a rule gives the segment they were formed in."""
    return float(getattr(placement, "agreement", 1.0))


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
        return nearest_units(X, self.centres)

    def distances(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the Euclidean distance of each row to its nearest centre."""
        return distances_to(X, self.centres[self.place(X)])

    def reordered(self, order: NDArray[np.intp]) -> Self:
        """Return the same rule with centre `order[i]` called `i`."""
        return type(self)(self.centres[order])
