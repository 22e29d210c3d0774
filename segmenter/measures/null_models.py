"""Null models: customers without groups, with the columns' own distributions."""

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.stats import norm, rankdata

from segmenter.typing import FloatArray

# A column is described by 1.5 √n quantiles, at most 60: enough for its tails, too few to copy its dents.
_QUANTILES_PER_ROOT, _FEWEST_QUANTILES, _MOST_QUANTILES = 1.5, 10, 60
# A column more than half of whose values are repeated counts something.
_REPEATED_SHARE = 0.5
# A whole stretch of quantiles on one value gets a density this side of infinity.
_NARROWEST = 1e-9
_RIDGE = 1e-6


class UnimodalCopulaNull:
    """Draws rows that keep everything of the data but its groups.

    Every column keeps its skew and its tails but has a single peak: its quantiles are those of the unimodal
    distribution nearest to the data. The columns keep their rank correlations (a Gaussian copula). Groups
    need a dent in some direction, and that is the one thing missing.
    """

    def __init__(self, X: FloatArray) -> None:
        self._n = len(X)
        self._columns = [_one_peak(column) for column in X.T]
        scores = norm.ppf((np.column_stack([rankdata(column) for column in X.T]) - 0.5) / len(X))
        with np.errstate(invalid="ignore"):
            correlation = np.atleast_2d(np.corrcoef(scores.T))
        # A column of one value, such as a category that none of these rows has, follows no other.
        correlation = np.where(np.isnan(correlation), np.eye(X.shape[1]), correlation)
        self._root = np.linalg.cholesky(correlation + _RIDGE * np.eye(X.shape[1]))

    def draw(self, random: np.random.Generator) -> FloatArray:
        """Return as many rows as the data has, shape (n, p)."""
        chances = norm.cdf(random.normal(size=(self._n, len(self._columns))) @ self._root.T)
        drawn = [np.interp(chances[:, place], *curve) for place, curve in enumerate(self._columns)]
        return np.column_stack(drawn)


class EllipticalNull:
    """Draws rows as far from the middle as those of the data, each in a direction of its own.

    Distance is measured along and across the cloud (Mahalanobis). Tails that come together, as in a
    multivariate t distribution, are kept here, and by `UnimodalCopulaNull` they are not.
    """

    def __init__(self, X: FloatArray) -> None:
        self._mean = X.mean(axis=0)
        left, lengths, axes = np.linalg.svd(X - self._mean, full_matrices=False)
        self._distances = np.sqrt((left**2).sum(axis=1))
        self._axes = lengths[:, None] * axes

    def draw(self, random: np.random.Generator) -> FloatArray:
        """Return as many rows as the data has, shape (n, p)."""
        direction = random.normal(size=(len(self._distances), len(self._axes)))
        direction *= (self._distances / np.linalg.norm(direction, axis=1))[:, None]
        return np.asarray(direction @ self._axes + self._mean)


def jitter_discrete(X: FloatArray, random: np.random.Generator) -> FloatArray:
    """Return the rows with counted values spread evenly over the room between them and their neighbours.

    A mixture takes rows that share a value for an infinitely tight group; a customer with "2 children" is
    no such group.
    """
    return np.column_stack([_spread(column, random) for column in X.T])


def _spread(column: FloatArray, random: np.random.Generator) -> FloatArray:
    values, place = np.unique(column, return_inverse=True)
    if len(values) < 2 or len(values) > (1 - _REPEATED_SHARE) * len(column):
        return column
    middles = (values[1:] + values[:-1]) / 2
    low = np.r_[2 * values[0] - middles[0], middles]
    high = np.r_[middles, 2 * values[-1] - middles[-1]]
    spread: FloatArray = low[place] + (high - low)[place] * random.random(len(column))
    return spread


def _one_peak(column: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (chances, values) of the distribution with one peak that lies nearest to a column's own."""
    n = len(column)
    count = int(np.clip(_QUANTILES_PER_ROOT * np.sqrt(n), _FEWEST_QUANTILES, _MOST_QUANTILES))
    even = np.linspace(0.0, 1.0, count + 1)
    values = np.quantile(column, even)
    widths = np.maximum(np.diff(values), _NARROWEST)
    curves = (_peak_at(peak, widths) for peak in range(count + 1))
    return min(curves, key=lambda curve: float(np.abs(curve - even).max())), values


def _peak_at(peak: int, widths: FloatArray) -> FloatArray:
    """Return the cumulative distribution whose density rises up to a peak and falls after it."""
    density = 1.0 / (len(widths) * widths)
    parts = [
        isotonic_regression(density[side], weights=widths[side], increasing=rises).x
        for side, rises in ((slice(None, peak), True), (slice(peak, None), False))
        if len(density[side])
    ]
    cumulative = np.concatenate([[0.0], np.cumsum(np.concatenate(parts) * widths)])
    curve: FloatArray = cumulative / cumulative[-1]
    return curve
