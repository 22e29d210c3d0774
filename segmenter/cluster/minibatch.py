"""Mini-batch and bisecting K-Means from scikit-learn."""

from typing import Final

import numpy as np
from sklearn.cluster import BisectingKMeans, MiniBatchKMeans

from segmenter.cluster.algorithm import FitResult
from segmenter.cluster.assigners import BisectingTree, NearestCentre
from segmenter.progress import Progress
from segmenter.recipe.settings import Setting, Settings
from segmenter.threads import one_thread
from segmenter.typing import FloatArray

MINI_BATCH_SETTINGS: Final = (
    Setting(
        "batch",
        "Customers per step",
        2_048,
        low=100,
        high=100_000,
        explanation="Larger batches come closer to K-Means and take longer.",
    ),
    Setting("starts", "Starts", 10, low=1, high=100, explanation="Of so many beginnings the best one is followed."),
)
BISECTING_SETTINGS: Final = (
    Setting(
        "split",
        "Segment that is split next",
        "spread",
        choices=("spread", "size"),
        explanation="The one with the largest within-cluster sum of squares, or the one with most customers.",
    ),
    Setting("starts", "Starts per split", 5, low=1, high=100, explanation="Of so many ways to split, the best one."),
)
_STRATEGY: Final = {"spread": "biggest_inertia", "size": "largest_cluster"}


def fit_mini_batch(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form segments by mini-batch K-Means (Sculley 2010)."""
    progress(0.0, f"Mini-batch K-Means with {n_segments} segments")
    model = MiniBatchKMeans(
        n_segments, batch_size=int(settings["batch"]), n_init=int(settings["starts"]), random_state=seed
    )
    with one_thread():
        centres = model.fit(X).cluster_centers_
    # A centre that only some batch came near may be nobody's nearest at the end.
    used = np.unique(NearestCentre(centres).place(X))
    rule = NearestCentre(centres[used])
    return FitResult(rule.place(X), rule)


def fit_bisecting(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form segments by splitting one in two until there are enough (Steinbach, Karypis & Kumar 2000)."""
    progress(0.0, f"Splitting into {n_segments} segments")
    if n_segments == 1:
        only = NearestCentre(X.mean(axis=0)[None])
        return FitResult(only.place(X), only)
    model = BisectingKMeans(
        n_segments,
        n_init=int(settings["starts"]),
        random_state=seed,
        bisecting_strategy=_STRATEGY[str(settings["split"])],
    )
    with one_thread():
        model.fit(X)
    # The tree of splits is a private attribute: without it, the nearest of the last centres is the rule.
    rule = BisectingTree.of(model) if hasattr(model, "_bisecting_tree") else NearestCentre(model.cluster_centers_)
    return FitResult(rule.place(X), rule)
