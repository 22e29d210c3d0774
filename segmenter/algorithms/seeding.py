"""Where do K-Means' centres start?"""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def spread_starts(rows: Matrix, weights: Matrix, k: int, n_starts: int, rng: np.random.Generator) -> Matrix:
    """Return several starts of greedy k-means++, drawn side by side.

    Every next centre is the best of a few candidates, drawn with a probability proportional to the squared
    distance to the centres there are (Arthur & Vassilvitskii 2007, the greedy variant of its section 6).

    Returns
    -------
    Matrix
        Shape (n_starts, k, n_features).
    """
    norms = np.einsum("ij,ij->i", rows, rows)
    candidates = 2 + int(np.log(k))
    first = _drawn(np.broadcast_to(weights, (n_starts, len(rows))), 1, rng)
    chosen = [first[:, 0]]
    nearest = _squared(rows, norms, first)[:, 0]
    for _ in range(k - 1):
        drawn = _drawn(nearest * weights, candidates, rng)
        closer = np.minimum(_squared(rows, norms, drawn), nearest[:, None, :])
        best = np.argmin(closer @ weights, axis=1)
        each = np.arange(n_starts)
        chosen.append(drawn[each, best])
        nearest = closer[each, best]
    return rows[np.stack(chosen, axis=1)]


def _drawn(chances: Matrix, n: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw `n` positions from each line of `chances`, shape (n_starts, n_rows)."""
    cumulative = np.cumsum(chances, axis=1)
    points = rng.random((len(chances), n)) * cumulative[:, -1:]
    found = [np.searchsorted(line, point, side="right") for line, point in zip(cumulative, points, strict=True)]
    drawn: NDArray[np.intp] = np.minimum(np.array(found), chances.shape[1] - 1)
    return drawn


def _squared(rows: Matrix, norms: Matrix, chosen: NDArray[np.intp]) -> Matrix:
    """Return squared distances from every chosen row to all rows, shape (*chosen.shape, n_rows)."""
    products = rows[chosen] @ rows.T
    return np.maximum(norms[chosen][..., None] + norms - 2.0 * products, 0.0)
