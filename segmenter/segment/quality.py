"""How well segments are separated, whether each would be found again, and what a model remembers to be compared later.

Shares and rounded borders only: no value of one customer stands in it.
"""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import FeatureGroups, categories_of
from segmenter.cluster.assigners import Assigner, NearestCentre, NearestPrototype, distances_to, two_nearest
from segmenter.cluster.codebook import cross_fitted, of_strangers
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.cluster.kmeans import quick_kmeans
from segmenter.cluster.latent_class import LatentClasses
from segmenter.cluster.projection import OfComponents, components_of
from segmenter.config import MAX_CATEGORIES, SMALL_GROUP
from segmenter.measures.borders import evidence
from segmenter.measures.recurrence import (
    SEED,
    Cut,
    Place,
    Recurrence,
    agreement_with_refits,
    found_again,
    recurrence_of,
    refits_to_thirds,
)
from segmenter.measures.separation import (
    SilhouetteWidth,
    calinski_harabasz,
    davies_bouldin,
    measure_silhouette,
    within_sum_of_squares,
)
from segmenter.prepare.coerce import cyclic_phase
from segmenter.prepare.encoders import CategoryColumn, CycleColumn, FittedColumn, NumberColumn
from segmenter.progress import Progress, silent
from segmenter.recipe.recipe import Settings
from segmenter.sampling import canonical_order, count_distinct
from segmenter.typing import FloatArray, IntArray

FitK = Callable[[FloatArray, int, int], Place]
"""(rows, k, seed) to the rule that gives any rows their segments."""

# Beyond this many rows the values change by less than their own Monte-Carlo error, and the time goes up.
STABILITY_ROWS = 5_000
# Sums in single precision differ in the eighth decimal by what else was measured beside.
SILHOUETTE_DECIMALS = 5


class Light(StrEnum):
    """A traffic light for one segment."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True)
class SegmentStability:
    """How reliably one segment is found again in fresh samples of the same customers.

    Attributes
    ----------
    segment
        From 0, as in the labels.
    jaccard
        Mean Jaccard index with what fresh samples make of it, 0-1.
    found
        Share of the samples in which it is found again (Jaccard index of 0.75 or more), 0-1; None in models saved
        before this was measured.
    light
        Green where it is found again in nine of ten samples or more, red in fewer than four of ten.
    """

    segment: int
    jaccard: float
    found: float | None
    light: Light


def k_means_rule(rows: FloatArray, k: int, seed: int) -> Place:
    """Fit K-Means to a resample; the default way to form segments again."""
    # A resample of few customers may hold fewer different ones than there are segments.
    return NearestCentre(quick_kmeans(rows, min(k, count_distinct(rows, enough=k)), seed).centres).place


def rule_of(algorithm: str, settings: Settings, space: FeatureGroups | None) -> FitK:
    """Return how a registered algorithm forms segments again, of columns of known origin."""
    if algorithm == "k-means":
        return k_means_rule
    form = ALGORITHMS[algorithm].within(space).form_again

    def rule(rows: FloatArray, k: int, seed: int) -> Place:
        return form(rows, k, seed, settings, silent).placement.place

    return rule


def measure_recurrence(
    X: FloatArray,
    labels: IntArray,
    *,
    algorithm: str = "k-means",
    settings: Settings | None = None,
    space: FeatureGroups | None = None,
    progress: Progress = silent,
) -> Cut:
    """Return how well a solution, and each of its segments, is found again.

    Of K-Means, this is what a comparison of numbers of segments says of the same labels.

    Parameters
    ----------
    X
        Shape (n, p), the prepared rows that were segmented.
    labels
        Shape (n,), 0 … k-1, -1 for rows that fit no segment: nothing is looked for in them, but they take part.
    algorithm, settings, space
        The way the segments were formed.
    """
    k = int(labels.max()) + 1
    if algorithm == "k-means":
        cuts = found_again(
            X, [k], labels={k: labels}, categories=categories_of(space), clouds=False, seed=SEED, progress=progress
        )
        return cuts[0] if cuts else Cut(k, 0.0, (Recurrence(0.0, 0.0),) * k)
    rows, _ = evidence(X, np.random.default_rng(SEED))
    rows = rows[:STABILITY_ROWS]
    fit = rule_of(algorithm, settings or {}, space)
    times = ALGORITHMS[algorithm].refits
    refits = refits_to_thirds(X[rows], lambda some, seed: fit(some, k, seed), times=times, seed=SEED, progress=progress)
    return Cut(k, agreement_with_refits(labels[rows], refits), recurrence_of(labels[rows], refits, k))


def stability_of(labels: IntArray, segments: Sequence[Recurrence]) -> tuple[SegmentStability, ...]:
    """Return each segment's light; one of a handful of customers is never green, whatever the samples say."""
    sizes = np.bincount(labels[labels >= 0], minlength=len(segments))
    return tuple(
        SegmentStability(number, each.jaccard, each.found, light_of(each, int(sizes[number])))
        for number, each in enumerate(segments)
    )


