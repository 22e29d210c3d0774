"""K-Means: k-means++ starts, Lloyd steps, and the best of several runs for one or all k."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances_argmin

from segmenter.cluster.assigners import NearestCentre
from segmenter.errors.forming import TooFewDistinctRowsError
from segmenter.progress import Progress, part, silent
from segmenter.sampling import canonical_order, distinct_rows, near_the_middle, squared_norms
from segmenter.threads import n_threads, one_blas_thread, shared
from segmenter.typing import FloatArray, IntArray

# Rounding leaves up to this share of the largest squared distance between two equal rows.
_NO_DISTANCE = 1e-12
# Sums of squares this close (a share) count as equal: products differ in their last digits between machines.
_AS_GOOD = 1e-10


def kmeans_plusplus(
    rows: FloatArray, weights: FloatArray, k: int, n_starts: int, rng: np.random.Generator
) -> FloatArray:
    """Return several starts of greedy k-means++, drawn side by side.

    Every next centre is the best of a few candidates, drawn with a probability proportional to the squared
    distance to the centres there are (Arthur & Vassilvitskii 2007, the greedy variant of its section 6).

    Returns
    -------
    Matrix
        Shape (n_starts, k, n_features).
    """
    norms = np.einsum("ij,ij->i", rows, rows)
    first = _drawn(np.broadcast_to(weights, (n_starts, len(rows))), 1, rng)
    nearest = _squared(rows, norms, rows[first], norms[first])[:, 0]
    others = _greedy_draws(rows, weights, nearest, k - 1, 2 + int(np.log(k)), rng)
    return rows[np.hstack([first, others])]


def additional_centres(
    rows: FloatArray, weights: FloatArray, nearest: FloatArray, n: int, rng: np.random.Generator
) -> FloatArray:
    """Return `n` more centres, drawn like those of k-means++, for rows whose nearest centre is so far away.

    Parameters
    ----------
    nearest
        Shape (n_rows,), squared distances.
    """
    drawn = _greedy_draws(rows, weights, nearest[None], n, 3, rng)
    return rows[drawn[0]]


def two_nearest_squared(
    rows: FloatArray, norms: FloatArray, centres: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the nearest centre of each row, the squared distance to it, and that to the second nearest."""
    squared = _squared(rows, norms, centres, np.einsum("ij,ij->i", centres, centres))
    labels = np.zeros(len(rows), dtype=np.intp)
    first, second = squared[0].copy(), np.full(len(rows), np.inf)
    for number, line in enumerate(squared[1:], start=1):
        labels[line < first] = number
        np.minimum(second, np.maximum(first, line), out=second)
        np.minimum(first, line, out=first)
    return labels, first, second


def _greedy_draws(
    rows: FloatArray, weights: FloatArray, nearest: FloatArray, n: int, candidates: int, rng: np.random.Generator
) -> IntArray:
    """Return positions of further centres, shape (n_starts, n), from `nearest` of shape (n_starts, n_rows)."""
    norms = np.einsum("ij,ij->i", rows, rows)
    each, found = np.arange(len(nearest)), np.empty((len(nearest), n), dtype=np.intp)
    for place in range(n):
        drawn = _drawn(nearest * weights, candidates, rng)
        closer = np.minimum(_squared(rows, norms, rows[drawn], norms[drawn]), nearest[:, None, :])
        left = closer @ weights
        best = np.argmax(left <= left.min(axis=1, keepdims=True) * (1 + _AS_GOOD), axis=1)
        found[:, place] = drawn[each, best]
        nearest = closer[each, best]
    return found


def _drawn(chances: FloatArray, n: int, rng: np.random.Generator) -> IntArray:
    """Draw `n` positions from each line of `chances`, shape (n_starts, n_rows)."""
    cumulative = np.cumsum(chances, axis=1)
    points = rng.random((len(chances), n)) * cumulative[:, -1:]
    found = [np.searchsorted(line, point, side="right") for line, point in zip(cumulative, points, strict=True)]
    drawn: IntArray = np.minimum(np.array(found), chances.shape[1] - 1)
    return drawn


def _squared(rows: FloatArray, norms: FloatArray, centres: FloatArray, centre_norms: FloatArray) -> FloatArray:
    """Return squared distances from every centre to all rows, shape (*centre_norms.shape, n_rows)."""
    lengths = centre_norms[..., None] + norms
    squared = lengths - 2.0 * (centres @ rows.T)
    squared[squared < _NO_DISTANCE * lengths] = 0.0
    return squared


try:
    # scikit-learn's compiled inner loop, without the copy, the checks and the variance that its public class
    # adds to every call: on 1,000,000 × 6 rows and ten centres 9 ms a step instead of 17 ms in NumPy. It is
    # private, so a release may take it away; the same step is then made with public functions.
    from sklearn.cluster._k_means_lloyd import lloyd_iter_chunked_dense
