"""Which k centres leave the smallest within-cluster sum of squares?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.content import content_order, distinct_rows
from segmenter.algorithms.lloyd import Centred, moved
from segmenter.algorithms.placement import NearestCentre
from segmenter.algorithms.seeding import spread_starts
from segmenter.errors import TooFewDistinctRowsError
from segmenter.progress import Progress, part, silent

Matrix = NDArray[np.float64]

# Many starts are made on at most this many rows; all rows then only move the best one a little.
START_ROWS = 20_000
# Few rows have the most treacherous landscape and the cheapest starts.
MOST_STARTS, FEWEST_STARTS = 60, 10
_ROWS_STARTED = 120_000
# On all rows, centres that come from a sample need only settle: further steps gain less than 0.01 %.
SETTLING_STEPS = 4


@dataclass(frozen=True, eq=False)
class KMeansFit:
    """K-Means' result.

    Attributes
    ----------
    centres
        Shape (k, n_features).
    labels
        Shape (n,), the nearest centre of each row.
    wcss
        Within-cluster sum of squares.
    """

    centres: Matrix
    labels: NDArray[np.intp]
    wcss: float


def fit_kmeans(X: Matrix, k: int, *, seed: int, progress: Progress = silent) -> KMeansFit:
    """Return the best of many starts of Lloyd's algorithm from k-means++.

    Parameters
    ----------
    X
        Shape (n, n_features). The order of its rows does not matter.
    seed
        The same seed gives the same centres, whichever other numbers of segments are tried.

    Raises
    ------
    TooFewDistinctRowsError
        If fewer than `k` rows differ.
    """
    return KMeansSweep(X, seed).fit(k, progress)


class KMeansSweep:
    """K-Means on one set of rows for many numbers of segments.

    Each number of segments gets the solution that `fit_kmeans` gives it alone; what does not depend on the
    number (the order of the rows, the sample, the merging of equal rows) is prepared once.
    """

    def __init__(self, X: Matrix, seed: int) -> None:
        self._X, self._seed = np.ascontiguousarray(X), seed
        # Squared distances are computed as |a|² + |b|² - 2ab, which far from zero loses every digit.
        self._shift = X.mean(axis=0).astype(np.float32).astype(np.float64)
        order = content_order(X)
        if len(X) > START_ROWS:
            self._rows, self._weights = self._all_rows()
            positions = np.linspace(0, len(X) - 1, START_ROWS).astype(np.intp)
            start = distinct_rows(X[order[positions]] - self._shift)
        else:
            start = distinct_rows(X - self._shift, order)
            self._rows, self._weights = start.rows, start.weights
        self._start_rows, self._start_weights = start.rows, start.weights

    def fit(self, k: int, progress: Progress = silent) -> KMeansFit:
        """Return the solution with `k` segments."""
        if k > len(self._start_rows):
            raise TooFewDistinctRowsError(len(self._start_rows))
        best = self._best_start(k, part(progress, 0.0, 0.6))
        if self._rows is not self._start_rows:
            best = moved(
                self._rows,
                self._weights,
                best.centres,
                steps=SETTLING_STEPS,
                progress=part(progress, 0.6, 0.9),
            )
        return self._placed(best.centres + self._shift)

    def _all_rows(self) -> tuple[Matrix, Matrix]:
        return self._X - self._shift, np.ones(len(self._X))

    def _best_start(self, k: int, progress: Progress) -> Centred:
        n_starts = int(np.clip(_ROWS_STARTED // len(self._start_rows), FEWEST_STARTS, MOST_STARTS))
        random = np.random.default_rng((self._seed, k))
        return best_of(self._start_rows, self._start_weights, k, n_starts, random, progress)

    def _placed(self, centres: Matrix) -> KMeansFit:
        nearest = NearestCentre(centres)
        labels, squared = nearest.nearest(self._X)
        return KMeansFit(centres, labels, float(squared.sum()))


def best_of(
    rows: Matrix,
    weights: Matrix,
    k: int,
    n_starts: int,
    random: np.random.Generator,
    progress: Progress = silent,
) -> Centred:
    """Return the best of several starts."""
    best: Centred | None = None
    for number, centres in enumerate(spread_starts(rows, weights, k, n_starts, random)):
        progress(number / n_starts, f"K-Means with {k} segments")
        end = moved(rows, weights, centres)
        if best is None or end.wcss < best.wcss:
            best = end
    assert best is not None
    return best


def quick_kmeans(rows: Matrix, k: int, seed: int, n_starts: int = 3) -> Centred:
    """Return K-Means from a few starts, for the many refits that measure stability and the gap.

    `rows` stand near the origin and in an order that the caller answers for; repeated rows are allowed.
    """
    rows = np.ascontiguousarray(rows)
    return best_of(rows, np.ones(len(rows)), k, n_starts, np.random.default_rng(seed))
