"""Nearest prototype (best matching unit) of many rows, in blocks and exact to the last bit."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.threads import n_threads, shared
from segmenter.typing import BoolArray, FloatArray, IntArray

# A block's scores, 4,096 × 225 in float32, take 3.7 MB and stay near the processor: 90 times as fast as one
# row at a time; blocks of 512 are 35 times as fast.
ROWS_AT_ONCE = 4_096
# float32 keeps 24 binary digits. Rounding of both factors, of the sum over the columns and of the lengths
# added moves a score by less than (columns + 4) of these steps; the double of what theory asks for.
_STEP = 2.0**-23
# The same for one column at a time in float64, which takes units much nearer to each other than to the row for
# equally near; a product of what is left after the shift could still tell them apart.
_FINE_STEP = 2.0**-52
# Below this, products of float32 lose their digits or become zero.
_SMALLEST = 1e-36
# Up to so many units, scores stand in few long lines: a minimum over lines is then five times as fast as one
# within each of many short lines. Relative to the squared lengths involved, a product of 1,000 columns is wrong
# by less than a thousandth of the rounding.
FEW_UNITS, _FEW_ROWS_AT_ONCE, _ROUNDING = 32, 32_768, 1e-10


def nearest_units(X: FloatArray, units: FloatArray) -> IntArray:
    """Return the nearest unit of each row of `X`, shape (n,); ties go to the lower number.

    A matrix product decides where no rounding could change the answer; the other rows are measured one column at
    a time. A row thus gets the same unit alone and among a million.

    Parameters
    ----------
    X
        Shape (n, n_features).
    units
        Shape (n_units, n_features).
    """
    if len(units) <= FEW_UNITS:
        return _nearest_of_few(X, units)
    return _nearest_of_many(X, units)


def _nearest_of_few(X: FloatArray, units: FloatArray) -> IntArray:
    found = np.empty(len(X), dtype=np.intp)
    blocks = list(blocks_of(len(X), _FEW_ROWS_AT_ONCE))
    threads = n_threads() if len(blocks) > 1 else 1
    answers = shared(lambda rows: _few_in_block(X[rows], units), blocks, threads)
    for block, answer in zip(blocks, answers, strict=True):
        found[block] = answer
    return found


def _few_in_block(rows: FloatArray, units: FloatArray) -> IntArray:
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.einsum("ij,ij->i", units, units)
        scores = units @ (-2.0 * rows.T) + lengths[:, None]
        margin = _ROUNDING * (np.einsum("ij,ij->i", rows, rows).max() + lengths.max())
        near = scores <= scores.min(axis=0) + margin
    # Where one unit is near, the sum of the numbers of the near ones is its number.
    numbers = np.arange(len(units), dtype=np.float32) @ near.astype(np.float32)
    found: IntArray = numbers.astype(np.intp)
    unsure = np.flatnonzero(near.sum(axis=0) != 1) if np.isfinite(margin) else slice(None)
    found[unsure] = nearest_exactly(rows[unsure], units)
    return found


def _nearest_of_many(X: FloatArray, units: FloatArray) -> IntArray:
    # float32 is twice as fast, and leaves about one row in 10,000 open.
    kept, which = _different(units)
    search = _Search.of(kept)
    found = np.empty(len(X), dtype=np.intp)
    blocks = list(blocks_of(len(X)))
    threads = n_threads() if len(blocks) > 1 else 1
    sure = np.empty(len(X), dtype=np.bool_)
    for block, decided in zip(blocks, shared(lambda rows: search.nearest(X[rows]), blocks, threads), strict=True):
        found[block], sure[block] = decided
    # All at once: 225 units over a handful of rows in each of 250 blocks take longer than the products.
    unsure = np.flatnonzero(~sure)
    found[unsure] = nearest_exactly(X[unsure], kept)
    return which[found]


def two_nearest(X: FloatArray, units: FloatArray) -> IntArray:
    """Return the nearest and the second nearest unit of each row, shape (n, 2), as float64 products see them."""
    found = np.empty((len(X), 2), dtype=np.intp)
    blocks = list(blocks_of(len(X)))
    threads = n_threads() if len(blocks) > 1 else 1
    pairs = shared(lambda block: _two_nearest(X[block], units), blocks, threads)
    for block, pair in zip(blocks, pairs, strict=True):
        found[block] = pair
    return found


def distances_to(X: FloatArray, chosen: FloatArray) -> FloatArray:
    """Return the Euclidean distance of each row to its row of `chosen`, summed one column at a time."""
    squared = np.zeros(len(X))
    for column, values in zip(X.T, chosen.T, strict=True):
        squared += (column - values) ** 2
    return np.sqrt(squared)


@dataclass(frozen=True, eq=False)
class _Search:
    """Units made ready for many products.

    Attributes
    ----------
    shift
        Shape (n_features,), the middle of the units: near it, float32 keeps the digits that matter.
    factors
        Shape (n_features + 1, n_units), float32: minus twice each unit, and its squared length.
    longest
        Length of the longest unit.
    """

    shift: FloatArray
    factors: NDArray[np.float32]
    longest: float

    @classmethod
    def of(cls, units: FloatArray) -> "_Search":
        shift = units.mean(axis=0)
        centred = units - shift
        with np.errstate(over="ignore", under="ignore"):
            lengths = np.einsum("ij,ij->i", centred, centred)
            factors = np.vstack([-2.0 * centred.T, lengths]).astype(np.float32)
        return cls(shift, factors, float(np.sqrt(lengths.max())))

    def nearest(self, rows: FloatArray) -> tuple[IntArray, BoolArray]:
        """Return the nearest unit of each row of one block, and of which rows that is sure."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            scores, margin = self._scores(rows)
            every = np.arange(len(rows))
            best = scores.argmin(axis=1)
            smallest = scores[every, best].astype(np.float64)
            scores[every, best] = np.inf
            # What is not a number, or infinite, is never sure.
            sure = scores.min(axis=1) - smallest > margin
        return best, sure

    def _scores(self, rows: FloatArray) -> tuple[NDArray[np.float32], FloatArray]:
        """Return squared distances less the rows' own lengths, and by how much two of them may be wrong."""
        n_features = rows.shape[1]
        single = np.ones((len(rows), n_features + 1), dtype=np.float32)
        np.subtract(rows, self.shift, out=single[:, :-1], casting="same_kind")
        lengths = np.sqrt(np.einsum("ij,ij->i", single, single).astype(np.float64))
        margin = 2 * (n_features + 4) * _STEP * self.longest * (2 * lengths + self.longest) + _SMALLEST
        margin += 2 * (n_features + 4) * _FINE_STEP * (lengths + self.longest) ** 2
        return single @ self.factors, margin


