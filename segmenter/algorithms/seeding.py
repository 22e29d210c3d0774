"""Where do K-Means' centres start?"""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

# Rounding leaves up to this share of the largest squared distance between two equal rows.
_NO_DISTANCE = 1e-12
# Sums of squares this close (a share) count as equal: products differ in their last digits between machines.
_AS_GOOD = 1e-10


def kmeans_plusplus(rows: Matrix, weights: Matrix, k: int, n_starts: int, rng: np.random.Generator) -> Matrix:
    """Return several starts of greedy k-means++, drawn side by side.

    Every next centre is the best of a few candidates, drawn with a probability proportional to the squared
    distance to the centres there are (Arthur & Vassilvitskii 2007, the greedy variant of its section 6).

    Returns
    -------
    Matrix
        Shape (n_starts, k, n_features).
    """
    norms = np.einsum("ij,ij->i", rows, rows)
    first = _drawn(np.broadcast_to(weights, (n_starts, len(rows))), 1, rng)
    nearest = _squared(rows, norms, rows[first], norms[first])[:, 0]
    others = _greedy_draws(rows, weights, nearest, k - 1, 2 + int(np.log(k)), rng)
    return rows[np.hstack([first, others])]


def additional_centres(rows: Matrix, weights: Matrix, nearest: Matrix, n: int, rng: np.random.Generator) -> Matrix:
    """Return `n` more centres, drawn like those of k-means++, for rows whose nearest centre is so far away.

    Parameters
    ----------
    nearest
        Shape (n_rows,), squared distances.
    """
    drawn = _greedy_draws(rows, weights, nearest[None], n, 3, rng)
    return rows[drawn[0]]


def two_nearest_squared(rows: Matrix, norms: Matrix, centres: Matrix) -> tuple[NDArray[np.intp], Matrix, Matrix]:
    """Return the nearest centre of each row, the squared distance to it, and that to the second nearest."""
    squared = _squared(rows, norms, centres, np.einsum("ij,ij->i", centres, centres))
    labels = np.zeros(len(rows), dtype=np.intp)
    first, second = squared[0].copy(), np.full(len(rows), np.inf)
    for number, line in enumerate(squared[1:], start=1):
        labels[line < first] = number
        np.minimum(second, np.maximum(first, line), out=second)
        np.minimum(first, line, out=first)
    return labels, first, second


def _greedy_draws(
    rows: Matrix, weights: Matrix, nearest: Matrix, n: int, candidates: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Return positions of further centres, shape (n_starts, n), from `nearest` of shape (n_starts, n_rows)."""
    norms = np.einsum("ij,ij->i", rows, rows)
    each, found = np.arange(len(nearest)), np.empty((len(nearest), n), dtype=np.intp)
    for place in range(n):
        drawn = _drawn(nearest * weights, candidates, rng)
        closer = np.minimum(_squared(rows, norms, rows[drawn], norms[drawn]), nearest[:, None, :])
        left = closer @ weights
        best = np.argmax(left <= left.min(axis=1, keepdims=True) * (1 + _AS_GOOD), axis=1)
        found[:, place] = drawn[each, best]
        nearest = closer[each, best]
    return found


def _drawn(chances: Matrix, n: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw `n` positions from each line of `chances`, shape (n_starts, n_rows)."""
    cumulative = np.cumsum(chances, axis=1)
    points = rng.random((len(chances), n)) * cumulative[:, -1:]
    found = [np.searchsorted(line, point, side="right") for line, point in zip(cumulative, points, strict=True)]
    drawn: NDArray[np.intp] = np.minimum(np.array(found), chances.shape[1] - 1)
    return drawn


def _squared(rows: Matrix, norms: Matrix, centres: Matrix, centre_norms: Matrix) -> Matrix:
    """Return squared distances from every centre to all rows, shape (*centre_norms.shape, n_rows)."""
    lengths = centre_norms[..., None] + norms
    squared = lengths - 2.0 * (centres @ rows.T)
    squared[squared < _NO_DISTANCE * lengths] = 0.0
    return squared