except ImportError:  # pragma: no cover - tests take it away by hand
    lloyd_iter_chunked_dense = None


# Below this, waking a second thread costs more than it computes.
_ROWS_PER_THREAD = 50_000
_ROWS_AT_ONCE = 8_192
MAX_STEPS = 300


@dataclass(frozen=True, eq=False)
class KMeansState:
    """Centres, the nearest one of each row, and the sum of squares that they leave."""

    centres: FloatArray
    labels: NDArray[np.int32]
    wcss: float


class WeightedSample(NamedTuple):
    """Rows, shape (n, p), and how often each counts, shape (n,)."""

    rows: FloatArray
    weights: FloatArray


def lloyd(
    weighted: WeightedSample,
    centres: FloatArray,
    *,
    steps: int = MAX_STEPS,
    grid: float = 0.0,
    progress: Progress = silent,
) -> KMeansState:
    """Return where `centres` come to rest within `steps` steps of Lloyd's algorithm, and what they leave.

    With a `grid`, centres stay on its multiples: sums over rows in another order differ in their last bits,
    and rounding takes those away.
    """
    walk = _Walk(weighted, centres)
    with walk.one_pool():
        walk.go(steps, grid, progress)
        return walk.rest()


def moved_on(
    weighted: WeightedSample, centres: FloatArray, *, steps: int, grid: float, progress: Progress
) -> FloatArray:
    """Return where `centres` come to rest, like `lloyd`, and spare the labels and the sum of squares."""
    walk = _Walk(weighted, centres)
    with walk.one_pool():
        walk.go(steps, grid, progress)
    return walk.centres


def inertia(weighted: WeightedSample, centres: FloatArray, labels: IntArray | NDArray[np.int32]) -> float:
    """Return the weighted sum of squares that `centres` leave in the rows that belong to them.

    Block by block in a fixed order: the same number with any number of threads.
    """
    total = 0.0
    for start in range(0, len(weighted.rows), _ROWS_AT_ONCE):
        block = slice(start, start + _ROWS_AT_ONCE)
        apart = weighted.rows[block] - centres[labels[block]]
        total += float(np.einsum("ij,ij,i->", apart, apart, weighted.weights[block]))
    return total


