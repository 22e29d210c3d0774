"""What a model remembers of the customers that it was made from, so that next month's can be compared with them.

Shares and rounded borders only: no value of one customer stands in it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from segmenter.cluster.assigners import Assigner, NearestPrototype, distances_to, two_nearest
from segmenter.prepare.coerce import cyclic_phase
from segmenter.prepare.encoders import CategoryColumn, CycleColumn, FittedColumn, NumberColumn
from segmenter.typing import FloatArray, IntArray

# Deciles, as for the usual population stability index.
N_BINS: Final = 10
# Borders are rounded to so many steps of the middle 80 % of the values.
_STEPS: Final = 50
# How far from its segment's centre a customer may be: beyond this share of those that formed it, it fits none.
FIT_SHARE: Final = 0.99
OTHER: Final = "(other)"


@dataclass(frozen=True)
class ColumnProfile:
    """How the customers of the file that segments were formed from were spread over one column.

    Attributes
    ----------
    edges
        Rounded borders between the bins of a number column, ascending, in its own units; bin i holds the values up to
        and including edge i. Empty for categories.
    categories
        The values of a category column in the model's order, `(other)` last; empty for numbers.
    counts
        Customers per bin or value, then those without a value.
    """

    column: str
    edges: tuple[float, ...]
    categories: tuple[str, ...]
    counts: tuple[int, ...]

    @property
    def n_customers(self) -> int:
        """Number of customers counted."""
        return sum(self.counts)


@dataclass(frozen=True)
class SegmentExtent:
    """How large one segment was, and how far its customers lay from its centre.

    Attributes
    ----------
    size
        Number of customers whom the model places in it.
    typical, reach
        Median and 99th percentile of their distances, in scaled units, rounded up to three digits; each customer's
        from the centre that the others alone would have, as next month's customers have no part in it.
    """

    size: int
    typical: float
    reach: float

    @property
    def beyond(self) -> float:
        """The share of new customers of the same kind that lie beyond `reach` by chance, 0-1.

        The r-th of n ascending values is passed by the next one with probability 1 - r / (n + 1), whatever their
        distribution.
        """
        rank = math.ceil(FIT_SHARE * (self.size - 1)) + 1
        return 1 - rank / (self.size + 1) if self.size else 1.0


@dataclass(frozen=True)
class TrainingProfile:
    """The customers that the segments were formed from, as next month's are compared with them."""

    columns: tuple[ColumnProfile, ...]
    segments: tuple[SegmentExtent, ...]

    def others(self) -> dict[str, float]:
        """Return the share of the customers whose value the model does not list, 0-1, per category column."""
        return {each.column: each.counts[-2] / max(each.n_customers, 1) for each in self.columns if each.categories}


def training_profile(
    columns: Sequence[FittedColumn], frame: pd.DataFrame, X: FloatArray, labels: IntArray, placement: Assigner
) -> TrainingProfile:
    """Return what a model remembers.

    Parameters
    ----------
    frame
        All customers of the file, shape (m, any): next month's are all compared, too, those in no segment with them.
    X
        Those that the segments were formed from, prepared, shape (n, n_features).
    labels
        Their segments, shape (n,); -1 is in none.
    """
    profiles = tuple(_profile(column, frame[column.column]) for column in columns)
    placed = placement.place(X)
    distances = _distances_from_others(X, placed, placement)
    if isinstance(placement, NearestPrototype) and placement.reach is not None:
        # Whoever alone has made a unit reach so far would be outside without itself.
        placed = np.where(distances > placement.reach[placement.nearest(X)], -1, placed)
    extents = []
    for segment in range(int(labels.max()) + 1):
        own = np.sort(distances[placed == segment])
        typical, reach = np.quantile(own, [0.5, FIT_SHARE], method="higher") if len(own) else (0.0, 0.0)
        extents.append(SegmentExtent(len(own), _rounded_up(typical), _rounded_up(reach)))
    return TrainingProfile(profiles, tuple(extents))


