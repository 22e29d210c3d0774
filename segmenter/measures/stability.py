"""Stability of a partition, and of each segment, under resampling."""

from collections.abc import Callable

import numpy as np

from segmenter.measures.agreement import adjusted_rand_index, jaccard_table
from segmenter.progress import Progress, silent
from segmenter.typing import FloatArray, IntArray

Place = Callable[[FloatArray], IntArray]
FitRule = Callable[[FloatArray, int], Place]
"""(rows of shape (m, p), seed) to the rule that gives any rows their segments."""


def global_stability(
    X: FloatArray, fit: FitRule, *, n_pairs: int, seed: int, progress: Progress = silent
) -> FloatArray:
    """Return the agreement (adjusted Rand index) of solutions from pairs of bootstrap samples.

    Both solutions of a pair label all rows (Dolnicar & Leisch 2010).

    Returns
    -------
    Floats
        Shape (n_pairs,).
    """
    random = np.random.default_rng(seed)
    found = np.empty(n_pairs)
    for pair in range(n_pairs):
        progress(pair / n_pairs, "Forming the segments again from other samples")
        first, second = (_labels_of_bootstrap(X, fit, random) for _ in range(2))
        found[pair] = adjusted_rand_index(first, second)
    return found


def segment_level_stability(
    X: FloatArray, labels: IntArray, fit: FitRule, *, n_pairs: int, seed: int, progress: Progress = silent
) -> FloatArray:
    """Return how often each segment re-appears at the same k (SLSW; Dolnicar & Leisch 2017).

    Two bootstrap samples (with their repeated rows) are fitted per pair and label all rows; the value is
    the mean over both of the best Jaccard index of the segment with any of theirs.

    Returns
    -------
    Floats
        Shape (n_pairs, k).
    """
    random = np.random.default_rng(seed)
    values = np.empty((n_pairs, int(labels.max()) + 1))
    for pair in range(n_pairs):
        progress(pair / n_pairs, "Forming the segments again from other samples")
        both = [_labels_of_bootstrap(X, fit, random) for _ in range(2)]
        values[pair] = np.mean([_best_match(labels, each) for each in both], axis=0)
    return values


def bootstrap_jaccard(
    X: FloatArray, labels: IntArray, fit: FitRule, *, n_samples: int, seed: int, progress: Progress = silent
) -> FloatArray:
    """Return how well each segment is recovered in bootstrap samples (Hennig 2007).

    Of each sample the distinct rows are kept and segmented; a segment's value is the best Jaccard index of
    its rows in the sample with any segment found there. A segment with no row in the sample gets NaN.

    Returns
    -------
    Floats
        Shape (n_samples, k).
    """
    random = np.random.default_rng(seed)
    k = int(labels.max()) + 1
    values = np.full((n_samples, k), np.nan)
    for sample in range(n_samples):
        progress(sample / n_samples, "Looking for each segment in other samples")
        rows = np.unique(random.integers(0, len(X), len(X)))
        found = fit(X[rows], _seed(random))(X[rows])
        best = _best_match(labels[rows], found)
        sampled = labels[rows]
        present = np.bincount(sampled[sampled >= 0], minlength=k) > 0
        values[sample, present] = best[present[: len(best)]]
    return values


def _best_match(labels: IntArray, found: IntArray) -> FloatArray:
    """Return each segment's best Jaccard index; rows that fit no segment (-1) are part of no match."""
    k, n_found = int(labels.max()) + 1, int(found.max()) + 1
    table = jaccard_table(np.where(labels < 0, k, labels), np.where(found < 0, n_found, found))
    return table[:k, :n_found].max(axis=1, initial=0.0)


def _labels_of_bootstrap(X: FloatArray, fit: FitRule, random: np.random.Generator) -> IntArray:
    rows = random.integers(0, len(X), len(X))
    return fit(X[rows], _seed(random))(X)


def _seed(random: np.random.Generator) -> int:
    return int(random.integers(2**31))
