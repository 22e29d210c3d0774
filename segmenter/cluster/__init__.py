"""The registry of clustering methods. Add one here: an entry in `ALGORITHMS`."""

from functools import partial

from segmenter.cluster import (
    autoencoder,
    gaussian,
    hdbscan,
    hierarchical,
    kmeans,
    kmedoids,
    kprototypes,
    latent_class,
)
from segmenter.cluster.algorithm import Algorithm, FeatureGroups, FitResult
from segmenter.cluster.assigners import NearestCentre
from segmenter.cluster.kmeans import fit_kmeans
from segmenter.cluster.som import SOM_SETTINGS, fit_som_segments
from segmenter.progress import Progress
from segmenter.recipe.recipe import Settings
from segmenter.typing import FloatArray


def _k_means(
    X: FloatArray,
    n_segments: int,
    seed: int,
    settings: Settings,
    progress: Progress,
    weights: FloatArray | None = None,
) -> FitResult:
    starts, steps = int(settings["starts"]), int(settings["steps"])
    fit = fit_kmeans(X, n_segments, seed=seed, weights=weights, starts=starts, steps=steps, progress=progress)
    return FitResult(fit.labels, NearestCentre(fit.centres))


def _hierarchical(method: str, title: str, suits: str) -> Algorithm:
    return Algorithm(
        method,
        title,
        hierarchical.hierarchical(method),
        suits,
        hierarchical.SETTINGS,
        refit=hierarchical.hierarchical_refit(method),
        refits=8,
    )


def _mixed_data(space: FeatureGroups | None = None) -> Algorithm:
    return Algorithm(
        "k-prototypes",
        "K-prototypes (Gower distance)",
        partial(kprototypes.fit_kprototypes, space=space),
        "numbers and categories together, each column counting the same whatever its unit",
        kprototypes.SETTINGS,
        refit=partial(kprototypes.refit_kprototypes, space=space),
        refits=20,
        for_space=_mixed_data,
    )


def _latent_class(space: FeatureGroups | None = None) -> Algorithm:
    return Algorithm(
        "latent-class",
        "Latent class",
        partial(latent_class.fit_latent_class, space=space),
        "categories, flags and answers of a survey, with a probability for each customer",
        latent_class.SETTINGS,
        refit=partial(latent_class.refit_latent_class, space=space),
        refits=20,
        for_space=_latent_class,
        fit_weighted=partial(latent_class.fit_latent_class, space=space),
    )


ALGORITHMS: dict[str, Algorithm] = {
    each.key: each
    for each in (
        Algorithm(
            "k-means", "K-Means", _k_means, "round segments, files of any size", kmeans.SETTINGS, fit_weighted=_k_means
        ),
        Algorithm(
            "mini-batch",
            "Mini-batch K-Means",
            kmeans.fit_mini_batch,
            "round segments, learned from a few customers at a time",
            kmeans.MINI_BATCH_SETTINGS,
            refits=30,
        ),
        Algorithm(
            "bisecting",
            "Bisecting K-Means",
            kmeans.fit_bisecting,
            "segments within segments: one is split in two until there are enough",
            kmeans.BISECTING_SETTINGS,
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
            refit=gaussian.refit_gaussian,
            refits=20,
        ),
        Algorithm(
            "hdbscan",
            "HDBSCAN",
            hdbscan.fit_hdbscan,
            "dense regions of any shape; finds their number itself and leaves out who fits none",
            hdbscan.SETTINGS,
            refit=hdbscan.refit_hdbscan,
            refits=10,
            finds_number=True,
            rows_searched=hdbscan.rows_searched,
        ),
        _mixed_data(),
        _latent_class(),
        Algorithm(
            "k-medoids",
            "K-medoids",
            kmedoids.fit_kmedoids,
            "segments around a typical customer each, which outliers hardly move",
            kmedoids.MEDOID_SETTINGS,
            refit=kmedoids.refit_kmedoids,
            refits=20,
        ),
        Algorithm(
            "k-medians",
            "K-medians",
            kmedoids.fit_kmedians,
            "round segments in columns with a few very large values",
            kmedoids.MEDIAN_SETTINGS,
            refit=kmedoids.refit_kmedians,
            refits=20,
        ),
        Algorithm(
            "som",
            "Self-organising map",
            fit_som_segments,
            "a map to look at, segments of any shape",
            SOM_SETTINGS,
            refits=20,
            smooth_units=True,
        ),
        Algorithm(
            "autoencoder",
            "Autoencoder + K-Means",
            autoencoder.fit_autoencoder,
            "columns that depend on each other in bent ways; seldom better than K-Means",
            autoencoder.SETTINGS,
            refit=autoencoder.refit_autoencoder,
            refits=autoencoder.REFITS,
        ),
    )
}
