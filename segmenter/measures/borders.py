"""Are there fewer customers between two groups than in them, among customers who did not shape the groups?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.ndimage import gaussian_filter, label
from scipy.special import betainc

from segmenter.measures.border_rows import comparable
from segmenter.measures.mixture import mixture_path
from segmenter.measures.shared_covariance import SharedShape, climb, second_moments
from segmenter.measures.starts import Starts

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# Groups are proposed on so many rows; the borders are judged on up to so many.
MOST_FITTED, MOST_CHOOSING, MOST_COUNTED = 2_000, 4_000, 20_000
# The middle must hold significantly fewer rows than either side, and by this share.
SHALLOWEST = 0.25
SIGNIFICANT = 0.01
# With fewer rows, several proposals are tried on as few held out: the probability must be smaller in proportion.
ROWS_FOR_TRUST = 500
PROMISING = 0.05
# Above this, on the first split, more splits would not help.
HOPELESS = 0.5
# Where groups are bells, more of them are worth their names from so much likelihood per row, twice its logarithm.
WORTH_A_GROUP = 0.05
CONTRADICTED = 0.75
# A lone border needs less by itself where the likelihood is plain: twice its logarithm, less the parameters and overlap.
PLAIN, LIKELY, FEWEST_TOGETHER = 20.0, 0.1, 8
MOST_SKEW, MOST_KURTOSIS, LEAST_KURTOSIS = 0.3, 0.8, -0.5
# A way around: along it, rows are nowhere less dense than by this share of what is usual in the groups.
WAY_AROUND, PLAINLY_EMPTY, FEWEST_BETWEEN = 0.5, 0.85, 15
_SMOOTHING, _CELL = 0.4, 0.2
FOLDS, FOLDS_OF_FEW, FEW_ROWS = 5, 10, 300
CONFIRMING_SPLITS = 4
# Between the centres at 0 and 1, positions from -0.75 to 1.75 are counted in bins; windows are so many bins wide.
_FROM, _TO, _BINS = -0.75, 1.75, 50
_WIDTHS = (3, 5, 7, 10)
_ROUNDS, _FOLD_ROUNDS = 40, 12
_STARTS_AT = (2, 3, 4, 5, 6, 8, 10, 13)
MOST_GROUPS = max(_STARTS_AT)


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
    """

    between: tuple[int, int]
    p: float
    valley: float

    @property
    def real(self) -> bool:
        """Whether there are significantly fewer rows between the two groups than in either."""
        return self.p < SIGNIFICANT


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups whose borders are all real.

    Attributes
    ----------
    k
        Their number, 1 where there are none.
    borders
        Of every two groups.
    """

    k: int
    borders: tuple[Border, ...] = ()


@dataclass(frozen=True, eq=False)
class _Counts:
    """Rows in the middle and in the emptier side of each pair, shape (pairs,)."""

    middle: Floats
    side: Floats
    trust: float = 1.0

    @property
    def p(self) -> Floats:
        return _chance(self.middle, self.side)

    @property
    def valley(self) -> Floats:
        return np.clip(1 - self.middle / np.maximum(self.side, 1e-9), 0, 1) * (self.side > 0)

    @property
    def real(self) -> NDArray[np.bool_]:
        return (self.p < SIGNIFICANT * self.trust) & (self.valley >= SHALLOWEST)


class BorderTest:
    """Judges the borders of proposed groups on rows held out."""

    def __init__(self, fitted: Floats, others: Floats, categories: Integers, random: np.random.Generator) -> None:
        self.X, self.others = fitted, others
        self.categories = categories
        self.n_folds = FOLDS_OF_FEW if len(fitted) < FEW_ROWS else FOLDS
        everything = np.ones((len(fitted), 1))
        self.all_rows, self.all_moments = everything, second_moments(fitted, everything)
        self.splits = [self._split(random) for _ in range(1 + CONFIRMING_SPLITS)]

    def _split(self, random: np.random.Generator) -> tuple[Integers, Integers, Floats, Floats]:
        own = random.permutation(len(self.X)) % self.n_folds
        other = random.permutation(len(self.others)) % self.n_folds
        weights = (own[:, None] != np.arange(self.n_folds)).astype(float)
        return own, other, weights, second_moments(self.X, weights)

    def improved(self, memberships: Floats) -> tuple[SharedShape, Floats]:
        """Fit groups to all rows from a first guess, shape (n, starts, k); return the best."""
        if memberships.shape[1] == 1:
            weights, moments = self.all_rows, self.all_moments
        else:
            weights = np.repeat(self.all_rows, memberships.shape[1], axis=1)
            moments = np.repeat(self.all_moments, memberships.shape[1], axis=0)
        mixture, found = climb(self.X, weights, memberships, rounds=_ROUNDS, moments=moments)
        best = int(np.argmax(mixture.fit))
        return mixture.chosen(best), found[:, best : best + 1]

    def counts(self, memberships: Floats, split: int) -> _Counts:
        """Count held-out rows in the windows that training rows chose."""
        own, other, weights, moments = self.splits[split]
        start = np.repeat(memberships, self.n_folds, axis=1)
        mixture, _ = climb(self.X, weights, start, rounds=_FOLD_ROUNDS, moments=moments)
        counts = self._counted(mixture, own, other, weights, np.arange(self.X.shape[1]))
        worst = counts
        for category in np.unique(self.categories[self.categories >= 0]):
            kept = np.flatnonzero(self.categories != category)
            if len(kept) == 0:
                return _Counts(*(np.zeros_like(counts.side) for _ in range(2)))
            worst = _worse(worst, self._counted(mixture, own, other, weights, kept))
        return worst

    def ways_around(self, mixture: SharedShape, memberships: Floats, counts: _Counts) -> NDArray[np.bool_]:
        """Say between which two groups rows lead from one to the other, around an empty middle: a ring, a bow."""
        first, second = np.triu_indices(memberships.shape[2], 1)
        around = np.zeros(len(first), dtype=bool)
        if self.bell_shaped(memberships):
            return around
        labels = memberships[:, 0].argmax(axis=1)
        slopes = mixture.slopes[0]
        for pair in np.flatnonzero(counts.valley < PLAINLY_EMPTY):
            a, b = first[pair], second[pair]
            rows = (labels == a) | (labels == b)
            X, of_a = self.X[rows], labels[rows] == a
            along = X @ (slopes[:, b] - slopes[:, a])
            around[pair] = _way_around(X, along, of_a)
        return around

    def bell_shaped(self, memberships: Floats) -> bool:
        labels = memberships[:, 0].argmax(axis=1)
        parts = []
        for group in range(memberships.shape[2]):
            rows = self.X[labels == group]
            if len(rows) > 3:
                parts.append((rows - rows.mean(axis=0)) / np.maximum(rows.std(axis=0), 1e-9))
        Z = np.concatenate(parts)
        skew, kurtosis = (Z**3).mean(axis=0), (Z**4).mean(axis=0) - 3
        doubt = 2 / np.sqrt(len(Z))
        return bool(
            (np.abs(skew) < MOST_SKEW + doubt * np.sqrt(6)).all()
            and (kurtosis < MOST_KURTOSIS + doubt * np.sqrt(24)).all()
            and (kurtosis > LEAST_KURTOSIS - doubt * np.sqrt(24)).all()
        )

    def _counted(
        self, mixture: SharedShape, own: Integers, other: Integers, weights: Floats, kept: Integers
    ) -> _Counts:
        scale = _Lines(mixture, kept)
        inside = scale.histogram(self.X, np.broadcast_to(np.arange(self.n_folds), weights.shape), weights)
        some = self.others[:MOST_CHOOSING]
        if len(some):
            inside += scale.histogram(some, other[: len(some), None], (other[: len(some), None] != np.arange(self.n_folds)).astype(float))
        held_out = scale.histogram(self.X, own[:, None], None)
        if len(self.others):
            held_out += scale.histogram(self.others, other[:, None], None)
        return _in_windows(inside, held_out)


class _Lines:
    """Positions of rows on the lines between every two groups of several mixtures."""

    def __init__(self, mixture: SharedShape, kept: Integers) -> None:
        self.mixture, self.kept = mixture, kept
        self.k = mixture.shares.shape[1]
        self.first, self.second = np.triu_indices(self.k, 1)
        if len(kept) == mixture.centres.shape[2]:
            self.slopes = mixture.slopes
            centres = mixture.centres
        else:
            centres = mixture.centres[:, :, kept]
            self.slopes = np.linalg.solve(mixture.covariance[:, kept][:, :, kept], centres.transpose(0, 2, 1))
        # at_centre[m, a, b]: the slope of group b at the centre of group a
        self.at_centre = np.matmul(centres, self.slopes)
        own = np.diagonal(self.at_centre, axis1=1, axis2=2)
        self.squared = own[:, :, None] + own[:, None, :] - self.at_centre - self.at_centre.transpose(0, 2, 1)
        self.pair = np.zeros((self.k, self.k), dtype=np.intp)
        self.pair[self.first, self.second] = self.pair[self.second, self.first] = np.arange(len(self.first))

    def histogram(self, X: Floats, folds: Integers, weights: Floats | None) -> Floats:
        """Count rows per fold, pair and bin; shape (folds, pairs, bins).

        `folds`, shape (n, m), says with which mixtures a row is looked at; a row with weight 0 is not.
        """
        n_folds, pairs = len(self.slopes), len(self.first)
        total = np.zeros(n_folds * pairs * _BINS)
        for fold in range(n_folds):
            if weights is None:
                rows = X[folds[:, 0] == fold]
            else:
                rows = X[weights[:, fold] > 0]
            total += self._of_fold(rows, fold, n_folds * pairs * _BINS)
        return total.reshape(n_folds, pairs, _BINS)

    def _of_fold(self, rows: Floats, fold: int, length: int) -> Floats:
        odds = rows @ self.mixture.slopes[fold] + self.mixture.offsets[fold]
        group = odds.argmax(axis=1)
        along = odds if self.slopes is self.mixture.slopes else rows[:, self.kept] @ self.slopes[fold]
        if self.slopes is self.mixture.slopes:
            along = odds - self.mixture.offsets[fold]
        n = len(rows)
        each = np.arange(n)
        # How far from the own centre towards every other centre, which is at 1.
        towards = along - along[each, group][:, None]
        centre = self.at_centre[fold][group]
        towards -= centre - centre[each, group][:, None]
        towards /= np.maximum(self.squared[fold][group], 1e-12)
        others = np.arange(self.k)
        position = np.where(group[:, None] < others, towards, 1 - towards)
        places = ((position - _FROM) * (_BINS / (_TO - _FROM))).astype(np.intp)
        counted = (position >= _FROM) & (position < _TO) & (group[:, None] != others)
        code = (fold * len(self.first) + self.pair[group]) * _BINS + places
        return np.bincount(code[counted], minlength=length).astype(float)


def _in_windows(inside: Floats, held_out: Floats) -> _Counts:
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
    return _Counts(middle, side)


def _way_around(X: Floats, along: Floats, of_a: NDArray[np.bool_]) -> bool:
    """Say whether the two groups hang together in the plane of their line and the direction widest at its middle."""
    low, high = along[of_a].mean(), along[~of_a].mean()
    place = (along - low) / (high - low)
    between = (place > 0.25) & (place < 0.75)
    if X.shape[1] < 2 or between.sum() < FEWEST_BETWEEN:
        return False
    X = X - X.mean(axis=0)
    direction = eigh(X[between].T @ X[between], X.T @ X + 1e-3 * len(X) * np.eye(X.shape[1]))[1][:, -1]
    plane = []
    for each in (along, X @ direction):
        within = np.sqrt((each[of_a].var() * of_a.mean()) + (each[~of_a].var() * (~of_a).mean()))
        plane.append((each - each.mean()) / max(within, 1e-12))
    cells = [np.clip(np.round((each - each.min()) / _CELL), 0, 79).astype(np.intp) for each in plane]
    counted = np.zeros((80, 80))
    np.add.at(counted, tuple(cells), 1.0)
    density = gaussian_filter(counted, _SMOOTHING / _CELL, mode="constant")
    at_rows = density[tuple(cells)]
    usual = min(np.quantile(at_rows[of_a], 0.75), np.quantile(at_rows[~of_a], 0.75))
    parts, _ = label(density >= WAY_AROUND * usual)
    of_rows = parts[tuple(cells)]
    mostly = [np.bincount(of_rows[side & (of_rows > 0)], minlength=2).argmax() for side in (of_a, ~of_a)]
    return bool(mostly[0] == mostly[1])


def _running_argmax(values: Floats) -> Integers:
    top = np.maximum.accumulate(values, axis=2)
    new = np.concatenate([np.ones((*values.shape[:2], 1), dtype=bool), top[:, :, 1:] > top[:, :, :-1]], axis=2)
    places = np.where(new, np.arange(values.shape[2]), 0)
    return np.maximum.accumulate(places, axis=2)


def _chance(middle: Floats, side: Floats) -> Floats:
    """Return P(at most so many of middle + side in the middle) if both are equally full."""
    # The binomial distribution function, continued to means of counts.
    return np.where(side > 0, betainc(np.maximum(side, 1e-9), middle + 1, 0.5), 1.0)


def _worse(one: _Counts, other: _Counts) -> _Counts:
    take = other.p > one.p
    return _Counts(
        np.where(take, other.middle, one.middle), np.where(take, other.side, one.side)
    )


def find_groups(X: Floats, *, categories: Integers | None = None, seed: int = 0) -> Groups:
    """Find the largest number of groups of which every two have a real border.

    Columns with long tails are looked at as they are and evened out; the larger number counts.
    """
    best = Groups(1)
    for evened in (False, True):
        random = np.random.default_rng(seed)
        rows, kinds, changed = comparable(X, categories, random, evened=evened)
        if evened and not changed:
            break
        found = _search(rows, kinds, random)
        best = found if found.k > best.k else best
    return best


def _search(rows: Floats, categories: Integers, random: np.random.Generator) -> Groups:
    fitted, others = rows[:MOST_FITTED], rows[MOST_FITTED:MOST_COUNTED]
    if len(fitted) < 20 or rows.shape[1] == 0:
        return Groups(1)
    test = BorderTest(fitted, others, categories, random)
    starts = Starts(fitted, random)
    seen: set[bytes] = set()
    best = Groups(1)
    for k in sorted((k for k in _STARTS_AT if k * 8 <= len(fitted)), reverse=True):
        if k <= best.k:
            break
        for memberships in starts.proposed(k):
            found = _joined(test, memberships, seen, best.k)
            best = found if found.k > best.k else best
    return _bells(test, starts, best) if best.k > 1 else _small_bell(test, starts)


def _small_bell(test: BorderTest, starts: Starts) -> Groups:
    """Return two groups where both are bells, plainly two by their likelihood, and their border is likely.

    Of a small group, too few rows lie on the border's side to be certain of the border alone.
    """
    labels = {1: np.zeros(len(test.X), dtype=np.intp)}
    mixture, memberships = test.improved(next(iter(starts.proposed(2))))
    labels[2] = memberships[:, 0].argmax(axis=1)
    if np.bincount(labels[2], minlength=2).min() < FEWEST_TOGETHER or not test.bell_shaped(memberships):
        return Groups(1)
    scores = mixture_path(test.X, labels)
    if scores[2].icl - scores[1].icl < PLAIN:
        return Groups(1)
    counts = _averaged([test.counts(memberships, split) for split in range(1 + CONFIRMING_SPLITS)], len(test.X))
    return _groups(mixture, counts) if counts.p[0] < LIKELY and counts.valley[0] > 0.5 else Groups(1)


def _bells(test: BorderTest, starts: Starts, known: Groups) -> Groups:
    """Return more groups where they are bells, which their likelihood tells apart before their borders do.

    Most of their borders must be certain all the same, and none may be contradicted.
    """
    guesses = {1: np.ones((len(test.X), 1, 1))}
    for k in range(2, 13):
        guesses[k] = next(iter(starts.proposed(k)))
    scores = mixture_path(test.X, {k: guess[:, 0].argmax(axis=1) for k, guess in guesses.items()})
    enough = max(score.icl for score in scores.values()) - WORTH_A_GROUP * len(test.X)
    k = min(k for k, score in scores.items() if score.icl >= enough)
    if k <= known.k:
        return known
    mixture, memberships = test.improved(guesses[k])
    if not test.bell_shaped(memberships):
        return known
    counts = _averaged([test.counts(memberships, split) for split in range(1 + CONFIRMING_SPLITS)], len(test.X))
    weak = ~counts.real
    if (counts.p > CONTRADICTED).any() or 3 * weak.sum() > len(weak):
        return known
    return _groups(mixture, counts)


def _averaged(counts: Sequence[_Counts], n: int) -> _Counts:
    middle, side = (np.mean([getattr(each, name) for each in counts], axis=0) for name in ("middle", "side"))
    return _Counts(middle, side, min(1.0, n / ROWS_FOR_TRUST))


def _joined(test: BorderTest, memberships: Floats, seen: set[bytes], known: int) -> Groups:
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
        if k <= max(known, 1) or key in seen:
            return Groups(1)
        seen.add(key)
        counts = test.counts(memberships, 0)
        if (counts.p < HOPELESS).all():
            counts = _averaged([counts, *(test.counts(memberships, split) for split in range(1, 1 + CONFIRMING_SPLITS))], len(test.X))
            if counts.real.all():
                around = test.ways_around(mixture, memberships, counts)
                if not around.any():
                    return _groups(mixture, counts)
                counts = _Counts(np.where(around, counts.side, counts.middle), counts.side)
        memberships = _merged(memberships, counts)


def _groups(mixture: SharedShape, counts: _Counts) -> Groups:
    """Number the groups by size and gather their borders."""
    k = mixture.shares.shape[1]
    number = np.argsort(np.argsort(-mixture.shares[0], kind="stable"))
    first, second = (number[each] for each in np.triu_indices(k, 1))
    found = zip(np.minimum(first, second), np.maximum(first, second), counts.p, counts.valley, strict=True)
    borders = sorted((Border((int(a), int(b)), float(p), float(v)) for a, b, p, v in found), key=lambda each: each.between)
    return Groups(k, tuple(borders))


def _numbered(labels: Integers) -> NDArray[np.int8]:
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    order = np.empty(len(first), dtype=np.int8)
    order[np.argsort(first)] = np.arange(len(first))
    return order[inverse]


def _merged(memberships: Floats, counts: _Counts) -> Floats:
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
