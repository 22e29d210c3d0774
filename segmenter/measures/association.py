"""Association of columns (bias-corrected Cramér's V), agreement of partitions, and how sure a share or a test is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import chi2

from segmenter.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Association:
    """How columns depend on each other, in pairs.

    Attributes
    ----------
    strength
        Shape (p, p): Cramér's V without its bias (Bergsma 2013), 0-1; 0 on the diagonal.
    chance
        Shape (p, p): how probable such a table is among independent columns (chi-square test).
    """

    strength: FloatArray
    chance: FloatArray


def association(columns: Sequence[IntArray]) -> Association:
    """Compare every two columns of group numbers 0 … k-1, each of shape (n,), by their table of counts.

    Any dependence shows in such a table, also one without a trend, such as four groups in a square.
    """
    n, sizes = len(columns[0]), [int(column.max()) + 1 for column in columns]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    shown = np.zeros((n, starts[-1]), dtype=np.float32)
    for start, column in zip(starts, columns, strict=False):
        shown[np.arange(n), start + column] = 1.0
    counts = (shown.T @ shown).astype(np.float64)
    p = len(columns)
    strength, statistic, freedom = np.zeros((p, p)), np.zeros((p, p)), np.zeros((p, p))
    for first in range(p):
        for second in range(first):
            table = counts[starts[first] : starts[first + 1], starts[second] : starts[second + 1]]
            found = _of_table(table)
            for whole, value in zip((strength, statistic, freedom), found, strict=True):
                whole[first, second] = whole[second, first] = value
    chance = np.where(freedom > 0, chi2.sf(statistic, np.maximum(freedom, 1.0)), 1.0)
    return Association(strength, chance)


def association_of_table(table: FloatArray) -> tuple[float, float]:
    """Return Cramér's V without its bias, and how probable such a table of (weighted) counts is by chance."""
    strength, statistic, freedom = _of_table(table)
    return strength, float(chi2.sf(statistic, freedom)) if freedom > 0 else 1.0


def _of_table(table: FloatArray) -> tuple[float, float, float]:
    """Return Cramér's V without its bias, the chi-square statistic and its degrees of freedom."""
    n = table.sum()
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    statistic = float(np.divide((table - expected) ** 2, expected, out=np.zeros_like(table), where=expected > 0).sum())
    rows, columns = table.shape
    freedom = (rows - 1) * (columns - 1)
    if freedom == 0 or n < 2:
        return 0.0, 0.0, 0.0
    excess = max(0.0, statistic / n - freedom / (n - 1))
    smaller = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    return float(np.sqrt(min(1.0, excess / smaller))) if smaller > 0 else 0.0, statistic, float(freedom)


def wilson(count: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share, `count` of `n`, by Wilson's score (Wilson 1927), 0-1; all of it where n is 0."""
    if not n:
        return 0.0, 1.0
    z = float(ndtri(0.5 + confidence / 2))
    centre = count + z * z / 2
    half = z * math.sqrt(count * (n - count) / n + z * z / 4)
    return max(0.0, (centre - half) / (n + z * z)), min(1.0, (centre + half) / (n + z * z))


def holm(p_values: FloatArray) -> FloatArray:
    """Return p-values corrected for their number (Holm 1979), shape as given.

    Rejecting those below α keeps the probability of any wrong rejection at or below α, whatever their dependence.
    """
    n = len(p_values)
    order = np.argsort(p_values, kind="stable")
    stepped = np.maximum.accumulate((n - np.arange(n)) * p_values[order])
    corrected = np.empty(n)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected


def crosstab(first: IntArray, second: IntArray) -> IntArray:
    """Return how many customers are in each pair of segments, shape (k_first, k_second); labels ≥ 0."""
    rows, columns = int(first.max()) + 1, int(second.max()) + 1
    pairs = first.astype(np.intp) * columns + second
    return np.bincount(pairs, minlength=rows * columns).reshape(rows, columns)


def adjusted_rand_index(first: IntArray, second: IntArray) -> float:
    """Return the agreement of two solutions, 1 for the same division and 0 on average by chance.

    Hubert & Arabie 1985; two divisions of which each has one segment agree fully.
    """
    return float(adjusted_rand_of(crosstab(first, second)))


def adjusted_rand_of(tables: IntArray) -> FloatArray:
    """Return the adjusted Rand index of two solutions from their crosstab, or of each of many, shape (…, k, k)."""
    together = _pairs(tables).sum(axis=(-2, -1))
    rows, columns = (_pairs(tables.sum(axis=axis)).sum(axis=-1) for axis in (-1, -2))
    expected = rows * columns / np.maximum(_pairs(tables.sum(axis=(-2, -1))), 1.0)
    largest = (rows + columns) / 2
    alike = largest == expected
    return np.where(alike, 1.0, (together - expected) / np.where(alike, 1.0, largest - expected))


def _pairs(counts: IntArray) -> FloatArray:
    numbers = np.asarray(counts, dtype=np.float64)
    return numbers * (numbers - 1.0) / 2.0
