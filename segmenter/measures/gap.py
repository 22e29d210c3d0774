"""The gap statistic of Tibshirani, Walther and Hastie (2001)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segmenter.progress import Progress, silent
from segmenter.threads import n_threads, shared
from segmenter.typing import FloatArray

WcssPerK = Callable[[FloatArray, np.random.Generator], FloatArray]
"""(rows, random) to the within-cluster sum of squares for each number of segments in turn."""

# Below this, a second thread costs more than it computes.
_ROWS_FOR_THREADS = 1_000
# Between them lies a factor e^46: no real data, only rounding left over where every row has its own centre.
_SMALLEST = 1e-20


@dataclass(frozen=True, eq=False)
class Gap:
    """The gap statistic for each number of segments.

    Attributes
    ----------
    gap
        Shape (n_ks,): how much smaller log WCSS is than in the reference data, on average.
    standard_error
        Shape (n_ks,): sd over the references times √(1 + 1/B).
    """

    gap: FloatArray
    standard_error: FloatArray


def measure_gap(
    X: FloatArray, wcss_per_k: WcssPerK, *, n_references: int, seed: int, progress: Progress = silent
) -> Gap:
    """Return Gap(k) = E*[log W*_k] − log W_k (Tibshirani, Walther & Hastie 2001), squared distances.

    References are uniform in the box of the data turned to its principal axes; the standard deviation over
    them divides by B − 1.
    """
    own, *others = np.random.default_rng(seed).spawn(n_references + 1)
    observed = np.log(np.maximum(wcss_per_k(X, own), _SMALLEST))

    def reference(random: np.random.Generator) -> FloatArray:
        return np.log(np.maximum(wcss_per_k(uniform_reference(X, random), random), _SMALLEST))

    logs = []
    for each in shared(reference, others, n_threads() if len(X) >= _ROWS_FOR_THREADS else 1):
        logs.append(each)
        progress(len(logs) / n_references, "Comparing with data that has no segments")
    return gap_of(observed, np.array(logs))


def gap_of(observed: FloatArray, references: FloatArray) -> Gap:
    """Return the gap from log WCSS of the data, shape (n_ks,), and of the references, (n_references, n_ks)."""
    spread = references.std(axis=0, ddof=1) * np.sqrt(1.0 + 1.0 / len(references))
    return Gap(references.mean(axis=0) - observed, spread)


def uniform_reference(X: FloatArray, random: np.random.Generator) -> FloatArray:
    """Return as many rows, uniform in the box of `X` turned to its principal axes."""
    mean = X.mean(axis=0)
    axes = np.linalg.svd(X - mean, full_matrices=False)[2]
    turned = (X - mean) @ axes.T
    drawn = random.uniform(turned.min(axis=0), turned.max(axis=0), (len(X), len(axes)))
    rows: FloatArray = drawn @ axes + mean
    return rows
