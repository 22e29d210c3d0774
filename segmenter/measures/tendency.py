"""Clustering tendency: the Hopkins statistic, a picture of all distances (VAT), and the gap statistic."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from segmenter.progress import Progress, silent
from segmenter.threads import n_threads, shared
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


WcssPerK = Callable[[FloatArray, np.random.Generator], FloatArray]
"""(rows, random) to the within-cluster sum of squares for each number of segments in turn."""

# Below this, a second thread costs more than it computes.
_ROWS_FOR_THREADS = 1_000
# Between them lies a factor e^46: no real data, only rounding left over where every row has its own centre.
_SMALLEST = 1e-20


@dataclass(frozen=True, eq=False)
class Gap:
    """The gap statistic for each number of segments.

    Attributes
    ----------
    gap
        Shape (n_ks,): how much smaller log WCSS is than in the reference data, on average.
    standard_error
        Shape (n_ks,): sd over the references times √(1 + 1/B).
    """

    gap: FloatArray
    standard_error: FloatArray


def measure_gap(
    X: FloatArray, wcss_per_k: WcssPerK, *, n_references: int, seed: int, progress: Progress = silent
) -> Gap:
    """Return Gap(k) = E*[log W*_k] − log W_k (Tibshirani, Walther & Hastie 2001), squared distances.

    References are uniform in the box of the data turned to its principal axes; the standard deviation over
    them divides by B − 1.
    """
    own, *others = np.random.default_rng(seed).spawn(n_references + 1)
    observed = np.log(np.maximum(wcss_per_k(X, own), _SMALLEST))

    def reference(random: np.random.Generator) -> FloatArray:
        return np.log(np.maximum(wcss_per_k(uniform_reference(X, random), random), _SMALLEST))

    logs = []
    for each in shared(reference, others, n_threads() if len(X) >= _ROWS_FOR_THREADS else 1):
        logs.append(each)
        progress(len(logs) / n_references, "Comparing with data that has no segments")
    return gap_of(observed, np.array(logs))


def gap_of(observed: FloatArray, references: FloatArray) -> Gap:
    """Return the gap from log WCSS of the data, shape (n_ks,), and of the references, (n_references, n_ks)."""
    spread = references.std(axis=0, ddof=1) * np.sqrt(1.0 + 1.0 / len(references))
    return Gap(references.mean(axis=0) - observed, spread)


def uniform_reference(X: FloatArray, random: np.random.Generator) -> FloatArray:
    """Return as many rows, uniform in the box of `X` turned to its principal axes."""
    mean = X.mean(axis=0)
    axes = np.linalg.svd(X - mean, full_matrices=False)[2]
    turned = (X - mean) @ axes.T
    drawn = random.uniform(turned.min(axis=0), turned.max(axis=0), (len(X), len(axes)))
    rows: FloatArray = drawn @ axes + mean
    return rows
