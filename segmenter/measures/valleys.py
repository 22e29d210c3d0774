"""On the line between two groups, does the middle hold fewer of the rows held out than either side?"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import betainc

from segmenter.measures.shared_covariance import THINNEST, SharedShape, climb, second_moments
from segmenter.typing import BoolArray, FloatArray, IntArray

# Windows are chosen on the rows that the groups were fitted to and up to so many others.
MOST_CHOOSING = 4_000
# The middle must hold significantly fewer rows than either side, and by this share.
SHALLOWEST, SIGNIFICANT = 0.25, 0.01
# With fewer rows, as many proposals are tried on fewer held out: the probability must be smaller in proportion.
ROWS_FOR_TRUST = 500
FOLDS, FOLDS_OF_FEW, FEW_ROWS, SPLITS = 5, 10, 300, 5
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
        self.n_folds = FOLDS_OF_FEW if len(fitted) < FEW_ROWS else FOLDS
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
