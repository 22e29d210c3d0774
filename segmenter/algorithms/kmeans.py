"""Which k centres leave the smallest within-cluster sum of squares?"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.content import content_order, distinct_rows
from segmenter.algorithms.lloyd import MAX_STEPS, Centred, moved
from segmenter.algorithms.placement import NearestCentre
from segmenter.algorithms.seeding import spread_starts
from segmenter.errors import TooFewDistinctRowsError
from segmenter.progress import Progress, part, silent

Matrix = NDArray[np.float64]

# Starts are made on at most this many rows; all rows then only move the best one a little.
START_ROWS = 20_000
# The first look at every start takes fewer still, and the most promising ones go on.
FIRST_LOOK_ROWS, PROMISING = 4_000, 3
# Few rows have the most treacherous landscape and the cheapest starts.
MOST_STARTS, FEWEST_STARTS = 60, 16
_ROWS_STARTED = 120_000
# On all rows, centres that come from a sample need only settle: further steps gain less than 0.01 %.
SETTLING_STEPS = 4
# Sums of millions of rows agree to 12 digits in any order; centres keep 9 of the columns' widest spread.
_GRID = 1e-9
# A sample with fewer different rows than this comes from data that is nearly all one row.
_ENOUGH_DIFFERENT = 1_000
# Refits for stability and reference data: their own spread is far larger than what more steps would change.
_QUICK_STARTS, _QUICK_STEPS = 2, 60


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
        positions = np.linspace(0, len(X) - 1, min(len(X), START_ROWS)).astype(np.intp)
        self._start = distinct_rows(X[order[positions]] - self._shift)
        self._sampled = len(X) > START_ROWS
        if self._sampled and len(self._start.rows) < _ENOUGH_DIFFERENT:
            self._start, self._sampled = distinct_rows(X - self._shift, order), False

    def fit(self, k: int, progress: Progress = silent) -> KMeansFit:
        """Return the solution with `k` segments."""
        if k > len(self._start.rows):
            raise TooFewDistinctRowsError(len(self._start.rows))
        best = self._best_start(k, part(progress, 0.0, 0.6))
        if self._sampled:
            best = self._settled(best.centres, part(progress, 0.6, 0.9))
        nearest = NearestCentre(best.centres + self._shift)
        return KMeansFit(nearest.centres, nearest.place(self._X), best.wcss)

    def _best_start(self, k: int, progress: Progress) -> Centred:
        rows, weights = self._start.rows, self._start.weights
        n_starts = int(np.clip(_ROWS_STARTED // len(rows), FEWEST_STARTS, MOST_STARTS))
        random = np.random.default_rng((self._seed, k))
        if len(rows) <= FIRST_LOOK_ROWS:
            return best_of(rows, weights, k, n_starts, random, progress=progress)
        # Rows stand in an order that looks random, so the first ones are a fair sample.
        few = rows[:FIRST_LOOK_ROWS], weights[:FIRST_LOOK_ROWS]
        looked = _all_starts(*few, k, n_starts, random, progress=progress)
        promising = sorted(looked, key=lambda each: each.wcss)[:PROMISING]
        ends = [moved(rows, weights, each.centres, progress=progress) for each in promising]
        return min(ends, key=lambda each: each.wcss)

    def _settled(self, centres: Matrix, progress: Progress) -> Centred:
        rows, weights = self._all_rows
        grid = _GRID * float(self._start.rows.std(axis=0).max())
        return moved(rows, weights, centres, steps=SETTLING_STEPS, grid=grid, progress=progress)

    @cached_property
    def _all_rows(self) -> tuple[Matrix, Matrix]:
        return self._X - self._shift, np.ones(len(self._X))


def best_of(
    rows: Matrix,
    weights: Matrix,
    k: int,
    n_starts: int,
    random: np.random.Generator,
    *,
    steps: int = MAX_STEPS,
    progress: Progress = silent,
) -> Centred:
    """Return the best of several starts."""
    ends = _all_starts(rows, weights, k, n_starts, random, steps=steps, progress=progress)
    return min(ends, key=lambda each: each.wcss)


def _all_starts(
    rows: Matrix,
    weights: Matrix,
    k: int,
    n_starts: int,
    random: np.random.Generator,
    *,
    steps: int = MAX_STEPS,
    progress: Progress = silent,
) -> Iterator[Centred]:
    for number, centres in enumerate(spread_starts(rows, weights, k, n_starts, random)):
        progress(number / n_starts, f"K-Means with {k} segments")
        yield moved(rows, weights, centres, steps=steps)


def quick_kmeans(rows: Matrix, k: int, seed: int, n_starts: int = _QUICK_STARTS) -> Centred:
    """Return K-Means from a few starts, for the many refits that measure stability and the gap.

    `rows` stand near the origin and in an order that the caller answers for; repeated rows are allowed.
    """
    rows, random = np.ascontiguousarray(rows), np.random.default_rng(seed)
    return best_of(rows, np.ones(len(rows)), k, n_starts, random, steps=_QUICK_STEPS)
