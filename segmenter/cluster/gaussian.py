"""Gaussian mixtures as segments."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from segmenter import config
from segmenter.cluster.algorithm import FitResult
from segmenter.cluster.assigners import GaussianComponents, NearestCentre
from segmenter.cluster.codebook import rounded
from segmenter.cluster.kmeans import quick_kmeans
from segmenter.progress import Progress, part
from segmenter.recipe.recipe import Setting, Settings
from segmenter.sampling import systematic_sample
from segmenter.threads import one_thread
from segmenter.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class MixtureStart:
    """Where all distributions begin: with one shape for all, that of the groups they begin as.

    Attributes
    ----------
    weights
        Shape (k,).
    means
        Shape (k, n_features).
    within
        Shape (n_features, n_features): covariance within the groups.
    """

    weights: FloatArray
    means: FloatArray
    within: FloatArray

    def precisions(self, shape: str) -> FloatArray:
        """Return the inverse covariances in the form that scikit-learn has for this shape."""
        diagonal = np.diag(self.within)
        match shape:
            case "full":
                return np.repeat(_inverse(self.within)[None], len(self.means), axis=0)
            case "tied":
                return _inverse(self.within)
            case "diag":
                return np.repeat(1.0 / diagonal[None], len(self.means), axis=0)
            case _:
                return np.full(len(self.means), 1.0 / diagonal.mean())


def mixture_starts(rows: FloatArray, k: int, n_starts: int, seed: int, floor: float) -> Iterator[MixtureStart]:
    """Yield several starts: groups by K-Means, by K-Means where the columns are not correlated, and at random.

    From K-Means alone two long bands side by side are never found: it cuts across both. Without correlations the
    gap between them is wider than they are long.
    """
    centred, random = rows - np.median(rows, axis=0), np.random.default_rng(seed)
    loose = _uncorrelated(rows, floor)
    for number in range(n_starts):
        if number < 2:
            labels = quick_kmeans((centred, loose)[number], k, seed).labels.astype(np.intp)
        else:
            labels = NearestCentre(loose[random.choice(len(loose), k, replace=False)]).place(loose)
        yield _start(rows, labels, k, floor)


def _start(rows: FloatArray, labels: IntArray, k: int, floor: float) -> MixtureStart:
    sizes = np.bincount(labels, minlength=k)
    means = np.array([rows[labels == n].mean(axis=0) if sizes[n] else rows.mean(axis=0) for n in range(k)])
    away = rows - means[labels]
    within = away.T @ away / len(rows) + floor * np.eye(rows.shape[1])
    return MixtureStart(np.maximum(sizes, 1) / np.maximum(sizes, 1).sum(), means, within)


def _uncorrelated(rows: FloatArray, floor: float) -> FloatArray:
    """Return rows of which no column says anything about another, all equally spread."""
    away = rows - rows.mean(axis=0)
    spreads, directions = np.linalg.eigh(away.T @ away / len(rows) + floor * np.eye(rows.shape[1]))
    return away @ (directions / np.sqrt(np.maximum(spreads, floor)))


def _inverse(covariance: FloatArray) -> FloatArray:
    inverse = np.linalg.inv(covariance)
    return (inverse + inverse.T) / 2


SETTINGS: Final = (
    Setting(
        "shape",
        "Shape of the segments",
        "full",
        choices=("full", "tied", "diag", "spherical"),
        explanation="full: each its own ellipse; tied: all the same ellipse; diag: stretched along the columns; "
        "spherical: round.",
    ),
    Setting(
        "floor",
        "Smallest spread",
        0.001,
        low=1e-6,
        high=1.0,
        explanation="Added to every variance, as a share of the columns' mean variance; more makes narrow segments "
        "wider and the result steadier.",
    ),
    Setting("starts", "Starts", 5, low=1, high=50, explanation="Of so many beginnings the most probable end."),
    Setting(
        "bic_to",
        "BIC up to",
        config.DEFAULT_MAX_SEGMENTS,
        low=0,
        high=config.MAX_SEGMENTS,
        explanation="The Bayesian information criterion is worked out for 1 to so many segments; 0 leaves it out.",
    ),
)
MOST_STEPS: Final = 300
# Distributions of so many rows show whether the same segments come back.
REFIT_ROWS: Final = 2_000
# Every step's work grows with the square of the columns: above so many, fewer rows are fitted to.
USUAL_COLUMNS: Final = 20
# One step's gain in the mean log-likelihood of a customer below which nothing moves that would be seen.
_TOLERANCE: Final = 1e-3
# Of each other number of segments only the two best kinds of start.
_BIC_STARTS: Final = 2


@dataclass(frozen=True)
class MixtureDetails:
    """How well normal distributions describe the customers.

    Attributes
    ----------
    bic
        Number of segments → Bayesian information criterion (Schwarz 1978); the lowest describes the customers
        best for its number of parameters.
    aic
        Number of segments → Akaike information criterion (1974), which allows more segments than BIC.
    """

    bic: dict[int, float]
    aic: dict[int, float] = field(default_factory=dict)

    @property
    def best(self) -> int | None:
        """The number of segments with the lowest BIC; None where it was not worked out."""
        return min(self.bic, key=lambda k: self.bic[k]) if len(self.bic) > 1 else None

    def advice(self) -> tuple[str, ...]:
        """Return in a sentence for how many segments the BIC is lowest; nothing where it was not worked out."""
        if self.best is None:
            return ()
        where = "the end of what was tried" if self.best == max(self.bic) else f"of 1 to {max(self.bic)} tried"
        return (f"The Bayesian information criterion (BIC) is lowest for {self.best} segments, {where}.",)


def fit_gaussian(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form segments by a mixture of normal distributions, fitted by expectation-maximisation."""
    rows = X[systematic_sample(len(X), rows_fitted(*X.shape))]
    asked, settings = settings["shape"], _learnable(settings, n_segments, rows)
    model = _fitted(rows, n_segments, seed, settings, part(progress, 0.0, 0.3))
    rule = _rule(model, X.shape[1])
    labels = rule.place(X)
    used = np.unique(labels)
    if len(used) < n_segments:
        # Distributions that lie below others everywhere are nobody's segment.
        rule = GaussianComponents(rule.weights[used] / rule.weights[used].sum(), rule.means[used], rule.factors[used])
        labels = rule.place(X)
    details = _criteria(rows, n_segments, model, (seed, settings), progress)
    notes = _notes(X, rows, model, n_segments - len(used)) + details.advice()
    if asked != settings["shape"]:
        text = "Ellipses have too many numbers to learn from these customers: segments are stretched along the columns."
        notes += (text,)
    return FitResult(labels, rule, details, notes)


