"""Assigners: rules that give a new customer a segment from its own values alone."""

from dataclasses import dataclass, replace
from typing import Protocol, Self, runtime_checkable

import numpy as np
from sklearn.cluster import BisectingKMeans

from segmenter.cluster.nearest import distances_to, nearest_units
from segmenter.networks.network import DenseStack
from segmenter.typing import FloatArray, IntArray


class Assigner(Protocol):
    """A fitted rule that gives any customer a segment; plain numbers only."""

    def place(self, X: FloatArray) -> IntArray:
        """Return the segment of each row of `X`, shape (n,)."""

    def distances(self, X: FloatArray) -> FloatArray:
        """Return how far each row is from its segment's centre, shape (n,), in scaled units."""

    def reordered(self, order: IntArray) -> Self:
        """Return the same rule with segment `order[i]` called `i`."""


@runtime_checkable
class ProbabilisticAssigner(Protocol):
    """A rule that also says how sure it is."""

    def probabilities(self, X: FloatArray) -> FloatArray:
        """Return the probability of each segment for each row, shape (n, n_segments); rows sum to 1."""


def agreement_with(placement: Assigner) -> float:
    """Return the share of the customers it was made from that a rule gives the segment they were formed in."""
    return float(getattr(placement, "agreement", 1.0))


@dataclass(frozen=True, eq=False)
class NearestCentre:
    """A customer belongs to the nearest centre.

    Attributes
    ----------
    centres
        Shape (n_segments, n_features), in the prepared space.
    """

    centres: FloatArray

    def place(self, X: FloatArray) -> IntArray:
        """Return the nearest centre of each row; ties go to the larger segment (the lower number)."""
        return nearest_units(X, self.centres)

    def distances(self, X: FloatArray) -> FloatArray:
        """Return the Euclidean distance of each row to its nearest centre."""
        return distances_to(X, self.centres[self.place(X)])

    def reordered(self, order: IntArray) -> Self:
        """Return the same rule with centre `order[i]` called `i`."""
        return type(self)(self.centres[order])


@dataclass(frozen=True, eq=False)
class NearestPrototype:
    """A customer belongs to the segment of the nearest unit: of a map, of a tree's leaves.

    Attributes
    ----------
    units
        Shape (n_units, n_features), in the prepared space.
    segments
        Shape (n_units,): the segment of each unit, -1 for "fits no segment".
    reach
        Shape (n_units,): a customer farther than this from its nearest unit fits no segment; None for no limit.
    agreement
        Share of the customers it was made from that it gives the segment in which they were formed, 0-1.
    """

    units: FloatArray
    segments: IntArray
    reach: FloatArray | None = None
    agreement: float = 1.0

    def place(self, X: FloatArray) -> IntArray:
        """Return the segment of the nearest unit of each row; ties go to the unit listed first."""
        nearest = self.nearest(X)
        labels = self.segments[nearest]
        if self.reach is not None:
            labels = np.where(self.distances(X) > self.reach[nearest], -1, labels)
        return labels

    def nearest(self, X: FloatArray) -> IntArray:
        """Return the nearest unit of each row, shape (n,)."""
        return nearest_units(X, self.units)

    def distances(self, X: FloatArray) -> FloatArray:
        """Return the Euclidean distance of each row to its nearest unit."""
        return distances_to(X, self.units[nearest_units(X, self.units)])

    def reordered(self, order: IntArray) -> Self:
        """Return the same rule with segment `order[i]` called `i`."""
        new = np.full(int(max(order.max(initial=-1), self.segments.max())) + 2, -1, dtype=np.intp)
        new[order] = np.arange(len(order))
        return replace(self, segments=new[self.segments])


@dataclass(frozen=True, eq=False)
class NearestMixedPrototype:
    """A customer belongs to the segment whose typical values are nearest by Gower's distance.

    Attributes
    ----------
    prototypes
        Shape (n_segments, n_features): the median of each number, the commonest value of each category, in the
        prepared space.
    factors
        Shape (n_features,): what an absolute difference in each prepared column counts.
    """

    prototypes: FloatArray
    factors: FloatArray

    def place(self, X: FloatArray) -> IntArray:
        """Return the nearest prototype of each row; ties go to the larger segment (the lower number)."""
        return self._nearest(X)[0]

    def distances(self, X: FloatArray) -> FloatArray:
        """Return Gower's distance of each row to its prototype; 0-1 for customers within the range seen."""
        return self._nearest(X)[1]

    def reordered(self, order: IntArray) -> Self:
        """Return the same rule with prototype `order[i]` called `i`."""
        return type(self)(self.prototypes[order], self.factors)

    def _nearest(self, X: FloatArray) -> tuple[IntArray, FloatArray]:
        # Elementwise, one column at a time: a row's result is the same to the last bit in any company.
        labels = np.zeros(len(X), dtype=np.intp)
        nearest = np.full(len(X), np.inf)
        for number, prototype in enumerate(self.prototypes):
            apart = np.zeros(len(X))
            for column, value, factor in zip(X.T, prototype, self.factors, strict=True):
                if factor:
                    apart += np.abs(column - value) * factor
            labels[apart < nearest] = number
            np.minimum(nearest, apart, out=nearest)
        return labels, nearest


