"""Assigners: rules that give a new customer a segment from its own values alone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import BisectingKMeans

from segmenter.networks.network import DenseStack
from segmenter.threads import n_threads, shared
from segmenter.typing import BoolArray, FloatArray, IntArray

# A block's scores, 4,096 × 225 in float32, take 3.7 MB and stay near the processor: 90 times as fast as one
# row at a time; blocks of 512 are 35 times as fast.
ROWS_AT_ONCE = 4_096
# float32 keeps 24 binary digits. Rounding of both factors, of the sum over the columns and of the lengths
# added moves a score by less than (columns + 4) of these steps; the double of what theory asks for.
_STEP = 2.0**-23
# The same for one column at a time in float64, which takes units much nearer to each other than to the row for
# equally near; a product of what is left after the shift could still tell them apart.
_FINE_STEP = 2.0**-52
# Below this, products of float32 lose their digits or become zero.
_SMALLEST = 1e-36
# Up to so many units, scores stand in few long lines: a minimum over lines is then five times as fast as one
# within each of many short lines. Relative to the squared lengths involved, a product of 1,000 columns is wrong
# by less than a thousandth of the rounding.
FEW_UNITS, _FEW_ROWS_AT_ONCE, _ROUNDING = 32, 32_768, 1e-10


def nearest_units(X: FloatArray, units: FloatArray) -> IntArray:
    """Return the nearest unit of each row of `X`, shape (n,); ties go to the lower number.

    A matrix product decides where no rounding could change the answer; the other rows are measured one column at
    a time. A row thus gets the same unit alone and among a million.

    Parameters
    ----------
    X
        Shape (n, n_features).
    units
        Shape (n_units, n_features).
    """
    if len(units) <= FEW_UNITS:
        return _nearest_of_few(X, units)
    return _nearest_of_many(X, units)


def _nearest_of_few(X: FloatArray, units: FloatArray) -> IntArray:
    found = np.empty(len(X), dtype=np.intp)
    blocks = list(blocks_of(len(X), _FEW_ROWS_AT_ONCE))
    threads = n_threads() if len(blocks) > 1 else 1
    answers = shared(lambda rows: _few_in_block(X[rows], units), blocks, threads)
    for block, answer in zip(blocks, answers, strict=True):
        found[block] = answer
    return found


def _few_in_block(rows: FloatArray, units: FloatArray) -> IntArray:
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.einsum("ij,ij->i", units, units)
        scores = units @ (-2.0 * rows.T) + lengths[:, None]
        margin = _ROUNDING * (np.einsum("ij,ij->i", rows, rows).max() + lengths.max())
        near = scores <= scores.min(axis=0) + margin
    # Where one unit is near, the sum of the numbers of the near ones is its number.
    numbers = np.arange(len(units), dtype=np.float32) @ near.astype(np.float32)
    found: IntArray = numbers.astype(np.intp)
    unsure = np.flatnonzero(near.sum(axis=0) != 1) if np.isfinite(margin) else slice(None)
    found[unsure] = nearest_exactly(rows[unsure], units)
    return found


def _nearest_of_many(X: FloatArray, units: FloatArray) -> IntArray:
    # float32 is twice as fast, and leaves about one row in 10,000 open.
    kept, which = _different(units)
    search = _Search.of(kept)
    found = np.empty(len(X), dtype=np.intp)
    blocks = list(blocks_of(len(X)))
    threads = n_threads() if len(blocks) > 1 else 1
    sure = np.empty(len(X), dtype=np.bool_)
    for block, decided in zip(blocks, shared(lambda rows: search.nearest(X[rows]), blocks, threads), strict=True):
        found[block], sure[block] = decided
    # All at once: 225 units over a handful of rows in each of 250 blocks take longer than the products.
    unsure = np.flatnonzero(~sure)
    found[unsure] = nearest_exactly(X[unsure], kept)
    return which[found]


def two_nearest(X: FloatArray, units: FloatArray) -> IntArray:
    """Return the nearest and the second nearest unit of each row, shape (n, 2), as float64 products see them."""
    found = np.empty((len(X), 2), dtype=np.intp)
    blocks = list(blocks_of(len(X)))
    threads = n_threads() if len(blocks) > 1 else 1
    pairs = shared(lambda block: _two_nearest(X[block], units), blocks, threads)
    for block, pair in zip(blocks, pairs, strict=True):
        found[block] = pair
    return found


def distances_to(X: FloatArray, chosen: FloatArray) -> FloatArray:
    """Return the Euclidean distance of each row to its row of `chosen`, summed one column at a time."""
    squared = np.zeros(len(X))
    for column, values in zip(X.T, chosen.T, strict=True):
        squared += (column - values) ** 2
    return np.sqrt(squared)


@dataclass(frozen=True, eq=False)
class _Search:
    """Units made ready for many products.

    Attributes
    ----------
    shift
        Shape (n_features,), the middle of the units: near it, float32 keeps the digits that matter.
    factors
        Shape (n_features + 1, n_units), float32: minus twice each unit, and its squared length.
    longest
        Length of the longest unit.
    """

    shift: FloatArray
    factors: NDArray[np.float32]
    longest: float

    @classmethod
    def of(cls, units: FloatArray) -> "_Search":
        shift = units.mean(axis=0)
        centred = units - shift
        with np.errstate(over="ignore", under="ignore"):
            lengths = np.einsum("ij,ij->i", centred, centred)
            factors = np.vstack([-2.0 * centred.T, lengths]).astype(np.float32)
        return cls(shift, factors, float(np.sqrt(lengths.max())))

    def nearest(self, rows: FloatArray) -> tuple[IntArray, BoolArray]:
        """Return the nearest unit of each row of one block, and of which rows that is sure."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            scores, margin = self._scores(rows)
            every = np.arange(len(rows))
            best = scores.argmin(axis=1)
            smallest = scores[every, best].astype(np.float64)
            scores[every, best] = np.inf
            # What is not a number, or infinite, is never sure.
            sure = scores.min(axis=1) - smallest > margin
        return best, sure

    def _scores(self, rows: FloatArray) -> tuple[NDArray[np.float32], FloatArray]:
        """Return squared distances less the rows' own lengths, and by how much two of them may be wrong."""
        n_features = rows.shape[1]
        single = np.ones((len(rows), n_features + 1), dtype=np.float32)
        np.subtract(rows, self.shift, out=single[:, :-1], casting="same_kind")
        lengths = np.sqrt(np.einsum("ij,ij->i", single, single).astype(np.float64))
        margin = 2 * (n_features + 4) * _STEP * self.longest * (2 * lengths + self.longest) + _SMALLEST
        margin += 2 * (n_features + 4) * _FINE_STEP * (lengths + self.longest) ** 2
        return single @ self.factors, margin