def refit_gaussian(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form them once more for stability: of fewer rows, from fewer starts."""
    fewer = {**settings, "starts": min(int(settings["starts"]), _BIC_STARTS), "bic_to": 0}
    # As many as it takes for the same shape to be learnable.
    enough = max(REFIT_ROWS, n_segments * X.shape[1] * (X.shape[1] + 1))
    rule = fit_gaussian(X[systematic_sample(len(X), enough)], n_segments, seed, fewer, progress).placement
    return FitResult(rule.place(X), rule)


def rows_fitted(n: int, width: int) -> int:
    """Return to how many of `n` customers in `width` prepared columns the distributions are fitted."""
    return min(n, round(config.MIXTURE_ROWS * min(1.0, USUAL_COLUMNS / width)))


def _learnable(settings: Settings, n_segments: int, rows: FloatArray) -> Settings:
    """Return settings whose shape has at most half as many numbers as there are customers to learn them from."""
    n, width = rows.shape
    wide = {"full": n_segments, "tied": 1}.get(str(settings["shape"]), 0) * width * (width + 1) > n
    return {**settings, "shape": "diag"} if wide else settings


def _fitted(rows: FloatArray, k: int, seed: int, settings: Settings, progress: Progress) -> GaussianMixture:
    """Return the most probable of the ends that several starts lead to."""
    floor = max(float(settings["floor"]) * float(rows.var(axis=0).mean()), np.finfo(float).tiny)
    ends = []
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        n_starts = int(settings["starts"])
        for number, start in enumerate(mixture_starts(rows, k, n_starts, seed, floor)):
            progress(number / n_starts, f"Fitting {k} normal distributions")
            ends.append(_model(k, str(settings["shape"]), floor, start).fit(rows))
    return max(ends, key=lambda end: end.lower_bound_)


def _model(k: int, shape: str, floor: float, start: MixtureStart) -> GaussianMixture:
    return GaussianMixture(
        k,
        covariance_type=shape,
        reg_covar=floor,
        max_iter=MOST_STEPS,
        tol=_TOLERANCE,
        weights_init=start.weights,
        means_init=start.means,
        precisions_init=start.precisions(shape),
    )


def _criteria(
    rows: FloatArray, k: int, model: GaussianMixture, how: tuple[int, Settings], progress: Progress
) -> MixtureDetails:
    seed, settings = how
    # More distributions than a tenth of the different rows describe single customers.
    most = min(int(settings["bic_to"]), len(np.unique(rows, axis=0)) // config.SMALL_GROUP)
    found = {k: model}
    fewer = {**settings, "starts": min(int(settings["starts"]), _BIC_STARTS)}
    for number in range(1, most + 1):
        step = part(progress, 0.3 + 0.7 * (number - 1) / most, 0.3 + 0.7 * number / most)
        if number != k:
            found[number] = _fitted(rows, number, seed, fewer, step)
    return MixtureDetails(
        {number: float(found[number].bic(rows)) for number in sorted(found)},
        {number: float(found[number].aic(rows)) for number in sorted(found)},
    )


def _rule(model: GaussianMixture, width: int) -> GaussianComponents:
    k = len(model.weights_)
    found = np.asarray(model.precisions_cholesky_)
    match model.covariance_type:
        case "full":
            factors = found
        case "tied":
            factors = np.repeat(found[None], k, axis=0)
        case "diag":
            factors = np.array([np.diag(each) for each in found])
        case _:
            factors = np.array([np.eye(width) * each for each in found])
    return GaussianComponents(model.weights_, rounded(model.means_), _short(factors))


def _short(factors: FloatArray) -> FloatArray:
    """Return factors with nine digits of each segment's largest, a third of the file; below the diagonal are zeros."""
    return np.array([np.triu(each * (1.0 / _unit(each))).round(9) * _unit(each) for each in factors])


def _unit(factor: FloatArray) -> float:
    return float(10.0 ** np.floor(np.log10(np.abs(factor).max())))


def _notes(X: FloatArray, rows: FloatArray, model: GaussianMixture, unused: int) -> tuple[str, ...]:
    notes = []
    if len(rows) < len(X):
        notes.append(f"The normal distributions were fitted to {len(rows):,} of {len(X):,} customers; all were placed.")
    if not model.converged_:
        notes.append(f"The distributions were still moving after {MOST_STEPS} steps; another start may end elsewhere.")
    if unused:
        notes.append(f"{unused} of the distributions are nobody's most probable one, so there are fewer segments.")
    return tuple(notes)
