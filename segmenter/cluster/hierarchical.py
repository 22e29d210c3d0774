"""Agglomerative clustering: linkage, dendrogram, and the cut that leaves k segments."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist, squareform

from segmenter import config
from segmenter.cluster.algorithm import FitFunction, FitResult
from segmenter.cluster.assigners import NearestCentre, NearestPrototype
from segmenter.cluster.codebook import fit_codebook, most_units, rounded
from segmenter.cluster.kmeans import quick_kmeans
from segmenter.progress import Progress, part
from segmenter.recipe.recipe import Setting, Settings
from segmenter.sampling import systematic_sample
from segmenter.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Dendrogram:
    """Which groups merged, at which distance.

    Attributes
    ----------
    merges
        Shape (n_leaves − 1, 4), as SciPy writes them: both groups, their distance, customers in the new group.
    sizes
        Shape (n_leaves,): customers in each leaf.
    method
        "ward", "average" or "complete": what a distance between groups is.
    """

    merges: FloatArray
    sizes: FloatArray
    method: str

    @property
    def n_leaves(self) -> int:
        """Number of leaves."""
        return len(self.sizes)

    @property
    def heights(self) -> FloatArray:
        """The distance of each merge, ascending, shape (n_leaves − 1,)."""
        return self.merges[:, 2]

    def cut(self, k: int) -> IntArray:
        """Return the segment of each leaf when `k` are left, shape (n_leaves,), 0 the one with most customers."""
        k = min(k, self.n_leaves)
        group_of = np.arange(2 * self.n_leaves - 1)
        for number, (first, second) in enumerate(self.merges[: self.n_leaves - k, :2].astype(np.intp)):
            group_of[[first, second]] = self.n_leaves + number
        # A later group has a higher number, so from the top down every group already knows its last one.
        for group in range(2 * self.n_leaves - k - 1, -1, -1):
            group_of[group] = group_of[group_of[group]]
        _, labels = np.unique(group_of[: self.n_leaves], return_inverse=True)
        order = np.argsort(-np.bincount(labels, weights=self.sizes), kind="stable")
        return np.argsort(order)[labels].astype(np.intp)

    def height_for(self, k: int) -> float:
        """Return a height at which a horizontal line meets `k` branches: midway between two merges."""
        below = float(self.heights[self.n_leaves - k - 1]) if k < self.n_leaves else 0.0
        above = float(self.heights[self.n_leaves - k]) if k > 1 else 1.05 * below
        return (below + above) / 2


def dendrogram_of(rows: FloatArray, sizes: FloatArray, method: str) -> Dendrogram:
    """Merge rows into ever larger groups.

    Parameters
    ----------
    rows
        Shape (n, n_features).
    sizes
        Shape (n,): how many customers each row stands for.
    method
        "ward": the merge that adds least to the within-cluster sum of squares; "average": the mean distance of
        the customers of both groups; "complete": the largest.
    """
    if (sizes == 1).all():
        return Dendrogram(linkage(rows, method), sizes, method)
    return Dendrogram(_weighted_linkage(rows, sizes, method), sizes, method)


def _weighted_linkage(rows: FloatArray, sizes: FloatArray, method: str) -> FloatArray:
    """Return what SciPy's linkage would give if each row were there `sizes` times, above these repeats.

    A chain of nearest neighbours (Murtagh 1983) with the updates of Lance & Williams (1967).
    """
    n, weights = len(rows), sizes.astype(np.float64).copy()
    gaps = squareform(pdist(rows))
    if method == "ward":
        gaps = gaps**2 * (2.0 * np.outer(weights, weights) / np.add.outer(weights, weights))
    np.fill_diagonal(gaps, np.inf)
    found = np.empty((n - 1, 3))
    chain: list[int] = []
    for step in range(n - 1):
        chain = chain or [int(np.flatnonzero(weights)[0])]
        first, second = _nearest_pair(gaps, chain)
        found[step] = first, second, gaps[first, second]
        _merge(gaps, weights, first, second, method)
    if method == "ward":
        found[:, 2] = np.sqrt(found[:, 2])
    return _in_order(found, sizes)


def _nearest_pair(gaps: FloatArray, chain: list[int]) -> tuple[int, int]:
    """Follow nearest neighbours until two are each other's; take both off the chain."""
    while True:
        last = chain[-1]
        nearest = int(np.argmin(gaps[last]))
        if len(chain) > 1 and gaps[last, chain[-2]] <= gaps[last, nearest]:
            chain.pop()
            return last, chain.pop()
        chain.append(nearest)


