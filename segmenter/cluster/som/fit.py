"""A self-organising map of the customers, merged into segments."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage

from segmenter.cluster.assigners import NearestPrototype
from segmenter.cluster.hierarchical import Dendrogram
from segmenter.cluster.nearest import distances_to, nearest_units, two_nearest
from segmenter.cluster.som.grid import Grid, GridKind, pca_init
from segmenter.cluster.som.training import SHOWN_PER_EPOCH, SigmaSchedule, train_batch, train_online, widths
from segmenter.errors.forming import TooFewUnitsError
from segmenter.progress import Progress, part, silent
from segmenter.sampling import canonical_order
from segmenter.typing import FloatArray, IntArray


class Linkage(Enum):
    """What makes two groups of units alike."""

    WARD = "ward"
    AVERAGE = "average"


def unit_tree(units: FloatArray, hits: NDArray[np.int64], kind: Linkage) -> Dendrogram:
    """Merge the units that have customers; a unit counts once, however many customers it has.

    Parameters
    ----------
    units
        Shape (n_hit, n_features).
    hits
        Shape (n_hit,): customers of each unit.
    """
    sizes = hits.astype(np.float64)
    if len(units) < 2:
        return Dendrogram(np.empty((0, 4)), sizes, kind.value)
    merges = np.asarray(linkage(units, kind.value), dtype=np.float64)
    customers = np.concatenate([sizes, np.empty(len(merges))])
    for number, (first, second) in enumerate(merges[:, :2].astype(np.intp)):
        customers[len(units) + number] = customers[first] + customers[second]
    merges[:, 3] = customers[len(units) :]
    return Dendrogram(merges, sizes, kind.value)


def spread_to_empty(units: FloatArray, hit: IntArray, segments: IntArray) -> IntArray:
    """Return a segment for every unit: a unit without customers takes that of the nearest one with some."""
    return segments[nearest_units(units, units[hit])]


def quantization_error(X: FloatArray, units: FloatArray) -> float:
    """Return the mean distance of the rows to their nearest unit, in scaled units."""
    return float(distances_to(X, units[nearest_units(X, units)]).mean())


def topographic_error(X: FloatArray, units: FloatArray, grid: Grid) -> float:
    """Return the share of rows whose nearest and second nearest unit are not neighbours on the map.

    0 is a map on which like always stands beside like.
    """
    best, second = two_nearest(X, units).T
    return float(1.0 - grid.adjacent[best, second].mean())


def u_matrix(units: FloatArray, grid: Grid) -> FloatArray:
    """Return the mean distance of each unit to its neighbours on the map, shape (n_units,), in scaled units.

    Large values are the borders between groups (Ultsch & Siemon 1990).
    """
    one, other = np.nonzero(grid.adjacent)
    distances = distances_to(units[one], units[other])
    return np.bincount(one, distances, grid.n_units) / np.bincount(one, minlength=grid.n_units)


BATCH, IN_TURN = "batch", "sequential"
# Shares of the work: moving the units, then measuring the map.
_TRAINED = 0.9
# The width that training in turn starts with shrinks to a third.
_SHRINKS_TO = 3.0


@dataclass(frozen=True)
class MapSettings:
    """How a map is made.

    Attributes
    ----------
    epochs
        Passes over the customers; training in turn shows 250 of them in each.
    training
        "batch" (all customers at once) or "sequential" (one after the other).
    smoothness
        Width of the neighbourhood in the last pass, in units. On 17 card columns 0.42 gives a quantization
        error of 1.28 at a topographic error of .18, and 0.6 gives 1.40 at .09.
    """

    rows: int = 15
    columns: int = 15
    epochs: int = 40
    training: str = BATCH
    grid: GridKind = GridKind.RECTANGULAR
    linkage: Linkage = Linkage.WARD
    smoothness: float = 0.42
    shrink: SigmaSchedule = SigmaSchedule.EXPONENTIAL


@dataclass(frozen=True, eq=False)
class SomMap:
    """A map of customers.

    Attributes
    ----------
    units
        Shape (n_units, n_features), in the prepared space.
    hits
        Shape (n_units,): how many customers each unit is nearest to.
    u_matrix
        Shape (n_units,): mean distance to the neighbours on the map, in scaled units.
    quantization_error
        Mean distance of the customers to their unit, in scaled units.
    spread
        Mean distance of the customers to the middle of them all, in scaled units.
    topographic_error
        Share of customers whose nearest and second nearest unit are not neighbours.
    leaves
        Shape (n_hit,): the units with customers, in the order of the tree's leaves.
    tree
        In which order those units merge.
    """

    grid: Grid
    units: FloatArray
    hits: NDArray[np.int64]
    u_matrix: FloatArray
    quantization_error: float
    spread: float
    topographic_error: float
    leaves: IntArray
    tree: Dendrogram

    @property
    def explained_share(self) -> float:
        """The part of the customers' distance to the middle of all that the map takes away, 0-1."""
        return 1.0 - self.quantization_error / self.spread if self.spread else 1.0

    def cut(self, n_segments: int) -> IntArray:
        """Return the segment of every unit when `n_segments` are left, shape (n_units,)."""
        return spread_to_empty(self.units, self.leaves, self.tree.cut(n_segments))


def train_map(
    X: FloatArray, *, seed: int, settings: MapSettings, progress: Progress = silent
) -> tuple[Grid, FloatArray]:
    """Return a map's grid and its units, which the order of the rows of `X` does not change."""
    grid = Grid(settings.rows, settings.columns, settings.grid)
    rows = X[canonical_order(X)]
    start = pca_init(rows, grid)
    if settings.training == IN_TURN:
        order = np.random.default_rng(seed).permutation(settings.epochs * SHOWN_PER_EPOCH) % len(rows)
        return grid, train_online(rows, start, grid, order, _SHRINKS_TO * settings.smoothness, progress)
    first = max(settings.rows, settings.columns) / 2
    passes = widths(max(first, settings.smoothness), settings.smoothness, settings.epochs, settings.shrink)
    return grid, train_batch(rows, start, grid, passes, progress)


def fit_som(
    X: FloatArray, n_segments: int, *, seed: int, settings: MapSettings | None = None, progress: Progress = silent
) -> tuple[IntArray, NearestPrototype, SomMap]:
    """Return the segment of each row, the rule that places new ones, and the map behind both.

    Only units with customers are merged, so no segment is ever empty; a unit without customers gets the segment
    of the nearest one with some, for new customers.

    Raises
    ------
    TooFewUnitsError
        If fewer than `n_segments` units have customers.
    """
    settings = settings or MapSettings()
    grid, units = train_map(X, seed=seed, settings=settings, progress=part(progress, 0.0, _TRAINED))
    progress(_TRAINED, "Map: merging its units")
    best = nearest_units(X, units)
    hits = np.bincount(best, minlength=grid.n_units)
    leaves = np.flatnonzero(hits)
    if len(leaves) < n_segments:
        raise TooFewUnitsError(len(leaves), grid.n_units, n_segments)
    found = SomMap(
        grid=grid,
        units=units,
        hits=hits,
        u_matrix=u_matrix(units, grid),
        quantization_error=float(distances_to(X, units[best]).mean()),
        spread=float(distances_to(X, np.broadcast_to(X.mean(axis=0), X.shape)).mean()),
        topographic_error=topographic_error(X, units, grid),
        leaves=leaves,
        tree=unit_tree(units[leaves], hits[leaves], settings.linkage),
    )
    segments = found.cut(n_segments)
    return segments[best], NearestPrototype(units, segments), found