def nearest_exactly(rows: FloatArray, units: FloatArray) -> IntArray:
    """Return the nearest unit of each row, every step elementwise and in float64."""
    found = np.zeros(len(rows), dtype=np.intp)
    smallest = np.full(len(rows), np.inf)
    with np.errstate(over="ignore"):
        for number, unit in enumerate(units):
            squared = np.zeros(len(rows))
            for column, value in zip(rows.T, unit, strict=True):
                squared += (column - value) ** 2
            found[squared < smallest] = number
            np.minimum(smallest, squared, out=smallest)
    return found


def _different(units: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the units without repeated ones, and the number of each: two equal units would tie every row."""
    _, first = np.unique(units, axis=0, return_index=True)
    which = np.sort(first)
    return units[which], which


def _two_nearest(rows: FloatArray, units: FloatArray) -> IntArray:
    shift = units.mean(axis=0)
    centred = units - shift
    scores = (rows - shift) @ (-2.0 * centred.T) + np.einsum("ij,ij->i", centred, centred)
    every = np.arange(len(rows))
    best = scores.argmin(axis=1)
    scores[every, best] = np.inf
    return np.column_stack([best, scores.argmin(axis=1)])


def blocks_of(n_rows: int, at_once: int = ROWS_AT_ONCE) -> Iterator[slice]:
    """Yield the blocks into which rows are cut, the same for any number of threads."""
    for start in range(0, n_rows, at_once):
        yield slice(start, start + at_once)


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
