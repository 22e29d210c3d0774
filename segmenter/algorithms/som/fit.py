"""Which segments does a map of the customers hold?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.content import content_order
from segmenter.algorithms.hierarchy import Dendrogram
from segmenter.algorithms.nearest import distances_to, nearest_units
from segmenter.algorithms.som.grid import Grid, GridKind
from segmenter.algorithms.som.hierarchy import Linkage, spread_to_empty, unit_tree
from segmenter.algorithms.som.measures import topographic_error, u_matrix
from segmenter.algorithms.som.start import plane_start
from segmenter.algorithms.som.training import SHOWN_PER_EPOCH, Shrink, train_batch, train_in_turn, widths
from segmenter.algorithms.units import NearestUnit
from segmenter.errors import TooFewUnitsError
from segmenter.progress import Progress, part, silent

Matrix = NDArray[np.float64]
Labels = NDArray[np.intp]

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
    shrink: Shrink = Shrink.EXPONENTIAL


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
    units: Matrix
    hits: NDArray[np.int64]
    u_matrix: Matrix
    quantization_error: float
    spread: float
    topographic_error: float
    leaves: Labels
    tree: Dendrogram

    @property
    def explained_share(self) -> float:
        """The part of the customers' distance to the middle of all that the map takes away, 0-1."""
        return 1.0 - self.quantization_error / self.spread if self.spread else 1.0

    def cut(self, n_segments: int) -> Labels:
        """Return the segment of every unit when `n_segments` are left, shape (n_units,)."""
        return spread_to_empty(self.units, self.leaves, self.tree.cut(n_segments))


def train_map(X: Matrix, *, seed: int, settings: MapSettings, progress: Progress = silent) -> tuple[Grid, Matrix]:
    """Return a map's grid and its units, which the order of the rows of `X` does not change."""
    grid = Grid(settings.rows, settings.columns, settings.grid)
    rows = X[content_order(X)]
    start = plane_start(rows, grid)
    if settings.training == IN_TURN:
        order = np.random.default_rng(seed).permutation(settings.epochs * SHOWN_PER_EPOCH) % len(rows)
        return grid, train_in_turn(rows, start, grid, order, _SHRINKS_TO * settings.smoothness, progress)
    first = max(settings.rows, settings.columns) / 2
    passes = widths(max(first, settings.smoothness), settings.smoothness, settings.epochs, settings.shrink)
    return grid, train_batch(rows, start, grid, passes, progress)


def fit_som(
    X: Matrix, n_segments: int, *, seed: int, settings: MapSettings | None = None, progress: Progress = silent
) -> tuple[Labels, NearestUnit, SomMap]:
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
    return segments[best], NearestUnit(units, segments), found
