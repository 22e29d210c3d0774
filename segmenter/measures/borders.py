"""Whether there are fewer customers between two segments than on either side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.ndimage import gaussian_filter, label
from scipy.sparse.csgraph import connected_components
from scipy.special import betainc, ndtri

from segmenter.measures.association import adjusted_rand_index
from segmenter.measures.vee_mixture import (
    THINNEST,
    MixtureScore,
    SharedShape,
    Starts,
    climb,
    mixture_path,
    second_moments,
)
from segmenter.typing import BoolArray, FloatArray, IntArray

# Windows are chosen on the rows that the groups were fitted to and up to so many others.
MOST_CHOOSING = 4_000
# The middle must hold significantly fewer rows than either side, and by this share.
SHALLOWEST, SIGNIFICANT = 0.25, 0.01
# With fewer rows, as many proposals are tried on fewer held out: the probability must be smaller in proportion.
ROWS_FOR_TRUST = 500
FOLDS, FOLDS_OF_FEW, FEW_ROWS_IN_VALLEY, SPLITS = 5, 10, 300, 5
# Between the centres at 0 and 1, positions from -0.75 to 1.75 are counted in bins; windows are so many bins wide.
_FROM, _TO, _BINS = -0.75, 1.75, 50
_WIDTHS = (3, 5, 7, 10)
# Groups are fitted to all rows in so many rounds; from there, few more settle them on one part.
_ROUNDS, _FOLD_ROUNDS = 40, 12
# A gap so many times as wide as the narrower group, and as wide as the other, needs few rows to be seen.
PLAIN_GAP = 3.0
_TINY = 1e-9


@dataclass(frozen=True)
class Split:
    """One way to hold rows out: the fold of each row, what counts in each fold, and its second moments."""

    own: IntArray
    others: IntArray
    weights: FloatArray
    moments: FloatArray


@dataclass(frozen=True, eq=False)
class Counts:
    """Rows in the middle and in the emptier side of every two groups, shape (pairs,); pairs in the order of triu.

    `trust` is what the significant probability is multiplied by; `empty`, shape (pairs,), how probable the empty
    stretch between two groups is if they are one.
    """

    middle: FloatArray
    side: FloatArray
    trust: float = 1.0
    empty: FloatArray | None = None

    @property
    def p(self) -> FloatArray:
        """How probable so few rows in the middle are if they are as many as on the side."""
        counted = _chance(self.middle, self.side)
        return counted if self.empty is None else np.minimum(counted, self.empty)

    @property
    def valley(self) -> FloatArray:
        """0 where the middle is as full as the side, 1 where it is empty."""
        counted = np.clip(1 - self.middle / np.maximum(self.side, _TINY), 0, 1) * (self.side > 0)
        return counted if self.empty is None else np.where(self.empty < SIGNIFICANT * self.trust, 1.0, counted)

    @property
    def real(self) -> BoolArray:
        """Which borders are valleys beyond doubt."""
        return (self.p < SIGNIFICANT * self.trust) & (self.valley >= SHALLOWEST)


class ValleyTest:
    """Judges the borders of proposed groups on rows held out."""

    def __init__(
        self,
        fitted: FloatArray,
        others: FloatArray,
        categories: IntArray,
        random: np.random.Generator,
        *,
        looks: int = 1,
    ) -> None:
        self.X, self.others = np.ascontiguousarray(fitted), np.ascontiguousarray(others)
        self.trust = min(1.0, len(fitted) / ROWS_FOR_TRUST) / looks
        self.categories = categories
        self.n_folds = FOLDS_OF_FEW if len(fitted) < FEW_ROWS_IN_VALLEY else FOLDS
        everything = np.ones((len(fitted), 1))
        self.all_rows, self.all_moments = everything, second_moments(fitted, everything)
        self.splits = [self._split(random) for _ in range(SPLITS)]

    def _split(self, random: np.random.Generator) -> Split:
        own = random.permutation(len(self.X)) % self.n_folds
        other = random.permutation(len(self.others)) % self.n_folds
        weights = (own[:, None] != np.arange(self.n_folds)).astype(float)
        return Split(own, other, weights, second_moments(self.X, weights))

    def improved(self, memberships: FloatArray) -> tuple[SharedShape, FloatArray]:
        """Fit groups to all rows from a first guess, shape (n, 1, k)."""
        return climb(self.X, self.all_rows, memberships, rounds=_ROUNDS, moments=self.all_moments)

    def counts(self, memberships: FloatArray, split: int) -> Counts:
        """Count held-out rows in the windows that training rows chose.

        Where there are categories, each border is also looked at without one of them at a time, and the worst
        counts: one nominal column alone always leaves gaps between its values.
        """
        part = self.splits[split]
        start = np.repeat(memberships, self.n_folds, axis=1)
        mixture, _ = climb(self.X, part.weights, start, rounds=_FOLD_ROUNDS, moments=part.moments)
        worst = self._counted(mixture, np.arange(self.X.shape[1]), part)
        for category in np.unique(self.categories[self.categories >= 0]):
            kept = np.flatnonzero(self.categories != category)
            if len(kept) == 0:
                return Counts(np.zeros_like(worst.middle), np.zeros_like(worst.side))
            other = self._counted(mixture, kept, part)
            worse = other.p > worst.p
            worst = Counts(np.where(worse, other.middle, worst.middle), np.where(worse, other.side, worst.side))
        if len(self.X) >= ROWS_FOR_TRUST or (self.categories >= 0).any():
            return worst
        return replace(worst, empty=_empty_stretches(self.X, memberships[:, 0].argmax(axis=1), memberships.shape[2]))

    def settled(self, memberships: FloatArray, first: Counts | None = None) -> Counts:
        """Return the mean of what all splits count, which depends little on who was held out when."""
        found = [first or self.counts(memberships, 0), *(self.counts(memberships, split) for split in range(1, SPLITS))]
        middle, side = (np.mean([getattr(each, name) for each in found], axis=0) for name in ("middle", "side"))
        return Counts(middle, side, self.trust, found[0].empty)

    def _counted(self, mixture: SharedShape, kept: IntArray, part: Split) -> Counts:
        """Count the rows on lines that look at the columns kept."""
        # Numba is imported with the first loop.
        from segmenter.measures.loops import count_in_windows, count_on_lines

        centres, slopes = mixture.centres[:, :, kept], mixture.slopes
        if len(kept) < self.X.shape[1]:
            covariance = mixture.covariance[:, kept][:, :, kept]
            slopes = np.asarray(np.linalg.solve(covariance, centres.transpose(0, 2, 1)), dtype=np.float64)
        # at_centre[m, a, b]: the slope of group b at the centre of group a
        at_centre = np.matmul(centres, slopes)
        own = np.diagonal(at_centre, axis1=1, axis2=2)
        squared = own[:, :, None] + own[:, None, :] - at_centre - at_centre.transpose(0, 2, 1)
        pairs = mixture.shares.shape[1] * (mixture.shares.shape[1] - 1) // 2
        inside, held_out = np.zeros((2, self.n_folds, pairs, _BINS))
        lines = (mixture.slopes, mixture.offsets, kept, np.ascontiguousarray(slopes), at_centre, squared)
        scale = (_FROM, _BINS / (_TO - _FROM), inside, held_out)
        count_on_lines(self.X, part.own, len(self.X), *lines, *scale)
        count_on_lines(self.others, part.others, MOST_CHOOSING, *lines, *scale)
        middle, side = np.zeros((2, pairs))
        count_in_windows(inside, held_out, np.array(_WIDTHS), middle, side)
        return Counts(middle, side)


def _empty_stretches(X: FloatArray, labels: IntArray, k: int) -> FloatArray:
    """Return how probable the empty stretch between every two groups is if their rows have one peak.

    Beyond a peak rows thin out. So each of the m rows behind a stretch of length g, on a width w themselves, would
    stand on their part of both with at most w / (w + g). Windows of one width don't see how wide a stretch is, and so
    few rows need that.
    """
    groups = [X[labels == group] for group in range(k)]
    if min(len(rows) for rows in groups) == 0:
        return np.ones(k * (k - 1) // 2)
    centres = [rows.mean(axis=0) for rows in groups]
    within = sum((rows - centre).T @ (rows - centre) for rows, centre in zip(groups, centres, strict=True)) / len(X)
    found = []
    for a, b in zip(*np.triu_indices(k, 1), strict=True):
        line = np.linalg.solve(within + THINNEST * np.eye(X.shape[1]), centres[b] - centres[a])
        lower, upper = groups[a] @ line, groups[b] @ line
        gap = upper.min() - lower.max()
        widths = np.ptp(lower), np.ptp(upper)
        # The line is drawn where the gap is widest: only one that leaves no question is taken for one.
        if gap < max(max(widths), PLAIN_GAP * min(widths)):
            found.append(1.0)
            continue
        found.append(max((w / (w + gap)) ** (len(side) - 1) for w, side in zip(widths, (lower, upper), strict=True)))
    return np.array(found)


def _chance(middle: FloatArray, side: FloatArray) -> FloatArray:
    """Return P(at most so many of middle + side in the middle) if both are equally full."""
    # The binomial distribution function, continued to means of counts.
    return np.where(side > 0, betainc(np.maximum(side, _TINY), middle + 1, 0.5), 1.0)


# Borders are judged on up to so many rows: one customer in a hundred is then still two hundred rows.
MOST_ROWS = 20_000
# Rows so many robust deviations out, at most this share of them, are left out where they stand alone.
FAR, FEW_FAR = 5.0, 0.03
_NEIGHBOURS, _FARTHER = 5, 1.5
# A value is a spike when it has this share of the rows and so many times the rows of the median value.
SPIKE_SHARE, SPIKE_TIMES = 0.05, 10
# The lowest (nothing bought) or highest value (a cap) is one, too, with this share and so many times the rows of the
# next value.
ZERO_SHARE, ZERO_TIMES = 0.1, 3
# Rows pile up at an end that holds so many times the rows of the fullest bar beside it, and no mere handful.
PILED_TIMES, PILED_SHARE = 1.2, 0.02
# Between two piles, at least this share of the rows is in the middle half of the scale: else they are two groups.
PILED_BETWEEN = 0.05
_SAME_COLUMN = 0.9999
# Of more rows than this that are alike, values are few, not files repeated.
MOST_COPIES = 10
# A column more than half of whose values are repeated counts something.
_REPEATED_SHARE = 0.5
# So many rows are asked for each direction; from 300 on fewer and fewer, about 14 at 600.
ROWS_PER_COLUMN, MANY_ROWS = 20, 350
# From this skewness, a column's few large values decide alone.
SKEWED = 0.8


@dataclass(frozen=True, eq=False)
class Comparable:
    """Rows ready for counting.

    Attributes
    ----------
    X
        Shape (n, p), in a random order that the values decide.
    categories
        Shape (p,): which category a column is an indicator of, -1 for numbers.
    changed
        Whether a column was evened out.
    rows
        Shape (n,): where each row stood.
    """

    X: FloatArray
    categories: IntArray
    changed: bool
    rows: IntArray


def evidence(X: FloatArray, random: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Return the rows and the columns on which a judgement may rest, both as positions.

    Copies of columns and of rows count once. The rows stand in a random order that only their values decide.
    """
    columns = _different_columns(X)
    kept = X[:, columns]
    order = np.argsort(content_key(kept), kind="stable")
    order = order[_once(kept[order])]
    return order[random.permutation(len(order))], columns