def _merge(gaps: FloatArray, weights: FloatArray, first: int, second: int, method: str) -> None:
    """Let `second` stand for both groups, and `first` for none."""
    a, b, between = weights[first], weights[second], gaps[first, second]
    match method:
        case "ward":
            new = ((a + weights) * gaps[first] + (b + weights) * gaps[second] - weights * between) / (a + b + weights)
        case "average":
            new = (a * gaps[first] + b * gaps[second]) / (a + b)
        case _:
            new = np.maximum(gaps[first], gaps[second])
    new[[first, second]] = np.inf
    new[weights == 0] = np.inf
    gaps[second], gaps[:, second] = new, new
    gaps[first], gaps[:, first] = np.inf, np.inf
    weights[second], weights[first] = a + b, 0.0


def _in_order(found: FloatArray, sizes: FloatArray) -> FloatArray:
    """Return merges by height, each group under the number that SciPy gives it."""
    n = len(sizes)
    merges = np.empty((n - 1, 4))
    parent, customers = np.arange(2 * n - 1), np.r_[sizes, np.zeros(n - 1)]
    for number, (first, second, height) in enumerate(found[np.argsort(found[:, 2], kind="stable")]):
        low, high = sorted((_root(parent, int(first)), _root(parent, int(second))))
        parent[[low, high]] = n + number
        customers[n + number] = customers[low] + customers[high]
        merges[number] = low, high, height, customers[n + number]
    return merges


def _root(parent: IntArray, group: int) -> int:
    while parent[group] != group:
        group = int(parent[group])
    return group


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

    def fit(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
        if len(X) <= int(settings["rows"]):
            return _one_by_one(X, n_segments, seed, method, progress)
        wanted = min(int(settings["groups"]), max(most_units(X.shape[1]), 2 * n_segments))
        return _by_groups(X, n_segments, _summary(X, wanted, n_segments, seed, progress), method)

    return fit


def hierarchical_refit(method: str) -> FitFunction:
    """Return the way to form them once more for stability: fewer rows, each of which then places its nearest."""

    def fit(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:  # noqa: ARG001
        rows = X[systematic_sample(len(X), REFIT_ROWS)]
        rule = NearestPrototype(rows, dendrogram_of(rows, np.ones(len(rows)), method).cut(n_segments))
        return FitResult(rule.place(X), rule)

    return fit


def _one_by_one(X: FloatArray, n_segments: int, seed: int, method: str, progress: Progress) -> FitResult:
    progress(0.0, f"Merging {len(X):,} customers")
    tree = dendrogram_of(X, np.ones(len(X)), method)
    labels = tree.cut(n_segments)
    rule = fit_codebook(X, labels, seed, part(progress, 0.6, 1.0))
    agreement = float((rule.place(X) == labels).mean())
    return FitResult(labels, replace(rule, agreement=agreement), tree)


def _by_groups(X: FloatArray, n_segments: int, groups: FloatArray, method: str) -> FitResult:
    nearest = NearestCentre(groups).place(X)
    tree = dendrogram_of(groups, np.bincount(nearest, minlength=len(groups)).astype(np.float64), method)
    rule = NearestPrototype(groups, tree.cut(n_segments))
    note = (
        f"{len(X):,} customers are too many to be merged one by one. They were summarised in {len(groups):,} groups "
        "of similar customers by K-Means, and these were merged, each with the weight of its customers."
    )
    return FitResult(rule.segments[nearest], rule, tree, (note,))


def _summary(X: FloatArray, wanted: int, n_segments: int, seed: int, progress: Progress) -> FloatArray:
    """Return the middles of small groups of at least config.SMALL_GROUP rows each that have customers."""
    progress(0.0, f"Summarising {len(X):,} customers in {wanted} groups")
    shift = X.mean(axis=0)
    found = quick_kmeans(X[systematic_sample(len(X), SUMMARY_ROWS)] - shift, wanted, seed, n_starts=1)
    sizes = np.bincount(found.labels, minlength=wanted)
    # Where nearly all rows are the same, small groups are needed to have as many as were asked for.
    enough = np.sort(sizes)[::-1][min(n_segments, wanted) - 1]
    groups = rounded(found.centres[sizes >= min(config.SMALL_GROUP, max(enough, 1))] + shift)
    progress(0.8, f"Merging {len(groups)} groups")
    used = np.unique(NearestCentre(groups).place(X))
    return groups[used]