@dataclass(frozen=True, eq=False)
class BisectingTree:
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

    centres: FloatArray
    leads_to: IntArray

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

    def place(self, X: FloatArray) -> IntArray:
        """Return the segment of each row, shape (n,)."""
        return -1 - self.leads_to[self._last_side(X)]

    def distances(self, X: FloatArray) -> FloatArray:
        """Return the Euclidean distance of each row to its segment's centre."""
        side, squared = self._last_side(X), np.zeros(len(X))
        for column, values in zip(X.T, self.centres[side].T, strict=True):
            squared += (column - values) ** 2
        return np.sqrt(squared)

    def reordered(self, order: IntArray) -> Self:
        """Return the same rule with segment `order[i]` called `i`."""
        new = np.argsort(order)
        ends = self.leads_to < 0
        leads_to = self.leads_to.copy()
        leads_to[ends] = -1 - new[-1 - leads_to[ends]]
        return type(self)(self.centres, leads_to)

    def _last_side(self, X: FloatArray) -> IntArray:
        last = np.zeros(len(X), dtype=np.intp)
        going: dict[int, IntArray] = {0: np.arange(len(X))}
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


# So many rows of a few columns stay within the processor's fast memory.
_ROWS_AT_ONCE = 32_768


@dataclass(frozen=True, eq=False)
class GaussianComponents:
    """A customer belongs to the segment that it most probably comes from.

    Attributes
    ----------
    weights
        Shape (n_segments,): share of the customers in each segment; they add up to 1.
    means
        Shape (n_segments, n_features).
    factors
        Shape (n_segments, n_features, n_features): upper triangles U with U Uᵀ the inverse covariance.
    """

    weights: FloatArray
    means: FloatArray
    factors: FloatArray

    def place(self, X: FloatArray) -> IntArray:
        """Return the most probable segment of each row; ties go to the lower number."""
        return np.argmax(self._log_densities(X), axis=0).astype(np.intp)

    def probabilities(self, X: FloatArray) -> FloatArray:
        """Return the probability of each segment for each row, shape (n, n_segments)."""
        logs = self._log_densities(X)
        # Beyond every number's reach all densities are 0; the segment placed in is then certain by fiat.
        best = logs.max(axis=0)
        shares = np.exp(np.where(np.isinf(logs) & (logs == best), 0.0, logs - np.where(np.isinf(best), 0.0, best)))
        total = np.zeros(len(X))
        for share in shares:
            total += share
        return (shares / total).T

    def distances(self, X: FloatArray) -> FloatArray:
        """Return the Euclidean distance of each row to the mean of its segment."""
        squared = np.zeros(len(X))
        for column, values in zip(X.T, self.means[self.place(X)].T, strict=True):
            squared += (column - values) ** 2
        return np.sqrt(squared)

    def reordered(self, order: IntArray) -> Self:
        """Return the same rule with segment `order[i]` called `i`."""
        return type(self)(self.weights[order], self.means[order], self.factors[order])

    def _log_densities(self, X: FloatArray) -> FloatArray:
        """Return log(weight · density) of each segment for each row, shape (n_segments, n)."""
        logs = np.empty((len(self.weights), len(X)))
        for start in range(0, len(X), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            for number in range(len(self.weights)):
                logs[number, rows] = self._log_density(X[rows], number)
        return logs

    def _log_density(self, rows: FloatArray, number: int) -> FloatArray:
        # Elementwise, one column at a time: a row's result is the same to the last bit in any company.
        factor, squared = self.factors[number], np.zeros(len(rows))
        away = [column - value for column, value in zip(rows.T, self.means[number], strict=True)]
        with np.errstate(over="ignore", invalid="ignore"):
            for place in range(len(away)):
                projected = np.zeros(len(rows))
                for above in np.flatnonzero(factor[: place + 1, place]):
                    projected += away[above] * factor[above, place]
                squared += projected**2
        constant = np.log(self.weights[number]) + np.log(np.diag(factor)).sum() - len(away) / 2 * np.log(2 * np.pi)
        # Two infinities of opposite sign: as far away as can be.
        return constant - 0.5 * np.where(np.isnan(squared), np.inf, squared)


# K-Means squares distances; a row so far out that a square would overflow is kept at the border.
FARTHEST = 1e150


@dataclass(frozen=True, eq=False)
class LatentCentres:
    """A customer belongs to the nearest centre among what the network makes of it.

    Attributes
    ----------
    encoder
        The network's first half, from the prepared space to the few numbers in its middle.
    centres
        Shape (n_segments, encoder.n_out).
    """

    encoder: DenseStack
    centres: FloatArray

    def encode(self, X: FloatArray) -> FloatArray:
        """Return what the network makes of each row, shape (n, encoder.n_out); the same in any company."""
        return np.clip(self.encoder.outputs(X), -FARTHEST, FARTHEST)

    def place(self, X: FloatArray) -> IntArray:
        """Return the nearest centre of each row's encoding."""
        return NearestCentre(self.centres).place(self.encode(X))

    def distances(self, X: FloatArray) -> FloatArray:
        """Return the distance of each row's encoding to its centre, in the network's own units."""
        return NearestCentre(self.centres).distances(self.encode(X))

    def reordered(self, order: IntArray) -> Self:
        """Return the same rule with centre `order[i]` called `i`."""
        return type(self)(self.encoder, self.centres[order])
