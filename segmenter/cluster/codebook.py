"""A few prototypes per segment (a codebook), so that the nearest one assigns a new customer."""

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from segmenter import config
from segmenter.cluster.assigners import NearestPrototype, blocks_of
from segmenter.cluster.kmeans import quick_kmeans
from segmenter.progress import Progress, silent
from segmenter.sampling import canonical_order, systematic_sample
from segmenter.threads import one_thread
from segmenter.typing import FloatArray, IntArray

# On four files and two linkages, 20 passes bring what the rule places elsewhere to a third or less, and by a tenth
# to a half for customers it has not seen.
PASSES: Final = 20
# How narrow a band along the border teaches, and how far the first pass moves the units.
STEEPNESS, RATE = 20.0, 0.5


class _Nearest(NamedTuple):
    """The nearest unit of the own segment and of any other, and the squared distances, each of shape (n,)."""

    own: IntArray
    own_squared: FloatArray
    other: IntArray
    other_squared: FloatArray

    @property
    def agreement(self) -> float:
        return float((self.own_squared < self.other_squared).mean())


def refine_codebook(
    units: FloatArray, segments: IntArray, X: FloatArray, labels: IntArray, passes: int = PASSES
) -> FloatArray:
    """Return units moved so that more rows have one of their own segment nearest.

    Generalised learning vector quantisation (Sato & Yamada 1996), all rows at once: those near a border draw the
    nearest unit of their segment and push the nearest of another. The best of all passes is kept.

    Parameters
    ----------
    units, segments
        Shapes (n_units, n_features) and (n_units,).
    X, labels
        Shapes (n, n_features) and (n,); every label occurs among the segments.
    passes
        How often all rows are looked at.
    """
    if len(np.unique(segments)) < 2 or not passes:
        return units
    # Far from zero, squared distances from products lose every digit.
    shift = X.mean(axis=0)
    rows, best = X - shift, (-1.0, units - shift)
    low, high = rows.min(axis=0), rows.max(axis=0)
    moved = units - shift
    with one_thread():
        for number in range(passes + 1):
            nearest = _nearest(rows, labels, moved, segments)
            if nearest.agreement > best[0]:
                best = nearest.agreement, moved
            if nearest.agreement == 1:
                break
            step = RATE * (1 - number / passes) * _direction(rows, moved, nearest)
            # No unit leaves the customers: strangers far away would meet it first.
            moved = np.clip(moved + step, low, high)
    return best[1] + shift


def _direction(rows: FloatArray, units: FloatArray, nearest: _Nearest) -> FloatArray:
    """Return where each unit is drawn to, a mean of rows weighted by how much they say about the border."""
    total = np.maximum(nearest.own_squared + nearest.other_squared, np.finfo(float).tiny)
    relative = (nearest.own_squared - nearest.other_squared) / total
    closeness = 1.0 / np.cosh(0.5 * STEEPNESS * relative) ** 2
    drawn, pushed = closeness * nearest.other_squared / total, closeness * nearest.own_squared / total
    weight = _sums(nearest.own, drawn, len(units)) + _sums(nearest.other, pushed, len(units))
    direction = np.empty_like(units)
    for place, (column, values) in enumerate(zip(rows.T, units.T, strict=True)):
        towards = _sums(nearest.own, drawn * (column - values[nearest.own]), len(units))
        away = _sums(nearest.other, pushed * (column - values[nearest.other]), len(units))
        direction[:, place] = towards - away
    return direction / np.maximum(weight, np.finfo(float).tiny)[:, None]


def _sums(units: IntArray, weights: FloatArray, n_units: int) -> FloatArray:
    return np.asarray(np.bincount(units, weights, n_units), dtype=np.float64)


def _nearest(rows: FloatArray, labels: IntArray, units: FloatArray, segments: IntArray) -> _Nearest:
    found = [_nearest_in_block(rows[block], labels[block], units, segments) for block in blocks_of(len(rows))]
    own, own_squared, other, other_squared = (np.concatenate(each) for each in zip(*found, strict=True))
    return _Nearest(own, own_squared, other, other_squared)


