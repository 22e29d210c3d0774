"""Separation of segments: WCSS, Calinski-Harabasz, Davies-Bouldin."""

import numpy as np

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
