"""In which order do rows stand when only their values may decide, and which of them are the same?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Odd 64-bit constants spread every bit of a product over its upper half (2^64 / golden ratio; Stafford's mix).
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_HALF = np.uint64(32)


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

    rows: NDArray[np.float64]
    weights: NDArray[np.float64]
    index: NDArray[np.intp]


def content_hash(X: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return one 64-bit number per row, equal for equal rows wherever they stand."""
    mixed = np.full(len(X), _MIX, dtype=np.uint64)
    for feature in range(X.shape[1]):
        # Adding zero turns -0.0 into 0.0, which compares equal but has other bits.
        mixed ^= (X[:, feature] + 0.0).view(np.uint64)
        mixed *= _SPREAD
        mixed ^= mixed >> _HALF
        mixed *= _MIX
        mixed ^= mixed >> _HALF
    return mixed


def content_order(X: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the positions of the rows in an order that only their values decide.

    Equal rows stand together. The order looks random, so an evenly spaced part of it is a fair sample.
    """
    return np.argsort(content_hash(X), kind="stable")


def distinct_rows(X: NDArray[np.float64], order: NDArray[np.intp] | None = None) -> DistinctRows:
    """Merge equal rows into one with a weight."""
    order = content_order(X) if order is None else order
    ordered = X[order]
    # The values are compared, not the hashes: two different rows with one hash stay two.
    starts = np.r_[True, (ordered[1:] != ordered[:-1]).any(axis=1)][: len(X)]
    index = np.empty(len(X), dtype=np.intp)
    index[order] = np.cumsum(starts) - 1
    weights = np.bincount(index).astype(np.float64)
    return DistinctRows(np.ascontiguousarray(ordered[starts]), weights, index)