def _nearest_in_block(rows: FloatArray, labels: IntArray, units: FloatArray, segments: IntArray) -> _Nearest:
    lengths = np.einsum("ij,ij->i", units, units)
    squared = np.maximum(np.einsum("ij,ij->i", rows, rows)[:, None] - 2.0 * rows @ units.T + lengths, 0.0)
    same = segments == labels[:, None]
    own, other = np.where(same, squared, np.inf), np.where(same, np.inf, squared)
    each = np.arange(len(rows))
    nearest_own, nearest_other = own.argmin(axis=1), other.argmin(axis=1)
    return _Nearest(nearest_own, own[each, nearest_own], nearest_other, other[each, nearest_other])


# More units follow a border more closely; 400 of 17 columns are 60 KB of a model file, and all units together
# stay below so many numbers in wide tables.
MOST_UNITS: Final = 400
MOST_NUMBERS: Final = 12_000
# A unit is the middle of about so many customers, and never of fewer than config.SMALL_GROUP where the segment
# has as many: nobody's row is kept.
ROWS_PER_UNIT: Final = 20
# A segment's units are found on at most so many of its rows for each unit.
_ROWS_LOOKED_AT: Final = 50
# Digits kept of a unit, relative to the largest value of its column: a tenth of the file, and no place moves.
_DIGITS: Final = 6


