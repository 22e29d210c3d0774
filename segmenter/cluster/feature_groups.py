"""Which feature each prepared column comes from: what Gower-like distances need to know."""

from dataclasses import dataclass

import numpy as np

from segmenter.typing import FloatArray, IntArray


@dataclass(frozen=True)
class PreparedColumn:
    """What a method that treats numbers and categories differently has to know about a prepared column.

    Attributes
    ----------
    feature
        Which of the user's columns it comes from; the indicators of one category share this number.
    weight
        How much the user lets that column count.
    mismatch
        How far apart two customers are, in the sum of absolute differences, when they differ in this category;
        0 for a number.
    parts
        Prepared columns that share the weight of one feature, such as both coordinates of a month.
    """

    feature: int
    weight: float = 1.0
    mismatch: float = 0.0
    parts: int = 1


FeatureGroups = tuple[PreparedColumn, ...]


def gower_factors(X: FloatArray, space: FeatureGroups | None = None) -> FloatArray:
    """Return what to multiply each prepared column by so that absolute differences add up to Gower's distance.

    Gower (1971): a number's difference counts relative to the column's range, a differing category counts 1;
    the distance is their weighted mean, 0-1. Two customers of different categories differ in two indicators, so
    each of these counts half. Numbers were only shifted and stretched before, which the range undoes.

    Parameters
    ----------
    X
        Shape (n, n_features).
    space
        One per prepared column; None where all are numbers that count the same.

    Returns
    -------
    NDArray
        Shape (n_features,).
    """
    columns = space or tuple(PreparedColumn(number) for number in range(X.shape[1]))
    weights = np.array([column.weight / column.parts for column in columns])
    mismatch = np.array([column.mismatch for column in columns])
    spans = np.where(mismatch > 0, mismatch, np.ptp(X, axis=0))
    total = sum({column.feature: column.weight for column in columns}.values())
    return np.divide(weights, spans * total, out=np.zeros(len(weights)), where=spans > 0)


def categories_of(space: FeatureGroups | None) -> IntArray | None:
    """Return which category each prepared column is an indicator of, -1 for numbers; shape (n_features,)."""
    if space is None:
        return None
    return np.array([column.feature if column.mismatch > 0 else -1 for column in space], dtype=np.intp)