def comparable(X: FloatArray, categories: IntArray | None, random: np.random.Generator, *, evened: bool) -> Comparable:
    """Write the rows so that a gap in a column's scale is no gap between customers."""
    categories = np.full(X.shape[1], -1) if categories is None else np.asarray(categories)
    rows, kept = evidence(X, random)
    rows = rows[:MOST_ROWS]
    X, categories = X[np.ix_(rows, kept)], categories[kept]
    if X.shape[1] == 0:
        return Comparable(X, categories, False, rows)
    columns = []
    changed = False
    for column, category in zip(X.T, categories, strict=True):
        values, place, counts = np.unique(column, return_inverse=True, return_counts=True)
        spread = _spread(column, values, place, counts, random)
        if category < 0 and (_spiked(counts) or _piled(spread, values, counts)):
            spread = ndtri((np.argsort(np.argsort(spread, kind="stable"), kind="stable") + 0.5) / len(spread))
        elif evened and category < 0 and len(values) > 2 and _skewness(spread) > SKEWED:
            spread, changed = _evened(spread), True
        elif evened and category < 0 and _counted(values, counts):
            # The square roots of counts spread alike, however large they are (Anscombe 1948).
            spread, changed = np.sqrt(np.maximum((spread - values[0]) / np.diff(values).min() + 0.5, 0)), True
        columns.append(spread)
    spread = np.column_stack(columns)
    together = ~stray(spread)
    spread, rows = spread[together], rows[together]
    spread -= spread.mean(axis=0)
    spread /= np.maximum(spread.std(axis=0), 1e-12)
    most = max(2, len(spread) // ROWS_PER_COLUMN, int(len(spread) ** 1.5 / MANY_ROWS))
    if spread.shape[1] > most and (categories < 0).all():
        # With fewer rows per direction, groups fit the rows held out, too: their start knew them.
        _, _, axes = np.linalg.svd(spread, full_matrices=False)
        spread = spread @ axes[:most].T
        spread /= spread.std(axis=0).max()
        categories = np.full(most, -1)
    return Comparable(np.ascontiguousarray(spread), categories, changed, rows)


def _skewness(column: FloatArray) -> float:
    Z = (column - column.mean()) / column.std()
    return float((Z**3).mean())


def _counted(values: FloatArray, counts: IntArray) -> bool:
    """Say whether values are whole numbers from 0 on, in whatever unit, with many rows each."""
    if len(values) < 8 or counts.sum() < 5 * len(values):
        return False
    steps = (values - values[0]) / np.diff(values).min()
    return bool(np.allclose(steps, np.round(steps), atol=1e-3) and steps[-1] < 1_000)


def _evened(column: FloatArray) -> FloatArray:
    """Return the power (Box & Cox 1964) of a column with a long upper tail that leaves the least skewness."""
    low, middle = np.quantile(column, (0.01, 0.5))
    shifted = np.maximum(column - column.min(), 0) + 0.02 * (middle - low) + 1e-9
    shifted /= middle - low + 1e-9
    tried = [np.log(shifted), np.cbrt(shifted), np.sqrt(shifted)]
    return min(tried, key=lambda each: abs(_skewness(each)))


def content_key(X: FloatArray) -> FloatArray:
    """Return a number per row by which rows stand in an order that only their values decide."""
    total = np.zeros(len(X))
    for place, column in enumerate(X.T):
        total += column * np.sqrt(place + np.pi)
    return total


def _different_columns(X: FloatArray) -> IntArray:
    varied = np.flatnonzero(np.ptp(X, axis=0) > 0)
    if len(varied) == 0:
        return varied
    Z = X[:, varied] - X[:, varied].mean(axis=0)
    Z = Z / np.sqrt((Z**2).sum(axis=0))
    same = np.triu(np.abs(Z.T @ Z) > _SAME_COLUMN, 1).any(axis=0)
    return varied[~same]


def _once(X: FloatArray) -> IntArray:
    """Return the rows to keep, of rows in order, without copies where two customers would hardly share all values.

    Where values are few, only a file repeated as a whole is seen as such.
    """
    first = np.flatnonzero(np.r_[True, (X[1:] != X[:-1]).any(axis=1)][: len(X)])
    if len(first) == len(X) or X.shape[1] == 0 or len(first) * MOST_COPIES < len(X):
        return np.arange(len(X))
    if len(first) > len(X) / 2 and max(len(np.unique(column)) for column in X[first].T) > len(first) / 2:
        return first
    counts = np.diff(np.r_[first, len(X)])
    kept = counts // np.gcd.reduce(counts)
    within = np.arange(kept.sum()) - np.repeat(np.cumsum(kept) - kept, kept)
    return np.repeat(first, kept) + within


def jitter_discrete(X: FloatArray, random: np.random.Generator) -> FloatArray:
    """Return the rows with counted values spread over the room between them: a column that mostly repeats them."""
    columns = []
    for column in X.T:
        values, place, counts = np.unique(column, return_inverse=True, return_counts=True)
        counted = 2 <= len(values) <= (1 - _REPEATED_SHARE) * len(column)
        columns.append(_spread(column, values, place, counts, random) if counted else column)
    return np.column_stack(columns)


def _spread(
    column: FloatArray, values: FloatArray, place: IntArray, counts: IntArray, random: np.random.Generator
) -> FloatArray:
    """Spread values that several rows share evenly over the room between them and their neighbours."""
    if len(values) == len(column):
        return column
    middles = (values[1:] + values[:-1]) / 2
    low = np.r_[2 * values[0] - middles[0], middles]
    high = np.r_[middles, 2 * values[-1] - middles[-1]]
    shift = random.random(len(column))
    spread = low[place] + (high - low)[place] * shift
    return np.where(counts[place] > 1, spread, column)


def _spiked(counts: IntArray) -> bool:
    """Say whether one value has far more rows than others: no purchase, the end of a scale, a default."""
    if len(counts) <= 3:
        return False
    top = counts.max()
    alone = top >= SPIKE_SHARE * counts.sum() and top >= SPIKE_TIMES * np.median(counts)
    ends = ((counts[0], counts[1]), (counts[-1], counts[-2]))
    return bool(alone or any(end >= ZERO_SHARE * counts.sum() and end > ZERO_TIMES * inner for end, inner in ends))


def _piled(spread: FloatArray, values: FloatArray, counts: IntArray) -> bool:
    """Say whether rows pile up at both ends of the scale."""
    if len(values) < 4:
        return False
    bars = counts if len(values) <= 20 else np.histogram(spread, bins=20)[0]
    half, quarter = len(bars) // 2, len(bars) // 4
    if bars[quarter:-quarter].sum() < PILED_BETWEEN * bars.sum():
        return False
    ends = ((bars[0], bars[1:half]), (bars[-1], bars[half:-1]))
    return all(end > max(PILED_TIMES * inner.max(initial=0), PILED_SHARE * bars.sum()) for end, inner in ends)


def stray(X: FloatArray) -> BoolArray:
    """Mark the few rows far out that have no neighbours either, at most FEW_FAR of them."""
    middle = np.median(X, axis=0)
    spread = 1.4826 * np.median(np.abs(X - middle), axis=0)
    spread = np.where(spread > 0, spread, np.maximum(X.std(axis=0), 1e-12))
    Z = (X - middle) / spread
    most = int(FEW_FAR * len(X))
    farthest = np.abs(Z).max(axis=1)
    far = np.argsort(-farthest, kind="stable")[: 2 * most]
    far = far[farthest[far] > FAR]
    lone = np.zeros(len(X), dtype=bool)
    if len(far) == 0 or len(X) <= 4 * _NEIGHBOURS:
        return lone
    usual = np.median(_neighbour(Z, np.arange(len(X))[:: max(1, len(X) // 300)]))
    distance = _neighbour(Z, far)
    # Two rows of one normal group are √(2p) apart: a small group's rows are hardly farther.
    alone = distance > max(FAR * usual, _FARTHER * np.sqrt(2 * X.shape[1]))
    ranked = far[alone][np.argsort(-distance[alone], kind="stable")]
    lone[ranked[:most]] = True
    return lone


def _neighbour(X: FloatArray, rows: IntArray) -> FloatArray:
    norms = (X**2).sum(axis=1)
    found = []
    for part in np.array_split(rows, max(1, len(rows) * len(X) // 4_000_000)):
        squared = norms + norms[part][:, None] - 2 * X[part] @ X.T
        found.append(np.partition(squared, _NEIGHBOURS, axis=1)[:, _NEIGHBOURS])
    return np.sqrt(np.maximum(np.concatenate(found), 0))


# Groups are proposed and fitted on so many rows; more do not change them, and fewer hide small ones.
MOST_FITTED, FEWEST_ROWS, ROWS_PER_GROUP = 2_000, 20, 8
# From so many groups on, those without a border between them are joined.
STARTS_AT = (2, 3, 4, 5, 6, 8, 10, 13)
# Where nearly as many groups as that are found, more are looked for.
MANY_GROUPS, FURTHER_STARTS_AT = 10, (16, 20, 25, 32)
MOST_GROUPS = max(FURTHER_STARTS_AT)
# Groups are steady from this agreement (adjusted Rand) with those of halves, of which so many pairs are drawn.
STEADY_GROUPS, HALVINGS = 0.75, 2
# A small group that likelihood alone tells must be steady, too, if it has so many rows.
ROWS_TO_HALVE = 40
# On the first split: groups are joined above this probability, and further splits are asked below that one.
PROMISING, HOPELESS = 0.05, 0.5
# Where groups are bells, more of them are worth their names from so much likelihood per row (twice its logarithm).
WORTH_A_GROUP = 0.05
# At most so many more than those known are looked for, so many numbers at once, until two have less likelihood.
MOST_MORE_BELLS, BELLS_AT_ONCE, BELLS_BEYOND = 6, 3, 2
# No border of theirs may be less likely than this, and at most half uncertain.
CONTRADICTED, MOST_UNCERTAIN = 0.75, 1 / 2
# A lone border of bells may be less certain where two groups gain so much (twice the logarithm, less the parameters).
PLAIN, LIKELY, DEEP = 20.0, 0.1, 0.5
# Where they gain so much, their border may be uncertain, but not contradicted; few rows look like bells by chance.
CERTAIN, FEWEST_CERTAIN = 40.0, 800
# A small group has at most this share of the rows; it is looked for among so many proposed ones.
SMALL, SMALL_AMONG = 0.2, (2, 3, 4, 6)
# Bells' columns within groups: at most so skewed, with tails neither much longer nor much shorter.
MOST_SKEW, MOST_KURTOSIS, LEAST_KURTOSIS = 0.3, 0.8, -0.5
# A way around: along it, rows are nowhere less dense than by this share of what is usual in the groups.
WAY_AROUND, PLAINLY_EMPTY, FEWEST_BETWEEN = 0.5, 0.85, 15
# Where groups meet is looked at in so much of the rows at either end, each group with this share of them, if so many
# rows stand between the groups.
MEETING, LEAST_MEETING, FEWEST_MEETING = 1 / 6, 0.2, 10
# Of a column in which two groups differ so much (Kolmogorov and Smirnov's distance), so many rows where they meet are
# looked at, at least that share.
CURVE_APART, CURVE_ROWS, CURVE_SHARE = 0.6, 16, 0.1
# There, rows must be about as dense as in the emptier group (few rows leave a doubt), more must stand in the middle
# of the line than at either end, and about half of them between its quarters.
CURVE_WIDTH, CURVE_DOUBT, CURVE_FILLED, CURVE_BETWEEN = 1.25, 1.2, 1.1, 0.45
# Some other column has a gap, so many times as wide.
CURVE_STEEPER = 1.5
# Within both groups, a column correlates less with the line between them than this: else it only cuts the line itself.
CURVE_LIKE = 0.72
# Of more columns than this, one is nearly always like the line, which is a sum of them.
CURVE_COLUMNS = 6
# With at most so many rows, borders less certain than this must be found by most of so many draws.
FEW_ROWS, BEYOND_CHANCE, DRAWS = 1_000, 1e-3, 3
_SMOOTHING, _CELL, _CELLS = 0.4, 0.2, 160


@dataclass(frozen=True)
class Border:
    """What is known about the border of two groups.

    Attributes
    ----------
    between
        The two groups, from 0.
    p
        How probable so few rows in the middle are if they are no fewer than on either side.
    valley
        0 where the middle is as full as the emptier side, 1 where it is empty.
    likely
        Whether the two are groups by their likelihood, which tells bells apart before their border does.
    around
        Whether rows lead from one to the other around the empty middle: a ring, a bow, or segments without borders.
    """

    between: tuple[int, int]
    p: float
    valley: float
    likely: bool = False
    around: bool = False

    @property
    def real(self) -> bool:
        """Whether the two are apart beyond doubt: by a valley that no rows lead around, or by their likelihood."""
        return self.likely or (self.p < SIGNIFICANT and self.valley >= SHALLOWEST and not self.around)


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups whose borders are all real.

    Attributes
    ----------
    k
        Their number, 1 where there are none.
    borders
        Of every two groups.
    rows, labels
        Rows that the groups were fitted to, as positions in the matrix, and the group of each.
    steady
        Whether groups looked for in halves of the rows are the same ones.
    bells
        Whether every column is about normal within the groups.
    """

    k: int
    borders: tuple[Border, ...] = ()
    rows: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    labels: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    steady: bool = False
    bells: bool = False

    @property
    def rank(self) -> tuple[bool, int]:
        """What counts when one of several answers is to be taken: steady groups, then the most."""
        return self.steady, self.k


def find_groups(X: FloatArray, *, categories: IntArray | None = None, seed: int = 0) -> Groups:
    """Find the largest number of groups of which every two have a real border.

    Columns with long tails are looked at as they are and evened out; the larger number counts. The answer is the
    same for any order of the rows.

    Parameters
    ----------
    X
        Shape (n, p), prepared and scaled, no missing values.
    categories
        Shape (p,): the number of the category that a column is an indicator of, -1 for numbers.
    seed
        Of the starts and of who is held out.
    """
    found = _looked_for(X, categories, seed)
    if found.k == 1 or len(X) > FEW_ROWS or max(border.p for border in found.borders) < BEYOND_CHANCE:
        return found
    # With so few rows a border may be real for one way to spread tied values and hold rows out, and not for the next.
    others = [_looked_for(X, categories, seed + draw) for draw in range(1, DRAWS)]
    return sorted([found, *others], key=lambda groups: groups.k)[DRAWS // 2]


def _looked_for(X: FloatArray, categories: IntArray | None, seed: int) -> Groups:
    best = Groups(1)
    if len(X) < FEWEST_ROWS:
        return best
    for evened in (False, True):
        random = np.random.default_rng(seed)
        seen = comparable(X, categories, random, evened=evened)
        if evened and not seen.changed:
            break
        # A second look at the same rows may go wrong as often as the first: it must be twice as certain.
        found = _search(seen, random, best, looks=2 if evened else 1)
        best = found if found.rank > best.rank else best
        if best.steady and best.bells:
            # Sizes make the columns skewed, not tails: there is nothing to even out.
            break
    return best


def borders_between(
    X: FloatArray, labels: IntArray, *, categories: IntArray | None = None, seed: int = 0
) -> tuple[Border, ...]:
    """Judge the border between every two segments of a division that is given, by what `find_groups` asks of groups.

    `p` is corrected for how few rows there are: what is significant for the groups is below the same limit here.

    Parameters
    ----------
    labels
        Shape (n,), 0 … k-1; rows with -1 take no part.
    """
    k = int(labels.max(initial=0)) + 1
    inside = np.flatnonzero(labels >= 0)
    random = np.random.default_rng(seed)
    seen = comparable(X[inside], categories, random, evened=False)
    rows = inside[seen.rows[:MOST_FITTED]]
    if k < 2 or len(rows) < FEWEST_ROWS or seen.X.shape[1] == 0:
        return ()
    test = ValleyTest(seen.X[:MOST_FITTED], seen.X[MOST_FITTED:], seen.categories, random)
    memberships = np.eye(k)[labels[rows]][:, None, :]
    if memberships.sum(axis=0).min() == 0:
        # Of many rows a sample is looked at, and this one has none of the smallest segments.
        return ()
    counts = test.settled(memberships)
    # Only the lines between the groups are taken of the mixture: the segments are judged as they are.
    around = _ways_around(test.X, test.improved(memberships)[0], memberships, counts)
    p = np.minimum(counts.p / test.trust, 1.0)
    pairs = np.triu_indices(k, 1)
    found = [
        Border((int(a), int(b)), float(chance), float(valley), around=bool(led))
        for a, b, chance, valley, led in zip(*pairs, p, counts.valley, around, strict=True)
    ]
    # On a line cut into three, the middle between the outer two is empty of their rows, but full of the third's.
    joined = np.zeros((k, k), dtype=bool)
    joined[pairs] = [not border.real for border in found]
    group = connected_components(joined, directed=False)[1]
    return tuple(replace(border, around=bool(np.diff(group[list(border.between)]) == 0)) for border in found)


def _search(seen: Comparable, random: np.random.Generator, known: Groups, *, looks: int) -> Groups:
    """Return the groups of comparable rows; where some are known, only more than these, or steadier ones."""
    fitted, others = seen.X[:MOST_FITTED], seen.X[MOST_FITTED:]
    if len(fitted) < FEWEST_ROWS or seen.X.shape[1] == 0:
        return Groups(1)
    test = ValleyTest(fitted, others, seen.categories, random, looks=looks)
    starts = Starts(fitted, random)
    tried: set[bytes] = set()
    best = Groups(known.k, steady=True) if known.steady else Groups(1)
    for k in sorted((k for k in STARTS_AT if k * ROWS_PER_GROUP <= len(fitted)), reverse=True):
        if best.steady and k <= best.k:
            break
        best = _ranked_first(test, starts.proposed(k), tried, best, best.k if best.steady else 1)
    for k in FURTHER_STARTS_AT:
        # Each start may find the groups of the one before, of which it must leave room for more.
        if best.k < MANY_GROUPS or best.k < 0.75 * k - 2 or k * ROWS_PER_GROUP > len(fitted):
            break
        best = _ranked_first(test, starts.proposed(k), tried, best, best.k)
    best = _bells(test, starts, best) if best.k > 1 else _small_bell(test, starts)
    if len(best.labels) == 0:
        return Groups(1)
    bells = _bell_shaped(fitted, np.eye(best.k)[best.labels][:, None, :])
    return replace(best, rows=seen.rows[: len(fitted)], bells=bells)


def _ranked_first(
    test: ValleyTest, proposals: Iterable[FloatArray], tried: set[bytes], best: Groups, beyond: int
) -> Groups:
    """Return the highest ranked of the best groups so far and those, more than so many, that proposals lead to."""
    for memberships in proposals:
        found = _weighed(test, _joined(test, memberships, tried, max(beyond, best.k if best.steady else 1)))
        best = found if found.rank > best.rank else best
    return best


def _weighed(test: ValleyTest, groups: Groups) -> Groups:
    """Say of groups whether they are found again in halves of the rows, from starts that know nothing of the others.

    Of many columns and few rows, groups fitted to all rows fit those held out, too: their start knew them. And where
    values are few or lie on curves, there are many ways to cut along gaps, of which chance takes one.
    """
    if groups.k == 1:
        return groups
    random = np.random.default_rng(groups.k)
    agreed = []
    for _ in range(HALVINGS):
        order = random.permutation(len(test.X))
        first, second = np.array_split(order, 2)
        for half, rest in ((first, second), (second, first)):
            fitted = np.ascontiguousarray(test.X[half])
            everything = np.ones((len(fitted), 1))
            moments = second_moments(fitted, everything)
            fits = (
                climb(fitted, everything, guess, rounds=_ROUNDS, moments=moments)[0]
                for guess in Starts(fitted, random).proposed(groups.k)
            )
            likeliest = max(fits, key=lambda mixture: float(mixture.fit[0]))
            placed = likeliest.log_odds(test.X[rest])[:, 0].argmax(axis=1)
            agreed.append(adjusted_rand_index(groups.labels[rest], placed))
    return replace(groups, steady=bool(np.mean(agreed) >= STEADY_GROUPS))


def _small_bell(test: ValleyTest, starts: Starts) -> Groups:
    """Return two groups, one of them small, where both are bells and plainly two by their likelihood.

    Of a small group, too few rows lie on the border's side to be certain of the border alone.
    """
    one = np.zeros(len(test.X), dtype=np.intp)
    alone = mixture_path(test.X, {1: one})[1].icl
    best, gained = None, PLAIN
    for small in _small_groups(test, starts):
        mixture, memberships = test.improved(np.stack([~small, small], axis=1)[:, None, :].astype(np.float64))
        labels = memberships[:, 0].argmax(axis=1)
        if np.bincount(labels, minlength=2).min() < ROWS_PER_GROUP or not _bell_shaped(test.X, memberships):
            continue
        gain = mixture_path(test.X, {2: labels})[2].icl - alone
        if gain > gained:
            best, gained = (mixture, memberships), gain
    if best is None:
        return Groups(1)
    counts = test.settled(best[1])
    likely = counts.p[0] < LIKELY and counts.valley[0] > DEEP
    certain = gained >= CERTAIN and len(test.X) >= FEWEST_CERTAIN and counts.p[0] < CONTRADICTED
    if not (likely or certain) or _ways_around(test.X, *best, counts).any():
        return Groups(1)
    found = _weighed(test, _groups(*best, counts, likely=True))
    # Of fewer rows, halves hold too few to find them again.
    return found if found.steady or np.bincount(found.labels).min() < ROWS_TO_HALVE else Groups(1)


def _small_groups(test: ValleyTest, starts: Starts) -> Iterator[BoolArray]:
    """Yield the rows of each different group that proposals set apart, the larger one of two left out."""
    seen: set[bytes] = set()
    for k in SMALL_AMONG:
        if k * ROWS_PER_GROUP > len(test.X):
            break
        for memberships in starts.proposed(k):
            labels = memberships[:, 0].argmax(axis=1)
            sizes = np.bincount(labels, minlength=k)
            for group in np.flatnonzero((sizes >= ROWS_PER_GROUP) & (sizes <= SMALL * len(labels))):
                rows = labels == group
                if rows.tobytes() not in seen:
                    seen.add(rows.tobytes())
                    yield rows


def _bells(test: ValleyTest, starts: Starts, known: Groups) -> Groups:
    """Return more groups where they are bells, which their likelihood tells apart before their borders do.

    Half of their borders must be certain all the same, and none may be contradicted. The likeliest number is asked
    first, then the fewest groups that are nearly as likely.
    """
    most = min(known.k + MOST_MORE_BELLS, max(STARTS_AT) - 1, len(test.X) // ROWS_PER_GROUP)
    guesses: dict[int, FloatArray] = {}
    scores: dict[int, MixtureScore] = {}
    while len(guesses) < 2 or max(scores, key=lambda k: scores[k].icl) + BELLS_BEYOND > max(guesses):
        # Proposals take time: no more numbers than it takes to see the likelihood fall.
        further = range(known.k + len(guesses), min(known.k + len(guesses) + BELLS_AT_ONCE, most + 1))
        if len(further) == 0:
            break
        guesses |= {k: next(iter(starts.proposed(k))) for k in further}
        scores = mixture_path(test.X, {k: guess[:, 0].argmax(axis=1) for k, guess in guesses.items()})
    if len(guesses) < 2:
        return known
    likeliest = max(scores, key=lambda k: scores[k].icl)
    enough = scores[likeliest].icl - WORTH_A_GROUP * len(test.X)
    fewest = min(k for k, score in scores.items() if score.icl >= enough)
    for k in sorted({likeliest, fewest}, reverse=True):
        if k <= known.k:
            break
        mixture, memberships = test.improved(guesses[k])
        if not _bell_shaped(test.X, memberships):
            continue
        counts = test.settled(memberships)
        if (counts.p <= CONTRADICTED).all() and np.mean(~counts.real) <= MOST_UNCERTAIN:
            found = _weighed(test, _groups(mixture, memberships, counts, likely=True))
            if found.steady:
                return found
    return known


def _joined(test: ValleyTest, memberships: FloatArray, tried: set[bytes], known: int) -> Groups:
    """Judge a proposal; join groups without a border between them, and judge again while more than those known."""
    while True:
        mixture, memberships = test.improved(memberships)
        labels = memberships[:, 0].argmax(axis=1)
        k = memberships.shape[2]
        sizes = np.bincount(labels, minlength=k)
        if sizes.min() == 0:
            memberships = memberships[:, :, sizes > 0]
            continue
        key = _numbered(labels).tobytes()
        if k <= max(known, 1) or key in tried:
            return Groups(1)
        tried.add(key)
        counts = test.counts(memberships, 0)
        if (counts.p < HOPELESS).all():
            counts = test.settled(memberships, counts)
            if counts.real.all():
                around = _ways_around(test.X, mixture, memberships, counts)
                if not around.any():
                    return _groups(mixture, memberships, counts)
                counts = Counts(np.where(around, counts.side, counts.middle), counts.side)
        memberships = _merged(memberships, counts)


def _groups(mixture: SharedShape, memberships: FloatArray, counts: Counts, *, likely: bool = False) -> Groups:
    """Number the groups by size and gather their borders; `likely` says that their likelihood told them."""
    k = mixture.shares.shape[1]
    number = np.argsort(np.argsort(-mixture.shares[0], kind="stable"))
    first, second = (number[each] for each in np.triu_indices(k, 1))
    found = zip(np.minimum(first, second), np.maximum(first, second), counts.p, counts.valley, strict=True)
    borders = (Border((int(a), int(b)), float(p), float(valley), likely=likely) for a, b, p, valley in found)
    labels = number[memberships[:, 0].argmax(axis=1)]
    return Groups(k, tuple(sorted(borders, key=lambda border: border.between)), labels=labels)


def _numbered(labels: IntArray) -> NDArray[np.int8]:
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    order = np.empty(len(first), dtype=np.int8)
    order[np.argsort(first)] = np.arange(len(first))
    return order[inverse]


def _merged(memberships: FloatArray, counts: Counts) -> FloatArray:
    k = memberships.shape[2]
    first, second = np.triu_indices(k, 1)
    p = counts.p
    taken: set[int] = set()
    into = np.arange(k)
    real = (p < PROMISING) & (p < p.max())
    worst = np.lexsort((-(counts.middle + 1) / (counts.side + 1), -p))
    for pair in worst:
        a, b = int(first[pair]), int(second[pair])
        if real[pair] or a in taken or b in taken:
            continue
        into[b] = a
        taken |= {a, b}
    kept = np.unique(into)
    return np.stack([memberships[:, :, into == each].sum(axis=2) for each in kept], axis=2)


def _ways_around(all_rows: FloatArray, mixture: SharedShape, memberships: FloatArray, counts: Counts) -> BoolArray:
    """Say between which two groups rows lead from one to the other, around an empty middle: a ring, a bow."""
    first, second = np.triu_indices(memberships.shape[2], 1)
    around = np.zeros(len(first), dtype=bool)
    bells = _bell_shaped(all_rows, memberships)
    labels = memberships[:, 0].argmax(axis=1)
    slopes = mixture.slopes[0]
    for pair in range(len(first)):
        a, b = first[pair], second[pair]
        rows = (labels == a) | (labels == b)
        X, of_a = all_rows[rows], labels[rows] == a
        along = X @ (slopes[:, b] - slopes[:, a])
        ring = _way_around(X, along, of_a, seen=not bells and counts.valley[pair] < PLAINLY_EMPTY)
        around[pair] = ring or _one_curve(X, along, of_a)
    return around


def _one_curve(X: FloatArray, along: FloatArray, of_a: BoolArray) -> bool:
    """Say whether rows pass from one group to the other as another column grows, without a gap in it.

    Where one column rises steeply with another, few rows stand on the slope, but at the height of it all rows do. Of
    two groups, those alike in another column still leave the middle empty. Two groups apart in several columns alike
    may show a gap in none of these, but then no column rises steeply either.
    """
    n = len(X)
    size = max(CURVE_ROWS, int(CURVE_SHARE * n))
    if X.shape[1] > CURVE_COLUMNS or min(of_a.sum(), (~of_a).sum()) < 2 * size:
        return False
    low, high = np.median(along[of_a]), np.median(along[~of_a])
    place = (along - low) / (high - low)
    # Per column: how much farther apart rows are where the groups meet, and whether these are one curve there.
    wider: list[float] = []
    curved: list[bool] = []
    for column in X.T:
        order = np.argsort(column, kind="stable")
        ordered, passed = column[order], of_a[order]
        apart = np.cumsum(passed) / of_a.sum() - np.cumsum(~passed) / (~of_a).sum()
        if np.abs(apart).max() < CURVE_APART:
            continue
        # At the quartiles of a group that holds two, one of three may stand in the gap between these.
        middles = [int(np.abs(apart).argmax())]
        for side in (passed, ~passed):
            middles += [np.flatnonzero(side)[int(quarter * side.sum())] for quarter in (0.25, 0.5, 0.75)]
        begins = [int(np.clip(middle - size // 2, 0, n - size)) for middle in middles]
        widths = [ordered[begin + size - 1] - ordered[begin] for begin in begins]
        wider.append(widths[0] / max(min(widths[1:4]), min(widths[4:]), _TINY))
        like = [abs(np.corrcoef(column[side], place[side])[0, 1]) for side in (of_a, ~of_a) if np.ptp(column[side]) > 0]
        here = place[order[begins[0] : begins[0] + size]]
        left, middle, right = (np.sum(np.abs(here - centre) < 1 / 6) for centre in (0.0, 0.5, 1.0))
        # Else this column has the gap itself, or says nearly the same as the line.
        curved.append(
            bool(
                wider[-1] <= CURVE_WIDTH + CURVE_DOUBT / np.sqrt(size)
                and np.mean(like or [1.0]) <= CURVE_LIKE
                and middle > CURVE_FILLED * max(left, right)
                and np.mean(np.abs(here - 0.5) < 1 / 4) > CURVE_BETWEEN
            )
        )
    return any(found and max(wider) > CURVE_STEEPER * width for found, width in zip(curved, wider, strict=True))


def _bell_shaped(X: FloatArray, memberships: FloatArray) -> bool:
    """Say whether every column is, within the groups, about as skewed and tailed as a normal one."""
    labels = memberships[:, 0].argmax(axis=1)
    groups = [X[labels == group] for group in range(memberships.shape[2])]
    Z = np.concatenate(
        [(rows - rows.mean(axis=0)) / np.maximum(rows.std(axis=0), 1e-9) for rows in groups if len(rows)]
    )
    skew, kurtosis = (Z**3).mean(axis=0), (Z**4).mean(axis=0) - 3
    doubt = 2 / np.sqrt(len(Z))
    return bool(
        (np.abs(skew) < MOST_SKEW + doubt * np.sqrt(6)).all()
        and (kurtosis < MOST_KURTOSIS + doubt * np.sqrt(24)).all()
        and (kurtosis > LEAST_KURTOSIS - doubt * np.sqrt(24)).all()
    )


def _within(values: FloatArray, of_a: BoolArray) -> float:
    return float(np.sqrt(values[of_a].var() * of_a.mean() + values[~of_a].var() * (~of_a).mean()))


def _touching(X: FloatArray, place: FloatArray, of_a: BoolArray) -> bool:
    """Say whether two groups meet at an end of the direction across their line, and are apart only elsewhere.

    Two arcs of a ring have a hole between them, but no fewer rows where their ends meet. Those rows are counted that
    had no part in choosing the direction.
    """
    windows = np.stack([np.abs(place - centre) < 1 / 4 for centre in (0.0, 0.5, 1.0)])
    # Per end: rows in the windows, and rows of either group.
    counted, of_either = np.zeros((2, 3)), np.zeros((2, 2))
    first: FloatArray | None = None
    for part in range(FOLDS):
        choosing = np.arange(len(X)) % FOLDS != part
        across = X @ _widest_between(X[choosing], place[choosing])
        first = across if first is None else first
        across = across if first @ across >= 0 else -across
        low, high = np.quantile(across[choosing], (MEETING, 1 - MEETING))
        for end, there in enumerate((across < low, across > high)):
            there = there & ~choosing
            counted[end] += windows[:, there].sum(axis=1)
            of_either[end] += (of_a & there).sum(), (~of_a & there).sum()
    counted, of_either = (np.vstack([each, each.sum(axis=0)]) for each in (counted, of_either))
    left, middle, right = counted.T
    chance = betainc(np.maximum(middle, _TINY), left + right + 1, windows[1].sum() / windows.sum())
    both = of_either.min(axis=1) >= LEAST_MEETING * of_either.sum(axis=1)
    return bool(((chance < SIGNIFICANT) & both & (middle >= np.maximum(left, right))).any())


def _widest_between(X: FloatArray, place: FloatArray) -> FloatArray:
    """Return the direction in which rows between two groups stand farthest from their line, compared with all."""
    between = X[(place > 0.25) & (place < 0.75)]
    return np.asarray(eigh(between.T @ between, X.T @ X + 1e-3 * len(X) * np.eye(X.shape[1]))[1][:, -1])


def _shrunk(values: FloatArray, of_a: BoolArray) -> float:
    return _within(values, of_a) / max(float(values.std()), 1e-12)


def _way_around(X: FloatArray, along: FloatArray, of_a: BoolArray, *, seen: bool) -> bool:
    """Say whether two groups meet beside their line; where a way may be seen, also whether a dense one leads around.

    It is looked for in the plane of the line and the direction in which rows between stand farthest from the line.
    """
    low, high = along[of_a].mean(), along[~of_a].mean()
    place = (along - low) / (high - low)
    between = (place > 0.25) & (place < 0.75)
    if X.shape[1] < 2 or between.sum() < FEWEST_MEETING:
        return False
    # How far each row stands from the line between the two middles, which of a small group is hardly the line of all.
    middle_of_a = X[of_a].mean(axis=0)
    X = X - middle_of_a - place[:, None] * (X[~of_a].mean(axis=0) - middle_of_a)
    if X.shape[1] <= CURVE_COLUMNS and _touching(X, place, of_a):
        return True
    if not seen or between.sum() < FEWEST_BETWEEN:
        return False
    across = X @ _widest_between(X, place)
    plane = []
    for each, wide in ((along, 1.0), (across, _shrunk(along, of_a))):
        # As far as the middles of the groups stand apart, the line is longer than what is within them. What leads
        # around is smoothed by as much of it in both directions: else a bow is blurred where it crosses the middle.
        plane.append((each - each.mean()) / max(_within(each, of_a) * wide, 1e-12))
    cells = [np.clip(np.round((each - each.min()) / _CELL), 0, _CELLS - 1).astype(np.intp) for each in plane]
    counted = np.zeros((_CELLS, _CELLS))
    np.add.at(counted, tuple(cells), 1.0)
    density = gaussian_filter(counted, _SMOOTHING / _CELL, mode="constant")
    at_rows = density[tuple(cells)]
    usual = min(np.quantile(at_rows[of_a], 0.75), np.quantile(at_rows[~of_a], 0.75))
    parts, _ = label(density >= WAY_AROUND * usual)
    of_rows = parts[tuple(cells)]
    mostly = [np.bincount(of_rows[side & (of_rows > 0)], minlength=2).argmax() for side in (of_a, ~of_a)]
    return bool(mostly[0] == mostly[1])