def most_units(width: int) -> int:
    """Return how many units of so many columns a model file has room for."""
    return max(min(MOST_UNITS, MOST_NUMBERS // width), 2 * config.MAX_SEGMENTS)


def rounded(units: FloatArray) -> FloatArray:
    """Return units with the digits that matter, so that they are short in a file."""
    largest = np.maximum(np.abs(units).max(axis=0), np.finfo(float).tiny)
    digits = np.clip(_DIGITS - 1 - np.floor(np.log10(largest)), -250, 250).astype(int)
    return np.column_stack([np.round(units[:, place], each) for place, each in enumerate(digits)])


def fit_codebook(X: FloatArray, labels: IntArray, seed: int, progress: Progress = silent) -> NearestPrototype:
    """Return the rule that places a customer in the segment of the nearest of many small groups.

    Each segment is divided by K-Means into groups, in proportion to its size; their middles are the units, moved
    a little where the nearest one would often say another segment.

    Parameters
    ----------
    X
        Shape (n, n_features), in an order that only the values decide.
    labels
        Shape (n,), 0 … k-1; rows with -1 belong to no unit.
    """
    members = labels >= 0
    sizes = np.bincount(labels[members])
    room = np.minimum(most_units(X.shape[1]) * (sizes / max(int(sizes.sum()), 1)), sizes / ROWS_PER_UNIT)
    return _codebook(X[members], labels[members], np.maximum(np.rint(room), 1).astype(np.intp), seed, PASSES, progress)


def _codebook(
    X: FloatArray, labels: IntArray, wanted: IntArray, seed: int, passes: int, progress: Progress = silent
) -> NearestPrototype:
    """Return a codebook of so many units for each segment at most; every row is in one."""
    units, segments = [], []
    sizes = np.bincount(labels, minlength=len(wanted))
    for number in np.flatnonzero(sizes):
        progress(number / len(sizes), "Finding the middles of small groups")
        units.append(group_middles(X[labels == number], int(wanted[number]), seed))
        segments += [number] * len(units[-1])
    found = np.array(segments, dtype=np.intp)
    return NearestPrototype(rounded(refine_codebook(np.vstack(units), found, X, labels, passes)), found)


def group_middles(rows: FloatArray, wanted: int, seed: int) -> FloatArray:
    """Return the middles of at most `wanted` groups of rows, each of at least config.SMALL_GROUP of them.

    With fewer rows than that, the middle of them all.
    """
    middle = rows.mean(axis=0)
    if wanted == 1:
        return middle[None]
    looked_at = rows[systematic_sample(len(rows), wanted * _ROWS_LOOKED_AT)] - middle
    found = quick_kmeans(looked_at, wanted, seed, n_starts=1)
    sizes = np.bincount(found.labels, minlength=wanted)
    kept = sizes >= config.SMALL_GROUP
    return found.centres[kept] + middle if kept.any() else middle[None]


# New customers may stand a little farther out than any customer seen.
_FARTHER: Final = 1.5


def with_reach(rule: NearestPrototype, rows: FloatArray, labels: IntArray) -> NearestPrototype:
    """Return the rule that leaves out who is too far from the nearest unit to belong to its segment.

    Parameters
    ----------
    rows
        Shape (n, n_features).
    labels
        Their segments, shape (n,); -1 is none.
    """
    nearest, away = rule.nearest(rows), rule.distances(rows)
    reach = np.array([_reach(away[nearest == unit], labels[nearest == unit]) for unit in range(len(rule.units))])
    return replace(rule, reach=reach)


def _reach(away: FloatArray, labels: IntArray) -> float:
    """Return the distance that best tells those in a segment from those in none."""
    order = np.argsort(away, kind="stable")
    away, inside = away[order], labels[order] >= 0
    gained = np.cumsum(np.where(inside, 1, -1))
    if gained.max(initial=0) <= 0:
        return 0.0
    # Of equally good borders the farthest; equal distances are on the same side.
    last = len(gained) - 1 - int(np.argmax(gained[::-1]))
    beyond = away[away > away[last]]
    border = _FARTHER * float(away[last])
    return min(border, float(away[last] + beyond[0]) / 2) if len(beyond) else border


# Each customer is measured from units that four of five others have made. Half the passes move units as far; those of
# a large file are many customers' each, and moving them is most of the time.
_FOLDS: Final = 5
_PASSES_WITHOUT: Final = 10
# Of more customers, a sample tells how much farther those are who have not made the units.
_CROSS_FITTED: Final = 25_000


def cross_fitted(rule: NearestPrototype, X: FloatArray, labels: IntArray) -> tuple[IntArray, FloatArray]:
    """Return where each customer would be placed, and how far from its unit, had it not been there, shapes (n,).

    Units follow the customers who made them, and how far they reach is drawn around these: the next month's customers
    lie farther out. By how much is seen where units are found anew without a fifth of the customers, as many for each
    segment, and these are measured (cross-fitting). Of a large file this is done for an even sample.

    Parameters
    ----------
    rule
        The rule as it is used: units found by `group_middles`.
    X
        Shape (n, n_features).
    labels
        Their segments, shape (n,); -1 is none.
    """
    nearest = rule.segments[rule.nearest(X)]
    away, inside = rule.distances(X), rule.place(X) >= 0
    order = canonical_order(X)[systematic_sample(len(X), _CROSS_FITTED)]
    fold = np.arange(len(order)) % _FOLDS
    for number in range(_FOLDS):
        out, others = order[fold == number], order[fold != number]
        again = _found_anew(rule, X[others], labels[others])
        if again is not None and len(out):
            # Which of two segments is nearer is the rule's to say; that it is near enough, the others'.
            away[out], inside[out] = again.distances(X[out]), again.place(X[out]) >= 0
    return np.where(inside, nearest, -1), away


def of_strangers(rule: NearestPrototype, X: FloatArray, order: IntArray, n_made: int) -> tuple[IntArray, FloatArray]:
    """Return where customers who had no part in a rule are placed, and how far from their unit, shapes (n,).

    They know what cross-fitting guesses. Whoever the rule was made from has the answers of another.

    Parameters
    ----------
    rule
        The rule.
    X
        Shape (n, n_features).
    order
        The canonical order of these customers, shape (n,).
    n_made
        From how many of them, evenly spread in this order, the rule was made; fewer than n.
    """
    placed, away = rule.place(X), rule.distances(X)
    chosen = systematic_sample(len(order), n_made)
    made, strangers = order[chosen], np.delete(order, chosen)
    others = strangers[np.arange(len(made)) * len(strangers) // len(made)]
    placed[made], away[made] = placed[others], away[others]
    return placed, away


def _found_anew(rule: NearestPrototype, X: FloatArray, labels: IntArray) -> NearestPrototype | None:
    """Return a rule of as many units for each segment, made by other customers; None where none of them is in one."""
    wanted = np.bincount(rule.segments[rule.segments >= 0])
    members = (labels >= 0) & (labels < len(wanted))
    if not members.any():
        return None
    passes = _PASSES_WITHOUT if len(X) <= config.HIERARCHY_ROWS else 0
    again = _codebook(X[members], labels[members], np.maximum(wanted, 1), 0, passes)
    return again if rule.reach is None else with_reach(again, X, labels)
