"""Which groups of one common shape explain the rows best, asked of many starts or many parts of the rows at once?"""

from dataclasses import dataclass

import numpy as np

from segmenter.typing import FloatArray

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
    rows_of = np.ascontiguousarray(weights.T)
    inner = np.ascontiguousarray(memberships.transpose(1, 2, 0))
    before = np.full(len(rows_of), -np.inf)
    totals = rows_of.sum(axis=1)
    columns = np.ascontiguousarray(X.T)
    mixture = _maximised(X, rows_of, inner, moments)
    for done in range(rounds + 1):
        inner, evidence = _expected(mixture, columns)
        fit = np.einsum("bn,bn->b", evidence, rows_of) / totals + mixture.fit
        if done == rounds or np.all(fit - before < WORTH_A_ROUND):
            break
        before = fit
        mixture = _maximised(X, rows_of, inner, moments)
    found = SharedShape(
        mixture.shares, mixture.centres, mixture.covariance, mixture.slopes, mixture.offsets, np.asarray(fit)
    )
    return found, inner.transpose(2, 0, 1)


def _maximised(X: FloatArray, weights: FloatArray, memberships: FloatArray, moments: FloatArray) -> SharedShape:
    """Return the likeliest mixtures of given memberships, here of shape (mixtures, k, n): sums run along rows."""
    mixtures, k, n = memberships.shape
    p = X.shape[1]
    counted = memberships * weights[:, None, :]
    sizes = counted.sum(axis=2) + _FEWEST
    sums = (counted.reshape(mixtures * k, n) @ X).reshape(mixtures, k, p)
    centres = sums / sizes[:, :, None]
    shares = sizes / sizes.sum(axis=1, keepdims=True)
    covariance = moments - np.matmul((centres * shares[:, :, None]).transpose(0, 2, 1), centres)
    covariance += THINNEST * np.eye(p)
    values, axes = np.linalg.eigh(covariance)
    values = np.maximum(values, THINNEST)
    slopes = np.matmul(axes, np.matmul(axes.transpose(0, 2, 1), centres.transpose(0, 2, 1)) / values[:, :, None])
    squared = np.einsum("bkp,bpk->bk", centres, slopes)
    offsets = np.log(shares) - 0.5 * squared
    # Of the normal density, what is the same for all groups: its volume and the row's own square.
    turned = (np.matmul(moments, axes) * axes).sum(axis=1)
    constant = -0.5 * (np.log(values).sum(axis=1) + (turned / values).sum(axis=1))
    return SharedShape(shares, centres, covariance, slopes, offsets, constant)


def _expected(mixture: SharedShape, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    mixtures, p, k = mixture.slopes.shape
    log_odds = (mixture.slopes.transpose(0, 2, 1).reshape(mixtures * k, p) @ columns).reshape(mixtures, k, -1)
    log_odds += mixture.offsets[:, :, None]
    highest = log_odds.max(axis=1, keepdims=True)
    log_odds -= highest
    np.exp(log_odds, out=log_odds)
    totals = log_odds.sum(axis=1, keepdims=True)
    log_odds /= totals
    return log_odds, (np.log(totals) + highest)[:, 0]
