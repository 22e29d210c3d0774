"""K-Means: k-means++ starts, Lloyd steps, and the best of several runs for one or all k."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, TypeVar

import numpy as np
from sklearn.cluster import BisectingKMeans, MiniBatchKMeans

from segmenter.cluster.algorithm import FitResult
from segmenter.cluster.assigners import BisectingTree, NearestCentre
from segmenter.errors.forming import TooFewDistinctRowsError
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Setting, Settings
from segmenter.sampling import canonical_order, distinct_rows, near_the_middle, squared_norms, systematic_sample
from segmenter.threads import n_threads, one_thread, shared
from segmenter.typing import FloatArray, IntArray

Item = TypeVar("Item")

MAX_STEPS = 300
# The search works on a sample of so many rows; a second sample ranks its ends; all rows only move the best.
START_ROWS, RANKING_ROWS = 10_000, 50_000
# Most of the search works on a sketch: the middles of so many small neighbourhoods, found in a few steps.
SKETCHED, SKETCH_ROWS, SKETCHING_STEPS = 1_500, 800, 3
# With fewer of its rows for each segment, a sketch says nothing about the best ones.
FEWEST_EACH = 20
# Starts there make their first steps, the better ones settle, the best different ends breathe, the best of them more
# often. Few segments are looked for in more starts, which cost little: many of theirs take a far row for a centre.
FEW_SEGMENTS = 5
N_STARTS, SETTLED = {True: 100, False: 64}, 24
FIRST_STEPS, SETTLING_STEPS = 15, 40
ROUNDS = ((6, 1), (3, 2), (1, 4))
# So many ends of the sketch, and of a few starts on the sample that know its far rows, then breathe on the sample.
CARRIED, SAMPLE_STARTS, SAMPLE_SETTLED = 4, 24, 5
# Of more rows than the sample holds, more of them: its order of ends is not that of all rows.
RIVALS_CARRIED, RIVALS_SETTLED = 6, 10
SAMPLE_ROUNDS = ((6, 1), (3, 2), (1, 4))
# Centres that a breath adds at first, candidates for each, and steps before and after as many are taken away.
BREATH, CANDIDATES, BREATH_STEPS = 5, 3, 12
# Where Lloyd's steps rest, all rows are looked at so often for single ones that change their centre.
PASSES, PASSES_OF_MANY = 20, 5
# A sample ranks two ends wrongly only when their sums of squares are this close (a share).
UNRANKED, RANKING_STEPS, MOST_RIVALS = 0.01, 15, 20
# What the larger sample ranks best is improved on it once more, by smaller breaths.
LAST_KEPT, LAST_BREATH, LAST_BREATHS = 2, 2, 4
# Steps on all rows end when one lowers the sum of squares by less than this share.
MOST_STEPS_ON_ALL, WORTH_A_STEP = 40, 1e-5
# Sums of millions of rows agree to 12 digits in any order; centres keep 9 of the columns' widest spread.
_GRID = 1e-9
# Sums of squares this close (a share) are equal but for rounding: the start drawn first then wins everywhere.
_EQUAL = 1e-9
# Ends whose sums of squares are this close (a share) are one.
_SAME = 1e-5
# After a breath's few steps, centres that leave at most this share more may yet end below the best.
_WORTH_GOING_ON = 0.002
# Rows exactly between two centres, as counts and ratings have them, would go where rounding sends them. For the search
# every row is moved by about so much of the columns' widest spread, the same way everywhere.
_NUDGE = 1e-8
# A sample with fewer different rows than this comes from data that is nearly all one row.
_ENOUGH_DIFFERENT = 1_000
# With fewer of its rows different than this share, a larger sample may be no larger to work on.
_MANY_EQUAL = 0.8
_STARTS_AT_ONCE = 4
# Below this, waking a second thread costs more than it computes.
_ROWS_FOR_THREADS = 2_000
# All rows are worked on in stretches of so many, whose sums are added in order: the same with any number of threads.
_ROWS_AT_ONCE = 65_536
# Products of one row and one centre, per column, between two looks at whether somebody pressed Cancel: a second's work.
_MOST_AT_ONCE = 2_000_000_000
# Refits for stability and reference data: their own spread is far larger than what more steps would change.
_QUICK_STARTS, _QUICK_STEPS = 2, 60


@dataclass(frozen=True, eq=False)
class KMeansState:
    """Centres, the nearest one of each row, the squared distance to it, and the weighted sum of squares."""

    centres: FloatArray
    labels: IntArray
    nearest: FloatArray
    wcss: float


class WeightedSample(NamedTuple):
    """Rows, shape (n, p), and how often each counts, shape (n,)."""

    rows: FloatArray
    weights: FloatArray


def lloyd(
    weighted: WeightedSample, centres: FloatArray, *, steps: int = MAX_STEPS, progress: Progress = silent
) -> KMeansState:
    """Return where `centres` come to rest within `steps` steps of Lloyd's algorithm, and what they leave."""
    # Numba is imported with the first loop: whoever forms no segments does not wait for it.
    from segmenter.lloyd import lloyd_steps

    rows, weights = weighted
    centres = np.array(centres, dtype=np.float64, order="C")
    labels, nearest = np.empty(len(rows), dtype=np.intp), np.empty(len(rows))
    at_once, made = max(1, _MOST_AT_ONCE // max(1, rows.size * len(centres))), 0
    while True:
        asked = min(at_once, steps - made)
        wcss, done = lloyd_steps(rows, weights, centres, asked, labels, nearest)
        made += done
        if done < asked or made >= steps:
            return KMeansState(centres, labels, nearest, wcss)
        progress(made / steps, "Moving the centres")


def kmeans_plusplus(weighted: WeightedSample, k: int, random: np.random.Generator) -> FloatArray:
    """Return one start of greedy k-means++, shape (k, n_features)."""
    from segmenter.lloyd import draw_centres

    rows, weights = weighted
    cumulative = np.cumsum(weights)
    place = int(np.searchsorted(cumulative, random.random() * cumulative[-1], side="right"))
    first = min(place, len(rows) - 1)
    nearest = squared_norms(rows - rows[first])
    others = draw_centres(rows, weights, nearest, random.random((k - 1, 2 + int(np.log(k)))))
    return rows[np.append(first, others)]


def breathe(weighted: WeightedSample, state: KMeansState, added: FloatArray) -> KMeansState:
    """Return what is left of the centres after some were added and as many taken away.

    One breath of breathing k-means (Fritzke 2020): centres are added, all move, those that are missed least are taken
    away, all move again.
    """
    from segmenter.lloyd import without_least_missed

    more = lloyd(weighted, np.vstack([state.centres, added]), steps=BREATH_STEPS)
    fewer = without_least_missed(*weighted, more.centres, len(added))
    end = lloyd(weighted, fewer, steps=BREATH_STEPS)
    if end.wcss < state.wcss * (1 + _WORTH_GOING_ON):
        end = settle(weighted, end.centres)
    return end


def settle(weighted: WeightedSample, centres: FloatArray, most_steps: int = MAX_STEPS) -> KMeansState:
    """Return where the centres come to rest, and where single rows that change their centre then lead."""
    from segmenter.lloyd import exchange_rows

    steps = min(SETTLING_STEPS, most_steps)
    state = lloyd(weighted, centres, steps=steps)
    moved, labels = state.centres.copy(), state.labels.copy()
    passes = PASSES if len(weighted.rows) < SKETCHED else PASSES_OF_MANY
    if not exchange_rows(*weighted, moved, labels, passes):
        return state
    better = lloyd(weighted, moved, steps=steps)
    return better if better.wcss < state.wcss else state


class _Search(NamedTuple):
    """One of the solutions that are improved side by side.

    `breath` centres are added at its next breath, as its own `random` draws them.
    """

    state: KMeansState
    breath: int
    random: np.random.Generator

    def improved(self, weighted: WeightedSample, breaths: int) -> "_Search":
        """Breathe so many times; what leaves less is kept, else the next breath is smaller."""
        from segmenter.lloyd import draw_centres

        state, size = self.state, self.breath
        for _ in range(breaths):
            if size < 1 or state.wcss <= 0:
                break
            drawn = draw_centres(*weighted, state.nearest.copy(), self.random.random((size, CANDIDATES)))
            end = breathe(weighted, state, weighted.rows[drawn])
            if end.wcss < state.wcss * (1 - _EQUAL):
                state = end
            else:
                size -= 1
        return _Search(state, size, self.random)


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


SETTINGS: Final = (
    Setting(
        "starts",
        "Starts",
        0,
        low=0,
        high=1_000,
        explanation="Of so many beginnings the best end is kept. 0: as many as this file needs, and the best ends are "
        "improved further; hardly any other number does better.",
    ),
    Setting(
        "steps",
        "Iterations",
        MAX_STEPS,
        low=1,
        high=10_000,
        explanation="After so many steps the centres stop, wherever they are. Most files need fewer than 50.",
    ),
)


def fit_kmeans(
    X: FloatArray,
    k: int,
    *,
    seed: int,
    weights: FloatArray | None = None,
    starts: int = 0,
    steps: int = MAX_STEPS,
    progress: Progress = silent,
) -> KMeansFit:
    """Return the best of many starts of Lloyd's algorithm from k-means++.

    Parameters
    ----------
    X
        Shape (n, n_features). The order of its rows does not matter.
    seed
        The same seed gives the same centres, whichever other numbers of segments are tried.
    weights
        How much each row counts, shape (n,), above 0; None where all count the same.
    starts
        So many starts, of which the best end is kept; 0 for as many as it takes, the best ends improved further.
    steps
        The most steps of Lloyd's algorithm.

    Raises
    ------
    TooFewDistinctRowsError
        If fewer than `k` rows differ.
    """
    return KMeansSweep(X, seed, weights, starts=starts, steps=steps).fit(k, progress)


class KMeansSweep:
    """K-Means on one set of rows for many numbers of segments.

    Each number of segments gets the solution that `fit_kmeans` gives it alone; what does not depend on the
    number (the order of the rows, the sample, the merging of equal rows) is prepared once.
    """

    def __init__(
        self,
        X: FloatArray,
        seed: int,
        weights: FloatArray | None = None,
        *,
        starts: int = 0,
        steps: int = MAX_STEPS,
    ) -> None:
        self._X, self._seed = np.ascontiguousarray(X, dtype=np.float64), seed
        self._weights, self._n_starts, self._steps = weights, starts, steps
        # Far from zero, sums of rows lose digits.
        self._shift = near_the_middle(self._X)
        self._order = canonical_order(self._X)
        self._sampled = len(X) > START_ROWS
        self._start = self._sample(START_ROWS)
        if self._sampled and len(self._start.rows) < _ENOUGH_DIFFERENT:
            self._start, self._sampled = self._sample(len(X)), False
        elif self._sampled and self._repeats_much and len(self._ranking.rows) <= START_ROWS:
            self._start, self._sampled = self._ranking, len(X) > RANKING_ROWS
        # A power of two, so that a multiple of it has the same bits wherever it was computed.
        widest = float(self._start.rows.std(axis=0).max())
        self._grid = float(np.exp2(np.round(np.log2(_GRID * max(widest, np.finfo(float).tiny)))))

    @property
    def _repeats_much(self) -> bool:
        """Whether rows are often equal, as answers and counts are: five times as many may be as few different ones."""
        return len(self._start.rows) < _MANY_EQUAL * START_ROWS

    def fit(self, k: int, progress: Progress = silent) -> KMeansFit:
        """Return the solution with `k` segments."""
        if k > len(self._start.rows):
            raise TooFewDistinctRowsError(len(self._start.rows))
        best = self._best(k, progress)
        if not self._sampled:
            best = self._exact_means(best)
        centres = self._on_grid(best) + self._shift
        labels, _, _, wcss = self._placed(centres, np.zeros_like(self._shift))
        return KMeansFit(centres, labels, wcss)

    def fit_from(self, centres: FloatArray, k: int, progress: Progress = silent) -> KMeansFit:
        """Return the solution with `k` segments to which some centres move.

        Where there are fewer of them, more are added as k-means++ does; of more, those are taken away that are missed
        least.

        Parameters
        ----------
        centres
            Shape (any, n_features), in the space of the rows.
        """
        from segmenter.lloyd import draw_centres, without_least_missed

        sample = self._start
        if k > len(sample.rows):
            raise TooFewDistinctRowsError(len(sample.rows))
        here = np.ascontiguousarray(centres - self._shift)
        if len(here) > k:
            here = without_least_missed(*sample, here, len(here) - k)
        elif len(here) < k:
            state = lloyd(sample, here, steps=1)
            chances = np.random.default_rng((self._seed, k)).random((k - len(here), CANDIDATES))
            here = np.vstack([here, sample.rows[draw_centres(*sample, state.nearest.copy(), chances)]])
        here = lloyd(sample, here, steps=self._steps, progress=part(progress, 0.0, 0.7)).centres
        here = self._moved_on(here, part(progress, 0.7, 1.0)) if self._sampled else self._exact_means(here)
        found = self._on_grid(here) + self._shift
        labels, _, _, wcss = self._placed(found, np.zeros_like(self._shift))
        return KMeansFit(found, labels, wcss)

    def _best(self, k: int, progress: Progress) -> FloatArray:
        """Return the best centres, shape (k, n_features), less the shift."""
        ends = self._ends(k, part(progress, 0.0, 0.6))
        if not self._sampled:
            steps = 0 if self._n_starts else self._steps
            return lloyd(self._start, ends[0].centres, steps=steps, progress=part(progress, 0.6, 1.0)).centres
        if self._n_starts:
            return self._moved_on(ends[0].centres, part(progress, 0.6, 1.0))
        ranked = self._ranked(ends, part(progress, 0.6, 0.7))

        def improved(search: _Search) -> _Search:
            return search.improved(self._ranking, LAST_BREATHS)

        best = _different(_side_by_side(improved, ranked[:LAST_KEPT], self._ranking, part(progress, 0.7, 0.8)))
        level = [each for each in best if each.state.wcss <= best[0].state.wcss * (1 + UNRANKED)]
        centres = [lloyd(self._ranking, each.state.centres).centres for each in level[: self._n_unsure]]
        if len(centres) > 1:
            # The larger sample cannot tell them apart either: all rows do.
            centres.sort(key=lambda each: _digits(self._placed(self._on_grid(each), self._shift)[3]))
        return self._moved_on(centres[0], part(progress, 0.8, 1.0))

    @property
    def _n_unsure(self) -> int:
        """How many of the best ends on the larger sample may be the best on all rows."""
        return LAST_KEPT if len(self._X) > RANKING_ROWS else 1

    def _ends(self, k: int, progress: Progress) -> list[KMeansState]:
        """Return the different ends of the search on the first sample, the best first."""
        if self._n_starts:
            return self._asked_for(k, progress)
        sample, few = self._start, k <= FEW_SEGMENTS
        random = np.random.default_rng((self._seed, k))
        if len(sample.rows) < SKETCHED:
            starts = _starts(sample, k, N_STARTS[few], random, part(progress, 0.0, 0.3))[:SETTLED]
            searches = self._searched(sample, starts, ROUNDS, part(progress, 0.3, 1.0))
        else:
            kept, carried = (RIVALS_SETTLED, RIVALS_CARRIED) if len(self._X) > START_ROWS else (SAMPLE_SETTLED, CARRIED)
            starts = _starts(sample, k, SAMPLE_STARTS, random, part(progress, 0.0, 0.2))[:kept]
            if k * FEWEST_EACH <= len(self._sketch.rows):
                sketched = _starts(self._sketch, k, N_STARTS[few], random, part(progress, 0.2, 0.3))[:SETTLED]
                found = self._searched(self._sketch, sketched, ROUNDS, part(progress, 0.3, 0.5))[:carried]
                starts = [*(search.state.centres for search in found), *starts]
            searches = self._searched(sample, starts, SAMPLE_ROUNDS, part(progress, 0.5, 1.0))
        return [search.state for search in searches]

    def _searched(
        self, rows: WeightedSample, starts: Sequence[FloatArray], rounds: Sequence[tuple[int, int]], progress: Progress
    ) -> list[_Search]:
        """Let starts settle and the best different ends breathe, so many so often; return them, the best first."""
        k = len(starts[0])

        def settled(centres: FloatArray) -> _Search:
            # Searches that begin at different ends may draw the same numbers.
            random = np.random.default_rng((self._seed, k, 2))
            return _Search(settle(rows, centres, self._steps), min(BREATH, k, len(rows.rows) - k), random)

        searches = _different(_side_by_side(settled, starts, rows, part(progress, 0.0, 0.3)))
        # What a breath improved is kept too: rows that are not in this sample may like it better.
        left: list[_Search] = []
        for number, (kept, breaths) in enumerate(rounds):
            begin, end = (0.3 + 0.7 * each / len(rounds) for each in (number, number + 1))

            def improved(search: _Search, breaths: int = breaths) -> _Search:
                return search.improved(rows, breaths)

            better = _side_by_side(improved, searches[:kept], rows, part(progress, begin, end))
            left += searches[:kept]
            searches = _different([*better, *searches[kept:]])
        return _different([*searches, *left])

    def _asked_for(self, k: int, progress: Progress) -> list[KMeansState]:
        """Return the ends of as many starts as somebody asked for, the best first."""
        random, ends = np.random.default_rng((self._seed, k)), []
        for number in range(self._n_starts):
            progress(number / self._n_starts, f"K-Means with {k} segments, start {number + 1}")
            ends.append(lloyd(self._start, kmeans_plusplus(self._start, k, random), steps=self._steps))
        return sorted(ends, key=lambda end: _digits(end.wcss))

    def _ranked(self, ends: list[KMeansState], progress: Progress) -> list[_Search]:
        """Return where the ends that the first sample cannot rank lead on the second one, the best first."""
        rivals = [end for end in ends if end.wcss <= ends[0].wcss * (1 + UNRANKED)][:MOST_RIVALS]
        k = len(ends[0].centres)

        def moved(rival: KMeansState) -> _Search:
            state = lloyd(self._ranking, rival.centres, steps=RANKING_STEPS)
            return _Search(state, min(LAST_BREATH, k), np.random.default_rng((self._seed, k, 1)))

        return _different(_side_by_side(moved, rivals, self._ranking, progress))

    def _moved_on(self, centres: FloatArray, progress: Progress) -> FloatArray:
        """Return where the centres move in a few steps over all rows."""
        before = np.inf
        for step in range(min(MOST_STEPS_ON_ALL, self._steps)):
            progress(step / MOST_STEPS_ON_ALL, "Moving the centres")
            _, sums, sizes, wcss = self._placed(centres, self._shift)
            if wcss >= before * (1 - WORTH_A_STEP):
                break
            before = wcss
            # Sums over rows in another order differ in their last bits, and rounding takes those away.
            centres = self._on_grid(
                np.where(sizes[:, None] > 0, sums / np.where(sizes > 0, sizes, 1.0)[:, None], centres)
            )
        return centres

    def _exact_means(self, centres: FloatArray) -> FloatArray:
        """Return the means of the rows nearest to each centre, summed in canonical order."""
        rows = self._X[self._order] - self._shift
        labels = NearestCentre(centres).place(rows)
        weights = np.ones(len(rows)) if self._weights is None else self._weights[self._order]
        sizes = np.bincount(labels, weights, minlength=len(centres))
        sums = np.column_stack([np.bincount(labels, column * weights, len(centres)) for column in rows.T])
        return np.where(sizes[:, None] > 0, sums / np.where(sizes > 0, sizes, 1.0)[:, None], centres)

    def _on_grid(self, centres: FloatArray) -> FloatArray:
        return np.asarray(np.round(centres / self._grid) * self._grid)

    def _placed(self, centres: FloatArray, shift: FloatArray) -> tuple[IntArray, FloatArray, FloatArray, float]:
        """Return the labels of all rows, the sum and the number of each centre's rows, and the sum of squares."""
        from segmenter.lloyd import nearest_centres

        X, labels = self._X, np.empty(len(self._X), dtype=np.intp)
        sums, sizes, wcss = np.zeros(centres.shape), np.zeros(len(centres)), 0.0
        stretches = range(0, len(X), _ROWS_AT_ONCE)

        def placed(start: int) -> tuple[FloatArray, FloatArray, float]:
            return nearest_centres(X, start, min(start + _ROWS_AT_ONCE, len(X)), shift, centres, labels)

        for each_sums, each_sizes, each_wcss in shared(placed, stretches, min(n_threads(), len(stretches))):
            sums += each_sums
            sizes += each_sizes
            wcss += each_wcss
        if self._weights is not None:
            k, weights = len(centres), self._weights
            away = X - shift
            sizes = np.bincount(labels, weights, minlength=k).astype(np.float64)
            sums = np.column_stack([np.bincount(labels, column * weights, k) for column in away.T])
            wcss = float((weights * squared_norms(away - centres[labels])).sum())
        return labels, sums, sizes, wcss

    def _sample(self, n_rows: int) -> WeightedSample:
        """Return a sample in an order that only the values decide, equal rows merged.

        A row's chance to be in it is half the same for all, half proportional to its squared distance from the
        middle, and its weight makes up for that (lightweight coresets: Bachem, Lucic & Krause 2018). The few rows
        far out, which make up much of a sum of squares, are thus all in it.
        """
        if len(self._X) <= n_rows:
            distinct = distinct_rows(self._X[self._order] - self._shift)
            if self._weights is None:
                return WeightedSample(_nudged(distinct.rows), distinct.weights)
            counted = np.bincount(distinct.index, self._weights[self._order]).astype(np.float64)
            return WeightedSample(_nudged(distinct.rows), counted)
        chances = self._chances
        counts = np.ones(len(chances))
        if self._weights is not None:
            counts = self._weights[self._order]
            chances = chances * counts
        ends = np.cumsum(chances)
        drawn = np.searchsorted(ends, (np.arange(n_rows) + 0.5) * (ends[-1] / n_rows), side="right")
        positions, times = np.unique(np.minimum(drawn, len(ends) - 1), return_counts=True)
        weights = times * (ends[-1] / n_rows) / (chances / counts)[positions]
        distinct = distinct_rows(self._X[self._order[positions]] - self._shift)
        return WeightedSample(_nudged(distinct.rows), np.bincount(distinct.index, weights).astype(np.float64))

    @cached_property
    def _chances(self) -> FloatArray:
        """Return how likely each row is in a sample, relative to the others, in canonical order."""
        squared = squared_norms(self._X - self._shift)[self._order]
        mean = float(squared.mean())
        return 0.5 + 0.5 * squared / mean if mean > 0 else np.ones(len(squared))

    @cached_property
    def _sketch(self) -> WeightedSample:
        """Return few rows that stand for the sample: the middles of its small neighbourhoods, and their weights."""
        sample = self._start
        chosen = sample.rows[systematic_sample(len(sample.rows), SKETCH_ROWS)]
        state = lloyd(sample, chosen, steps=SKETCHING_STEPS)
        weights = np.bincount(state.labels, sample.weights, len(chosen)).astype(np.float64)
        return WeightedSample(np.ascontiguousarray(state.centres[weights > 0]), weights[weights > 0])

    @cached_property
    def _ranking(self) -> WeightedSample:
        return self._sample(RANKING_ROWS)


def _nudged(rows: FloatArray) -> FloatArray:
    """Return rows, given in canonical order, of which none stands exactly between two centres."""
    nudges = np.random.default_rng(len(rows)).random(rows.shape)
    nudges -= 0.5
    nudges *= 2 * _NUDGE * float(rows.std(axis=0).max())
    nudges += rows
    return nudges


def _starts(
    sample: WeightedSample, k: int, number: int, random: np.random.Generator, progress: Progress
) -> list[FloatArray]:
    """Return the centres of so many starts of greedy k-means++ after their first steps, the best first."""
    from segmenter.lloyd import begin_starts

    rows, weights = sample
    ends = np.cumsum(weights)
    first = np.searchsorted(ends, random.random(number) * ends[-1], side="right").clip(max=len(rows) - 1)
    uniforms = random.random((number, k - 1, 2 + int(np.log(k))))
    centres, left = np.empty((number, k, rows.shape[1])), np.empty(number)

    def begun(some: slice) -> None:
        begin_starts(rows, weights, first[some], uniforms[some], FIRST_STEPS, centres[some], left[some])

    parts = [slice(begin, begin + _STARTS_AT_ONCE) for begin in range(0, number, _STARTS_AT_ONCE)]
    threads = n_threads() if len(rows) >= _ROWS_FOR_THREADS else 1
    for done, _ in enumerate(shared(begun, parts, threads)):
        progress(done / len(parts), f"K-Means with {k} segments")
    return [centres[start] for start in np.argsort([_digits(each) for each in left], kind="stable")]


def _digits(wcss: float) -> float:
    """Return a sum of squares without the digits in which processors differ."""
    return float(f"{wcss:.9g}")


def _rank(search: _Search) -> float:
    return _digits(search.state.wcss)


def _different(searches: Sequence[_Search]) -> list[_Search]:
    """Return one search of each end, the best first; of equal ones the first."""
    found: list[_Search] = []
    for search in sorted(searches, key=_rank):
        if not found or search.state.wcss > found[-1].state.wcss * (1 + _SAME):
            found.append(search)
    return found


def _side_by_side(
    work: Callable[[Item], _Search], items: Sequence[Item], sample: WeightedSample, progress: Progress
) -> list[_Search]:
    """Work on several solutions at once, one thread each; the results come in the items' order."""
    threads = n_threads() if len(sample.rows) >= _ROWS_FOR_THREADS else 1
    found: list[_Search] = []
    for search in shared(work, items, threads):
        progress(len(found) / len(items), f"K-Means with {len(search.state.centres)} segments")
        found.append(search)
    return found


def quick_kmeans(rows: FloatArray, k: int, seed: int, n_starts: int = _QUICK_STARTS) -> KMeansState:
    """Return K-Means from a few starts, for the many refits that measure stability and the gap.

    `rows` stand near the origin and in an order that the caller answers for; repeated rows are allowed.
    """
    rows, random = np.ascontiguousarray(rows), np.random.default_rng(seed)
    weighted = WeightedSample(rows, np.ones(len(rows)))
    ends = [lloyd(weighted, kmeans_plusplus(weighted, k, random), steps=_QUICK_STEPS) for _ in range(n_starts)]
    least = min(end.wcss for end in ends)
    return next(end for end in ends if end.wcss <= least * (1 + _EQUAL))


MINI_BATCH_SETTINGS: Final = (
    Setting(
        "batch",
        "Customers per step",
        2_048,
        low=100,
        high=100_000,
        explanation="Larger batches come closer to K-Means and take longer.",
    ),
    Setting("starts", "Starts", 10, low=1, high=100, explanation="Of so many beginnings the best one is followed."),
)
BISECTING_SETTINGS: Final = (
    Setting(
        "split",
        "Segment that is split next",
        "spread",
        choices=("spread", "size"),
        explanation="The one with the largest within-cluster sum of squares, or the one with most customers.",
    ),
    Setting("starts", "Starts per split", 5, low=1, high=100, explanation="Of so many ways to split, the best one."),
)
_STRATEGY: Final = {"spread": "biggest_inertia", "size": "largest_cluster"}


def fit_mini_batch(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form segments by mini-batch K-Means (Sculley 2010)."""
    progress(0.0, f"Mini-batch K-Means with {n_segments} segments")
    model = MiniBatchKMeans(
        n_segments, batch_size=int(settings["batch"]), n_init=int(settings["starts"]), random_state=seed
    )
    with one_thread():
        centres = model.fit(X).cluster_centers_
    # A centre that only some batch came near may be nobody's nearest at the end.
    used = np.unique(NearestCentre(centres).place(X))
    rule = NearestCentre(centres[used])
    return FitResult(rule.place(X), rule)


def fit_bisecting(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form segments by splitting one in two until there are enough (Steinbach, Karypis & Kumar 2000)."""
    progress(0.0, f"Splitting into {n_segments} segments")
    if n_segments == 1:
        only = NearestCentre(X.mean(axis=0)[None])
        return FitResult(only.place(X), only)
    model = BisectingKMeans(
        n_segments,
        n_init=int(settings["starts"]),
        random_state=seed,
        bisecting_strategy=_STRATEGY[str(settings["split"])],
    )
    with one_thread():
        model.fit(X)
    # The tree of splits is a private attribute: without it, the nearest of the last centres is the rule.
    rule = BisectingTree.of(model) if hasattr(model, "_bisecting_tree") else NearestCentre(model.cluster_centers_)
    return FitResult(rule.place(X), rule)
