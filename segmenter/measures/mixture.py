"""How well do k clouds, each of its own width, explain the rows, and how clearly do they divide them?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.progress import Progress, silent

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

# No cloud may shrink below this share of the columns' mean variance: its likelihood would grow without end.
SMALLEST_VARIANCE = 1e-3
# Log-likelihood per row that a further step must gain; the scores compared differ by far more.
WORTH_A_STEP = 1e-6
MOST_STEPS = 50
# Alternating the shared shape and the widths three times settles both to four digits.
_SHAPE_STEPS = 3
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
    membership: Floats


class _Rows:
    """Rows as the mixture needs them."""

    def __init__(self, X: Floats) -> None:
        self.X, self.squares = X, X * X
        self.floor = SMALLEST_VARIANCE * float(X.var(axis=0).mean())
        self.n, self.p = X.shape


def mixture_path(X: Floats, starts: Mapping[int, Labels], *, progress: Progress = silent) -> dict[int, MixtureScore]:
    """Score a Gaussian mixture for each number of clouds.

    All clouds share one shape along the axes and each has its own width ("VEI" in Celeux & Govaert 1995),
    which is what round segments of different spread become when columns are standardised. Each number is
    started from K-Means and from the next larger mixture with two clouds merged; the better fit counts.

    Parameters
    ----------
    X
        Shape (n, p).
    starts
        Per number of clouds, a first label 0 … k-1 for each row.
    """
    rows = _Rows(X)
    scores: dict[int, MixtureScore] = {}
    larger: Floats | None = None
    for done, k in enumerate(sorted(starts, reverse=True)):
        progress(done / len(starts), "Looking for separate groups")
        fits = [_fit(rows, start) for start in (np.eye(k)[starts[k]], *_merged(rows, larger, k))]
        best = max(fits, key=lambda fit: fit.log_likelihood)
        scores[k], larger = _score(rows, best, k), best.membership
    return scores


def _fit(rows: _Rows, membership: Floats) -> _Fit:
    """Climb to the nearest maximum of the likelihood (expectation-maximisation)."""
    before = -np.inf
    widths = np.ones(membership.shape[1])
    for _ in range(MOST_STEPS):
        sizes, centres, scatter = _moments(rows, membership)
        variances, widths = _variances(rows, scatter, sizes, widths)
        likelihood, membership = _expected(rows, np.log(sizes / rows.n), centres, variances)
        if likelihood - before < WORTH_A_STEP * rows.n:
            break
        before = likelihood
    return _Fit(likelihood, membership)


def _moments(rows: _Rows, membership: Floats) -> tuple[Floats, Floats, Floats]:
    sizes = membership.sum(axis=0) + 1e-10
    centres = membership.T @ rows.X / sizes[:, None]
    scatter = membership.T @ rows.squares - sizes[:, None] * centres * centres
    return sizes, centres, np.maximum(scatter, 1e-12)


def _variances(rows: _Rows, scatter: Floats, sizes: Floats, widths: Floats) -> tuple[Floats, Floats]:
    """Return each cloud's variance along each axis: its width times the shape that all share."""
    for _ in range(_SHAPE_STEPS):
        shape = (scatter / widths[:, None]).sum(axis=0)
        shape = shape / np.exp(np.log(shape).mean())
        widths = np.maximum((scatter / shape).sum(axis=1) / (rows.p * sizes), rows.floor)
    return np.maximum(widths[:, None] * shape, rows.floor), widths


def _expected(rows: _Rows, log_shares: Floats, centres: Floats, variances: Floats) -> tuple[float, Floats]:
    constant = np.log(variances).sum(axis=1) + rows.p * np.log(2 * np.pi) + (centres**2 / variances).sum(axis=1)
    density = rows.squares @ (-0.5 / variances).T + rows.X @ (centres / variances).T
    density += log_shares - 0.5 * constant
    highest = density.max(axis=1)
    relative = np.exp(density - highest[:, None])
    total = relative.sum(axis=1)
    return float((highest + np.log(total)).sum()), relative / total[:, None]


def _merged(rows: _Rows, larger: Floats | None, k: int) -> Iterator[Floats]:
    """Yield the larger mixture's memberships with the two clouds merged that lose least by it."""
    if larger is None or larger.shape[1] != k + 1:
        return
    sizes = larger.sum(axis=0) + 1e-10
    sums, squares = larger.T @ rows.X, larger.T @ rows.squares
    first, second = np.triu_indices(k + 1, 1)
    alone = _cost(rows, sizes, sums, squares)
    both = (each[first] + each[second] for each in (sizes, sums, squares))
    loss = _cost(rows, *both) - alone[first] - alone[second]
    for pair in np.argsort(loss)[:_MERGES_TRIED]:
        merged = np.delete(larger, second[pair], axis=1)
        merged[:, first[pair]] += larger[:, second[pair]]
        yield merged


def _cost(rows: _Rows, sizes: Floats, sums: Floats, squares: Floats) -> Floats:
    """Return each cloud's share of minus the log-likelihood, were it round."""
    variance = np.maximum(squares - sums**2 / sizes[:, None], 0.0).sum(axis=1) / (rows.p * sizes)
    return sizes * (0.5 * rows.p * np.log(variance + rows.floor) - np.log(sizes))


def _score(rows: _Rows, fit: _Fit, k: int) -> MixtureScore:
    # Centres, shares, widths, and the shape whose product is fixed.
    parameters = k * rows.p + (k - 1) + k + (rows.p - 1)
    bic = 2 * fit.log_likelihood - parameters * np.log(rows.n)
    entropy = -float((fit.membership * np.log(fit.membership + _TINY)).sum())
    return MixtureScore(bic, bic - 2 * entropy, float(fit.membership.max(axis=1).mean()))
