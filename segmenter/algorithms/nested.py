"""How are customers placed where segments were split in two again and again?"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import BisectingKMeans

from segmenter.algorithms.placement import NearestCentre

Matrix = NDArray[np.float64]
Labels = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class NestedCentres:
    """A customer goes to the nearer of two centres, then to the nearer of that one's two, down to a segment.

    The nearest of all the last centres would be another rule: a customer near a border of the first split may
    be nearer to a centre on its other side.

    Attributes
    ----------
    centres
        Shape (2 · n_splits, n_features): both sides of split 0, both sides of split 1, and so on.
    leads_to
        Shape (2 · n_splits,): for each side the split that comes next, or −1 − segment at the end.
    """

    centres: Matrix
    leads_to: Labels

    @classmethod
    def of(cls, model: BisectingKMeans) -> Self:
        """Take the tree of a fitted model."""
        centres, leads_to = [], []
        waiting = [model._bisecting_tree]  # the public attributes hold the last centres only
        for node in waiting:
            for side in (node.left, node.right):
                centres.append(side.center + model._X_mean)
                leads_to.append(-1 - side.label if side.left is None else len(waiting))
                if side.left is not None:
                    waiting.append(side)
        return cls(np.array(centres), np.array(leads_to, dtype=np.intp))

    def place(self, X: Matrix) -> Labels:
        """Return the segment of each row, shape (n,)."""
        return -1 - self.leads_to[self._last_side(X)]

    def distances(self, X: Matrix) -> Matrix:
        """Return the Euclidean distance of each row to its segment's centre."""
        side, squared = self._last_side(X), np.zeros(len(X))
        for column, values in zip(X.T, self.centres[side].T, strict=True):
            squared += (column - values) ** 2
        return np.sqrt(squared)

    def reordered(self, order: Labels) -> Self:
        """Return the same rule with segment `order[i]` called `i`."""
        new = np.argsort(order)
        ends = self.leads_to < 0
        leads_to = self.leads_to.copy()
        leads_to[ends] = -1 - new[-1 - leads_to[ends]]
        return type(self)(self.centres, leads_to)

    def _last_side(self, X: Matrix) -> Labels:
        last = np.zeros(len(X), dtype=np.intp)
        going: dict[int, Labels] = {0: np.arange(len(X))}
        # A split is always listed after the one that leads to it.
        for split in range(len(self.centres) // 2):
            rows = going.pop(split)
            sides = NearestCentre(self.centres[2 * split : 2 * split + 2]).place(X[rows])
            for side in (0, 1):
                onward, here = int(self.leads_to[2 * split + side]), rows[sides == side]
                last[here] = 2 * split + side
                if onward >= 0:
                    going[onward] = here
        return last
