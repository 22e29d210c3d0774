"""How must rows be written so that a gap in a column's scale isn't taken for a gap between customers?"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from segmenter.typing import BoolArray, FloatArray, IntArray

# Borders are judged on up to so many rows: one customer in a hundred is then still two hundred rows.
MOST_ROWS = 20_000
# Rows so many robust deviations out, at most this share of them, are left out where they stand alone.
FAR, FEW_FAR = 5.0, 0.03
_NEIGHBOURS, _FARTHER = 5, 1.5
# A value is a spike when it has this share of the rows and so many times the rows of the median value.
SPIKE_SHARE, SPIKE_TIMES = 0.05, 10
# The lowest value is one, too, with this share and so many times the rows of the next value.
ZERO_SHARE, ZERO_TIMES = 0.1, 3
# Rows pile up at an end that holds so many times the rows of the fullest bar beside it, and no mere handful.
PILED_TIMES, PILED_SHARE = 1.2, 0.02
_SAME_COLUMN = 0.9999
# Of more rows than this that are alike, values are few, not files repeated.
MOST_COPIES = 10
# A column more than half of whose values are repeated counts something.
_REPEATED_SHARE = 0.5
# So many rows are asked for each direction; from 300 on fewer and fewer, about 14 at 600.
ROWS_PER_COLUMN, MANY_ROWS = 20, 350
# From this skewness, a column's few large values decide alone.
SKEWED = 0.8


@dataclass(frozen=True, eq=False)
class Comparable:
    """Rows ready for counting.

    Attributes
    ----------
    X
        Shape (n, p), in a random order that the values decide.
    categories
        Shape (p,): which category a column is an indicator of, -1 for numbers.
    changed
        Whether a column was evened out.
    rows
        Shape (n,): where each row stood.
    """

    X: FloatArray
    categories: IntArray
    changed: bool
    rows: IntArray


def evidence(X: FloatArray, random: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Return the rows and the columns on which a judgement may rest, both as positions.

    Copies of columns and of rows count once. The rows stand in a random order that only their values decide.
    """
    columns = _different_columns(X)
    kept = X[:, columns]
    order = np.argsort(content_key(kept), kind="stable")
    order = order[_once(kept[order])]
    return order[random.permutation(len(order))], columns


