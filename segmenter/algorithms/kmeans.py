"""Which k centres leave the smallest within-cluster sum of squares?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.content import content_order, distinct_rows, near_the_middle, squared_lengths
from segmenter.algorithms.lloyd import MAX_STEPS, Centred, Weighted, inertia, moved, moved_on
from segmenter.algorithms.placement import NearestCentre
from segmenter.algorithms.seeding import additional_centres, kmeans_plusplus, two_nearest_squared
from segmenter.errors import TooFewDistinctRowsError
from segmenter.progress import Progress, part, silent
from segmenter.threads import n_threads, shared

Matrix = NDArray[np.float64]
Item = TypeVar("Item")

# The search works on a sample of so many rows; a second sample ranks its ends; all rows only move the best.
START_ROWS, RANKING_ROWS = 10_000, 50_000
# Every start makes a few steps; the most promising ones are improved by breathing, a few steps a breath.
N_STARTS, FIRST_STEPS, PROMISING = 16, 6, 4
SETTLING_STEPS, BREATH, BREATH_STEPS, MOST_BREATHS = 40, 5, 12, 14
# Few rows have the most treacherous landscape and the cheapest starts: up to so many times as many.
MOST_TIMES, _ROWS_STARTED = 5, 15_000
# What the larger sample ranks best is improved on it once more, by smaller breaths.
LAST_BREATH, LAST_BREATHS = 2, 4
# A sample ranks two ends wrongly only when their sums of squares are this close (a share).
UNRANKED, RANKING_STEPS = 0.01, 15
# Steps on a larger sample or on all rows: as many as so many rows take, and at least a few. A million rows,
# started from 100,000 of them, gain less than 0.01 % from further steps.
_ROWS_SETTLED, FEWEST_STEPS = 3_000_000, 3
# Sums of millions of rows agree to 12 digits in any order; centres keep 9 of the columns' widest spread.
_GRID = 1e-9
# Sums of squares this close (a share) are equal but for rounding: the start drawn first then wins everywhere.
_EQUAL = 1e-9
# After a breath's few steps, centres that leave at most this share more may yet end below the best.
_WORTH_GOING_ON = 0.002
# Rows exactly between two centres, as counts and ratings have them, would go where rounding sends them. For the search
# every row is moved by about so much of the columns' widest spread, the same way everywhere.
_NUDGE = 1e-8
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
        # A power of two, so that a multiple of it has the same bits wherever it was computed.
        widest = float(self._start.rows.std(axis=0).max())
        self._grid = float(np.exp2(np.round(np.log2(_GRID * max(widest, np.finfo(float).tiny)))))

    def fit(self, k: int, progress: Progress = silent) -> KMeansFit:
        """Return the solution with `k` segments."""
        if k > len(self._start.rows):
            raise TooFewDistinctRowsError(len(self._start.rows))
        best = self._best(k, progress)
        if not self._sampled:
            best = self._exact_means(best)
        best = np.round(best / self._grid) * self._grid
        nearest = NearestCentre(best + self._shift)
        labels = nearest.place(self._X)
        everybody = Weighted(self._X, np.ones(len(self._X)))
        return KMeansFit(nearest.centres, labels, inertia(everybody, nearest.centres, labels))

    def _exact_means(self, centres: Matrix) -> Matrix:
        """Return the means of the rows nearest to each centre, summed in canonical order."""
        rows = self._X[self._order] - self._shift
        labels = NearestCentre(centres).place(rows)
        sizes = np.bincount(labels, minlength=len(centres))
        sums = np.column_stack([np.bincount(labels, column, len(centres)) for column in rows.T])
        return np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres)

    def _best(self, k: int, progress: Progress) -> Matrix:
        """Return the best centres, shape (k, n_features), less the shift."""
        ends = self._ends(k, part(progress, 0.0, 0.6))
        if not self._sampled:
            return moved(self._start, _best(ends).centres, grid=self._grid).centres
        ranked = self._ranked(_rivals(ends), part(progress, 0.6, 0.7))
        random = np.random.default_rng((self._seed, k, 1))
        better = breathed(self._ranking, ranked.centres, random, breath=LAST_BREATH, breaths=LAST_BREATHS)
        rows, last = self._all_rows, part(progress, 0.8, 0.9)
        return moved_on(rows, better.centres, steps=_steps_on(rows), grid=self._grid, progress=last)

    def _ends(self, k: int, progress: Progress) -> list[Centred]:
        """Return where the most promising starts lead on the first sample."""
        random = np.random.default_rng((self._seed, k))
        times = int(np.clip(_ROWS_STARTED // len(self._start.rows), 1, MOST_TIMES))
        starts = kmeans_plusplus(*self._start, k, times * N_STARTS, random)
        begun = _side_by_side(
            lambda centres: moved(self._start, centres, steps=FIRST_STEPS), list(starts), part(progress, 0.0, 0.2)
        )
        promising = sorted(begun, key=lambda each: float(f"{each.wcss:.9g}"))[: times * PROMISING]
        draws = random.spawn(len(promising))
        return _side_by_side(
            lambda number: breathed(self._start, promising[number].centres, draws[number]),
            range(len(promising)),
            part(progress, 0.2, 1.0),
        )

    def _ranked(self, rivals: list[Centred], progress: Progress) -> Centred:
        """Return where the best of the rivals ends on the second sample."""
        steps = RANKING_STEPS
        shares = (part(progress, place / len(rivals), (place + 1) / len(rivals)) for place in range(len(rivals)))
        return _best(
            [
                moved(self._ranking, rival.centres, steps=steps, grid=self._grid, progress=share)
                for rival, share in zip(rivals, shares, strict=True)
            ]
        )

    def _sample(self, n_rows: int) -> Weighted:
        """Return a sample in an order that only the values decide, equal rows merged.

        A row's chance to be in it is half the same for all, half proportional to its squared distance from the
        middle, and its weight makes up for that (lightweight coresets: Bachem, Lucic & Krause 2018). The few rows
        far out, which make up much of a sum of squares, are thus all in it.
        """
        if len(self._X) <= n_rows:
            distinct = distinct_rows(self._X[self._order] - self._shift)
            return Weighted(_nudged(distinct.rows), distinct.weights)
        chances = self._chances
        ends = np.cumsum(chances)
        drawn = np.searchsorted(ends, (np.arange(n_rows) + 0.5) * (ends[-1] / n_rows), side="right")
        positions, times = np.unique(np.minimum(drawn, len(ends) - 1), return_counts=True)
        weights = times * (ends[-1] / n_rows) / chances[positions]
        distinct = distinct_rows(self._X[self._order[positions]] - self._shift)
        return Weighted(_nudged(distinct.rows), np.bincount(distinct.index, weights).astype(np.float64))

    @cached_property
    def _chances(self) -> Matrix:
        """Return how likely each row is in a sample, relative to the others, in canonical order."""
        squared = squared_lengths(self._X - self._shift)[self._order]
        mean = float(squared.mean())
        return 0.5 + 0.5 * squared / mean if mean > 0 else np.ones(len(squared))

    @cached_property
    def _ranking(self) -> Weighted:
        return self._sample(RANKING_ROWS)

    @cached_property
    def _all_rows(self) -> Weighted:
        rows = np.empty_like(self._X)
        rows[self._order] = _nudged(self._X[self._order] - self._shift)
        return Weighted(rows, np.ones(len(rows)))


def _nudged(rows: Matrix) -> Matrix:
    """Return rows, given in canonical order, of which none stands exactly between two centres."""
    nudges = np.random.default_rng(len(rows)).random(rows.shape)
    nudges -= 0.5
    nudges *= 2 * _NUDGE * float(rows.std(axis=0).max())
    nudges += rows
    return nudges


def _steps_on(weighted: Weighted) -> int:
    return max(_ROWS_SETTLED // len(weighted.rows), FEWEST_STEPS)


def _best(ends: Sequence[Centred]) -> Centred:
    """Return the first of the ends that leave the least, but for rounding."""
    least = min(end.wcss for end in ends)
    return next(end for end in ends if end.wcss <= least * (1 + _EQUAL))


def _side_by_side(work: Callable[[Item], Centred], items: Sequence[Item], progress: Progress) -> list[Centred]:
    """Work on several starts at once, one thread each; their ends come in their order."""
    found: list[Centred] = []
    for end in shared(work, items, n_threads()):
        progress(len(found) / len(items), f"K-Means with {len(end.centres)} segments")
        found.append(end)
    return found


def _rivals(ends: list[Centred]) -> list[Centred]:
    """Return the solutions that a sample cannot rank, one of each kind."""
    best = min(end.wcss for end in ends)
    close: dict[str, Centred] = {}
    for end in ends:
        if end.wcss <= best * (1 + UNRANKED):
            close.setdefault(f"{end.wcss / best:.5f}", end)
    return list(close.values())


def breathed(
    weighted: Weighted,
    centres: Matrix,
    random: np.random.Generator,
    *,
    breath: int = BREATH,
    breaths: int = MOST_BREATHS,
) -> Centred:
    """Return what is left of `centres` after some were added and as many taken away, again and again.

    Breathing k-means (Fritzke 2020): a few centres are added where rows are far from theirs, all move, those that
    are missed least are taken away, all move again. What leaves less is kept; else the next breath is smaller.
    """
    rows, weights = weighted
    norms = np.einsum("ij,ij->i", rows, rows)
    best = moved(weighted, centres, steps=SETTLING_STEPS)
    size = min(breath, len(best.centres), len(rows) - len(best.centres))
    for _ in range(breaths):
        if size < 1 or best.wcss <= 0:
            break
        nearest = two_nearest_squared(rows, norms, best.centres)[1]
        added = additional_centres(rows, weights, nearest, size, random)
        more = moved(weighted, np.vstack([best.centres, added]), steps=BREATH_STEPS)
        fewer = _without_least_missed(weighted, norms, more.centres, size)
        end = moved(weighted, fewer, steps=BREATH_STEPS)
        if end.wcss < best.wcss * (1 + _WORTH_GOING_ON):
            end = moved(weighted, end.centres, steps=SETTLING_STEPS)
        if end.wcss < best.wcss * (1 - _EQUAL):
            best = end
        else:
            size -= 1
    return best


def _without_least_missed(weighted: Weighted, norms: Matrix, centres: Matrix, n: int) -> Matrix:
    """Take away `n` centres, one after the other that whose rows are nearly as near to another."""
    for _ in range(n):
        labels, first, second = two_nearest_squared(weighted.rows, norms, centres)
        missed = np.bincount(labels, weighted.weights * (second - first), len(centres))
        centres = np.delete(centres, int(np.argmax(missed <= missed.min() * (1 + _EQUAL))), axis=0)
    return centres


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
    for number, centres in enumerate(kmeans_plusplus(*weighted, k, n_starts, random)):
        progress(number / n_starts, f"K-Means with {k} segments")
        ends.append(moved(weighted, centres, steps=steps))
    return _best(ends)


def quick_kmeans(rows: Matrix, k: int, seed: int, n_starts: int = _QUICK_STARTS) -> Centred:
    """Return K-Means from a few starts, for the many refits that measure stability and the gap.

    `rows` stand near the origin and in an order that the caller answers for; repeated rows are allowed.
    """
    rows, random = np.ascontiguousarray(rows), np.random.default_rng(seed)
    return best_of(Weighted(rows, np.ones(len(rows))), k, n_starts, random, steps=_QUICK_STEPS)
