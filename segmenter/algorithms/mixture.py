"""How are customers placed where each segment is a normal distribution?"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Labels = NDArray[np.intp]

# So many rows of a few columns stay within the processor's fast memory.
_ROWS_AT_ONCE = 32_768


@dataclass(frozen=True, eq=False)
class NormalMixture:
    """A customer belongs to the segment that it most probably comes from.

    Attributes
    ----------
    weights
        Shape (n_segments,): share of the customers in each segment; they add up to 1.
    means
        Shape (n_segments, n_features).
    factors
        Shape (n_segments, n_features, n_features): upper triangles U with U Uᵀ the inverse covariance.
    """

    weights: Matrix
    means: Matrix
    factors: Matrix

    def place(self, X: Matrix) -> Labels:
        """Return the most probable segment of each row; ties go to the lower number."""
        return np.argmax(self._log_densities(X), axis=0).astype(np.intp)

    def probabilities(self, X: Matrix) -> Matrix:
        """Return the probability of each segment for each row, shape (n, n_segments)."""
        logs = self._log_densities(X)
        # Beyond every number's reach all densities are 0; the segment placed in is then certain by fiat.
        best = logs.max(axis=0)
        shares = np.exp(np.where(np.isinf(logs) & (logs == best), 0.0, logs - np.where(np.isinf(best), 0.0, best)))
        total = np.zeros(len(X))
        for share in shares:
            total += share
        return (shares / total).T

    def distances(self, X: Matrix) -> Matrix:
        """Return the Euclidean distance of each row to the mean of its segment."""
        squared = np.zeros(len(X))
        for column, values in zip(X.T, self.means[self.place(X)].T, strict=True):
            squared += (column - values) ** 2
        return np.sqrt(squared)

    def reordered(self, order: Labels) -> Self:
        """Return the same rule with segment `order[i]` called `i`."""
        return type(self)(self.weights[order], self.means[order], self.factors[order])

    def _log_densities(self, X: Matrix) -> Matrix:
        """Return log(weight · density) of each segment for each row, shape (n_segments, n)."""
        logs = np.empty((len(self.weights), len(X)))
        for start in range(0, len(X), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            for number in range(len(self.weights)):
                logs[number, rows] = self._log_density(X[rows], number)
        return logs

    def _log_density(self, rows: Matrix, number: int) -> Matrix:
        # Elementwise, one column at a time: a row's result is the same to the last bit in any company.
        factor, squared = self.factors[number], np.zeros(len(rows))
        away = [column - value for column, value in zip(rows.T, self.means[number], strict=True)]
        with np.errstate(over="ignore", invalid="ignore"):
            for place in range(len(away)):
                projected = np.zeros(len(rows))
                for above in np.flatnonzero(factor[: place + 1, place]):
                    projected += away[above] * factor[above, place]
                squared += projected**2
        constant = np.log(self.weights[number]) + np.log(np.diag(factor)).sum() - len(away) / 2 * np.log(2 * np.pi)
        # Two infinities of opposite sign: as far away as can be.
        return constant - 0.5 * np.where(np.isnan(squared), np.inf, squared)
