"""Where may groups lie? Several first guesses, in the columns and in the directions with the most unusual tails."""

from collections.abc import Iterator

import numpy as np

from segmenter.measures.shared_covariance import climb, second_moments
from segmenter.typing import FloatArray, IntArray

# Guesses are made on so many rows, from so many starts in each space, by so many steps and rounds.
_ROWS, _EACH, _STEPS, _ROUNDS = 1_000, 5, 6, 12
# The likeliest so many guesses are proposed; a space has so many directions of either kind.
_PROPOSED, _DIRECTIONS = 2, 3


class Starts:
    """Proposes groups on a sample of the rows."""

    def __init__(self, X: FloatArray, random: np.random.Generator) -> None:
        self.X, self.random = X, random
        self.sample = X[:_ROWS]
        self.spaces = [np.eye(X.shape[1])]
        if X.shape[1] > 1:
            self.spaces.append(unusual_directions(X, _DIRECTIONS))
        self.moments = second_moments(self.sample, np.ones((len(self.sample), 1)))

    def proposed(self, k: int) -> Iterator[FloatArray]:
        """Yield first guesses of memberships, shape (n, 1, k), the likeliest first."""
        guesses = []
        for space in self.spaces:
            projected = self.sample @ space
            labels, _ = batched_k_means(projected, k, starts=_EACH, steps=_STEPS, random=self.random)
            guesses.append(np.eye(k)[labels].transpose(1, 0, 2))
        memberships = np.concatenate(guesses, axis=1)
        starts = memberships.shape[1]
        weights = np.ones((len(self.sample), starts))
        mixture, _ = climb(
            self.sample, weights, memberships, rounds=_ROUNDS, moments=np.repeat(self.moments, starts, axis=0)
        )
        best = np.argsort(-mixture.fit, kind="stable")
        for place in best[:_PROPOSED]:
            odds = mixture.chosen(int(place)).log_odds(self.X)
            odds -= odds.max(axis=2, keepdims=True)
            found = np.exp(odds)
            yield found / found.sum(axis=2, keepdims=True)


def unusual_directions(X: FloatArray, count: int) -> FloatArray:
    """Return the directions with the least and the most kurtosis, shape (p, at most 2 × count).

    Groups of like size make a direction's tails short, small groups make them long, and noise does neither:
    invariant coordinates (Tyler, Critchley, Dümbgen & Oja 2009). The rows' projections have variance 1.
    """
    p = X.shape[1]
    values, axes = np.linalg.eigh(X.T @ X / len(X) + 1e-3 * np.eye(p))
    whitener = axes / np.sqrt(values)
    Z = X @ whitener
    far = (Z**2).sum(axis=1)
    _, turns = np.linalg.eigh((Z * far[:, None]).T @ Z / len(X))
    chosen = np.unique(np.r_[np.arange(min(count, p)), np.arange(max(0, p - count), p)])
    return whitener @ turns[:, chosen]


def batched_k_means(
    X: FloatArray, k: int, *, starts: int, steps: int, random: np.random.Generator
) -> tuple[IntArray, FloatArray]:
    """Run K-Means from several k-means++ starts side by side, for so many steps.

    Returns
    -------
    The labels, shape (starts, n), and the centres that gave them, shape (starts, k, p).
    """
    n, p = X.shape
    norms = (X**2).sum(axis=1)
    each = np.arange(starts)
    centres = np.empty((starts, k, p))
    centres[:, 0] = X[random.integers(0, n, starts)]
    nearest = np.full((starts, n), np.inf)
    for place in range(1, k):
        last = centres[:, place - 1]
        squared = norms - 2 * last @ X.T + (last**2).sum(axis=1)[:, None]
        np.minimum(nearest, np.maximum(squared, 0), out=nearest)
        cumulative = nearest.cumsum(axis=1)
        points = random.random(starts) * cumulative[:, -1]
        found = np.minimum((cumulative < points[:, None]).sum(axis=1), n - 1)
        centres[:, place] = X[found]
    labels = np.zeros((starts, n), dtype=np.intp)
    for step in range(steps):
        flat = centres.reshape(starts * k, p)
        squared = (flat**2).sum(axis=1)[:, None] - 2 * flat @ X.T
        labels = squared.reshape(starts, k, n).argmin(axis=1)
        if step == steps - 1:
            break
        code = labels + each[:, None] * k
        sizes = np.bincount(code.ravel(), minlength=starts * k)
        member = np.zeros((starts * k, n))
        member[code, np.arange(n)] = 1.0
        sums = member @ X
        flat = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], flat)
        centres = flat.reshape(starts, k, p)
    return labels, centres
