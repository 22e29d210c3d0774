"""How are segments formed by merging customers into ever larger groups?"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from segmenter import config
from segmenter.algorithms.content import evenly_spaced
from segmenter.algorithms.formed import FitFunction, Formed, Setting, Settings
from segmenter.algorithms.hierarchy import dendrogram_of
from segmenter.algorithms.kmeans import quick_kmeans
from segmenter.algorithms.leaves import leaf_units, most_units, rounded
from segmenter.algorithms.placement import NearestCentre
from segmenter.algorithms.units import NearestUnit
from segmenter.progress import Progress, part

Matrix = NDArray[np.float64]

SETTINGS: Final = (
    Setting(
        "rows",
        "Customers merged one by one",
        config.HIERARCHY_ROWS,
        low=50,
        high=config.MOST_HIERARCHY_ROWS,
        explanation="A larger file is first summarised in small groups; time and memory grow with the square.",
    ),
    Setting(
        "groups",
        "Groups of a larger file",
        config.HIERARCHY_GROUPS,
        low=50,
        high=1_000,
        explanation="More groups follow the customers more closely, and make a larger model file.",
    ),
)
# Rows on which the groups of a large file are found; each of 400 groups has then about 60 of them.
SUMMARY_ROWS: Final = 25_000


# The tree of so many rows shows whether the same segments come back; of 2,000, complete linkage agrees with itself on
# .48 instead of .73 from sample to sample.
REFIT_ROWS: Final = 5_000


def hierarchical(method: str) -> FitFunction:
    """Return the way to form segments that measures the distance of two groups by `method`."""

    def fit(X: Matrix, n_segments: int, seed: int, settings: Settings, progress: Progress) -> Formed:
        if len(X) <= int(settings["rows"]):
            return _one_by_one(X, n_segments, seed, method, progress)
        wanted = min(int(settings["groups"]), max(most_units(X.shape[1]), 2 * n_segments))
        return _by_groups(X, n_segments, _summary(X, wanted, n_segments, seed, progress), method)

    return fit


def hierarchical_again(method: str) -> FitFunction:
    """Return the way to form them once more for stability: fewer rows, each of which then places its nearest."""

    def fit(X: Matrix, n_segments: int, seed: int, settings: Settings, progress: Progress) -> Formed:  # noqa: ARG001
        rows = X[evenly_spaced(len(X), REFIT_ROWS)]
        rule = NearestUnit(rows, dendrogram_of(rows, np.ones(len(rows)), method).cut(n_segments))
        return Formed(rule.place(X), rule)

    return fit


def _one_by_one(X: Matrix, n_segments: int, seed: int, method: str, progress: Progress) -> Formed:
    progress(0.0, f"Merging {len(X):,} customers")
    tree = dendrogram_of(X, np.ones(len(X)), method)
    labels = tree.cut(n_segments)
    rule = leaf_units(X, labels, seed, part(progress, 0.6, 1.0))
    agreement = float((rule.place(X) == labels).mean())
    return Formed(labels, replace(rule, agreement=agreement), tree)


def _by_groups(X: Matrix, n_segments: int, groups: Matrix, method: str) -> Formed:
    nearest = NearestCentre(groups).place(X)
    tree = dendrogram_of(groups, np.bincount(nearest, minlength=len(groups)).astype(np.float64), method)
    rule = NearestUnit(groups, tree.cut(n_segments))
    note = (
        f"{len(X):,} customers are too many to be merged one by one. They were summarised in {len(groups):,} groups "
        "of similar customers by K-Means, and these were merged, each with the weight of its customers."
    )
    return Formed(rule.segments[nearest], rule, tree, (note,))


def _summary(X: Matrix, wanted: int, n_segments: int, seed: int, progress: Progress) -> Matrix:
    """Return the middles of small groups of at least config.SMALL_GROUP rows each that have customers."""
    progress(0.0, f"Summarising {len(X):,} customers in {wanted} groups")
    shift = X.mean(axis=0)
    found = quick_kmeans(X[evenly_spaced(len(X), SUMMARY_ROWS)] - shift, wanted, seed, n_starts=1)
    sizes = np.bincount(found.labels, minlength=wanted)
    # Where nearly all rows are the same, small groups are needed to have as many as were asked for.
    enough = np.sort(sizes)[::-1][min(n_segments, wanted) - 1]
    groups = rounded(found.centres[sizes >= min(config.SMALL_GROUP, max(enough, 1))] + shift)
    progress(0.8, f"Merging {len(groups)} groups")
    used = np.unique(NearestCentre(groups).place(X))
    return groups[used]
