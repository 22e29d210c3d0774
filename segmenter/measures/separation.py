"""How well segments are separated: sums of squares, indices, silhouettes at any size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter import config
from segmenter.progress import Progress, silent
from segmenter.threads import n_threads, shared
from segmenter.typing import FloatArray, IntArray


def centres_of(
    X: FloatArray, labels: IntArray, weights: FloatArray | None = None
) -> tuple[FloatArray, IntArray | FloatArray]:
    """Return the mean of each segment, shape (k, p), and the sizes, shape (k,); labels are 0 … k-1.

    With `weights`, shape (n,), means are weighted, and sizes are sums of weights; so in every score below.
    """
    if weights is None:
        sizes = np.bincount(labels)
        sums = np.column_stack([np.bincount(labels, weights=column) for column in X.T])
        return sums / np.maximum(sizes, 1)[:, None], sizes
    counted = np.bincount(labels, weights)
    sums = np.column_stack([np.bincount(labels, weights=column * weights) for column in X.T])
    return sums / np.where(counted > 0, counted, 1.0)[:, None], counted


def within_sum_of_squares(X: FloatArray, labels: IntArray, weights: FloatArray | None = None) -> float:
    """Return the sum of squared distances to the own segment's mean (WCSS, inertia)."""
    labels = _numbered(labels)
    centres, _ = centres_of(X, labels, weights)
    return _summed_squares(X - centres[labels], weights)


def calinski_harabasz(X: FloatArray, labels: IntArray, weights: FloatArray | None = None) -> float:
    """Return [B/(k−1)] / [W/(n−k)], higher is better (Caliński & Harabasz 1974); 2 ≤ k < n."""
    labels = _numbered(labels)
    centres, sizes = centres_of(X, labels, weights)
    within = _summed_squares(X - centres[labels], weights)
    between = float((sizes * ((centres - np.average(X, axis=0, weights=weights)) ** 2).sum(axis=1)).sum())
    n, k = float(sizes.sum()), len(sizes)
    # All customers on their centre: the ratio is unbounded, and 1 is what scikit-learn agrees to show.
    return 1.0 if within == 0 else (between / (k - 1)) / (within / (n - k))


