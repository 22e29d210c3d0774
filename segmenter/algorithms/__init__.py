"""Which ways to form segments are there? Add one here: an entry in `ALGORITHMS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.kmeans import fit_kmeans
from segmenter.algorithms.placement import NearestCentre, Placement
from segmenter.progress import Progress

Settings = Mapping[str, float | int | str]
FitFunction = Callable[[NDArray[np.float64], int, int, Settings, Progress], tuple[NDArray[np.intp], Placement]]
"""(X of shape (n_customers, n_features), n_segments, seed, settings, progress) to (labels, placement)."""


@dataclass(frozen=True)
class Algorithm:
    """One way to form segments.

    Attributes
    ----------
    key
        Its name on the command line and in saved models.
    title
        Its name on the screen.
    fit
        Returns the label of each row (0 … k-1 in any order, -1 for "fits no segment") and the rule
        that places new customers.
    suits
        What it is good for, in a few words.
    """

    key: str
    title: str
    fit: FitFunction
    suits: str


def _k_means(
    X: NDArray[np.float64],
    n_segments: int,
    seed: int,
    settings: Settings,  # noqa: ARG001 - one signature for all
    progress: Progress,
) -> tuple[NDArray[np.intp], Placement]:
    fit = fit_kmeans(X, n_segments, seed=seed, progress=progress)
    return fit.labels, NearestCentre(fit.centres)


ALGORITHMS: dict[str, Algorithm] = {
    each.key: each for each in (Algorithm("k-means", "K-Means", _k_means, "round segments, files of any size"),)
}
