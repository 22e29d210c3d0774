"""Which k centres leave the smallest within-cluster sum of squares?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.content import content_order, distinct_rows, evenly_spaced, near_the_middle
from segmenter.algorithms.lloyd import MAX_STEPS, Centred, Weighted, left_over, moved, moved_on
from segmenter.algorithms.placement import NearestCentre
from segmenter.algorithms.seeding import spread_starts
from segmenter.errors import TooFewDistinctRowsError
from segmenter.progress import Progress, part, silent
from segmenter.threads import n_threads, shared

Matrix = NDArray[np.float64]

# Starts are made on a sample of so many rows; a second sample ranks their ends; all rows only move the best.
START_ROWS, RANKING_ROWS = 10_000, 100_000
# Up to here all rows are at hand for every start, and the best one goes to its very end.
FULL_STARTS_ROWS = 4_000
# Above, every start makes a few steps, and only the most promising ones go on: 32 starts in half the time of
# 16 full ones, within 0.02 % of their WCSS on average.
FIRST_STEPS, PROMISING, LAST_STEPS = 8, 6, 60
# Few rows have the most treacherous landscape and the cheapest starts.
MOST_STARTS, FEWEST_STARTS = 200, 32
_ROWS_STARTED = 120_000
# A sample of START_ROWS ranks two ends wrongly only when their sums of squares are this close (a share).
UNRANKED = 0.015
# Steps on a larger sample or on all rows: as many as so many rows take, and at least a few. A million rows,
# started from 100,000 of them, gain less than 0.01 % from further steps.
_ROWS_SETTLED, FEWEST_STEPS = 1_000_000, 3
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
        self._shift = near_the_middle(self._X)
        self._order = content_order(X)
        self._sampled = len(X) > START_ROWS
        self._start = self._sample(START_ROWS)
        if self._sampled and len(self._start.rows) < _ENOUGH_DIFFERENT:
            self._start, self._sampled = self._sample(len(X)), False
        self._grid = _GRID * float(self._start.rows.std(axis=0).max())

    def fit(self, k: int, progress: Progress = silent) -> KMeansFit:
        """Return the solution with `k` segments."""
        if k > len(self._start.rows):
            raise TooFewDistinctRowsError(len(self._start.rows))
        best = self._best(k, progress)
        nearest = NearestCentre(best + self._shift)
        labels = nearest.place(self._X)
        return KMeansFit(nearest.centres, labels, left_over(self._all_rows, best, labels))

    def _best(self, k: int, progress: Progress) -> Matrix:
        """Return the best centres, shape (k, n_features), less the shift."""
        ends = self._ends(k, part(progress, 0.0, 0.6))
        if not self._sampled:
            return _best(ends).centres
        ranked = self._ranked(_rivals(ends), part(progress, 0.6, 0.7))
        rows, last = self._all_rows, part(progress, 0.7, 0.9)
        return moved_on(rows, ranked.centres, steps=_steps_on(rows), grid=self._grid, progress=last)

    def _ends(self, k: int, progress: Progress) -> list[Centred]:
        """Return where the most promising starts lead on the first sample."""
        n_rows = len(self._start.rows)
        n_starts = int(np.clip(_ROWS_STARTED // n_rows, FEWEST_STARTS, MOST_STARTS))
        random = np.random.default_rng((self._seed, k))
        if n_rows <= FULL_STARTS_ROWS:
            return [best_of(self._start, k, n_starts, random, progress=progress)]
        starts = spread_starts(*self._start, k, n_starts, random)
        begun = list(_moved_together(self._start, starts, FIRST_STEPS, part(progress, 0.0, 0.5)))
        promising = sorted(begun, key=lambda each: each.wcss)[:PROMISING]
        steps = LAST_STEPS if self._sampled else MAX_STEPS
        centres = [each.centres for each in promising]
        return list(_moved_together(self._start, centres, steps, part(progress, 0.5, 1.0)))

    def _ranked(self, rivals: list[Centred], progress: Progress) -> Centred:
        """Return where the best of the rivals ends on the second sample."""
        steps = _steps_on(self._ranking)
        shares = (part(progress, place / len(rivals), (place + 1) / len(rivals)) for place in range(len(rivals)))
        return _best(
            moved(self._ranking, rival.centres, steps=steps, grid=self._grid, progress=share)
            for rival, share in zip(rivals, shares, strict=True)
        )

    def _sample(self, n_rows: int) -> Weighted:
        """Return a fair sample in an order that only the values decide, equal rows merged."""
        positions = self._order[evenly_spaced(len(self._X), n_rows)]
        distinct = distinct_rows(self._X[positions] - self._shift)
        return Weighted(distinct.rows, distinct.weights)

    @cached_property
    def _ranking(self) -> Weighted:
        return self._sample(RANKING_ROWS)

    @cached_property
    def _all_rows(self) -> Weighted:
        return Weighted(self._X - self._shift, np.ones(len(self._X)))


def _steps_on(weighted: Weighted) -> int:
    return max(_ROWS_SETTLED // len(weighted.rows), FEWEST_STEPS)


def _best(ends: Iterable[Centred]) -> Centred:
    return min(ends, key=lambda each: each.wcss)


def _moved_together(
    weighted: Weighted, starts: Sequence[Matrix] | Matrix, steps: int, progress: Progress
) -> Iterator[Centred]:
    """Move several starts at once, one thread each, and yield them in their order."""
    ends = shared(lambda centres: moved(weighted, centres, steps=steps), starts, n_threads())
    for number, end in enumerate(ends):
        progress(number / len(starts), f"K-Means with {len(end.centres)} segments")
        yield end


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
    ends = []
    for number, centres in enumerate(spread_starts(*weighted, k, n_starts, random)):
        progress(number / n_starts, f"K-Means with {k} segments")
        ends.append(moved(weighted, centres, steps=steps))
    return _best(ends)


def quick_kmeans(rows: Matrix, k: int, seed: int, n_starts: int = _QUICK_STARTS) -> Centred:
    """Return K-Means from a few starts, for the many refits that measure stability and the gap.

    `rows` stand near the origin and in an order that the caller answers for; repeated rows are allowed.
    """
    rows, random = np.ascontiguousarray(rows), np.random.default_rng(seed)
    return best_of(Weighted(rows, np.ones(len(rows))), k, n_starts, random, steps=_QUICK_STEPS)