def _threads_for(rows: FloatArray) -> int:
    return min(n_threads(), 1 + len(rows) // _ROWS_PER_THREAD)


class _Walk:
    def __init__(self, weighted: WeightedSample, centres: FloatArray) -> None:
        self.rows, self.weights = weighted
        self.centres = np.ascontiguousarray(centres)
        self.labels = np.full(len(self.rows), -1, dtype=np.int32)
        self.threads = _threads_for(self.rows)

    def one_pool(self) -> AbstractContextManager[object]:
        """Keep the products inside the threads of this walk from starting threads of their own."""
        return one_blas_thread() if self.threads > 1 else nullcontext()

    def go(self, steps: int, grid: float, progress: Progress) -> None:
        """Make steps until the centres rest, at most so many."""
        for step in range(steps):
            progress(step / steps, "Moving the centres")
            if self.step(grid):
                break

    def step(self, grid: float) -> bool:
        """Move every centre into the middle of its rows; say whether all rows kept their centre."""
        before = self.labels.copy()
        centres = self._run(update=True)
        self.centres = np.round(centres / grid) * grid if grid else centres
        return bool(np.array_equal(before, self.labels))

    def rest(self) -> KMeansState:
        """Label the rows by the centres as they stand."""
        self._run(update=False)
        return KMeansState(
            self.centres, self.labels, inertia(WeightedSample(self.rows, self.weights), self.centres, self.labels)
        )

    def _run(self, *, update: bool) -> FloatArray:
        k = len(self.centres)
        if lloyd_iter_chunked_dense is None:
            return self._run_public(update=update)
        new, sizes, shift = np.empty_like(self.centres), np.zeros(k), np.zeros(k)
        lloyd_iter_chunked_dense(
            self.rows, self.weights, self.centres, new, sizes, self.labels, shift, self.threads, update
        )
        return new

    def _run_public(self, *, update: bool) -> FloatArray:
        """Make the same step with public functions only."""
        k = len(self.centres)
        self.labels = pairwise_distances_argmin(self.rows, self.centres).astype(np.int32)
        if not update:
            return self.centres
        sizes = np.bincount(self.labels, self.weights, k)
        sums = [np.bincount(self.labels, self.weights * column, k) for column in self.rows.T]
        new = np.column_stack(sums) / np.where(sizes > 0, sizes, 1.0)[:, None]
        empty = np.flatnonzero(sizes == 0)
        if len(empty):
            # A centre without rows starts anew at one of those farthest from theirs.
            away = ((self.rows - self.centres[self.labels]) ** 2).sum(axis=1)
            new[empty] = self.rows[np.argsort(-away, kind="stable")[: len(empty)]]
        return new


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

    centres: FloatArray
    labels: IntArray
    wcss: float


def fit_kmeans(X: FloatArray, k: int, *, seed: int, progress: Progress = silent) -> KMeansFit:
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

    def __init__(self, X: FloatArray, seed: int) -> None:
        self._X, self._seed = np.ascontiguousarray(X), seed
        # Squared distances are computed as |a|² + |b|² - 2ab, which far from zero loses every digit.
        self._shift = near_the_middle(self._X)
        self._order = canonical_order(X)
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
        everybody = WeightedSample(self._X, np.ones(len(self._X)))
        return KMeansFit(nearest.centres, labels, inertia(everybody, nearest.centres, labels))

    def _exact_means(self, centres: FloatArray) -> FloatArray:
        """Return the means of the rows nearest to each centre, summed in canonical order."""
        rows = self._X[self._order] - self._shift
        labels = NearestCentre(centres).place(rows)
        sizes = np.bincount(labels, minlength=len(centres))
        sums = np.column_stack([np.bincount(labels, column, len(centres)) for column in rows.T])
        return np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres)

    def _best(self, k: int, progress: Progress) -> FloatArray:
        """Return the best centres, shape (k, n_features), less the shift."""
        ends = self._ends(k, part(progress, 0.0, 0.6))
        if not self._sampled:
            return lloyd(self._start, _best(ends).centres, grid=self._grid).centres
        ranked = self._ranked(_rivals(ends), part(progress, 0.6, 0.7))
        random = np.random.default_rng((self._seed, k, 1))
        better = breathed(self._ranking, ranked.centres, random, breath=LAST_BREATH, breaths=LAST_BREATHS)
        rows, last = self._all_rows, part(progress, 0.8, 0.9)
        return moved_on(rows, better.centres, steps=_steps_on(rows), grid=self._grid, progress=last)

    def _ends(self, k: int, progress: Progress) -> list[KMeansState]:
        """Return where the most promising starts lead on the first sample."""
        random = np.random.default_rng((self._seed, k))
        times = int(np.clip(_ROWS_STARTED // len(self._start.rows), 1, MOST_TIMES))
        starts = kmeans_plusplus(*self._start, k, times * N_STARTS, random)
        begun = _side_by_side(
            lambda centres: lloyd(self._start, centres, steps=FIRST_STEPS), list(starts), part(progress, 0.0, 0.2)
        )
        promising = sorted(begun, key=lambda each: float(f"{each.wcss:.9g}"))[: times * PROMISING]
        draws = random.spawn(len(promising))
        return _side_by_side(
            lambda number: breathed(self._start, promising[number].centres, draws[number]),
            range(len(promising)),
            part(progress, 0.2, 1.0),
        )

    def _ranked(self, rivals: list[KMeansState], progress: Progress) -> KMeansState:
        """Return where the best of the rivals ends on the second sample."""
        steps = RANKING_STEPS
        shares = (part(progress, place / len(rivals), (place + 1) / len(rivals)) for place in range(len(rivals)))
        return _best(
            [
                lloyd(self._ranking, rival.centres, steps=steps, grid=self._grid, progress=share)
                for rival, share in zip(rivals, shares, strict=True)
            ]
        )

    def _sample(self, n_rows: int) -> WeightedSample:
        """Return a sample in an order that only the values decide, equal rows merged.

        A row's chance to be in it is half the same for all, half proportional to its squared distance from the
        middle, and its weight makes up for that (lightweight coresets: Bachem, Lucic & Krause 2018). The few rows
        far out, which make up much of a sum of squares, are thus all in it.
        """
        if len(self._X) <= n_rows:
            distinct = distinct_rows(self._X[self._order] - self._shift)
            return WeightedSample(_nudged(distinct.rows), distinct.weights)
        chances = self._chances
        ends = np.cumsum(chances)
        drawn = np.searchsorted(ends, (np.arange(n_rows) + 0.5) * (ends[-1] / n_rows), side="right")
        positions, times = np.unique(np.minimum(drawn, len(ends) - 1), return_counts=True)
        weights = times * (ends[-1] / n_rows) / chances[positions]
        distinct = distinct_rows(self._X[self._order[positions]] - self._shift)
        return WeightedSample(_nudged(distinct.rows), np.bincount(distinct.index, weights).astype(np.float64))

    @cached_property
    def _chances(self) -> FloatArray:
        """Return how likely each row is in a sample, relative to the others, in canonical order."""
        squared = squared_norms(self._X - self._shift)[self._order]
        mean = float(squared.mean())
        return 0.5 + 0.5 * squared / mean if mean > 0 else np.ones(len(squared))

    @cached_property
    def _ranking(self) -> WeightedSample:
        return self._sample(RANKING_ROWS)

    @cached_property
    def _all_rows(self) -> WeightedSample:
        rows = np.empty_like(self._X)
        rows[self._order] = _nudged(self._X[self._order] - self._shift)
        return WeightedSample(rows, np.ones(len(rows)))


def _nudged(rows: FloatArray) -> FloatArray:
    """Return rows, given in canonical order, of which none stands exactly between two centres."""
    nudges = np.random.default_rng(len(rows)).random(rows.shape)
    nudges -= 0.5
    nudges *= 2 * _NUDGE * float(rows.std(axis=0).max())
    nudges += rows
    return nudges


def _steps_on(weighted: WeightedSample) -> int:
    return max(_ROWS_SETTLED // len(weighted.rows), FEWEST_STEPS)


def _best(ends: Sequence[KMeansState]) -> KMeansState:
    """Return the first of the ends that leave the least, but for rounding."""
    least = min(end.wcss for end in ends)
    return next(end for end in ends if end.wcss <= least * (1 + _EQUAL))


def _side_by_side(work: Callable[[Item], KMeansState], items: Sequence[Item], progress: Progress) -> list[KMeansState]:
    """Work on several starts at once, one thread each; their ends come in their order."""
    found: list[KMeansState] = []
    for end in shared(work, items, n_threads()):
        progress(len(found) / len(items), f"K-Means with {len(end.centres)} segments")
        found.append(end)
    return found


def _rivals(ends: list[KMeansState]) -> list[KMeansState]:
    """Return the solutions that a sample cannot rank, one of each kind."""
    best = min(end.wcss for end in ends)
    close: dict[str, KMeansState] = {}
    for end in ends:
        if end.wcss <= best * (1 + UNRANKED):
            close.setdefault(f"{end.wcss / best:.5f}", end)
    return list(close.values())


def breathed(
    weighted: WeightedSample,
    centres: FloatArray,
    random: np.random.Generator,
    *,
    breath: int = BREATH,
    breaths: int = MOST_BREATHS,
) -> KMeansState:
    """Return what is left of `centres` after some were added and as many taken away, again and again.

    Breathing k-means (Fritzke 2020): a few centres are added where rows are far from theirs, all move, those that
    are missed least are taken away, all move again. What leaves less is kept; else the next breath is smaller.
    """
    rows, weights = weighted
    norms = np.einsum("ij,ij->i", rows, rows)
    best = lloyd(weighted, centres, steps=SETTLING_STEPS)
    size = min(breath, len(best.centres), len(rows) - len(best.centres))
    for _ in range(breaths):
        if size < 1 or best.wcss <= 0:
            break
        nearest = two_nearest_squared(rows, norms, best.centres)[1]
        added = additional_centres(rows, weights, nearest, size, random)
        more = lloyd(weighted, np.vstack([best.centres, added]), steps=BREATH_STEPS)
        fewer = _without_least_missed(weighted, norms, more.centres, size)
        end = lloyd(weighted, fewer, steps=BREATH_STEPS)
        if end.wcss < best.wcss * (1 + _WORTH_GOING_ON):
            end = lloyd(weighted, end.centres, steps=SETTLING_STEPS)
        if end.wcss < best.wcss * (1 - _EQUAL):
            best = end
        else:
            size -= 1
    return best


def _without_least_missed(weighted: WeightedSample, norms: FloatArray, centres: FloatArray, n: int) -> FloatArray:
    """Take away `n` centres, one after the other that whose rows are nearly as near to another."""
    for _ in range(n):
        labels, first, second = two_nearest_squared(weighted.rows, norms, centres)
        missed = np.bincount(labels, weighted.weights * (second - first), len(centres))
        centres = np.delete(centres, int(np.argmax(missed <= missed.min() * (1 + _EQUAL))), axis=0)
    return centres


def best_of(
    weighted: WeightedSample,
    k: int,
    n_starts: int,
    random: np.random.Generator,
    *,
    steps: int = MAX_STEPS,
    progress: Progress = silent,
) -> KMeansState:
    """Return the best of several starts."""
    ends = []
    for number, centres in enumerate(kmeans_plusplus(*weighted, k, n_starts, random)):
        progress(number / n_starts, f"K-Means with {k} segments")
        ends.append(lloyd(weighted, centres, steps=steps))
    return _best(ends)


def quick_kmeans(rows: FloatArray, k: int, seed: int, n_starts: int = _QUICK_STARTS) -> KMeansState:
    """Return K-Means from a few starts, for the many refits that measure stability and the gap.

    `rows` stand near the origin and in an order that the caller answers for; repeated rows are allowed.
    """
    rows, random = np.ascontiguousarray(rows), np.random.default_rng(seed)
    return best_of(WeightedSample(rows, np.ones(len(rows))), k, n_starts, random, steps=_QUICK_STEPS)
