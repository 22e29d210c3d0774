"""Mixtures that share their shape, those whose density falls towards the border, and where their groups may lie."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from segmenter.progress import Progress, silent
from segmenter.typing import FloatArray, IntArray

# In units of the whole data's variance along an axis: no cloud may shrink below this, because its likelihood
# would grow without end.
SMALLEST_VARIANCE = 1e-3
# Groups show along the few axes with the most variance; more would cost time and bury them in noise.
MOST_AXES = 10
# Every cloud counts so many further rows of the usual width: else a lone far customer is a perfect group.
PRIOR_ROWS = 2.0
_FLAT = 1e-9
# Log-likelihood per row that a further step must gain; the scores compared differ by far more.
WORTH_A_STEP = 1e-6
MOST_STEPS = 50
# Of all pairs of neighbouring clouds, so many are tried as one.
_MERGES_TRIED = 2
_TINY = 1e-300


@dataclass(frozen=True)
class MixtureScore:
    """How well a number of clouds fits; higher is better.

    Attributes
    ----------
    bic
        2 log L − m ln n: explains the rows, with few parameters.
    icl
        The same less twice the entropy of the membership: also keeps the clouds apart (Biernacki, Celeux &
        Govaert 2000).
    certainty
        Mean probability that a row has of belonging to its likeliest cloud, 0-1.
    """

    bic: float
    icl: float
    certainty: float


@dataclass(frozen=True, eq=False)
class _Fit:
    log_likelihood: float
    membership: FloatArray


@dataclass(frozen=True, eq=False)
class _Components:
    """Parameters of a mixture: cloud k has covariance `widths[k]` × a shape that all share.

    `whitener` turns rows so that the shared shape is a ball; `volume` is its log-determinant.
    """

    sizes: FloatArray
    centres: FloatArray
    widths: FloatArray
    whitener: FloatArray
    volume: float


def mixture_path(
    X: FloatArray, starts: Mapping[int, IntArray], *, progress: Progress = silent
) -> dict[int, MixtureScore]:
    """Score a Gaussian mixture for each number of clouds.

    All clouds share one shape and direction and each has its own width ("VEE" in Celeux & Govaert 1995),
    which is what segments of different spread become when columns are scaled or correlated. Each number is
    started from the given labels and from the next larger mixture with two clouds merged; the better counts.

    Parameters
    ----------
    X
        Shape (n, p).
    starts
        Per number of clouds, a first label 0 … k-1 for each row.
    """
    rows = _whitened(X)
    scores: dict[int, MixtureScore] = {}
    larger: FloatArray | None = None
    for done, k in enumerate(sorted(starts, reverse=True)):
        progress(done / len(starts), "Looking for separate groups")
        fits = [_fit(rows, start) for start in (np.eye(k)[starts[k]], *_merged(rows, larger, k))]
        best = max(fits, key=lambda fit: fit.log_likelihood)
        scores[k], larger = _score(rows, best, k), best.membership
    return scores


def _whitened(X: FloatArray) -> FloatArray:
    """Return the rows along their main axes, each with variance 1; the clouds may have any shape anyway."""
    centred = X - X.mean(axis=0)
    left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    kept = lengths[:MOST_AXES] > _FLAT * lengths[0]
    axes: FloatArray = left[:, :MOST_AXES][:, kept] * np.sqrt(len(X))
    return axes


def _fit(rows: FloatArray, membership: FloatArray) -> _Fit:
    """Climb to the nearest maximum of the likelihood (expectation-maximisation)."""
    # Numba is imported with the first loop.
    from segmenter.measures.loops import own_width_rounds

    found = np.array(membership.T, order="C")
    columns = np.ascontiguousarray(rows.T)
    whole = np.empty(len(rows))
    limits = (MOST_STEPS, WORTH_A_STEP, PRIOR_ROWS, SMALLEST_VARIANCE)
    likelihood = own_width_rounds(columns, found, *limits, whole, whole.view(np.int64))
    return _Fit(likelihood, found.T)


def _components(rows: FloatArray, membership: FloatArray, shape: FloatArray) -> tuple[_Components, FloatArray]:
    """Return the clouds that explain the memberships best, widths before the shape that they share."""
    sizes = membership.sum(axis=0) + 1e-10
    centres = membership.T @ rows / sizes[:, None]
    widths = _widths(rows, membership, sizes, centres, _whitener(shape)[0])
    weighted = (membership / widths).sum(axis=1)
    scatter = rows.T @ (rows * weighted[:, None]) - (centres.T * (sizes / widths)) @ centres
    shape = scatter / len(rows) + SMALLEST_VARIANCE * np.eye(rows.shape[1]) / widths.max()
    whitener, volume = _whitener(shape)
    return _Components(sizes, centres, widths, whitener, volume), shape


def _widths(
    rows: FloatArray, membership: FloatArray, sizes: FloatArray, centres: FloatArray, whitener: FloatArray
) -> FloatArray:
    turned, middles = rows @ whitener, centres @ whitener
    total = membership.T @ (turned**2).sum(axis=1) - sizes * (middles**2).sum(axis=1)
    p = rows.shape[1]
    usual = total.sum() / (p * sizes.sum())
    widths = (total + PRIOR_ROWS * p * usual) / (p * (sizes + PRIOR_ROWS))
    floored: FloatArray = np.maximum(widths, SMALLEST_VARIANCE)
    return floored


def _whitener(shape: FloatArray) -> tuple[FloatArray, float]:
    """Return the matrix that turns a shape into a ball, and the shape's log-determinant."""
    variances, axes = np.linalg.eigh(shape)
    variances = np.maximum(variances, _FLAT)
    return axes / np.sqrt(variances), float(np.log(variances).sum())