def nearest_exactly(rows: FloatArray, units: FloatArray) -> IntArray:
    """Return the nearest unit of each row, every step elementwise and in float64."""
    found = np.zeros(len(rows), dtype=np.intp)
    smallest = np.full(len(rows), np.inf)
    with np.errstate(over="ignore"):
        for number, unit in enumerate(units):
            squared = np.zeros(len(rows))
            for column, value in zip(rows.T, unit, strict=True):
                squared += (column - value) ** 2
            found[squared < smallest] = number
            np.minimum(smallest, squared, out=smallest)
    return found


def _different(units: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the units without repeated ones, and the number of each: two equal units would tie every row."""
    _, first = np.unique(units, axis=0, return_index=True)
    which = np.sort(first)
    return units[which], which


def _two_nearest(rows: FloatArray, units: FloatArray) -> IntArray:
    shift = units.mean(axis=0)
    centred = units - shift
    scores = (rows - shift) @ (-2.0 * centred.T) + np.einsum("ij,ij->i", centred, centred)
    every = np.arange(len(rows))
    best = scores.argmin(axis=1)
    scores[every, best] = np.inf
    return np.column_stack([best, scores.argmin(axis=1)])


def blocks_of(n_rows: int, at_once: int = ROWS_AT_ONCE) -> Iterator[slice]:
    """Yield the blocks into which rows are cut, the same for any number of threads."""
    for start in range(0, n_rows, at_once):
        yield slice(start, start + at_once)
