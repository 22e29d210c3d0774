"""Agreement of two partitions: adjusted Rand index, Jaccard, matching of labels."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from segmenter.typing import FloatArray, IntArray


def crosstab(first: IntArray, second: IntArray) -> IntArray:
    """Return how many customers are in each pair of segments, shape (k_first, k_second); labels ≥ 0."""
    rows, columns = int(first.max()) + 1, int(second.max()) + 1
    pairs = first.astype(np.intp) * columns + second
    return np.bincount(pairs, minlength=rows * columns).reshape(rows, columns)


def adjusted_rand_index(first: IntArray, second: IntArray) -> float:
    """Return the agreement of two solutions, 1 for the same division and 0 on average by chance.

    Hubert & Arabie 1985; two divisions of which each has one segment agree fully.
    """
    table = crosstab(first, second)
    together, rows, columns = (_pairs(each) for each in (table, table.sum(axis=1), table.sum(axis=0)))
    expected = rows * columns / _pairs(table.sum())
    largest = (rows + columns) / 2
    return 1.0 if largest == expected else float((together - expected) / (largest - expected))


def jaccard_table(first: IntArray, second: IntArray) -> FloatArray:
    """Return |both| / |either| for each pair of segments, shape (k_first, k_second)."""
    table = crosstab(first, second)
    either = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    shared: FloatArray = np.divide(table, either, out=np.zeros(table.shape), where=either > 0)
    return shared


def matched(table: IntArray) -> IntArray:
    """Return, for each line of a crosstab, the column it shares the most customers with, each column once.

    Solves the assignment problem; lines that find no column of their own get -1.
    """
    partner = np.full(len(table), -1, dtype=np.intp)
    lines, columns = linear_sum_assignment(table, maximize=True)
    partner[lines] = columns
    return partner


def renumbered_like(labels: IntArray, before: IntArray) -> IntArray:
    """Return `labels` numbered so that segments keep the number of the segment they resemble in `before`.

    Segments without a counterpart get the numbers that are left, in their order.
    """
    table = crosstab(labels, before)
    numbers = matched(table)
    taken = set(numbers[numbers >= 0].tolist())
    left = [number for number in range(len(table) + table.shape[1]) if number not in taken]
    numbers[numbers < 0] = left[: int((numbers < 0).sum())]
    return numbers[labels]


def share_from_one_parent(labels: IntArray, before: IntArray) -> FloatArray:
    """Return for each segment how purely its customers come from one segment of the solution before (SLSA).

    1 − H / ln(k'), H the entropy of the shares that come from each of the k' segments before (Dolnicar &
    Leisch 2017). 1 means all from one parent, which also holds for a clean half of it.

    Returns
    -------
    Floats
        Shape (k,); NaN where the solution before had a single segment.
    """
    table = crosstab(labels, before)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    surprise = np.log(shares, out=np.zeros(shares.shape), where=shares > 0)
    entropy = -(shares * surprise).sum(axis=1)
    parents = table.shape[1]
    return np.full(len(table), np.nan) if parents == 1 else 1.0 - entropy / np.log(parents)


def _pairs(counts: IntArray | np.intp) -> float:
    numbers = np.asarray(counts, dtype=np.float64)
    return float((numbers * (numbers - 1.0) / 2.0).sum())
