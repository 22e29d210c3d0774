"""In which order do customers merge into ever larger groups, and which groups does a cut leave?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist, squareform

Matrix = NDArray[np.float64]
Labels = NDArray[np.intp]


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

    merges: Matrix
    sizes: Matrix
    method: str

    @property
    def n_leaves(self) -> int:
        """Number of leaves."""
        return len(self.sizes)

    @property
    def heights(self) -> Matrix:
        """The distance of each merge, ascending, shape (n_leaves − 1,)."""
        return self.merges[:, 2]

    def cut(self, k: int) -> Labels:
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


def dendrogram_of(rows: Matrix, sizes: Matrix, method: str) -> Dendrogram:
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


def _weighted_linkage(rows: Matrix, sizes: Matrix, method: str) -> Matrix:
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


def _nearest_pair(gaps: Matrix, chain: list[int]) -> tuple[int, int]:
    """Follow nearest neighbours until two are each other's; take both off the chain."""
    while True:
        last = chain[-1]
        nearest = int(np.argmin(gaps[last]))
        if len(chain) > 1 and gaps[last, chain[-2]] <= gaps[last, nearest]:
            chain.pop()
            return last, chain.pop()
        chain.append(nearest)


def _merge(gaps: Matrix, weights: Matrix, first: int, second: int, method: str) -> None:
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


def _in_order(found: Matrix, sizes: Matrix) -> Matrix:
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


def _root(parent: Labels, group: int) -> int:
    while parent[group] != group:
        group = int(parent[group])
    return group
