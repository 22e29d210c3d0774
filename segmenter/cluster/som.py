"""Self-organising map with hierarchical clustering of its units (Vesanto & Alhoniemi 2000)."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage

from segmenter.cluster.algorithm import FitResult
from segmenter.cluster.assigners import NearestPrototype, blocks_of, distances_to, nearest_units, two_nearest
from segmenter.cluster.hierarchical import Dendrogram
from segmenter.display import percent_text
from segmenter.errors.forming import TooFewUnitsError
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Setting, Settings
from segmenter.sampling import canonical_order, near_the_middle, systematic_sample
from segmenter.threads import n_threads, one_blas_thread
from segmenter.typing import BoolArray, FloatArray, IntArray

# Rows of hexagons stand closer than hexagons in a row: the height of a triangle with sides of 1.
_ROW_HEIGHT = np.sqrt(3.0) / 2.0
# Squares that touch at a corner are neighbours (distance 1.41); hexagons touch at a distance of 1 only.
_RECTANGULAR_REACH, _HEXAGONAL_REACH = 1.42, 1.01


class GridKind(Enum):
    """How units touch: eight neighbours (rectangular) or six (hexagonal)."""

    RECTANGULAR = "rectangular"
    HEXAGONAL = "hexagonal"


@dataclass(frozen=True)
class Grid:
    """The units of a map; unit `row * columns + column` stands in that row and column."""

    rows: int
    columns: int
    kind: GridKind = GridKind.RECTANGULAR

    @property
    def n_units(self) -> int:
        """Number of units."""
        return self.rows * self.columns

    @cached_property
    def places(self) -> FloatArray:
        """Where each unit stands, shape (n_units, 2): downwards, to the right; neighbours in a row are 1 apart."""
        row, column = np.divmod(np.arange(self.n_units), self.columns)
        if self.kind is GridKind.HEXAGONAL:
            return np.column_stack([row * _ROW_HEIGHT, column + 0.5 * (row % 2)])
        return np.column_stack([row, column]).astype(np.float64)

    @cached_property
    def squared_distances(self) -> FloatArray:
        """Squared distance of each unit to each other on the map, shape (n_units, n_units)."""
        apart = self.places[:, None] - self.places[None]
        return np.einsum("ijk,ijk->ij", apart, apart)

    @cached_property
    def adjacent(self) -> BoolArray:
        """Which units are neighbours of which, shape (n_units, n_units); no unit is its own."""
        reach = _HEXAGONAL_REACH if self.kind is GridKind.HEXAGONAL else _RECTANGULAR_REACH
        return (self.squared_distances <= reach**2) & ~np.eye(self.n_units, dtype=bool)


# Components within this share of the largest count as equally large: rounding must not decide a sign.
_AS_LARGE = 1.0 - 1e-6
# A second direction with less of the first one's spread than this is rounding noise.
_NO_SPREAD = 1e-7


def pca_init(rows: FloatArray, grid: Grid) -> FloatArray:
    """Return units spread evenly on the plane in which the rows differ most (its two principal components).

    The rows alone decide it, nothing is drawn: two maps of the same customers are the same map. Rows that
    differ in one direction only are subdivided along it, line by line of the map.

    Parameters
    ----------
    rows
        Shape (n, n_features).

    Returns
    -------
    Matrix
        Shape (grid.n_units, n_features), one standard deviation to each side of the mean.
    """
    middle = rows.mean(axis=0)
    first, second = _leading_directions(rows - middle)
    if not np.linalg.norm(second) > _NO_SPREAD * np.linalg.norm(first):
        second = first / grid.rows
    row, column = np.divmod(np.arange(grid.n_units), grid.columns)
    return middle + np.outer(_even(grid.rows)[row], first) + np.outer(_even(grid.columns)[column], second)


def _leading_directions(centred: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the two leading components, each as long as the rows' standard deviation along it."""
    scale = np.abs(centred).max() or 1.0
    scaled = centred / scale
    variances, components = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    spreads = np.sqrt(np.maximum(variances[::-1], 0.0)) * scale
    directions = [_pointed(component) * spread for component, spread in zip(components.T[::-1], spreads, strict=True)]
    return directions[0], directions[1] if len(directions) > 1 else np.zeros_like(directions[0])


def _pointed(component: FloatArray) -> FloatArray:
    """Return the component so that its first large element is positive: either sign is an eigenvector."""
    sizes = np.abs(component)
    leading = int(np.argmax(sizes >= _AS_LARGE * sizes.max()))
    return component * np.copysign(1.0, component[leading])


def _even(count: int) -> FloatArray:
    return np.linspace(-1.0, 1.0, count) if count > 1 else np.zeros(1)