def light_of(recurrence: Recurrence, size: int) -> Light:
    """Return the light of a segment of so many customers."""
    if recurrence.lost:
        return Light.RED
    return Light.GREEN if recurrence.reliable and size >= SMALL_GROUP else Light.AMBER


@dataclass(frozen=True)
class Quality:
    """Scores of one solution, all in the prepared space of the chosen columns.

    Attributes
    ----------
    wcss
        Within-cluster sum of squares.
    silhouette
        Mean silhouette width, −1 to 1; `silhouette_se` is its standard error when it comes from a sample
        of `silhouette_rows` customers, 0 when it is exact.
    per_segment
        Mean silhouette of each segment, keyed by label.
    """

    wcss: float
    silhouette: float
    silhouette_se: float
    silhouette_rows: int
    calinski_harabasz: float
    davies_bouldin: float
    per_segment: Mapping[int, float]


@dataclass(frozen=True, eq=False)
class Solution:
    """Segments that a comparison has formed and measured already.

    Attributes
    ----------
    rows
        A digest of the prepared rows: of others, it says nothing.
    clusterer
        The method, fitted to them.
    width
        Their silhouettes.
    stability
        How reliably each segment is found again.
    """

    rows: bytes
    clusterer: SegmentClusterer
    width: SilhouetteWidth
    stability: tuple[SegmentStability, ...]

    def answers(self, wanted: SegmentClusterer, X: FloatArray, weights: FloatArray | None = None) -> bool:
        """Whether this is what a clusterer, not fitted yet, would make of these rows."""
        same = ("algorithm", "n_segments", "seed", "settings", "space", "reduction", "n_components")
        return all(getattr(wanted, each) == getattr(self.clusterer, each) for each in same) and (
            matrix_digest(X, weights) == self.rows
        )


def matrix_digest(X: FloatArray, weights: FloatArray | None = None) -> bytes:
    """Return a digest of a matrix, and of what its rows count, by which it is known again."""
    digest = hashlib.blake2b(np.ascontiguousarray(X).data, key=str(X.shape).encode())
    if weights is not None:
        digest.update(np.ascontiguousarray(weights).data)
    return digest.digest()


def score_segments(
    X: FloatArray,
    labels: IntArray,
    *,
    weights: FloatArray | None = None,
    width: SilhouetteWidth | None = None,
    progress: Progress = silent,
) -> Quality | None:
    """Score a solution over the customers that are in a segment; None for fewer than two segments.

    With `weights`, shape (n,), customers count as much; `width` is their silhouettes where they are known.
    """
    placed = labels >= 0
    X, labels = X[placed], labels[placed]
    weights = None if weights is None else weights[placed]
    present = np.unique(labels)
    if len(present) < 2 or len(present) >= len(X):
        return None
    width = width or measure_silhouette(X, labels, weights=weights, progress=progress)
    return Quality(
        wcss=within_sum_of_squares(X, labels, weights),
        silhouette=round(width.mean, SILHOUETTE_DECIMALS),
        silhouette_se=round(width.standard_error, SILHOUETTE_DECIMALS),
        silhouette_rows=width.n_rows,
        calinski_harabasz=calinski_harabasz(X, labels, weights),
        davies_bouldin=davies_bouldin(X, labels, weights),
        per_segment={label: round(mean, SILHOUETTE_DECIMALS) for label, mean in width.per_segment.items()},
    )


