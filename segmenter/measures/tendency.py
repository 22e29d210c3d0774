"""Clustering tendency: the Hopkins statistic and a picture of all distances (VAT). Neither is a verdict."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from segmenter.progress import Progress, silent
from segmenter.typing import FloatArray

# So many customers make a picture that a screen can show.
VAT_ROWS = 300
# Hopkins' statistic scatters: the mean of so many draws is shown.
_DRAWS = 50
_MOST_DRAWN = 200
FEWEST_ROWS = 20


@dataclass(frozen=True, eq=False)
class Tendency:
    """Whether rows look other than spread evenly; a single crowd does as well.

    Attributes
    ----------
    hopkins
        0.5 for evenly spread rows, near 1 for rows in heaps, of which there may be one.
    spread
        Its standard deviation over the draws.
    n_drawn
        Rows in each draw.
    distances
        Shape (m, m): of a sample of rows, ordered so that near ones stand together; dark blocks on the diagonal are
        heaps (Bezdek & Hathaway 2002).
    """

    hopkins: float
    spread: float
    n_drawn: int
    distances: FloatArray


def measure_tendency(X: FloatArray, *, seed: int = 0, progress: Progress = silent) -> Tendency:
    """Return the mean Hopkins statistic of several draws, and the ordered distances of a sample.

    Parameters
    ----------
    X
        Shape (n, p), n ≥ 20, in an order of which evenly spaced rows are a sample.
    """
    n_drawn = int(np.clip(len(X) // 10, 2, _MOST_DRAWN))
    random = np.random.default_rng(seed)
    values = []
    for number in range(_DRAWS):
        progress(number / _DRAWS, "Comparing with evenly spread customers")
        values.append(hopkins(X, n_drawn, random))
    shown = min(len(X), VAT_ROWS)
    sample = X[((np.arange(shown) + 0.5) * (len(X) / shown)).astype(np.intp)]
    return Tendency(float(np.mean(values)), float(np.std(values, ddof=1)), n_drawn, vat(sample))


def hopkins(X: FloatArray, n_drawn: int, random: np.random.Generator) -> float:
    """Return H = Σu^p / (Σu^p + Σw^p) of one draw (Hopkins & Skellam 1954, with the exponent of Wright 2022).

    u are the distances of evenly spread points in the box of the data to the nearest row, w those of drawn rows to
    their nearest other row, p the number of columns that vary.
    """
    varies = np.ptp(X, axis=0) > 0
    X = X[:, varies]
    width = X.shape[1]
    if not width:
        return 0.5
    tree = cKDTree(X)
    points = random.uniform(X.min(axis=0), X.max(axis=0), (n_drawn, width))
    drawn = X[random.choice(len(X), n_drawn, replace=False)]
    u = tree.query(points)[0]
    w = tree.query(drawn, k=2)[0][:, 1]
    largest = max(float(u.max()), float(w.max()))
    if largest == 0:
        return 0.5
    # Powers of many columns would leave the range of numbers; a common factor changes nothing.
    evenly, own = ((u / largest) ** width).sum(), ((w / largest) ** width).sum()
    return float(evenly / (evenly + own))


def vat(X: FloatArray) -> FloatArray:
    """Return the distances of all rows, ordered as Prim's minimum spanning tree meets them, shape (n, n)."""
    distances = cdist(X, X)
    n = len(X)
    first = int(np.unravel_index(distances.argmax(), distances.shape)[0])
    order = [first]
    nearest = distances[first].copy()
    nearest[first] = np.inf
    taken = np.zeros(n, dtype=bool)
    taken[first] = True
    for _ in range(n - 1):
        following = int(np.where(taken, np.inf, nearest).argmin())
        order.append(following)
        taken[following] = True
        nearest = np.minimum(nearest, distances[following])
    ordered: FloatArray = distances[np.ix_(order, order)]
    return ordered
