"""Agreement of a method with itself over subsamples and seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from segmenter.cluster.estimator import SegmentClusterer
from segmenter.errors.base import SegmenterError
from segmenter.measures.agreement import adjusted_rand_index
from segmenter.measures.silhouette import silhouette_samples
from segmenter.progress import Progress, part, silent
from segmenter.sampling import canonical_order, systematic_sample
from segmenter.typing import FloatArray, IntArray

# Refits of more rows change agreements by less than their own error, and slow methods would take minutes.
REFIT_ROWS = 5_000
# Eight samples make 28 pairs, five seeds ten.
N_SAMPLES, N_SEEDS = 8, 5
# Seeds of the samples stand apart from those of the seeds.
_SAMPLE_SEEDS = 1_000


@dataclass(frozen=True)
class Agreement:
    """How alike several solutions of the same customers are.

    Attributes
    ----------
    mean
        Mean adjusted Rand index of all pairs; 1 is the same division every time.
    standard_error
        Of `mean`, by leaving out one solution at a time (jackknife).
    """

    mean: float
    standard_error: float


@dataclass(frozen=True, eq=False)
class RefitAgreement:
    """What forming the segments again showed.

    Attributes
    ----------
    over_samples
        Agreement of the solutions from bootstrap samples, each placed on the same customers.
    over_seeds
        Agreement of the solutions from the same customers with different seeds.
    silhouettes
        Shape (N_SAMPLES,): mean silhouette of each bootstrap solution on the same customers; NaN where it
        is undefined. The samples are the same for every method, so that differences can be paired.
    problem
        Why there is nothing to show, as a sentence; empty where there is.
    """

    over_samples: Agreement | None = None
    over_seeds: Agreement | None = None
    silhouettes: FloatArray | None = None
    problem: str = ""


def refit_rows(X: FloatArray) -> FloatArray:
    """Return at most REFIT_ROWS fair rows, chosen and ordered by their values alone."""
    rows: FloatArray = X[canonical_order(X)[systematic_sample(len(X), REFIT_ROWS)]]
    return rows


def refit(rows: FloatArray, clusterer: SegmentClusterer, progress: Progress) -> RefitAgreement:
    """Form the segments of `rows`, shape (n, p), again and again; the clusterer says how."""
    try:
        over_samples = _from_samples(rows, clusterer, part(progress, 0.0, 0.6))
        over_seeds = _from_seeds(rows, clusterer, part(progress, 0.6, 0.9))
    except SegmenterError as error:
        return RefitAgreement(problem=f"It could not be formed again: {error}")
    progress(0.9, "silhouettes of the segments formed again")
    return RefitAgreement(agreement_of(over_samples), agreement_of(over_seeds), _silhouettes(rows, over_samples))


def agreement_of(solutions: Sequence[IntArray]) -> Agreement:
    """Return the mean agreement of all pairs; customers in no segment count as a group of their own."""
    grouped = [np.where(labels < 0, labels.max() + 1, labels) for labels in solutions]
    n = len(grouped)
    table = np.zeros((n, n))
    for first, second in combinations(range(n), 2):
        table[first, second] = table[second, first] = adjusted_rand_index(grouped[first], grouped[second])
    mean = table.sum() / (n * (n - 1))
    without = (table.sum() - 2 * table.sum(axis=1)) / ((n - 1) * (n - 2))
    error = np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
    return Agreement(float(mean), float(error))


def mean_silhouette(X: FloatArray, labels: IntArray, progress: Progress = silent) -> tuple[float, FloatArray]:
    """Return the mean silhouette of the customers in a segment, and each customer's, NaN in none.

    Both are NaN where fewer than two segments hold customers.
    """
    widths = np.full(len(X), np.nan)
    placed = labels >= 0
    if len(np.unique(labels[placed])) < 2:
        return np.nan, widths
    widths[placed] = silhouette_samples(X[placed], [labels[placed]], progress=progress)[0]
    return float(widths[placed].mean()), widths


def _from_samples(rows: FloatArray, clusterer: SegmentClusterer, progress: Progress) -> list[IntArray]:
    random = np.random.default_rng(clusterer.seed)
    found = []
    for number in range(N_SAMPLES):
        progress(number / N_SAMPLES, "forming segments again from other samples")
        sample = random.integers(0, len(rows), len(rows))
        found.append(clusterer.again((clusterer.seed + _SAMPLE_SEEDS + number) % 2**32).fit(rows[sample]).predict(rows))
    return found


def _from_seeds(rows: FloatArray, clusterer: SegmentClusterer, progress: Progress) -> list[IntArray]:
    found = []
    for number in range(N_SEEDS):
        progress(number / N_SEEDS, "forming segments again with other seeds")
        found.append(clusterer.again((clusterer.seed + number) % 2**32).fit(rows).labels_)
    return found


def _silhouettes(rows: FloatArray, solutions: Sequence[IntArray]) -> FloatArray:
    if all((labels >= 0).all() and labels.any() for labels in solutions):
        return np.array([width.mean() for width in silhouette_samples(rows, solutions)])
    return np.array([mean_silhouette(rows, labels)[0] for labels in solutions])
