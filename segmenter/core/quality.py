"""How well are these segments separated?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.measures.separation import calinski_harabasz, davies_bouldin, within_sum_of_squares
from segmenter.measures.silhouette import measure_silhouette
from segmenter.progress import Progress, silent


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


def score_segments(X: NDArray[np.float64], labels: NDArray[np.intp], *, progress: Progress = silent) -> Quality | None:
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
