"""K-medoids, whose centres are typical customers, and K-medians, whose centres are medians."""

from typing import Final, Literal

import kmedoids
import numpy as np
from scipy.spatial.distance import cdist

from segmenter import config
from segmenter.cluster.algorithm import FitResult
from segmenter.cluster.assigners import NearestCentre, NearestMixedPrototype
from segmenter.progress import Progress
from segmenter.recipe.recipe import Setting, Settings
from segmenter.sampling import systematic_sample
from segmenter.typing import FloatArray, IntArray

_STARTS: Final = Setting(
    "starts", "Starts", 5, low=1, high=50, explanation="Of so many beginnings the best one is followed."
)
MEDOID_SETTINGS: Final = (
    Setting(
        "distance",
        "Distance",
        "euclidean",
        choices=("euclidean", "manhattan"),
        explanation="Straight, or the sum of the differences column by column, which a single large one moves less.",
    ),
    _STARTS,
    Setting(
        "rows",
        "Customers looked at for the centres",
        config.MEDOID_ROWS,
        low=100,
        high=config.MOST_MEDOID_ROWS,
        explanation="The centres are chosen among so many customers; all customers are then placed.",
    ),
)
MEDIAN_SETTINGS: Final = (_STARTS,)
CUSTOMERS_OF_A_CENTRE: Final = 5
# Medoids of so many rows show whether the same segments come back.
REFIT_ROWS: Final = 1_500
# Medians come to rest in 5 to 40 steps.
MOST_STEPS: Final = 100
_ROWS_AT_ONCE: Final = 1_000
_METRIC: Final[dict[str, Literal["euclidean", "cityblock"]]] = {"euclidean": "euclidean", "manhattan": "cityblock"}


def fit_kmedoids(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form segments around customers: those with the smallest sum of distances of all to the nearest of them.

    Partitioning around medoids (Kaufman & Rousseeuw 1990) by FasterPAM (Schubert & Rousseeuw 2021). A medoid is one
    customer's row, which no saved model may hold: the centre is the mean (Manhattan: the median) of the medoid and
    the customers nearest to it.
    """
    metric = _METRIC[str(settings["distance"])]
    rows = X[systematic_sample(len(X), int(settings["rows"]))]
    progress(0.0, f"Looking for {n_segments} typical customers")
    medoids = rows[best_medoids(rows, n_segments, seed, int(settings["starts"]), metric)]
    near = np.argsort(cdist(medoids, X, metric), axis=1, kind="stable")[:, :CUSTOMERS_OF_A_CENTRE]
    centres = X[near].mean(axis=1) if metric == "euclidean" else np.median(X[near], axis=1)
    rule: NearestCentre | NearestMixedPrototype = NearestCentre(centres)
    if metric == "cityblock":
        rule = NearestMixedPrototype(centres, np.ones(X.shape[1]))
    labels = rule.place(X)
    used = np.unique(labels)
    notes = [f"Each centre is the middle of {near.shape[1]} customers: the most typical one and those nearest to it."]
    if len(rows) < len(X):
        notes.append(f"The centres were chosen among {len(rows):,} of {len(X):,} customers; all were then placed.")
    return FitResult(np.searchsorted(used, labels), rule.reordered(used), notes=tuple(notes))


def refit_kmedoids(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form them once more for stability, from fewer rows."""
    fewer = {**settings, "rows": min(int(settings["rows"]), REFIT_ROWS)}
    return fit_kmedoids(X, n_segments, seed, fewer, progress)


def fit_kmedians(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form segments with the smallest sum of differences from the medians of their columns (Bradley et al. 1997).

    As K-Means with medians for means and Manhattan distances for squared ones: no single large value moves a centre.
    Starts are customers far apart, each drawn by its distance to those before (Arthur & Vassilvitskii 2007).
    """
    random = np.random.default_rng(seed)
    ones = np.ones(X.shape[1])
    best: tuple[float, NearestMixedPrototype] | None = None
    n_starts = int(settings["starts"])
    for start in range(n_starts):
        progress(start / n_starts, f"K-medians with {n_segments} segments, start {start + 1} of {n_starts}")
        rule = NearestMixedPrototype(_far_apart(X, n_segments, random), ones)
        before = np.full(len(X), -1, dtype=np.intp)
        for _ in range(MOST_STEPS):
            progress(start / n_starts, f"K-medians with {n_segments} segments, start {start + 1} of {n_starts}")
            labels = rule.place(X)
            if np.array_equal(labels, before):
                break
            medians = [
                np.median(X[labels == number], axis=0) if (labels == number).any() else old
                for number, old in enumerate(rule.prototypes)
            ]
            rule, before = NearestMixedPrototype(np.array(medians), ones), labels
        total = float(rule.distances(X).sum())
        if best is None or total < best[0]:
            best = total, rule
    assert best is not None
    labels = best[1].place(X)
    used = np.unique(labels)
    return FitResult(np.searchsorted(used, labels), best[1].reordered(used))


def best_medoids(
    rows: FloatArray,
    n_medoids: int,
    seed: int,
    n_starts: int,
    metric: Literal["euclidean", "cityblock"] = "cityblock",
) -> IntArray:
    """Return the positions of the best medoids that FasterPAM finds from so many starts, ascending."""
    apart = np.empty((len(rows), len(rows)), dtype=np.float32)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        block = slice(start, start + _ROWS_AT_ONCE)
        apart[block] = cdist(rows[block], rows, metric)
    found = [kmedoids.fasterpam(apart, n_medoids, random_state=(seed + n) % 2**32, n_cpu=1) for n in range(n_starts)]
    return np.sort(min(found, key=lambda each: each.loss).medoids).astype(np.intp)


def _far_apart(X: FloatArray, k: int, random: np.random.Generator) -> FloatArray:
    chosen = [int(random.integers(len(X)))]
    nearest = np.abs(X - X[chosen[0]]).sum(axis=1)
    while len(chosen) < k and nearest.sum() > 0:
        chosen.append(int(random.choice(len(X), p=nearest / nearest.sum())))
        np.minimum(nearest, np.abs(X - X[chosen[-1]]).sum(axis=1), out=nearest)
    return X[chosen]
