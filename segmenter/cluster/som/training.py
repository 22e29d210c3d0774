"""Training of a self-organising map, in batches or online."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from segmenter.cluster.nearest import blocks_of
from segmenter.cluster.som.grid import Grid
from segmenter.progress import Progress, silent
from segmenter.sampling import near_the_middle, systematic_sample
from segmenter.threads import n_threads, one_blas_thread
from segmenter.typing import FloatArray, IntArray

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