# Deciles, as for the usual population stability index.
N_BINS: Final = 10
# A value of so many of the customers, and of more than a few, is in a bin alone.
_SPIKE: Final = 0.2
_FEWEST_ALIKE: Final = 5
# Borders are rounded to so many steps of the middle 80 % of the values.
_STEPS: Final = 50
# So many customers have a value that would tell who they are.
_FEW: Final = range(1, config.FEWEST_WHO_SHARE)
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
        The values of a category column in the model's order, then others that ten customers or more have, `(other)`
        last; empty for numbers.
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
        Median and 99th percentile of their distances, in scaled units, rounded up to three digits (of few customers to
        a power of two); each customer's from the centre that the others alone would have, as next month's customers
        have no part in it.
    cross_fitted
        Number of customers who would be placed in it had they not been there when it was formed; None where that is
        all of them.
    """

    size: int
    typical: float
    reach: float
    cross_fitted: int | None = None

    @property
    def size_without(self) -> int:
        """Number of as many other customers of the same kind whom the model would place in it."""
        return self.size if self.cross_fitted is None else self.cross_fitted

    @property
    def beyond(self) -> float:
        """The share of new customers of the same kind that lie beyond `reach` by chance, 0-1.

        The r-th of n ascending values is passed by the next one with probability 1 - r / (n + 1), whatever their
        distribution.
        """
        n = self.size_without
        rank = math.ceil(FIT_SHARE * (n - 1)) + 1
        return 1 - rank / (n + 1) if n else 1.0


@dataclass(frozen=True)
class TrainingProfile:
    """The customers that the segments were formed from, as next month's are compared with them."""

    columns: tuple[ColumnProfile, ...]
    segments: tuple[SegmentExtent, ...]

    def others(self, fitted: Sequence[FittedColumn]) -> dict[str, float]:
        """Return the share of the customers whose value has no indicator in the model, 0-1, per category column."""
        n_own = {each.column: len(each.categories) for each in fitted if isinstance(each, CategoryColumn)}
        return {
            each.column: sum(each.counts[n_own[each.column] : -1]) / max(each.n_customers, 1)
            for each in self.columns
            if each.column in n_own
        }


