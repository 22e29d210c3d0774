"""Tiny ways to form segments, to test with what real ones rarely show."""

import numpy as np

from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import Algorithm, FitResult
from segmenter.cluster.assigners import NearestCentre, NearestPrototype
from segmenter.cluster.kmeans import fit_kmeans
from segmenter.errors.base import SegmenterError
from segmenter.recipe.recipe import Setting

SCALE = Setting("spread", "Spread", 1.0, 0.1, 10.0, explanation="How far the random centres lie apart.")
WAY = Setting("way", "Way", "near", choices=("near", "far"), explanation="Which way to go.")


def by_chance(X, n_segments, seed, settings, progress):
    """Random centres: other segments with every seed."""
    centres = np.random.default_rng(seed).normal(scale=settings["spread"], size=(n_segments, X.shape[1]))
    labels = NearestCentre(centres).place(X)
    present = np.unique(labels)
    return FitResult(np.searchsorted(present, labels), NearestCentre(centres[present]))


def leaves_some_out(X, n_segments, seed, settings, progress):
    """K-Means one of whose units fits no segment."""
    fit = fit_kmeans(X, n_segments + 1, seed=seed, progress=progress)
    segments = np.array([*range(n_segments), -1])
    placement = NearestPrototype(fit.centres, segments)
    return FitResult(placement.place(X), placement)


class NotHereError(SegmenterError):
    def __str__(self):
        return "This method is not installed: pip install it."


def not_installed(X, n_segments, seed, settings, progress):
    raise NotHereError


def too_hungry(X, n_segments, seed, settings, progress):
    raise MemoryError


TINY = {
    each.key: each
    for each in (
        Algorithm("by-chance", "By chance", by_chance, "nothing", (SCALE, WAY)),
        Algorithm("leaves-out", "Leaves some out", leaves_some_out, "outliers"),
        Algorithm("not-here", "Not here", not_installed, "nobody"),
        Algorithm("hungry", "Hungry", too_hungry, "nobody"),
    )
}


def register(monkeypatch):
    """Add the tiny methods for one test."""
    for key, algorithm in TINY.items():
        monkeypatch.setitem(ALGORITHMS, key, algorithm)