def comparable(X: FloatArray, categories: IntArray | None, random: np.random.Generator, *, evened: bool) -> Comparable:
    """Write the rows so that a gap in a column's scale is no gap between customers."""
    categories = np.full(X.shape[1], -1) if categories is None else np.asarray(categories)
    rows, kept = evidence(X, random)
    rows = rows[:MOST_ROWS]
    X, categories = X[np.ix_(rows, kept)], categories[kept]
    if X.shape[1] == 0:
        return Comparable(X, categories, False, rows)
    columns = []
    changed = False
    for column, category in zip(X.T, categories, strict=True):
        values, place, counts = np.unique(column, return_inverse=True, return_counts=True)
        spread = _spread(column, values, place, counts, random)
        if category < 0 and (_spiked(counts) or _piled(spread, values, counts)):
            spread = ndtri((np.argsort(np.argsort(spread, kind="stable"), kind="stable") + 0.5) / len(spread))
        elif evened and category < 0 and len(values) > 2 and _skewness(spread) > SKEWED:
            spread, changed = _evened(spread), True
        elif evened and category < 0 and _counted(values, counts):
            # The square roots of counts spread alike, however large they are (Anscombe 1948).
            spread, changed = np.sqrt(np.maximum((spread - values[0]) / np.diff(values).min() + 0.5, 0)), True
        columns.append(spread)
    spread = np.column_stack(columns)
    together = ~stray(spread)
    spread, rows = spread[together], rows[together]
    spread -= spread.mean(axis=0)
    spread /= np.maximum(spread.std(axis=0), 1e-12)
    most = max(2, len(spread) // ROWS_PER_COLUMN, int(len(spread) ** 1.5 / MANY_ROWS))
    if spread.shape[1] > most and (categories < 0).all():
        # With fewer rows per direction, groups fit the rows held out, too: their start knew them.
        _, _, axes = np.linalg.svd(spread, full_matrices=False)
        spread = spread @ axes[:most].T
        spread /= spread.std(axis=0).max()
        categories = np.full(most, -1)
    return Comparable(np.ascontiguousarray(spread), categories, changed, rows)


def _skewness(column: FloatArray) -> float:
    Z = (column - column.mean()) / column.std()
    return float((Z**3).mean())


def _counted(values: FloatArray, counts: IntArray) -> bool:
    """Say whether values are whole numbers from 0 on, in whatever unit, with many rows each."""
    if len(values) < 8 or counts.sum() < 5 * len(values):
        return False
    steps = (values - values[0]) / np.diff(values).min()
    return bool(np.allclose(steps, np.round(steps), atol=1e-3) and steps[-1] < 1_000)


def _evened(column: FloatArray) -> FloatArray:
    """Return the power (Box & Cox 1964) of a column with a long upper tail that leaves the least skewness."""
    low, middle = np.quantile(column, (0.01, 0.5))
    shifted = np.maximum(column - column.min(), 0) + 0.02 * (middle - low) + 1e-9
    shifted /= middle - low + 1e-9
    tried = [np.log(shifted), np.cbrt(shifted), np.sqrt(shifted)]
    return min(tried, key=lambda each: abs(_skewness(each)))


def content_key(X: FloatArray) -> FloatArray:
    """Return a number per row by which rows stand in an order that only their values decide."""
    total = np.zeros(len(X))
    for place, column in enumerate(X.T):
        total += column * np.sqrt(place + np.pi)
    return total


def _different_columns(X: FloatArray) -> IntArray:
    varied = np.flatnonzero(np.ptp(X, axis=0) > 0)
    if len(varied) == 0:
        return varied
    Z = X[:, varied] - X[:, varied].mean(axis=0)
    Z = Z / np.sqrt((Z**2).sum(axis=0))
    same = np.triu(np.abs(Z.T @ Z) > _SAME_COLUMN, 1).any(axis=0)
    return varied[~same]


def _once(X: FloatArray) -> IntArray:
    """Return the rows to keep, of rows in order, without copies where two customers would hardly share all values.

    Where values are few, only a file repeated as a whole is seen as such.
    """
    first = np.flatnonzero(np.r_[True, (X[1:] != X[:-1]).any(axis=1)][: len(X)])
    if len(first) == len(X) or X.shape[1] == 0 or len(first) * MOST_COPIES < len(X):
        return np.arange(len(X))
    if len(first) > len(X) / 2 and max(len(np.unique(column)) for column in X[first].T) > len(first) / 2:
        return first
    counts = np.diff(np.r_[first, len(X)])
    kept = counts // np.gcd.reduce(counts)
    within = np.arange(kept.sum()) - np.repeat(np.cumsum(kept) - kept, kept)
    return np.repeat(first, kept) + within


def jitter_discrete(X: FloatArray, random: np.random.Generator) -> FloatArray:
    """Return the rows with counted values spread over the room between them: a column that mostly repeats them."""
    columns = []
    for column in X.T:
        values, place, counts = np.unique(column, return_inverse=True, return_counts=True)
        counted = 2 <= len(values) <= (1 - _REPEATED_SHARE) * len(column)
        columns.append(_spread(column, values, place, counts, random) if counted else column)
    return np.column_stack(columns)


def _spread(
    column: FloatArray, values: FloatArray, place: IntArray, counts: IntArray, random: np.random.Generator
) -> FloatArray:
    """Spread values that several rows share evenly over the room between them and their neighbours."""
    if len(values) == len(column):
        return column
    middles = (values[1:] + values[:-1]) / 2
    low = np.r_[2 * values[0] - middles[0], middles]
    high = np.r_[middles, 2 * values[-1] - middles[-1]]
    shift = random.random(len(column))
    spread = low[place] + (high - low)[place] * shift
    return np.where(counts[place] > 1, spread, column)


def _spiked(counts: IntArray) -> bool:
    """Say whether one value has far more rows than others: no purchase, the end of a scale, a default."""
    if len(counts) <= 3:
        return False
    top = counts.max()
    alone = top >= SPIKE_SHARE * counts.sum() and top >= SPIKE_TIMES * np.median(counts)
    zeros = counts[0] >= ZERO_SHARE * counts.sum() and counts[0] > ZERO_TIMES * counts[1]
    return bool(alone or zeros)


def _piled(spread: FloatArray, values: FloatArray, counts: IntArray) -> bool:
    """Say whether rows pile up at both ends of the scale."""
    if len(values) < 4:
        return False
    bars = counts if len(values) <= 20 else np.histogram(spread, bins=20)[0]
    if bars[1:-1].sum() < PILED_SHARE * bars.sum():
        # Nobody in between: two groups far apart fill the first and the last bar, too.
        return False
    half = len(bars) // 2
    ends = ((bars[0], bars[1:half]), (bars[-1], bars[half:-1]))
    return all(end > max(PILED_TIMES * inner.max(initial=0), PILED_SHARE * bars.sum()) for end, inner in ends)


def stray(X: FloatArray) -> BoolArray:
    """Mark the few rows far out that have no neighbours either, at most FEW_FAR of them."""
    middle = np.median(X, axis=0)
    spread = 1.4826 * np.median(np.abs(X - middle), axis=0)
    spread = np.where(spread > 0, spread, np.maximum(X.std(axis=0), 1e-12))
    Z = (X - middle) / spread
    most = int(FEW_FAR * len(X))
    farthest = np.abs(Z).max(axis=1)
    far = np.argsort(-farthest, kind="stable")[: 2 * most]
    far = far[farthest[far] > FAR]
    lone = np.zeros(len(X), dtype=bool)
    if len(far) == 0 or len(X) <= 4 * _NEIGHBOURS:
        return lone
    usual = np.median(_neighbour(Z, np.arange(len(X))[:: max(1, len(X) // 300)]))
    distance = _neighbour(Z, far)
    # Two rows of one normal group are √(2p) apart: a small group's rows are hardly farther.
    alone = distance > max(FAR * usual, _FARTHER * np.sqrt(2 * X.shape[1]))
    ranked = far[alone][np.argsort(-distance[alone], kind="stable")]
    lone[ranked[:most]] = True
    return lone


def _neighbour(X: FloatArray, rows: IntArray) -> FloatArray:
    norms = (X**2).sum(axis=1)
    found = []
    for part in np.array_split(rows, max(1, len(rows) * len(X) // 4_000_000)):
        squared = norms + norms[part][:, None] - 2 * X[part] @ X.T
        found.append(np.partition(squared, _NEIGHBOURS, axis=1)[:, _NEIGHBOURS])
    return np.sqrt(np.maximum(np.concatenate(found), 0))
