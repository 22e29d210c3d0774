"""K-nearest-neighbour imputation that keeps no customer's row."""

from dataclasses import dataclass

import numpy as np

from segmenter import config
from segmenter.cluster.kmeans import fit_kmeans
from segmenter.typing import BoolArray, FloatArray

# Twice the size below which a group could point at a person, so that few groups fall under it.
CUSTOMERS_PER_GROUP = 2 * config.SMALL_GROUP
MOST_GROUPS = 64
NEIGHBOURS = 5
# A customer that lies on a group's mean gets that mean, not a division by zero.
_NEAR_ZERO = 1e-9
# 10,000 customers and 64 groups make 5 MB of distances.
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, eq=False)
class NeighbourImputer:
    """Means of small groups of similar customers, in which missing values are looked up.

    Attributes
    ----------
    groups
        Shape (n_groups, n_numbers), scaled; each the mean of at least `config.SMALL_GROUP` customers.
    """

    groups: FloatArray

    def filled(self, scaled: FloatArray, asking: BoolArray) -> FloatArray:
        """Return `scaled` with the gaps of the asking columns filled from the nearest groups.

        The fill is the mean of the five nearest groups, weighted by one over their squared distance in the
        columns that the customer has; a customer without any value gets the mean of all groups.
        """
        result = scaled.copy()
        gaps = np.isnan(scaled)
        asked = np.flatnonzero((gaps & asking).any(axis=1))
        # Customers with the same gaps are looked up together; there are few ways to have gaps.
        patterns, which = np.unique(gaps[asked], axis=0, return_inverse=True)
        for number, gap in enumerate(patterns):
            rows = asked[which.reshape(-1) == number]
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                some = rows[start : start + _ROWS_AT_ONCE]
                result[np.ix_(some, gap & asking)] = self._looked_up(scaled[some], gap)[:, (gap & asking)[gap]]
        return result

    def _looked_up(self, customers: FloatArray, gap: BoolArray) -> FloatArray:
        """Return the values of the columns in `gap`, shape (n_customers, n_gaps)."""
        wanted = self.groups[:, gap]
        if gap.all():
            return np.tile(wanted.mean(axis=0), (len(customers), 1))
        # One column, then one neighbour at a time: elementwise sums give a customer the same fill to the last
        # bit whether it comes alone or among a million; a matrix product would not promise that.
        squared = np.zeros((len(customers), len(self.groups)))
        for column in np.flatnonzero(~gap):
            squared += (customers[:, [column]] - self.groups[:, column]) ** 2
        nearest = np.argsort(squared, axis=1, kind="stable")[:, :NEIGHBOURS]
        total, weights = np.zeros((len(customers), wanted.shape[1])), np.zeros((len(customers), 1))
        for group in nearest.T:
            weight = 1.0 / (squared[np.arange(len(customers)), group] + _NEAR_ZERO)[:, None]
            total += weight * wanted[group]
            weights += weight
        return np.asarray(total / weights)


def fit_neighbour_imputer(scaled: FloatArray) -> NeighbourImputer | None:
    """Group the customers that have every number; None when there are too few to hide one in a group."""
    complete = scaled[~np.isnan(scaled).any(axis=1)]
    if not scaled.shape[1]:
        return None
    complete = complete[np.lexsort(complete.T[::-1])]  # the file's order of rows must not matter
    n_groups = min(MOST_GROUPS, len(complete) // CUSTOMERS_PER_GROUP)
    if n_groups < 1:
        return None
    fit = fit_kmeans(complete, min(n_groups, len(np.unique(complete, axis=0))), seed=config.DEFAULT_SEED)
    large = np.bincount(fit.labels, minlength=len(fit.centres)) >= config.SMALL_GROUP
    return NeighbourImputer(fit.centres[large]) if large.any() else None
