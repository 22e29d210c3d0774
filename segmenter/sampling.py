"""Canonical order of rows by their values, systematic and weighted samples, and distinct rows."""

from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from segmenter.typing import FloatArray, IntArray

# Odd 64-bit constants spread every bit of a product over its upper half (2^64 / golden ratio; Stafford's mix).
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_HALF = np.uint64(32)
# A float64 is its exponent and, here, five binary digits; they stand above 48 bits of hash.
_MANTISSA_LEFT_OUT, _STEPS_FROM, _HASH_FROM = np.uint64(47), np.uint64(48), np.uint64(16)
# The mean is kept to a thousandth of a column's range.
_MIDDLE = 2.0**-10
# Rows are compared on a grid of so many steps in a column's range.
_GRID = 2.0**-26
_OFF_HALVES = 0.3819660112501051
# Sums of a billion numbers are right to more digits than this share leaves.
_NARROW = 2.0**-20
_LARGEST_SUMMED = 2.0**980
# Rows are repeated exactly in proportion where that makes at most so many; else so many of them come near enough.
_MOST_REPEATED = 1_000_000
_FEWEST_REPEATED = 200_000
# Weights are looked at as multiples of these shares of the smallest one, to so many digits.
_SHARES = (1.0, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 10, 1 / 100)
_WHOLE = 1e-7


@dataclass(frozen=True, eq=False)
class DistinctRows:
    """Every different row once, in an order that only the values decide.

    Attributes
    ----------
    rows
        Shape (n_distinct, n_features).
    weights
        Shape (n_distinct,), how often each row occurs.
    index
        Shape (n,), the distinct row that each original row is.
    """

    rows: FloatArray
    weights: FloatArray
    index: IntArray


def count_distinct(X: FloatArray, *, enough: int) -> int:
    """Return how many different rows there are; counting may stop once there are `enough`."""
    first = len(np.unique(X[: 50 * enough], axis=0))
    return first if first >= enough else len(np.unique(X, axis=0))


def canonical_order(X: FloatArray) -> IntArray:
    """Return the positions of the rows in an order that only their values decide.

    Rows go from the middle outwards in steps of 3 % of the distance, and look shuffled within a step. Equal
    rows stand together. Evenly spaced rows are thus a sample in which every distance from the middle has its
    share: the few customers far out, who make up much of a sum of squares, are never missed or doubled.

    Values count as whole steps of a grid: the last bits, in which two processors differ, move no row.
    """
    if not X.size:
        return np.arange(len(X))
    codes = _on_a_grid(X)
    steps = squared_norms(codes).view(np.uint64) >> _MANTISSA_LEFT_OUT << _STEPS_FROM
    keys = steps | _hashes(codes) >> _HASH_FROM
    order = np.argsort(keys, kind="stable")
    # Rows that are equal on the grid only are ordered by their exact values.
    ordered, keys = X[order], keys[order]
    alike = (keys[1:] == keys[:-1]) & (ordered[1:] != ordered[:-1]).any(axis=1)
    if alike.any():
        among = np.isin(keys, keys[1:][alike])
        rows = ordered[among]
        order[among] = order[among][np.lexsort((*(rows.T[::-1] + 0.0), keys[among]))]
    return order


def _on_a_grid(X: FloatArray) -> FloatArray:
    """Return how many steps of a grid each value lies above the middle; whole numbers below 2**28."""
    lowest, highest = X.min(axis=0), X.max(axis=0)
    largest = np.maximum(np.abs(lowest), np.abs(highest))
    if (largest > _LARGEST_SUMMED).any():
        # The sum of such numbers may be infinite; an exact 2**-64 of them stands in the same order.
        return _on_a_grid(np.where(largest > _LARGEST_SUMMED, X * 2.0**-64, X))
    spread = highest - lowest
    # The mean of a column that hardly varies may be off by more than its range: it is seen from its lowest value.
    middle = np.where(spread <= _NARROW * largest, lowest, near_the_middle(X))
    widest = np.where(spread > np.finfo(float).tiny, spread, 1.0)
    # Halves are multiples of a finer grid's steps; shifted by an odd fraction, no usual value is a border case.
    return np.asarray(np.floor((X - middle) / (_power_below(widest) * _GRID) + _OFF_HALVES))


