"""On the line between two groups, does the middle hold fewer of the rows held out than either side?"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from segmenter.measures.shared_covariance import SharedShape, climb, second_moments
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

    `trust` is what the significant probability is multiplied by.
    """

    middle: FloatArray
    side: FloatArray
    trust: float = 1.0

    @property
    def p(self) -> FloatArray:
        """How probable so few rows in the middle are if they are as many as on the side."""
        return _chance(self.middle, self.side)

    @property
    def valley(self) -> FloatArray:
        """0 where the middle is as full as the side, 1 where it is empty."""
        return np.clip(1 - self.middle / np.maximum(self.side, _TINY), 0, 1) * (self.side > 0)

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
        self.X, self.others = fitted, others
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
        worst = self._counted(_Lines(mixture, np.arange(self.X.shape[1])), part)
        for category in np.unique(self.categories[self.categories >= 0]):
            kept = np.flatnonzero(self.categories != category)
            if len(kept) == 0:
                return Counts(np.zeros_like(worst.middle), np.zeros_like(worst.side))
            other = self._counted(_Lines(mixture, kept), part)
            worse = other.p > worst.p
            worst = Counts(np.where(worse, other.middle, worst.middle), np.where(worse, other.side, worst.side))
        return worst

    def settled(self, memberships: FloatArray, first: Counts | None = None) -> Counts:
        """Return the mean of what all splits count, which depends little on who was held out when."""
        found = [first or self.counts(memberships, 0), *(self.counts(memberships, split) for split in range(1, SPLITS))]
        middle, side = (np.mean([getattr(each, name) for each in found], axis=0) for name in ("middle", "side"))
        return Counts(middle, side, self.trust)

    def _counted(self, lines: "_Lines", part: Split) -> Counts:
        folds = np.arange(self.n_folds)
        some = min(len(self.others), MOST_CHOOSING)
        inside = lines.histogram(self.X, part.own[:, None] != folds)
        inside += lines.histogram(self.others[:some], part.others[:some, None] != folds)
        held_out = lines.histogram(self.X, part.own[:, None] == folds)
        held_out += lines.histogram(self.others, part.others[:, None] == folds)
        return _in_windows(inside, held_out)


class _Lines:
    """Positions of rows on the lines between every two groups of several mixtures."""

    def __init__(self, mixture: SharedShape, kept: IntArray) -> None:
        self.mixture, self.kept = mixture, kept
        self.k = mixture.shares.shape[1]
        self.first, self.second = np.triu_indices(self.k, 1)
        centres = mixture.centres[:, :, kept]
        self.slopes: FloatArray = mixture.slopes
        if len(kept) < mixture.centres.shape[2]:
            self.slopes = np.asarray(
                np.linalg.solve(mixture.covariance[:, kept][:, :, kept], centres.transpose(0, 2, 1)), dtype=np.float64
            )
        # at_centre[m, a, b]: the slope of group b at the centre of group a
        self.at_centre = np.matmul(centres, self.slopes)
        own = np.diagonal(self.at_centre, axis1=1, axis2=2)
        self.squared = own[:, :, None] + own[:, None, :] - self.at_centre - self.at_centre.transpose(0, 2, 1)
        self.pair = np.zeros((self.k, self.k), dtype=np.intp)
        self.pair[self.first, self.second] = self.pair[self.second, self.first] = np.arange(len(self.first))

    def histogram(self, X: FloatArray, looked_at: BoolArray) -> FloatArray:
        """Count rows per fold, pair and bin, shape (folds, pairs, bins); `looked_at`, shape (n, folds), says which."""
        counts = [self._of_fold(X[rows], fold) for fold, rows in enumerate(looked_at.T)]
        return np.stack(counts).reshape(len(counts), len(self.first), _BINS)

    def _of_fold(self, rows: FloatArray, fold: int) -> FloatArray:
        linear = rows @ self.mixture.slopes[fold]
        group = (linear + self.mixture.offsets[fold]).argmax(axis=1)
        along = linear if self.slopes is self.mixture.slopes else rows[:, self.kept] @ self.slopes[fold]
        each, others = np.arange(len(rows)), np.arange(self.k)
        # How far from the own centre towards every other centre, which is at 1.
        centre = self.at_centre[fold][group]
        towards = along - along[each, group][:, None] - (centre - centre[each, group][:, None])
        towards /= np.maximum(self.squared[fold][group], _TINY)
        position = np.where(group[:, None] < others, towards, 1 - towards)
        places = ((position - _FROM) * (_BINS / (_TO - _FROM))).astype(np.intp)
        counted = (position >= _FROM) & (position < _TO) & (group[:, None] != others)
        code = self.pair[group] * _BINS + places
        return np.bincount(code[counted], minlength=len(self.first) * _BINS).astype(float)


def _in_windows(inside: FloatArray, held_out: FloatArray) -> Counts:
    """Choose the clearest valley on the rows inside, and count those held out in its windows."""
    folds, pairs, _ = inside.shape
    sums = np.concatenate([np.zeros((folds, pairs, 1)), inside.cumsum(axis=2)], axis=2)
    out = np.concatenate([np.zeros((folds, pairs, 1)), held_out.cumsum(axis=2)], axis=2)
    best = np.full((folds, pairs), -np.inf)
    chosen = np.zeros((2, folds, pairs))
    for width in _WIDTHS:
        window, held = (each[:, :, width:] - each[:, :, :-width] for each in (sums, out))
        size = window.shape[2]
        middles = np.arange(width, size - width)
        left_at = _running_argmax(window)[:, :, : size - 2 * width]
        right_at = (size - 1 - _running_argmax(window[:, :, ::-1]))[:, :, ::-1][:, :, 2 * width :]
        left, right = (np.take_along_axis(window, at, axis=2) for at in (left_at, right_at))
        middle = window[:, :, middles]
        side = np.minimum(left, right)
        score = (side - middle) / np.sqrt(side + middle + 1)
        place = score.argmax(axis=2)[:, :, None]
        top = np.take_along_axis(score, place, axis=2)[:, :, 0]
        better = top > best
        best = np.where(better, top, best)
        # The side that holds fewer of the rows inside: which side that is may differ by fold.
        side_at = np.where(left <= right, left_at, right_at)
        for number, at in enumerate((np.broadcast_to(middles, score.shape), side_at)):
            where = np.take_along_axis(at, place, axis=2)
            value = np.take_along_axis(held, where, axis=2)[:, :, 0]
            chosen[number] = np.where(better, value, chosen[number])
    middle, side = chosen.sum(axis=1)
    return Counts(middle, side)


def _running_argmax(values: FloatArray) -> IntArray:
    top = np.maximum.accumulate(values, axis=2)
    new = np.concatenate([np.ones((*values.shape[:2], 1), dtype=bool), top[:, :, 1:] > top[:, :, :-1]], axis=2)
    places = np.where(new, np.arange(values.shape[2]), 0)
    return np.maximum.accumulate(places, axis=2)


def _chance(middle: FloatArray, side: FloatArray) -> FloatArray:
    """Return P(at most so many of middle + side in the middle) if both are equally full."""
    # The binomial distribution function, continued to means of counts.
    return np.where(side > 0, betainc(np.maximum(side, _TINY), middle + 1, 0.5), 1.0)