def _distances_from_others(X: FloatArray, placed: IntArray, placement: Assigner) -> FloatArray:
    """Return how far each customer is from its centre, had the centre been made without it, shape (n,).

    The mean of n rows lies n / (n - 1) times as far from a row that has no part in it. A unit that is one customer
    would not be there without it: the next nearest one is its distance.
    """
    distances = placement.distances(X)
    if not isinstance(placement, NearestPrototype):
        sizes = np.bincount(placed[placed >= 0], minlength=1)[placed]
        return np.where(placed >= 0, distances * sizes / np.maximum(sizes - 1, 1), distances)
    nearest = placement.nearest(X)
    sizes = np.bincount(nearest, minlength=len(placement.units))[nearest]
    without = distances * sizes / np.maximum(sizes - 1, 1)
    if len(placement.units) < 2:
        return without
    alone = np.flatnonzero(sizes == 1)
    second = two_nearest(X[alone], placement.units)
    other = np.where(second[:, 0] == nearest[alone], second[:, 1], second[:, 0])
    without[alone] = distances_to(X[alone], placement.units[other])
    return without


def _profile(column: FittedColumn, values: pd.Series) -> ColumnProfile:
    edges = () if isinstance(column, CategoryColumn) else _edges(column, values)
    categories = (*column.categories, OTHER) if isinstance(column, CategoryColumn) else ()
    counts = bin_counts(column, values, edges)
    return ColumnProfile(column.column, edges, categories, tuple(int(count) for count in counts))


def bin_counts(column: FittedColumn, values: pd.Series, edges: Sequence[float]) -> IntArray:
    """Return how many values are in each bin, or have each category; the last count is of missing ones.

    Parameters
    ----------
    edges
        As in `ColumnProfile`; not looked at for categories.
    """
    if isinstance(column, CategoryColumn):
        texts = pd.Series(values).astype("str")
        known = texts.notna().to_numpy()
        unseen = column.unseen(values)
        listed = ~unseen & known
        codes = pd.Index(column.categories).get_indexer(pd.Index(column.words(values)[listed]))
        counts = np.bincount(codes, minlength=len(column.categories))
        return np.array([*counts, unseen.sum(), (~known).sum()], dtype=np.intp)
    numbers = _numbers(column, values)
    missing = np.isnan(numbers)
    places = np.searchsorted(np.asarray(edges, dtype=np.float64), numbers[~missing], side="left")
    return np.append(np.bincount(places, minlength=len(edges) + 1), missing.sum()).astype(np.intp)


def _numbers(column: NumberColumn | CycleColumn, values: pd.Series) -> FloatArray:
    return column.numbers(values) if isinstance(column, NumberColumn) else cyclic_phase(values, column.date_use)


def _edges(column: NumberColumn | CycleColumn, values: pd.Series) -> tuple[float, ...]:
    numbers = np.sort(_numbers(column, values))
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return ()
    deciles = np.quantile(numbers, np.arange(1, N_BINS) / N_BINS)
    # Whole numbers are counts or codes: a border between two of them is nobody's value.
    if (numbers == np.round(numbers)).all() and len(np.unique(numbers)) <= 2 * N_BINS:
        edges = np.floor(deciles) + 0.5
    else:
        spread = deciles[-1] - deciles[0] or numbers[-1] - numbers[0] or 1.0
        step = 10.0 ** math.floor(math.log10(spread / _STEPS)) if spread > 0 else 1.0
        edges = np.round(deciles / step) * step
    edges = np.unique(edges[(edges >= numbers[0]) & (edges < numbers[-1])])
    return tuple(float(f"{edge:.12g}") for edge in edges)


def _rounded_up(distance: float) -> float:
    if distance <= 0 or not math.isfinite(distance):
        return 0.0
    step = 10.0 ** (math.floor(math.log10(distance)) - 2)
    return float(f"{math.ceil(distance / step) * step:.6g}")
