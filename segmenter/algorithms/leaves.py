"""Which few points stand for the customers of each segment, so that a new one can be placed by the nearest?"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from segmenter import config
from segmenter.algorithms.borders import sharpened
from segmenter.algorithms.content import evenly_spaced
from segmenter.algorithms.kmeans import quick_kmeans
from segmenter.algorithms.units import NearestUnit
from segmenter.progress import Progress, silent

Matrix = NDArray[np.float64]
Labels = NDArray[np.intp]

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


def rounded(units: Matrix) -> Matrix:
    """Return units with the digits that matter, so that they are short in a file."""
    largest = np.maximum(np.abs(units).max(axis=0), np.finfo(float).tiny)
    digits = np.clip(_DIGITS - 1 - np.floor(np.log10(largest)), -250, 250).astype(int)
    return np.column_stack([np.round(units[:, place], each) for place, each in enumerate(digits)])


def leaf_units(X: Matrix, labels: Labels, seed: int, progress: Progress = silent) -> NearestUnit:
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
    return NearestUnit(rounded(sharpened(np.vstack(units), found, X[members], labels[members])), found)


def group_middles(rows: Matrix, wanted: int, seed: int) -> Matrix:
    """Return the middles of at most `wanted` groups of rows, each of at least config.SMALL_GROUP of them.

    With fewer rows than that, the middle of them all.
    """
    middle = rows.mean(axis=0)
    if wanted == 1:
        return middle[None]
    looked_at = rows[evenly_spaced(len(rows), wanted * _ROWS_LOOKED_AT)] - middle
    found = quick_kmeans(looked_at, wanted, seed, n_starts=1)
    sizes = np.bincount(found.labels, minlength=wanted)
    kept = sizes >= config.SMALL_GROUP
    return found.centres[kept] + middle if kept.any() else middle[None]
