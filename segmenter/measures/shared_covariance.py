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
