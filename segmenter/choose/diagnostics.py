"""Evidence on the number of segments that is shown beside the decision: the gap statistic."""

from collections.abc import Sequence

import numpy as np

from segmenter.cluster.kmeans import quick_kmeans
from segmenter.measures.gap import Gap, WcssPerK, measure_gap
from segmenter.progress import Progress, silent
from segmenter.sampling import canonical_order, systematic_sample
from segmenter.typing import FloatArray

# Beyond this many rows the gap no longer changes, and the time goes up.
DIAGNOSTIC_ROWS = 2_000
N_REFERENCES = 10


def gap_per_k(X: FloatArray, ks: Sequence[int], *, seed: int, progress: Progress = silent) -> Gap:
    """Return the gap statistic of K-Means for one segment and then each number of segments."""
    return measure_gap(_sample(X), _wcss_of((1, *ks)), n_references=N_REFERENCES, seed=seed, progress=progress)


def _sample(X: FloatArray) -> FloatArray:
    """Return a fair sample of the rows around their mean, in an order that only their values decide."""
    chosen = X[canonical_order(X)[systematic_sample(len(X), DIAGNOSTIC_ROWS)]]
    centred: FloatArray = chosen - chosen.mean(axis=0)
    return centred


def _wcss_of(ks: Sequence[int]) -> WcssPerK:
    def wcss_per_k(rows: FloatArray, random: np.random.Generator) -> FloatArray:
        return np.array([quick_kmeans(rows, k, int(random.integers(2**31))).wcss for k in ks])

    return wcss_per_k
