"""A few prototypes per segment (a codebook), so that the nearest one assigns a new customer."""

from typing import Final, NamedTuple

import numpy as np

from segmenter import config
from segmenter.cluster.assigners import NearestPrototype, blocks_of
from segmenter.cluster.kmeans import quick_kmeans
from segmenter.progress import Progress, silent
from segmenter.sampling import systematic_sample
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


def refine_codebook(units: FloatArray, segments: IntArray, X: FloatArray, labels: IntArray) -> FloatArray:
    """Return units moved so that more rows have one of their own segment nearest.

    Generalised learning vector quantisation (Sato & Yamada 1996), all rows at once: those near a border draw the
    nearest unit of their segment and push the nearest of another. The best of all passes is kept.

    Parameters
    ----------
    units, segments
        Shapes (n_units, n_features) and (n_units,).
    X, labels
        Shapes (n, n_features) and (n,); every label occurs among the segments.
    """
    if len(np.unique(segments)) < 2:
        return units
    # Far from zero, squared distances from products lose every digit.
    shift = X.mean(axis=0)
    rows, best = X - shift, (-1.0, units - shift)
    low, high = rows.min(axis=0), rows.max(axis=0)
    moved = units - shift
    with one_thread():
        for number in range(PASSES + 1):
            nearest = _nearest(rows, labels, moved, segments)
            if nearest.agreement > best[0]:
                best = nearest.agreement, moved
            if nearest.agreement == 1:
                break
            step = RATE * (1 - number / PASSES) * _direction(rows, moved, nearest)
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
    units, segments = [], []
    shares = np.bincount(labels[labels >= 0]) / max(int((labels >= 0).sum()), 1)
    for number in np.flatnonzero(shares):
        progress(number / len(shares), "Finding the middles of small groups")
        rows = X[labels == number]
        wanted = round(min(most_units(X.shape[1]) * shares[number], len(rows) / ROWS_PER_UNIT))
        units.append(group_middles(rows, max(wanted, 1), seed))
        segments += [number] * len(units[-1])
    found, members = np.array(segments, dtype=np.intp), labels >= 0
    return NearestPrototype(rounded(refine_codebook(np.vstack(units), found, X[members], labels[members])), found)


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
