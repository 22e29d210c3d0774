"""How well segments are separated, and whether each would be found again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from segmenter.cluster import ALGORITHMS
from segmenter.cluster.assigners import NearestCentre
from segmenter.cluster.feature_groups import FeatureGroups
from segmenter.cluster.kmeans import quick_kmeans
from segmenter.measures.separation import calinski_harabasz, davies_bouldin, within_sum_of_squares
from segmenter.measures.silhouette import measure_silhouette
from segmenter.measures.stability import FitRule, Place, bootstrap_jaccard, segment_level_stability
from segmenter.progress import Progress, part, silent
from segmenter.recipe.settings import Settings
from segmenter.sampling import count_distinct
from segmenter.typing import FloatArray, IntArray

FitK = Callable[[FloatArray, int, int], Place]
"""(rows, k, seed) to the rule that gives any rows their segments."""

# Hennig's (2007) reading: from .75 a valid, stable segment (from .85 a highly stable one), from .6 a
# pattern whose members are doubtful, below not to be trusted.
HIGHLY_STABLE, STABLE, DOUBTFUL = 0.85, 0.75, 0.60
# The published sizes of both measures are 100 pairs and 100 samples; beyond this many rows the values
# change by less than their own Monte-Carlo error, and the time goes up.
STABILITY_ROWS = 5_000
PUBLISHED_TIMES = 100


class Light(StrEnum):
    """A traffic light for one segment."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True)
class SegmentStability:
    """How reliably one segment is found again.

    Attributes
    ----------
    segment
        From 0, as in the labels.
    slsw
        Median over bootstrap pairs of its best Jaccard index among all rows, 0-1.
    slsw_quartiles
        Lower and upper quartile of the same, for a box.
    jaccard
        Mean over bootstrap samples of its best Jaccard index among the sampled rows, 0-1.
    light
        By the lower of `slsw` and `jaccard`: green from 0.75, amber from 0.6, red below.
    """

    segment: int
    slsw: float
    slsw_quartiles: tuple[float, float]
    jaccard: float
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


def segment_stability(
    X: FloatArray,
    labels: IntArray,
    *,
    seed: int,
    fit: FitK = k_means_rule,
    n_times: int = PUBLISHED_TIMES,
    progress: Progress = silent,
) -> tuple[SegmentStability, ...]:
    """Return how reliably each segment of a solution is found again, in segment order.

    Parameters
    ----------
    X
        Shape (n, p), the prepared rows that were segmented.
    labels
        Shape (n,), 0 … k-1, -1 for rows that fit no segment: nothing is looked for in them, but they take part.
    fit
        The way the segments were formed.
    n_times
        Pairs of bootstrap samples, and samples for the Jaccard index; fewer where a fit takes seconds.
    """
    rows = _sampled(labels, seed)
    X, labels = X[rows], labels[rows]
    k = int(labels.max()) + 1
    rule: FitRule = lambda sample, number: fit(sample, k, number)  # noqa: E731 - a closure over k
    slsw = segment_level_stability(X, labels, rule, n_pairs=n_times, seed=seed, progress=part(progress, 0.0, 0.7))
    jaccard = bootstrap_jaccard(X, labels, rule, n_samples=n_times, seed=seed, progress=part(progress, 0.7, 1.0))
    return tuple(_stability(number, slsw[:, number], jaccard[:, number]) for number in range(k))


def light_of(slsw: float, jaccard: float) -> Light:
    """Return the light for the lower of both measures: a segment must pass either test."""
    lower = min(slsw, jaccard)
    return Light.GREEN if lower >= STABLE else Light.AMBER if lower >= DOUBTFUL else Light.RED


def _stability(number: int, slsw: FloatArray, jaccard: FloatArray) -> SegmentStability:
    low, middle, high = (float(value) for value in np.quantile(slsw, (0.25, 0.5, 0.75)))
    found = float(np.nanmean(jaccard)) if not np.isnan(jaccard).all() else 0.0
    return SegmentStability(number, middle, (low, high), found, light_of(middle, found))


def _sampled(labels: IntArray, seed: int) -> IntArray:
    """Return at most about STABILITY_ROWS positions, each segment keeping its share and at least two rows."""
    if len(labels) <= STABILITY_ROWS:
        return np.arange(len(labels))
    random = np.random.default_rng(seed)
    share = STABILITY_ROWS / len(labels)
    groups = (np.flatnonzero(labels == number) for number in range(-1, int(labels.max()) + 1))
    return np.concatenate([random.choice(g, min(len(g), max(2, round(share * len(g)))), replace=False) for g in groups])


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


def score_segments(X: FloatArray, labels: IntArray, *, progress: Progress = silent) -> Quality | None:
    """Score a solution over the customers that are in a segment; None for fewer than two segments."""
    placed = labels >= 0
    X, labels = X[placed], labels[placed]
    present = np.unique(labels)
    if len(present) < 2 or len(present) >= len(X):
        return None
    width = measure_silhouette(X, labels, progress=progress)
    return Quality(
        wcss=within_sum_of_squares(X, labels),
        silhouette=width.mean,
        silhouette_se=width.standard_error,
        silhouette_rows=width.n_rows,
        calinski_harabasz=calinski_harabasz(X, labels),
        davies_bouldin=davies_bouldin(X, labels),
        per_segment=width.per_segment,
    )
