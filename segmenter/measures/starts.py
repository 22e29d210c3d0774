"""Where may groups lie? Several first guesses, in the columns and in the directions with the most unusual tails."""

from collections.abc import Iterator

import numpy as np

from segmenter.measures.vee_mixture import climb, second_moments
from segmenter.typing import FloatArray, IntArray

# Guesses are made on so many rows, from so many starts in each space, by so many steps and rounds.
_ROWS, _EACH, _STEPS, _ROUNDS = 1_000, 5, 5, 12
# The likeliest so many guesses are proposed; a space has so many directions of either kind.
_PROPOSED, _DIRECTIONS = 2, 3
# A start that leaves so much less of the sum of squares has found groups that others have missed.
PLAINLY_BETTER = 0.95


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
            centres, _ = k_means_starts(projected, k, starts=_EACH, steps=_STEPS, random=self.random)
            labels = [nearest_centre(projected, each) for each in centres]
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


def k_means_starts(
    X: FloatArray, k: int, *, starts: int, steps: int, random: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return the centres of several starts of K-Means from k-means++, shape (starts, k, p), and their sums of squares.

    Parameters
    ----------
    X
        Shape (n, p).
    steps
        How often the centres move at most.
    """
    # Numba is imported with the first loop.
    from segmenter.lloyd import begin_starts

    centres, left = np.empty((starts, k, X.shape[1])), np.empty(starts)
    first, uniforms = random.integers(0, len(X), starts), random.random((starts, k - 1, 1))
    begin_starts(np.ascontiguousarray(X), np.ones(len(X)), first, uniforms, steps, centres, left)
    return centres, left


def best_centres(
    X: FloatArray, k: int, *, starts: int, steps: int, random: np.random.Generator, rival: FloatArray | None = None
) -> FloatArray:
    """Return the centres of the best of several starts of K-Means, shape (k, p).

    Parameters
    ----------
    X
        Shape (n, p).
    rival
        Centres of other rows, shape (k, p). A start from them is taken only where it is PLAINLY_BETTER: it shows
        groups that the few starts have missed, and is no hint of which of several nearly equal ends to take.
    """
    # Numba is imported with the first loop.
    from segmenter.lloyd import lloyd_steps

    centres, left = k_means_starts(X, k, starts=starts, steps=steps, random=random)
    if rival is not None:
        moved = np.array(rival, order="C")
        missed, _ = lloyd_steps(
            np.ascontiguousarray(X), np.ones(len(X)), moved, steps, np.empty(len(X), np.int64), np.empty(len(X))
        )
        if missed < PLAINLY_BETTER * left.min():
            return moved
    return np.asarray(centres[left.argmin()])


def nearest_centre(X: FloatArray, centres: FloatArray) -> IntArray:
    """Return the number of each row's nearest centre."""
    return np.asarray(((centres**2).sum(axis=1)[:, None] - 2 * centres @ X.T).argmin(axis=0))