# A map of 225 units is the same to two digits from 100,000 rows and from a million; the last passes see all.
SAMPLE_ROWS, LAST_EPOCHS = 100_000, 5
# Neighbours so far away that their weights add up to less than this leave a unit where it is.
_NO_WEIGHT = 1e-200
# A pass of training in turn shows so many customers: 40 passes are the usual 10,000 steps.
SHOWN_PER_EPOCH = 250
LEARNING_RATE = 0.5


class SigmaSchedule(Enum):
    """How the neighbourhood narrows from pass to pass."""

    EXPONENTIAL = "exponential"
    LINEAR = "linear"


def widths(start: float, end: float, epochs: int, shrink: SigmaSchedule) -> FloatArray:
    """Return the neighbourhood's width (one standard deviation, in units) in each pass."""
    if shrink is SigmaSchedule.LINEAR:
        return np.linspace(start, end, epochs)
    return np.geomspace(start, end, epochs)


def train_batch(
    rows: FloatArray, units: FloatArray, grid: Grid, widths: Sequence[float] | FloatArray, progress: Progress = silent
) -> FloatArray:
    """Return the units after one pass over the rows for each width.

    In each pass every unit moves to the mean of all rows, weighted by how near their own unit is on the map
    (Kohonen 2013, "Essentials of the self-organizing map", section 4.2). Sums are taken block by block in a
    fixed order, so that the result has the same bits with any number of threads.

    Parameters
    ----------
    rows
        Shape (n, n_features), in an order that the caller answers for.
    units
        Shape (grid.n_units, n_features), where they start.
    """
    space = _Space.of(rows)
    everybody = _Shown(space.inside(rows))
    sampled = len(rows) > SAMPLE_ROWS
    some = _Shown(everybody.rows[systematic_sample(len(rows), SAMPLE_ROWS)]) if sampled else everybody
    moving = space.inside(units)
    with one_blas_thread(), ThreadPoolExecutor(n_threads()) as pool:
        for epoch, width in enumerate(widths):
            progress(epoch / len(widths), f"Map: pass {epoch + 1} of {len(widths)}")
            shown = everybody if epoch >= len(widths) - LAST_EPOCHS else some
            sums, hits = shown.summed(moving, pool)
            moving = _moved(moving, sums, hits, _neighbourhood(grid.squared_distances, width))
    return space.outside(moving)


def train_online(
    rows: FloatArray, units: FloatArray, grid: Grid, order: IntArray, width: float, progress: Progress = silent
) -> FloatArray:
    """Return the units after each row of `order` has drawn them towards it, one after the other.

    The neighbourhood's width (from `width`) and the learning rate (from 0.5) both end at a third of where they
    start: MiniSom's rule, its steps to the last digits.
    """
    moved = units.copy()
    half = len(order) / 2
    for step, row in enumerate(order):
        if step % SHOWN_PER_EPOCH == 0:
            progress(step / len(order), f"Map: customer {step:,} of {len(order):,}")
        left = 1.0 / (1.0 + step / half)
        apart = rows[row] - moved
        best = int(np.einsum("ij,ij->i", apart, apart).argmin())
        pull = LEARNING_RATE * left * _neighbourhood(grid.squared_distances[best], width * left)
        moved += pull[:, None] * apart
    return moved


class _Space:
    """Coordinates in which float32 keeps every digit that matters: near zero and not above one."""

    def __init__(self, shift: FloatArray, scale: float) -> None:
        self.shift, self.scale = shift, scale

    @classmethod
    def of(cls, rows: FloatArray) -> Self:
        shift = near_the_middle(rows)
        widest = max(float(np.abs(rows - shift).max()), np.finfo(float).tiny)
        # A power of two changes no digit.
        return cls(shift, float(np.exp2(np.floor(np.log2(widest)))))

    def inside(self, rows: FloatArray) -> FloatArray:
        return (rows - self.shift) / self.scale

    def outside(self, rows: FloatArray) -> FloatArray:
        return rows * self.scale + self.shift


class _Shown:
    """Rows made ready to be shown to the map many times."""

    def __init__(self, rows: FloatArray) -> None:
        self.rows = rows
        self._single = np.ones((len(rows), rows.shape[1] + 1), dtype=np.float32)
        self._single[:, :-1] = rows
        self._columns = np.ascontiguousarray(rows.T)

    def summed(self, units: FloatArray, pool: ThreadPoolExecutor) -> tuple[FloatArray, FloatArray]:
        """Return the sum of the rows nearest to each unit, shape (n_units, n_features), and their number."""
        lengths = np.einsum("ij,ij->i", units, units)
        factors = np.vstack([-2.0 * units.T, lengths]).astype(np.float32)
        parts = pool.map(lambda block: self._block_sums(block, factors), blocks_of(len(self.rows)))
        sums, hits = np.zeros_like(units), np.zeros(len(units))
        for block_sums, block_hits in parts:
            sums += block_sums
            hits += block_hits
        return sums, hits

    def _block_sums(self, block: slice, factors: NDArray[np.float32]) -> tuple[FloatArray, FloatArray]:
        nearest = (self._single[block] @ factors).argmin(axis=1)
        n_units = factors.shape[1]
        sums = [np.bincount(nearest, column[block], n_units) for column in self._columns]
        return np.column_stack(sums), np.bincount(nearest, minlength=n_units).astype(np.float64)