def _hashes(codes: FloatArray) -> NDArray[np.uint64]:
    """Return one 64-bit number per row, equal for equal rows wherever they stand."""
    mixed = np.full(len(codes), _MIX, dtype=np.uint64)
    for feature in range(codes.shape[1]):
        mixed ^= codes[:, feature].astype(np.int64).view(np.uint64)
        mixed *= _SPREAD
        mixed ^= mixed >> _HALF
        mixed *= _MIX
        mixed ^= mixed >> _HALF
    return mixed


def _power_below(widest: FloatArray) -> FloatArray:
    """Return a power of two near each range.

    Ranges that usual scaling gives (0.5, 1, 2) are in the middle between two borders, so that their last bits
    decide nothing.
    """
    return np.asarray(np.exp2(np.floor(np.log2(widest) + 0.5)))


def systematic_sample(n: int, wanted: int) -> IntArray:
    """Return at most `wanted` positions among `n`, each from the middle of an equal stretch.

    The ends of an order are its extremes, so they must not be drawn more often than others.
    """
    count = min(n, wanted)
    return ((np.arange(count) + 0.5) * (n / count)).astype(np.intp)


def repeated_rows(weights: FloatArray) -> IntArray:
    """Return row numbers, each as often as its weight says: whatever is learned from them counts the weights.

    Exact where weights are multiples of one number and there are not too many; else each row's share is right to one
    in 200,000 or better.
    """
    times = _whole_multiples(weights)
    if times is not None:
        return np.repeat(np.arange(len(weights)), times)
    wanted = int(np.clip(20 * len(weights), _FEWEST_REPEATED, _MOST_REPEATED))
    return weighted_sample(weights, max(wanted, len(weights)))


def weighted_sample(weights: FloatArray, n: int) -> IntArray:
    """Return `n` row numbers at equal steps of the weights added up, shape (n,)."""
    ends = np.cumsum(weights)
    places = np.searchsorted(ends, (np.arange(n) + 0.5) * (ends[-1] / n), side="right")
    rows: IntArray = np.minimum(places, len(weights) - 1).astype(np.intp)
    return rows


def _whole_multiples(weights: FloatArray) -> IntArray | None:
    for share in _SHARES:
        times = weights / (float(weights.min()) * share)
        whole = np.round(times)
        if whole.sum() > _MOST_REPEATED:
            return None
        if (np.abs(times - whole) <= _WHOLE * whole).all():
            found: IntArray = whole.astype(np.intp)
            divisor: int = gcd(*found.tolist())
            whole_times: IntArray = np.asarray(found // divisor, dtype=np.intp)
            return whole_times
    return None


def near_the_middle(X: FloatArray) -> FloatArray:
    """Return the mean, rounded so far that it is the same for any order of the rows."""
    spread = np.ptp(X, axis=0)
    # A column that does not vary has no range to take a thousandth of.
    widest = np.where(spread > np.finfo(float).tiny, spread, 1.0)
    grid = _power_below(widest) * _MIDDLE
    return np.asarray(np.round(X.mean(axis=0) / grid) * grid)


def squared_norms(X: FloatArray) -> FloatArray:
    """Return |x|² of each row; summed one feature at a time, so that a row's is the same in any company."""
    lengths = np.zeros(len(X))
    for column in X.T:
        lengths += column * column
    return lengths


def distinct_rows(X: FloatArray, order: IntArray | None = None) -> DistinctRows:
    """Merge equal rows into one with a weight."""
    order = canonical_order(X) if order is None else order
    ordered = X[order]
    # The values are compared, not the hashes: two different rows with one hash stay two.
    starts = np.r_[True, (ordered[1:] != ordered[:-1]).any(axis=1)][: len(X)]
    index = np.empty(len(X), dtype=np.intp)
    index[order] = np.cumsum(starts) - 1
    weights = np.bincount(index).astype(np.float64)
    return DistinctRows(np.ascontiguousarray(ordered[starts]), weights, index)