def _merged(rows: FloatArray, larger: FloatArray | None, k: int) -> Iterator[FloatArray]:
    """Yield the larger mixture's memberships with the two clouds merged that lose least by it."""
    if larger is None or larger.shape[1] != k + 1:
        return
    clouds, _ = _components(rows, larger, np.eye(rows.shape[1]))
    turned = rows @ clouds.whitener
    sizes, sums = larger.sum(axis=0) + 1e-10, larger.T @ turned
    squares = larger.T @ (turned**2).sum(axis=1)
    first, second = np.triu_indices(k + 1, 1)
    alone = _cost(sizes, sums, squares)
    both = _cost(*(each[first] + each[second] for each in (sizes, sums, squares)))
    loss = both - alone[first] - alone[second]
    for pair in np.argsort(loss)[:_MERGES_TRIED]:
        merged = np.delete(larger, second[pair], axis=1)
        merged[:, first[pair]] += larger[:, second[pair]]
        yield merged


def _cost(sizes: FloatArray, sums: FloatArray, squares: FloatArray) -> FloatArray:
    """Return each cloud's part of minus the log-likelihood when it is a ball."""
    p = sums.shape[1]
    variance = np.maximum(squares - (sums**2).sum(axis=1) / sizes, 0.0) / (p * sizes)
    costs: FloatArray = sizes * (0.5 * p * np.log(variance + SMALLEST_VARIANCE) - np.log(sizes))
    return costs


def _score(rows: FloatArray, fit: _Fit, k: int) -> MixtureScore:
    n, p = rows.shape
    # Centres, shares, widths, and the shape, whose size the widths already say.
    parameters = k * p + (k - 1) + k + p * (p + 1) // 2 - 1
    bic = 2 * fit.log_likelihood - parameters * np.log(n)
    entropy = -float((fit.membership * np.log(fit.membership + _TINY)).sum())
    return MixtureScore(bic, bic - 2 * entropy, float(fit.membership.max(axis=1).mean()))


# In units of a standardised column's variance: no direction of the shape may be thinner.
THINNEST = 1e-3
# Mean log-likelihood per row that a further round must gain.
WORTH_A_ROUND = 1e-5
# A group of fewer rows than this is kept from dividing by nothing.
_FEWEST = 1e-6