def _moved(units: FloatArray, sums: FloatArray, hits: FloatArray, neighbourhood: FloatArray) -> FloatArray:
    total = neighbourhood @ hits
    moves = total > _NO_WEIGHT
    moved = units.copy()
    moved[moves] = (neighbourhood @ sums)[moves] / total[moves, None]
    return moved


def _neighbourhood(squared_distances: FloatArray, width: float) -> FloatArray:
    return np.exp(squared_distances / (-2.0 * width * width))


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


# A topographic error up to the first is faithful, up to the second usable.
FAITHFUL: Final = 0.10
USABLE: Final = 0.20


def in_words(found: SomMap) -> str:
    """Say how closely the map follows the customers, and whether like stands beside like."""
    return f"{closeness(found)} {order(found)}"


def closeness(found: SomMap) -> str:
    """Say how closely the map follows the customers."""
    return (
        f"On average a customer is {found.quantization_error:.2f} scaled units away from its unit of the map "
        f"(quantization error) and {found.spread:.2f} from the middle of all customers: the map takes away "
        f"{percent_text(found.explained_share)} of the distance."
    )


def order(found: SomMap) -> str:
    """Say whether like stands beside like."""
    torn = f"{percent_text(found.topographic_error, 1)} of the customers have two most similar units that do not touch"
    if found.topographic_error <= FAITHFUL:
        return f"Like stands beside like on the map: only {torn} (topographic error)."
    if found.topographic_error <= USABLE:
        return f"Like mostly stands beside like on the map: {torn} (topographic error); more smoothness lowers it."
    return (
        f"Like does not reliably stand beside like on the map: {torn} (topographic error). Raise the smoothness "
        "before you read meaning into places on the map."
    )


# A saved model holds up to 1,600 units.
_LONGEST_SIDE = 40
_DEFAULT = MapSettings()

SOM_SETTINGS = (
    Setting("rows", "Rows of the map", _DEFAULT.rows, 2, _LONGEST_SIDE, explanation="More units show finer detail."),
    Setting("columns", "Columns of the map", _DEFAULT.columns, 2, _LONGEST_SIDE),
    Setting(
        "epochs", "Passes", _DEFAULT.epochs, 1, 1_000,
        explanation="How often the customers are shown to the map; one after the other, 250 of them each time.",
    ),
    Setting(
        "training", "Training", _DEFAULT.training, choices=(BATCH, IN_TURN),
        explanation="All customers at once (batch, repeatable without a seed) or one after the other.",
    ),
    Setting(
        "grid", "Grid", _DEFAULT.grid.value, choices=tuple(kind.value for kind in GridKind),
        explanation="A unit touches eight others (rectangular) or six (hexagonal).",
    ),
    Setting(
        "linkage", "Merging units", _DEFAULT.linkage.value, choices=tuple(kind.value for kind in Linkage),
        explanation="Ward gives segments of usable sizes; average may leave one large segment and many tiny ones.",
    ),
    Setting(
        "smoothness", "Smoothness", _DEFAULT.smoothness, 0.1, 5.0,
        explanation="Higher keeps like beside like more strictly; lower follows the customers more closely.",
    ),
    Setting(
        "shrink", "Narrowing", _DEFAULT.shrink.value, choices=tuple(shrink.value for shrink in SigmaSchedule),
        explanation="Whether the reach of a customer over the map narrows by equal shares or equal steps.",
    ),
)  # fmt: skip


def fit_som_segments(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form segments on a self-organising map."""
    labels, placement, details = fit_som(X, n_segments, seed=seed, settings=_map_settings(settings), progress=progress)
    return FitResult(labels, placement, details, (in_words(details),))


def _map_settings(settings: Settings) -> MapSettings:
    return MapSettings(
        rows=int(settings["rows"]),
        columns=int(settings["columns"]),
        epochs=int(settings["epochs"]),
        training=str(settings["training"]),
        grid=GridKind(settings["grid"]),
        linkage=Linkage(settings["linkage"]),
        smoothness=float(settings["smoothness"]),
        shrink=SigmaSchedule(settings["shrink"]),
    )
