"""Where do normal distributions start before they are fitted?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.kmeans import quick_kmeans
from segmenter.algorithms.placement import NearestCentre

Matrix = NDArray[np.float64]
Labels = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class MixtureStart:
    """Where all distributions begin: with one shape for all, that of the groups they begin as.

    Attributes
    ----------
    weights
        Shape (k,).
    means
        Shape (k, n_features).
    within
        Shape (n_features, n_features): covariance within the groups.
    """

    weights: Matrix
    means: Matrix
    within: Matrix

    def precisions(self, shape: str) -> Matrix:
        """Return the inverse covariances in the form that scikit-learn has for this shape."""
        diagonal = np.diag(self.within)
        match shape:
            case "full":
                return np.repeat(_inverse(self.within)[None], len(self.means), axis=0)
            case "tied":
                return _inverse(self.within)
            case "diag":
                return np.repeat(1.0 / diagonal[None], len(self.means), axis=0)
            case _:
                return np.full(len(self.means), 1.0 / diagonal.mean())


def mixture_starts(rows: Matrix, k: int, n_starts: int, seed: int, floor: float) -> Iterator[MixtureStart]:
    """Yield several starts: groups by K-Means, by K-Means where the columns are not correlated, and at random.

    From K-Means alone two long bands side by side are never found: it cuts across both. Without correlations the
    gap between them is wider than they are long.
    """
    centred, random = rows - np.median(rows, axis=0), np.random.default_rng(seed)
    loose = _uncorrelated(rows, floor)
    for number in range(n_starts):
        if number < 2:
            labels = quick_kmeans((centred, loose)[number], k, seed).labels.astype(np.intp)
        else:
            labels = NearestCentre(loose[random.choice(len(loose), k, replace=False)]).place(loose)
        yield _start(rows, labels, k, floor)


def _start(rows: Matrix, labels: Labels, k: int, floor: float) -> MixtureStart:
    sizes = np.bincount(labels, minlength=k)
    means = np.array([rows[labels == n].mean(axis=0) if sizes[n] else rows.mean(axis=0) for n in range(k)])
    away = rows - means[labels]
    within = away.T @ away / len(rows) + floor * np.eye(rows.shape[1])
    return MixtureStart(np.maximum(sizes, 1) / np.maximum(sizes, 1).sum(), means, within)


def _uncorrelated(rows: Matrix, floor: float) -> Matrix:
    """Return rows of which no column says anything about another, all equally spread."""
    away = rows - rows.mean(axis=0)
    spreads, directions = np.linalg.eigh(away.T @ away / len(rows) + floor * np.eye(rows.shape[1]))
    return away @ (directions / np.sqrt(np.maximum(spreads, floor)))


def _inverse(covariance: Matrix) -> Matrix:
    inverse = np.linalg.inv(covariance)
    return (inverse + inverse.T) / 2
