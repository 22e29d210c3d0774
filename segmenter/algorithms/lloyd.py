"""How do k centres move until they stand in the middle of their rows?"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances_argmin

from segmenter.progress import Progress, silent
from segmenter.threads import n_threads, one_blas_thread

try:
    # scikit-learn's compiled inner loop, without the copy, the checks and the variance that its public class
    # adds to every call: on 1,000,000 × 6 rows and ten centres 9 ms a step instead of 17 ms in NumPy. It is
    # private, so a release may take it away; the same step is then made with public functions.
    from sklearn.cluster._k_means_lloyd import lloyd_iter_chunked_dense
except ImportError:  # pragma: no cover - tests take it away by hand
    lloyd_iter_chunked_dense = None

Matrix = NDArray[np.float64]

# Below this, waking a second thread costs more than it computes.
_ROWS_PER_THREAD = 50_000
_ROWS_AT_ONCE = 8_192
MAX_STEPS = 300


@dataclass(frozen=True, eq=False)
class Centred:
    """Centres, the nearest one of each row, and the sum of squares that they leave."""

    centres: Matrix
    labels: NDArray[np.int32]
    wcss: float


class Weighted(NamedTuple):
    """Rows, shape (n, p), and how often each counts, shape (n,)."""

    rows: Matrix
    weights: Matrix


def moved(
    weighted: Weighted,
    centres: Matrix,
    *,
    steps: int = MAX_STEPS,
    grid: float = 0.0,
    progress: Progress = silent,
) -> Centred:
    """Return where `centres` come to rest within `steps` steps of Lloyd's algorithm, and what they leave.

    With a `grid`, centres stay on its multiples: sums over rows in another order differ in their last bits,
    and rounding takes those away.
    """
    walk = _Walk(weighted, centres)
    with walk.one_pool():
        walk.go(steps, grid, progress)
        return walk.rest()


def moved_on(weighted: Weighted, centres: Matrix, *, steps: int, grid: float, progress: Progress) -> Matrix:
    """Return where `centres` come to rest, like `moved`, and spare the labels and the sum of squares."""
    walk = _Walk(weighted, centres)
    with walk.one_pool():
        walk.go(steps, grid, progress)
    return walk.centres


def inertia(weighted: Weighted, centres: Matrix, labels: NDArray[np.intp] | NDArray[np.int32]) -> float:
    """Return the weighted sum of squares that `centres` leave in the rows that belong to them.

    Block by block in a fixed order: the same number with any number of threads.
    """
    total = 0.0
    for start in range(0, len(weighted.rows), _ROWS_AT_ONCE):
        block = slice(start, start + _ROWS_AT_ONCE)
        apart = weighted.rows[block] - centres[labels[block]]
        total += float(np.einsum("ij,ij,i->", apart, apart, weighted.weights[block]))
    return total


def _threads_for(rows: Matrix) -> int:
    return min(n_threads(), 1 + len(rows) // _ROWS_PER_THREAD)


class _Walk:
    def __init__(self, weighted: Weighted, centres: Matrix) -> None:
        self.rows, self.weights = weighted
        self.centres = np.ascontiguousarray(centres)
        self.labels = np.full(len(self.rows), -1, dtype=np.int32)
        self.threads = _threads_for(self.rows)

    def one_pool(self) -> AbstractContextManager[object]:
        """Keep the products inside the threads of this walk from starting threads of their own."""
        return one_blas_thread() if self.threads > 1 else nullcontext()

    def go(self, steps: int, grid: float, progress: Progress) -> None:
        """Make steps until the centres rest, at most so many."""
        for step in range(steps):
            progress(step / steps, "Moving the centres")
            if self.step(grid):
                break

    def step(self, grid: float) -> bool:
        """Move every centre into the middle of its rows; say whether all rows kept their centre."""
        before = self.labels.copy()
        centres = self._run(update=True)
        self.centres = np.round(centres / grid) * grid if grid else centres
        return bool(np.array_equal(before, self.labels))

    def rest(self) -> Centred:
        """Label the rows by the centres as they stand."""
        self._run(update=False)
        return Centred(self.centres, self.labels, inertia(Weighted(self.rows, self.weights), self.centres, self.labels))

    def _run(self, *, update: bool) -> Matrix:
        k = len(self.centres)
        if lloyd_iter_chunked_dense is None:
            return self._run_public(update=update)
        new, sizes, shift = np.empty_like(self.centres), np.zeros(k), np.zeros(k)
        lloyd_iter_chunked_dense(
            self.rows, self.weights, self.centres, new, sizes, self.labels, shift, self.threads, update
        )
        return new

    def _run_public(self, *, update: bool) -> Matrix:
        """Make the same step with public functions only."""
        k = len(self.centres)
        self.labels = pairwise_distances_argmin(self.rows, self.centres).astype(np.int32)
        if not update:
            return self.centres
        sizes = np.bincount(self.labels, self.weights, k)
        sums = [np.bincount(self.labels, self.weights * column, k) for column in self.rows.T]
        new = np.column_stack(sums) / np.where(sizes > 0, sizes, 1.0)[:, None]
        empty = np.flatnonzero(sizes == 0)
        if len(empty):
            # A centre without rows starts anew at one of those farthest from theirs.
            away = ((self.rows - self.centres[self.labels]) ** 2).sum(axis=1)
            new[empty] = self.rows[np.argsort(-away, kind="stable")[: len(empty)]]
        return new