def davies_bouldin(X: FloatArray, labels: IntArray, weights: FloatArray | None = None) -> float:
    """Return the mean over segments of the worst (S_r + S_s) / M_rs, lower is better.

    S_r is the mean distance to the centre and M_rs the distance of two centres (Davies & Bouldin 1979, q = 1).
    """
    labels = _numbered(labels)
    centres, sizes = centres_of(X, labels, weights)
    away = np.sqrt(((X - centres[labels]) ** 2).sum(axis=1))
    spread = np.bincount(labels, weights=away if weights is None else away * weights) / sizes
    apart = np.sqrt(((centres[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    with np.errstate(divide="ignore"):
        ratio = (spread[:, None] + spread[None, :]) / apart
    np.fill_diagonal(ratio, 0.0)
    return float(ratio.max(axis=1).mean())


def _summed_squares(away: FloatArray, weights: FloatArray | None) -> float:
    return float((away**2).sum()) if weights is None else float(((away**2).sum(axis=1) * weights).sum())


def _numbered(labels: IntArray) -> IntArray:
    return np.unique(labels, return_inverse=True)[1]


# Rows of a square block of distances: 2 MB in float32, what one core keeps at hand.
BLOCK_ROWS = 1_000
# Beyond this a float32 could not hold the squares of some hundred columns.
_FAR = 1e15
# Few rows are not worth a second thread.
_ROWS_PER_THREAD = 2_000


@dataclass(frozen=True)
class SilhouetteWidth:
    """Mean silhouette of a solution.

    Attributes
    ----------
    standard_error
        Of `mean`, when it comes from a sample; 0 when every customer was measured.
    n_rows
        Customers measured.
    per_segment
        Mean silhouette by label.
    """

    mean: float
    standard_error: float
    n_rows: int
    per_segment: Mapping[int, float]


def measure_silhouette(
    X: FloatArray, labels: IntArray, *, weights: FloatArray | None = None, progress: Progress = silent
) -> SilhouetteWidth:
    """Return the silhouette of one solution, shape of `X` (n, p), labels ≥ 0; see `measure_silhouettes`."""
    return measure_silhouettes(X, [labels], weights=weights, progress=progress)[0]


def measure_silhouettes(
    X: FloatArray,
    solutions: Sequence[IntArray],
    *,
    seed: int = 0,
    weights: FloatArray | None = None,
    progress: Progress = silent,
) -> list[SilhouetteWidth]:
    """Return the mean silhouette of several solutions of the same customers.

    Exact up to `config.SILHOUETTE_EXACT_ROWS` customers. Above, each solution's own customers are sampled
    in proportion to its segments, at least two of each, and measured among themselves.

    With `weights`, shape (n,), every mean, of distances and of silhouettes, is weighted.
    """
    if len(X) <= config.SILHOUETTE_EXACT_ROWS:
        widths = silhouette_samples(X, solutions, weights=weights, progress=progress)
        return [
            _summed(each, labels, np.bincount(labels), weights) for each, labels in zip(widths, solutions, strict=True)
        ]
    found = []
    for number, labels in enumerate(solutions):
        rows = _stratified(labels, config.SILHOUETTE_SAMPLE_ROWS, np.random.default_rng(seed))
        some = None if weights is None else weights[rows]
        width = silhouette_samples(X[rows], [labels[rows]], weights=some)[0]
        found.append(_summed(width, labels[rows], np.bincount(labels, weights), some))
        progress((number + 1) / len(solutions), "Silhouettes of a sample")
    return found


def silhouette_samples(
    X: FloatArray,
    solutions: Sequence[IntArray],
    *,
    weights: FloatArray | None = None,
    progress: Progress = silent,
) -> list[FloatArray]:
    """Return each customer's silhouette in each solution (Rousseeuw 1987), arrays of shape (n,).

    s = (b − a) / max(a, b), a the mean distance to the own segment's other customers, b the smallest mean
    distance to another segment; 0 where a customer is alone. One pass over the distances serves all
    solutions: a block of distances times an indicator matrix gives every segment's sum at once. With `weights`,
    shape (n,), a and b are weighted means.
    """
    n = len(X)
    numbered = [np.unique(labels, return_inverse=True)[1] for labels in solutions]
    sizes = [np.bincount(labels) for labels in numbered]
    columns = np.concatenate([[0], np.cumsum([len(each) for each in sizes])])
    members = np.zeros((n, int(columns[-1])), dtype=np.float32)
    for labels, first in zip(numbered, columns[:-1], strict=True):
        members[np.arange(n), first + labels] = 1.0 if weights is None else weights
    sums = _summed_distances(X, members, progress)
    parts = np.split(sums, columns[1:-1], axis=1)
    return [_widths(*each, weights) for each in zip(parts, numbered, sizes, strict=True)]


def _summed_distances(X: FloatArray, members: NDArray[np.float32], progress: Progress) -> FloatArray:
    """Return the sum of distances from each row to the rows of each segment, shape (n, n_segments)."""
    n_shares = max(1, min(n_threads(), len(X) // _ROWS_PER_THREAD))
    distances = _Distances(X)
    starts = range(0, len(X), BLOCK_ROWS)

    def share(number: int) -> FloatArray:
        sums = np.zeros(members.shape)
        for place in range(number, len(starts), n_shares):
            if number == 0:
                progress(place * (2 - place / len(starts)) / len(starts), "Silhouettes")
            _add_strip(sums, distances, members, starts[place:])
        return sums

    total: FloatArray = np.sum(list(shared(share, range(n_shares), n_shares)), axis=0)
    return total


def _add_strip(sums: FloatArray, distances: "_Distances", members: NDArray[np.float32], starts: range) -> None:
    """Add the distances between the first block of rows and itself and all later ones, both ways."""
    own = slice(starts[0], starts[0] + BLOCK_ROWS)
    for start in starts:
        other = slice(start, start + BLOCK_ROWS)
        block = distances.between(own, other)
        sums[own] += block @ members[other]
        if start > own.start:
            sums[other] += block.T @ members[own]


class _Distances:
    """Euclidean distances between blocks of rows."""

    def __init__(self, X: FloatArray) -> None:
        centred = X - X.mean(axis=0)  # keeps |x|² + |y|² − 2xy from cancelling far from the origin
        largest = np.abs(centred).max(initial=0.0)
        if largest > _FAR:
            # A width is a ratio of distances; a power of two changes no digit of it.
            centred = np.ldexp(centred, -int(np.log2(largest)))
        squares = (centred**2).sum(axis=1)
        ones = np.ones(len(X))
        self._left = np.column_stack([-2 * centred, squares, ones])
        self._right = np.ascontiguousarray(np.column_stack([centred, ones, squares]).T)

    def between(self, rows: slice, others: slice) -> NDArray[np.float32]:
        """Return distances with seven digits, from squares that were computed with sixteen."""
        squared = self._left[rows] @ self._right[:, others]
        if rows == others:
            np.fill_diagonal(squared, 0.0)
        distances: NDArray[np.float32] = np.maximum(squared, 0.0, out=squared).astype(np.float32)
        np.sqrt(distances, out=distances)
        return distances


def _widths(sums: FloatArray, labels: IntArray, sizes: IntArray, weights: FloatArray | None) -> FloatArray:
    position = np.arange(len(labels))
    own = sizes[labels]
    if weights is None:
        a = sums[position, labels] / np.maximum(own - 1, 1)
        others = sums / sizes
    else:
        counted = np.bincount(labels, weights)
        a = sums[position, labels] / np.where(own > 1, counted[labels] - weights, 1.0)
        others = sums / counted
    others[position, labels] = np.inf
    b = others.min(axis=1)
    larger = np.maximum(a, b)
    with np.errstate(invalid="ignore"):
        width = np.where(larger > 0, (b - a) / larger, 0.0)
    return np.where(own > 1, width, 0.0)


def _summed(
    width: FloatArray, labels: IntArray, sizes: IntArray | FloatArray, weights: FloatArray | None = None
) -> SilhouetteWidth:
    """Weigh each segment's mean by its share of all customers; the sample is stratified by segment."""
    present = np.unique(labels)
    groups = [width[labels == label] for label in present]
    sampled = len(labels) < round(float(sizes.sum()))
    if weights is None:
        means = np.array([group.mean() for group in groups])
    else:
        sizes = sizes if sampled else np.bincount(labels, weights)
        means = np.array([np.average(width[labels == label], weights=weights[labels == label]) for label in present])
    shares = sizes[present] / sizes[present].sum()
    variances = [group.var(ddof=1) / len(group) if len(group) > 1 else 0.0 for group in groups]
    error = float(np.sqrt((shares**2 * variances).sum())) if sampled else 0.0
    per_segment = {int(label): float(mean) for label, mean in zip(present, means, strict=True)}
    return SilhouetteWidth(float((shares * means).sum()), error, len(labels), per_segment)


def _stratified(labels: IntArray, n_rows: int, random: np.random.Generator) -> IntArray:
    sizes = np.bincount(labels)
    wanted = np.maximum(np.round(n_rows * sizes / len(labels)).astype(int), 2)
    picked = [
        random.choice(members, min(count, len(members)), replace=False)
        for label, count in enumerate(wanted)
        if len(members := np.flatnonzero(labels == label))
    ]
    return np.sort(np.concatenate(picked))
