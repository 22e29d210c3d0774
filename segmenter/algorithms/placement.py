"""How does a new customer get a segment, from its own values alone?"""

from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

# So many rows of a few columns stay within the processor's fast memory: twice as fast as all at once.
_ROWS_AT_ONCE = 32_768
# Relative to the squared lengths involved; a product of 1,000 columns is wrong by less than a thousandth of it.
_ROUNDING = 1e-10


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
        labels = np.empty(len(X), dtype=np.intp)
        for start in range(0, len(X), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            labels[rows] = self._place_block(X[rows])
        return labels

    def distances(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the Euclidean distance of each row to its nearest centre."""
        squared = np.zeros(len(X))
        for column, values in zip(X.T, self.centres[self.place(X)].T, strict=True):
            squared += (column - values) ** 2
        return np.sqrt(squared)

    def reordered(self, order: NDArray[np.intp]) -> Self:
        """Return the same rule with centre `order[i]` called `i`."""
        return type(self)(self.centres[order])

    def _place_block(self, rows: NDArray[np.float64]) -> NDArray[np.intp]:
        # A matrix product is quick, but its last bits depend on which rows are multiplied together. It decides
        # only where no rounding could change the answer.
        with np.errstate(over="ignore", invalid="ignore"):
            lengths = np.einsum("ij,ij->i", self.centres, self.centres)
            scores = self.centres @ (-2.0 * rows.T) + lengths[:, None]
            margin = _ROUNDING * (np.einsum("ij,ij->i", rows, rows).max() + lengths.max())
            near = scores <= scores.min(axis=0) + margin
        labels: NDArray[np.intp] = (np.arange(len(self.centres), dtype=np.float32) @ near.astype(np.float32)).astype(
            np.intp
        )
        open_rows = np.flatnonzero(near.sum(axis=0) != 1) if np.isfinite(margin) else slice(None)
        labels[open_rows] = self._place_exactly(rows[open_rows])
        return labels

    def _place_exactly(self, rows: NDArray[np.float64]) -> NDArray[np.intp]:
        # One feature at a time: every step is elementwise, so a row's result is the same to the last bit
        # whether it comes alone or among a million.
        labels = np.zeros(len(rows), dtype=np.intp)
        nearest = np.full(len(rows), np.inf)
        for number, centre in enumerate(self.centres):
            squared = np.zeros(len(rows))
            for column, value in zip(rows.T, centre, strict=True):
                squared += (column - value) ** 2
            labels[squared < nearest] = number
            np.minimum(nearest, squared, out=nearest)
        return labels