def training_profile(
    columns: Sequence[FittedColumn], frame: pd.DataFrame, X: FloatArray, labels: IntArray, clusterer: SegmentClusterer
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
    clusterer
        What places new customers.
    """
    placement, seen = clusterer.placement_, X
    if isinstance(placement, OfComponents):
        placement, seen = placement.rule, components_of(clusterer, X)
    profiles = tuple(_profile(column, frame[column.column]) for column in columns)
    here = placed = placement.place(seen)
    if isinstance(placement, NearestPrototype) and not ALGORITHMS[clusterer.algorithm].smooth_units:
        n_made = _rows_searched(clusterer, len(X))
        if n_made < len(X):
            placed, distances = of_strangers(placement, seen, canonical_order(X), n_made)
        else:
            placed, distances = cross_fitted(placement, seen, labels)
        own_distances = placement.distances(seen)
    else:
        own_distances = distances = _distances_from_others(seen, placed, placement)
    extents = []
    for segment in range(int(labels.max()) + 1):
        own, again = np.sort(distances[placed == segment]), own_distances[here == segment]
        typical, reach = np.quantile(own, [0.5, FIT_SHARE], method="higher") if len(own) else (0.0, 0.0)
        if len(again):
            # Those who formed the segment may come again, also whoever would not be in it had they not been there.
            reach = max(reach, np.quantile(again, FIT_SHARE, method="higher"))
        up = _rounded_up if len(own) >= config.FEWEST_WHO_SHARE else _power_above
        size = int((here == segment).sum())
        extents.append(SegmentExtent(size, up(typical), up(reach), None if size == len(own) else len(own)))
    return TrainingProfile(profiles, tuple(extents))


# How many fit none of dense regions that were found around them is off by so much of those who did not then: that a
# customer was there has made its neighbours dense. Measured: decision 0187.
_DENSITY_ERROR: Final = 0.1


def share_that_counts(clusterer: SegmentClusterer, profile: TrainingProfile, n: int) -> float:
    """Return what share of n customers who formed segments as many independent ones would tell about new ones, 0-1."""
    if ALGORITHMS[clusterer.algorithm].rows_searched is None or not n:
        return 1.0
    searched = _rows_searched(clusterer, n)
    if searched < n:
        return (n - searched) / n
    noise, outside = (
        max(1.0 - sum(sizes) / n, 0.0)
        for sizes in zip(*((each.size, each.size_without) for each in profile.segments), strict=True)
    )
    by_chance = outside * (1 - outside) / n
    return by_chance / (by_chance + (_DENSITY_ERROR * noise) ** 2) if noise > 0 < by_chance else 1.0


def _rows_searched(clusterer: SegmentClusterer, n: int) -> int:
    searched = ALGORITHMS[clusterer.algorithm].rows_searched
    if searched is None:
        return n
    placement = clusterer.placement_
    rule = placement.rule if isinstance(placement, OfComponents) else placement
    return searched(n, rule.units.shape[1]) if isinstance(rule, NearestPrototype) else n


def _distances_from_others(X: FloatArray, placed: IntArray, placement: Assigner) -> FloatArray:
    """Return how far each customer is from its centre, had the centre been made without it, shape (n,).

    The mean of n rows lies n / (n - 1) times as far from a row that has no part in it. A unit that is one customer
    would not be there without it: the next nearest one is its distance.
    """
    if isinstance(placement, LatentClasses):
        return placement.distances_without(X)
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
    categories = _known_values(column, values) if isinstance(column, CategoryColumn) else ()
    counts = bin_counts(column, values, edges, categories)
    return ColumnProfile(column.column, edges, categories, tuple(int(count) for count in counts))


def _known_values(column: CategoryColumn, values: pd.Series) -> tuple[str, ...]:
    """Return the values by which next month's are compared: the model's, those of a small group or more, and others."""
    counts = column.words(values).dropna().value_counts()
    counts = counts[(counts >= SMALL_GROUP) & ~counts.index.isin([*column.categories, OTHER])]
    further = counts.sort_index().sort_values(ascending=False, kind="stable").index
    return (*column.categories, *map(str, further[: MAX_CATEGORIES - len(column.categories)]), OTHER)


def bin_counts(
    column: FittedColumn, values: pd.Series, edges: Sequence[float], categories: Sequence[str] = ()
) -> IntArray:
    """Return how many values are in each bin, or have each category; the last count is of missing ones.

    Parameters
    ----------
    edges, categories
        As in `ColumnProfile`: the ones are looked at for numbers, the others for categories.
    """
    if isinstance(column, CategoryColumn):
        words = column.words(values)
        known = words.notna().to_numpy()
        codes = pd.Index(categories[:-1]).get_indexer(pd.Index(words[known]))
        counts = np.bincount(codes[codes >= 0], minlength=len(categories) - 1)
        return np.array([*counts, (codes < 0).sum(), (~known).sum()], dtype=np.intp)
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
    distinct, counts = np.unique(numbers, return_counts=True)
    # A value that very many share, such as nothing spent, has a bin of its own; the others are parted among themselves.
    common = float(distinct[counts.argmax()]) if counts.max() >= max(_SPIKE * len(numbers), _FEWEST_ALIKE) else None
    rest = numbers if common is None else numbers[numbers != common]
    deciles = np.quantile(rest if len(rest) else numbers, np.arange(1, N_BINS) / N_BINS)
    # Whole numbers are counts or codes: a border between two of them is nobody's value.
    if (numbers == np.round(numbers)).all() and len(distinct) <= 2 * N_BINS:
        step, edges = 1.0, np.floor(deciles) + 0.5
        around = [] if common is None else [common - 0.5, common + 0.5]
    else:
        spread = deciles[-1] - deciles[0] or numbers[-1] - numbers[0] or 1.0
        step = 10.0 ** math.floor(math.log10(spread / _STEPS)) if spread > 0 else 1.0
        edges = np.round(deciles / step) * step
        around = [] if common is None else [common - step, common]
    edges = np.append(edges, around)
    edges = np.unique(edges[(edges >= numbers[0]) & (edges < numbers[-1])])
    return tuple(_between_values(float(f"{edge:.12g}"), step, distinct, counts) for edge in edges)


def _between_values(edge: float, step: float, distinct: FloatArray, counts: IntArray) -> float:
    """Return a border near an edge that is no value of a few customers."""
    tries = (float(f"{edge + more * step:.12g}") for more in (0.0, 0.5, 0.25, 0.75, 0.125))
    return next((each for each in tries if counts[distinct == each].sum() not in _FEW), edge)


def _power_above(distance: float) -> float:
    """Return a power of two: three digits of how far a few customers are from their centre would tell where."""
    return 2.0 ** math.ceil(math.log2(distance)) if distance > 0 and math.isfinite(distance) else 0.0


def _rounded_up(distance: float) -> float:
    if distance <= 0 or not math.isfinite(distance):
        return 0.0
    step = 10.0 ** (math.floor(math.log10(distance)) - 2)
    return float(f"{math.ceil(distance / step) * step:.6g}")
