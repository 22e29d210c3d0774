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
            labels, _ = batched_k_means(projected[None], k, starts=_EACH, steps=_STEPS, random=self.random)
            guesses.append(np.eye(k)[labels[0]].transpose(1, 0, 2))
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
    """Run K-Means on several samples side by side, from several k-means++ starts each, for so many steps.

    Parameters
    ----------
    X
        Shape (samples, n, p).

    Returns
    -------
    The labels, shape (samples, starts, n), and the centres that gave them, shape (samples, starts, k, p).
    """
    samples, n, p = X.shape
    norms = (X**2).sum(axis=2)[:, None, :]
    columns = X.transpose(0, 2, 1)[:, None]
    each = np.arange(samples)[:, None]
    centres = np.empty((samples, starts, k, p))
    centres[:, :, 0] = X[each, random.integers(0, n, (samples, starts))]
    nearest = np.full((samples, starts, n), np.inf)
    for place in range(1, k):
        last = centres[:, :, place - 1]
        squared = norms - 2 * last @ columns[:, 0] + (last**2).sum(axis=2)[:, :, None]
        np.minimum(nearest, np.maximum(squared, 0), out=nearest)
        cumulative = nearest.cumsum(axis=2)
        points = random.random((samples, starts)) * cumulative[:, :, -1]
        found = np.minimum((cumulative < points[:, :, None]).sum(axis=2), n - 1)
        centres[:, :, place] = X[each, found]
    rows = X[:, None]
    labels = np.zeros((samples, starts, n), dtype=np.intp)
    for step in range(steps):
        distances = (centres**2).sum(axis=3)[:, :, :, None] - 2 * centres @ columns
        labels = distances.argmin(axis=2)
        if step == steps - 1:
            break
        member = (labels[:, :, None, :] == np.arange(k)[:, None]).astype(np.float64)
        sizes = member.sum(axis=3)[:, :, :, None]
        centres = np.where(sizes > 0, member @ rows / np.maximum(sizes, 1), centres)
    return labels, centres


def best_centres(X: FloatArray, k: int, *, starts: int, steps: int, random: np.random.Generator) -> FloatArray:
    """Return the centres of the best start of K-Means on each of several samples, shape (samples, k, p)."""
    labels, centres = batched_k_means(X, k, starts=starts, steps=steps, random=random)
    samples = np.arange(len(X))
    own = centres[samples[:, None, None], np.arange(starts)[:, None], labels]
    wcss = ((X[:, None] - own) ** 2).sum(axis=(2, 3))
    return np.asarray(centres[samples, wcss.argmin(axis=1)])