@dataclass(frozen=True, eq=False)
class SharedShape:
    """Several mixtures of k normal groups each, side by side; all groups of one mixture have one covariance.

    A row's log-odds of two groups are linear in the row, so a border is a plane: Fisher's discriminant.

    Attributes
    ----------
    shares, centres, covariance
        Shapes (mixtures, k), (mixtures, k, p) and (mixtures, p, p).
    slopes, offsets
        Shapes (mixtures, p, k) and (mixtures, k): a row x belongs to group g with a log-probability of
        `x @ slopes[:, g] + offsets[g]`, up to a constant of the row.
    fit
        Shape (mixtures,), the mean log-likelihood per row up to a constant of the rows.
    """

    shares: FloatArray
    centres: FloatArray
    covariance: FloatArray
    slopes: FloatArray
    offsets: FloatArray
    fit: FloatArray

    def log_odds(self, X: FloatArray) -> FloatArray:
        """Return every row's log-probabilities up to a constant of the row, shape (n, mixtures, k)."""
        mixtures, p, k = self.slopes.shape
        flat = np.ascontiguousarray(self.slopes.transpose(1, 0, 2)).reshape(p, mixtures * k)
        found = (X @ flat).reshape(len(X), mixtures, k)
        found += self.offsets
        return found

    def chosen(self, mixture: int) -> "SharedShape":
        """Return one of the mixtures alone."""
        one = slice(mixture, mixture + 1)
        return SharedShape(
            self.shares[one],
            self.centres[one],
            self.covariance[one],
            self.slopes[one],
            self.offsets[one],
            self.fit[one],
        )


def second_moments(X: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the weighted means of x xᵀ, shape (mixtures, p, p); weights have shape (n, mixtures)."""
    moments = np.stack([(X * column[:, None]).T @ X for column in weights.T])
    return moments / weights.sum(axis=0)[:, None, None]


def climb(
    X: FloatArray, weights: FloatArray, memberships: FloatArray, *, rounds: int, moments: FloatArray
) -> tuple[SharedShape, FloatArray]:
    """Improve mixtures by expectation and maximisation until none gains, or for so many rounds.

    Parameters
    ----------
    X
        Shape (n, p), columns of about unit variance.
    weights
        Shape (n, mixtures): how often each row counts for each mixture.
    memberships
        Shape (n, mixtures, k), the first guess of the probabilities.
    moments
        `second_moments(X, weights)`.

    Returns
    -------
    The mixtures, and the probabilities of all rows (also those that count nothing).
    """
    # Numba is imported with the first loop.
    from segmenter.measures.loops import climb_rounds

    inner = np.array(memberships.transpose(1, 2, 0), order="C")
    mixtures, k, _ = inner.shape
    p = X.shape[1]
    found = SharedShape(
        shares=np.empty((mixtures, k)),
        centres=np.empty((mixtures, k, p)),
        covariance=np.empty((mixtures, p, p)),
        slopes=np.empty((mixtures, p, k)),
        offsets=np.empty((mixtures, k)),
        fit=np.empty(mixtures),
    )
    parameters = (found.shares, found.centres, found.covariance, found.slopes, found.offsets, found.fit)
    columns, rows_of = np.ascontiguousarray(X.T), np.ascontiguousarray(weights.T)
    limits = (rounds, WORTH_A_ROUND, THINNEST, _FEWEST)
    whole = np.empty(len(X))
    room = (whole, whole.view(np.int64))
    climb_rounds(columns, rows_of, inner, np.ascontiguousarray(moments), *limits, *parameters, *room)
    return found, inner.transpose(2, 0, 1)


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
    # Numba is imported with the first loop.
    from segmenter.lloyd import nearest_centres

    labels = np.empty(len(X), dtype=np.intp)
    rows, centres = np.ascontiguousarray(X), np.ascontiguousarray(centres)
    nearest_centres(rows, 0, len(rows), np.zeros(rows.shape[1]), centres, labels)
    return labels
