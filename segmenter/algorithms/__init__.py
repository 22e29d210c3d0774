"""Which ways to form segments are there? Add one here: an entry in `ALGORITHMS`."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms import autoencoder, batches, density, gaussian, hierarchical, prototypes
from segmenter.algorithms.algorithm import Algorithm as Algorithm
from segmenter.algorithms.formed import Formed, Settings
from segmenter.algorithms.kmeans import fit_kmeans
from segmenter.algorithms.placement import NearestCentre
from segmenter.algorithms.som.method import SOM_SETTINGS, form_by_map
from segmenter.algorithms.space import Space
from segmenter.progress import Progress


def _k_means(
    X: NDArray[np.float64],
    n_segments: int,
    seed: int,
    settings: Settings,  # noqa: ARG001 - one signature for all
    progress: Progress,
) -> Formed:
    fit = fit_kmeans(X, n_segments, seed=seed, progress=progress)
    return Formed(fit.labels, NearestCentre(fit.centres))


def _hierarchical(method: str, title: str, suits: str) -> Algorithm:
    return Algorithm(
        method,
        title,
        hierarchical.hierarchical(method),
        suits,
        hierarchical.SETTINGS,
        refit=hierarchical.hierarchical_again(method),
        refits=8,
    )


def _mixed_data(space: Space | None = None) -> Algorithm:
    return Algorithm(
        "k-prototypes",
        "K-prototypes (Gower distance)",
        partial(prototypes.fit_prototypes, space=space),
        "numbers and categories together, each column counting the same whatever its unit",
        prototypes.SETTINGS,
        refit=partial(prototypes.fit_prototypes_again, space=space),
        refits=20,
        for_space=_mixed_data,
    )


ALGORITHMS: dict[str, Algorithm] = {
    each.key: each
    for each in (
        Algorithm("k-means", "K-Means", _k_means, "round segments, files of any size"),
        Algorithm(
            "mini-batch",
            "Mini-batch K-Means",
            batches.fit_mini_batch,
            "round segments, learned from a few customers at a time",
            batches.MINI_BATCH_SETTINGS,
            refits=30,
        ),
        Algorithm(
            "bisecting",
            "Bisecting K-Means",
            batches.fit_bisecting,
            "segments within segments: one is split in two until there are enough",
            batches.BISECTING_SETTINGS,
            refits=30,
        ),
        _hierarchical("ward", "Hierarchical (Ward)", "a tree of segments of usable sizes"),
        _hierarchical("average", "Hierarchical (average linkage)", "a tree that sets outliers apart"),
        _hierarchical("complete", "Hierarchical (complete linkage)", "a tree of segments none of which is wide"),
        Algorithm(
            "gaussian-mixture",
            "Gaussian mixture",
            gaussian.fit_gaussian,
            "long or overlapping segments, with a probability for each customer",
            gaussian.SETTINGS,
            refit=gaussian.fit_gaussian_again,
            refits=20,
        ),
        Algorithm(
            "hdbscan",
            "HDBSCAN",
            density.fit_density,
            "dense regions of any shape; finds their number itself and leaves out who fits none",
            density.SETTINGS,
            refit=density.fit_density_again,
            refits=10,
            finds_number=True,
        ),
        _mixed_data(),
        Algorithm(
            "som",
            "Self-organising map",
            form_by_map,
            "a map to look at, segments of any shape",
            SOM_SETTINGS,
            refits=20,
        ),
        Algorithm(
            "autoencoder",
            "Autoencoder + K-Means",
            autoencoder.form_encoded,
            "columns that depend on each other in bent ways; seldom better than K-Means",
            autoencoder.SETTINGS,
            refit=autoencoder.form_encoded_again,
            refits=autoencoder.REFITS,
        ),
    )
}
