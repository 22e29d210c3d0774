"""Which k centres leave the smallest within-cluster sum of squares?"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.content import content_order, distinct_rows
from segmenter.algorithms.lloyd import MAX_STEPS, Centred, Weighted, moved
from segmenter.algorithms.placement import NearestCentre
from segmenter.algorithms.seeding import spread_starts
from segmenter.errors import TooFewDistinctRowsError
from segmenter.progress import Progress, part, silent

Matrix = NDArray[np.float64]

# Starts are made on at most this many rows; all rows then only move the best one a little.
START_ROWS = 20_000
# On more rows than these, every start makes a few steps and only the most promising ones go to their end:
# 24 starts in half the time of 16 full ones, within 0.01 % of their WCSS on average.
FULL_STARTS_ROWS, FIRST_STEPS, PROMISING, LAST_STEPS = 4_000, 10, 5, 60
# Few rows have the most treacherous landscape and the cheapest starts.
MOST_STARTS, FEWEST_STARTS = 200, 24
_ROWS_STARTED = 120_000
# On all rows, centres that come from a sample need only settle: further steps gain less than 0.01 %.
SETTLING_STEPS = 4
# Sums of millions of rows agree to 12 digits in any order; centres keep 9 of the columns' widest spread.
_GRID = 1e-9
_MIDDLE = 2.0**-10
# A sample of 20,000 rows ranks two solutions wrongly only when they are this close (0.3 % of the WCSS).
UNRANKED = 0.003
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
        self._shift = _near_the_middle(self._X)
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
        ends = self._ends(k, part(progress, 0.0, 0.6))
        if self._sampled:
            ends = [self._settled(end.centres, part(progress, 0.6, 0.9)) for end in _rivals(ends)]
        best = min(ends, key=lambda each: each.wcss)
        nearest = NearestCentre(best.centres + self._shift)
        return KMeansFit(nearest.centres, nearest.place(self._X), best.wcss)

    def _ends(self, k: int, progress: Progress) -> list[Centred]:
        weighted = Weighted(self._start.rows, self._start.weights)
        n_rows = len(weighted.rows)
        n_starts = int(np.clip(_ROWS_STARTED // n_rows, FEWEST_STARTS, MOST_STARTS))
        random = np.random.default_rng((self._seed, k))
        if n_rows <= FULL_STARTS_ROWS:
            return [best_of(weighted, k, n_starts, random, progress=progress)]
        begun = _all_starts(weighted, k, n_starts, random, steps=FIRST_STEPS, progress=progress)
        promising = sorted(begun, key=lambda each: each.wcss)[:PROMISING]
        return [moved(weighted, each.centres, steps=LAST_STEPS if self._sampled else MAX_STEPS) for each in promising]

    def _settled(self, centres: Matrix, progress: Progress) -> Centred:
        grid = _GRID * float(self._start.rows.std(axis=0).max())
        return moved(self._all_rows, centres, steps=SETTLING_STEPS, grid=grid, progress=progress)

    @cached_property
    def _all_rows(self) -> Weighted:
        return Weighted(self._X - self._shift, np.ones(len(self._X)))


def _near_the_middle(X: Matrix) -> Matrix:
    """Return the mean, rounded so far that it is the same for any order of the rows."""
    grid = np.exp2(np.floor(np.log2(np.maximum(np.ptp(X, axis=0), np.finfo(float).tiny)))) * _MIDDLE
    return np.asarray(np.round(X.mean(axis=0) / grid) * grid)


def _rivals(ends: list[Centred]) -> list[Centred]:
    """Return the solutions that a sample cannot rank, one of each kind."""
    best = min(end.wcss for end in ends)
    close = {f"{end.wcss / best:.5f}": end for end in ends if end.wcss <= best * (1 + UNRANKED)}
    return list(close.values())


def best_of(
    weighted: Weighted,
    k: int,
    n_starts: int,
    random: np.random.Generator,
    *,
    steps: int = MAX_STEPS,
    progress: Progress = silent,
) -> Centred:
    """Return the best of several starts."""
    ends = _all_starts(weighted, k, n_starts, random, steps=steps, progress=progress)
    return min(ends, key=lambda each: each.wcss)


def _all_starts(
    weighted: Weighted,
    k: int,
    n_starts: int,
    random: np.random.Generator,
    *,
    steps: int = MAX_STEPS,
    progress: Progress = silent,
) -> Iterator[Centred]:
    for number, centres in enumerate(spread_starts(*weighted, k, n_starts, random)):
        progress(number / n_starts, f"K-Means with {k} segments")
        yield moved(weighted, centres, steps=steps)


def quick_kmeans(rows: Matrix, k: int, seed: int, n_starts: int = _QUICK_STARTS) -> Centred:
    """Return K-Means from a few starts, for the many refits that measure stability and the gap.

    `rows` stand near the origin and in an order that the caller answers for; repeated rows are allowed.
    """
    rows, random = np.ascontiguousarray(rows), np.random.default_rng(seed)
    return best_of(Weighted(rows, np.ones(len(rows))), k, n_starts, random, steps=_QUICK_STEPS)
