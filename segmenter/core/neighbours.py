"""What do similar customers have where this one has no value, without keeping any customer's row?"""

from dataclasses import dataclass

import numpy as np

from segmenter import config
from segmenter.algorithms.kmeans import fit_kmeans
from segmenter.core.encoding import Floats

# Twice the size below which a group could point at a person, so that few groups fall under it.
CUSTOMERS_PER_GROUP = 2 * config.SMALL_GROUP
MOST_GROUPS = 64
NEIGHBOURS = 5


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Means of small groups of similar customers, in which missing values are looked up.

    Attributes
    ----------
    groups
        Shape (n_groups, n_numbers), scaled; each the mean of at least `config.SMALL_GROUP` customers.
    """

    groups: Floats

    def filled(self, scaled: Floats, asking: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
        """Return `scaled` with the gaps of the asking columns filled from the nearest groups.

        The fill is the mean of the five nearest groups, weighted by one over their squared distance in the
        columns that the customer has; a customer without any value gets the mean of all groups.
        """
        result = scaled.copy()
        gaps = np.isnan(scaled)
        for row in np.flatnonzero((gaps & asking).any(axis=1)):
            known = ~gaps[row]
            fills = self._looked_up(scaled[row], known)
            wanted = gaps[row] & asking
            result[row, wanted] = fills[wanted]
        return result

    def _looked_up(self, customer: Floats, known: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
        if not known.any():
            return np.asarray(self.groups.mean(axis=0))
        squared = ((self.groups[:, known] - customer[known]) ** 2).sum(axis=1)
        nearest = np.argsort(squared, kind="stable")[:NEIGHBOURS]
        weights = 1.0 / (squared[nearest] + 1e-9)
        return np.asarray(weights @ self.groups[nearest] / weights.sum())


def fit_neighbours(scaled: Floats) -> Neighbours | None:
    """Group the customers that have every number; None when there are too few to hide one in a group."""
    complete = scaled[~np.isnan(scaled).any(axis=1)]
    n_groups = min(MOST_GROUPS, len(complete) // CUSTOMERS_PER_GROUP)
    if n_groups < 1:
        return None
    fit = fit_kmeans(complete, min(n_groups, len(np.unique(complete, axis=0))), seed=config.DEFAULT_SEED)
    large = np.bincount(fit.labels, minlength=len(fit.centres)) >= config.SMALL_GROUP
    return Neighbours(fit.centres[large]) if large.any() else None
