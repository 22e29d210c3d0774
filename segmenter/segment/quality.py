"""How well segments are separated, and whether each would be found again."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import FeatureGroups, categories_of
from segmenter.cluster.assigners import NearestCentre
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.cluster.kmeans import quick_kmeans
from segmenter.config import SMALL_GROUP
from segmenter.measures.borders import evidence
from segmenter.measures.decision import SEED
from segmenter.measures.recurrence import (
    Cut,
    Place,
    Recurrence,
    agreement_of,
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
from segmenter.progress import Progress, silent
from segmenter.recipe.settings import Settings
from segmenter.sampling import count_distinct
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
    return Cut(k, agreement_of(labels[rows], refits), recurrence_of(labels[rows], refits, k))


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
            digest_of(X, weights) == self.rows
        )


def digest_of(X: FloatArray, weights: FloatArray | None = None) -> bytes:
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
