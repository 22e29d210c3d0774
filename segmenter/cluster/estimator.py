"""What makes every algorithm's segments comparable: one order, one numbering, one way to place customers."""

from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from segmenter import config
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import FeatureGroups, FitResult
from segmenter.cluster.assigners import (
    Assigner,
    NearestCentre,
    agreement_with,
)
from segmenter.cluster.kmeans import KMeansSweep
from segmenter.cluster.projection import fit_projection
from segmenter.errors.forming import InvalidSettingError
from segmenter.progress import Progress, silent
from segmenter.recipe.recipe import Settings
from segmenter.sampling import canonical_order
from segmenter.typing import FloatArray, IntArray


class SegmentClusterer(ClusterMixin, BaseEstimator):
    """Form segments with any registered algorithm.

    Rows are fitted in an order that only their values decide, and segments are numbered by size, so that
    sorting a file differently changes neither the segments nor their numbers.

    Parameters
    ----------
    algorithm
        A key of `ALGORITHMS`.
    n_segments
        How many segments are wanted.
    seed
        The same seed gives the same segments.
    settings
        What is changed about the method; defaults for the rest.
    progress
        Is told how far the work is.
    space
        What the prepared columns come from; None where a method may treat all alike.
    reduction
        "none", "pca" or "famd": what the prepared columns are put into before segments are formed.
    n_components
        So many components; 0 for as many as hold four fifths of the variance.
    quick
        Form the segments only as well as it takes to see whether they come back.

    Attributes
    ----------
    labels_
        Shape (n,), 0 is the largest segment, -1 fits no segment.
    placement_
        The rule that places any customer.
    centres_
        Shape (n_segments, n_features): the middle of each segment in the prepared space.
    details_
        What only this method has to show; None in a loaded model.
    notes_
        What the user should know about how the segments were formed, in sentences; none in a loaded model.
    """

    placement_: Assigner

    def __init__(  # noqa: PLR0913 - scikit-learn's way to set parameters
        self,
        algorithm: str = "k-means",
        n_segments: int = 4,
        seed: int = 0,
        settings: Settings | None = None,
        progress: Progress = silent,
        space: FeatureGroups | None = None,
        *,
        reduction: str = "none",
        n_components: int = 0,
        quick: bool = False,
    ) -> None:
        self.algorithm = algorithm
        self.n_segments = n_segments
        self.seed = seed
        self.settings = settings
        self.progress = progress
        self.space = space
        self.reduction = reduction
        self.n_components = n_components
        self.quick = quick

    def fit(
        self,
        X: ArrayLike,
        y: Any = None,  # noqa: ARG002, ANN401 - scikit-learn's signature
        sample_weight: FloatArray | None = None,
    ) -> Self:
        """Form the segments of `X`, shape (n_customers, n_features).

        Parameters
        ----------
        X
            Shape (n_customers, n_features).
        sample_weight
            How much each row counts, shape (n_customers,), 0 or more; None where all count the same.

        Raises
        ------
        ValueError
            If `X` is no matrix of finite numbers, holds fewer rows than segments are wanted, or there is no such
            method.
        SegmenterError
            If the method cannot form so many segments of these rows.
        """
        X = self._checked(X, reset=True)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
            if (sample_weight == sample_weight[0]).all():
                sample_weight = None
            elif not sample_weight.all():
                # Who counts nothing is only placed.
                counted = sample_weight > 0
                self.fit(X[counted], sample_weight=sample_weight[counted])
                self.labels_ = self.placement_.place(X)
                return self
        self._check_parameters(len(X))
        order = canonical_order(X)
        # Components come from all columns at once.
        algorithm = ALGORITHMS[self.algorithm].within(self.space if self.reduction == "none" else None)
        rows, settings = X[order], self.settings or {}
        projection = fit_projection(self.reduction, self.n_components, rows, self.space, _ordered(sample_weight, order))
        seen = rows if projection is None else projection.projected(rows)
        if self.quick:
            formed = algorithm.form_again(seen, self.n_segments, self.seed, settings, self.progress)
        else:
            weights = _ordered(sample_weight, order)
            formed = algorithm.form(seen, self.n_segments, self.seed, settings, self.progress, weights)
        if projection is not None:
            formed = replace(formed, placement=projection.before(formed.placement))
        return self._keep(X, order, formed, sample_weight)

    def fit_with(self, X: ArrayLike, formed: FitResult, sample_weight: FloatArray | None = None) -> Self:
        """Take over segments that the same method, settings and seed formed of the same rows already.

        Parameters
        ----------
        X
            Shape (n_customers, n_features).
        formed
            The segment of each row, in the order of `X`, and the rule.
        sample_weight
            As in `fit`.
        """
        X = self._checked(X, reset=True)
        self._check_parameters(len(X))
        return self._keep(X, np.arange(len(X)), formed, sample_weight)

    def fit_from(self, X: ArrayLike, labels: IntArray, sample_weight: FloatArray | None = None) -> Self:
        """Form the segments of `X` beginning at the middles of these, so that they move as little as needed.

        Parameters
        ----------
        X
            Shape (n_customers, n_features).
        labels
            The segment of each row to begin from, shape (n_customers,); -1 is none.
        sample_weight
            As in `fit`.

        Raises
        ------
        InvalidSettingError
            If the method knows no such start.
        """
        if not self.starts_from_segments:
            title = ALGORITHMS[self.algorithm].title + (" of components" if self.reduction != "none" else "")
            message = f"{title} cannot start from segments. Form them from scratch."
            raise InvalidSettingError(message)
        X = self._checked(X, reset=True)
        self._check_parameters(len(X))
        order = canonical_order(X)
        rows, start = X[order], labels[order]
        weights = _ordered(sample_weight, order)
        middles = np.array(
            [
                np.average(rows[start == number], axis=0, weights=None if weights is None else weights[start == number])
                for number in np.unique(start[start >= 0])
            ]
        )
        fit = KMeansSweep(rows, self.seed, weights).fit_from(middles, self.n_segments, self.progress)
        return self._keep(X, order, FitResult(fit.labels, NearestCentre(fit.centres)), sample_weight)

    @property
    def starts_from_segments(self) -> bool:
        """Whether the method can begin at segments that there are."""
        return self.algorithm == "k-means" and self.reduction == "none"

    def _keep(self, X: FloatArray, order: IntArray, formed: FitResult, weights: FloatArray | None) -> Self:
        labels = np.empty(len(X), dtype=np.intp)
        labels[order] = formed.labels
        numbering = by_size(X[order], formed.labels, _ordered(weights, order))
        self.labels_ = renumbered(labels, numbering)
        self.placement_ = formed.placement.reordered(numbering)
        self.centres_ = _centres(self.placement_, X, self.labels_, weights)
        self.details_ = formed.details
        self.notes_ = formed.notes
        return self

    def again(self, seed: int) -> Self:
        """Return the same method, not fitted yet, with another seed.

        It forms the segments as quickly as it takes to see whether they come back.
        """
        return type(self)(
            self.algorithm, self.n_segments, seed, self.settings, space=self.space, reduction=self.reduction,
            n_components=self.n_components, quick=True,
        )  # fmt: skip

    @property
    def agreement_(self) -> float:
        """The share of the customers that the rule gives the segment in which the method formed them, 0-1."""
        check_is_fitted(self)
        return agreement_with(self.placement_)

    def predict(self, X: ArrayLike) -> IntArray:
        """Return the segment of each row by its own values alone.

        Raises
        ------
        ValueError
            If `X` is no matrix of finite numbers with the columns that were fitted.
        """
        check_is_fitted(self)
        return self.placement_.place(self._checked(X, reset=False))

    def _checked(self, X: ArrayLike, *, reset: bool) -> FloatArray:
        checked: FloatArray = validate_data(self, X, reset=reset, dtype=np.float64, order="C", accept_sparse=False)
        # Squares of larger numbers are infinite, and those of smaller differences 0: everybody would be alike.
        if np.abs(checked).max() > config.LARGEST_NUMBER:
            message = f"X holds numbers beyond {config.LARGEST_NUMBER:g}, whose squares are infinite. Divide them."
            raise ValueError(message)
        if reset and 0 < np.ptp(checked, axis=0).max() < 1 / config.LARGEST_NUMBER:
            message = f"X differs by less than {1 / config.LARGEST_NUMBER:g}, whose square is 0. Multiply it."
            raise ValueError(message)
        return checked

    def _check_parameters(self, n_rows: int) -> None:
        n_segments: object = self.n_segments
        if self.algorithm not in ALGORITHMS:
            message = f"There is no method {self.algorithm!r}. There are: {', '.join(ALGORITHMS)}."
            raise ValueError(message)
        if not isinstance(n_segments, int | np.integer) or n_segments < 1:
            message = f"n_segments must be a whole number from 1, got {n_segments!r}."
            raise ValueError(message)
        if n_rows < self.n_segments and not ALGORITHMS[self.algorithm].finds_number:
            message = f"n_samples={n_rows} should be >= n_segments={self.n_segments}."
            raise ValueError(message)


def _ordered(weights: FloatArray | None, order: IntArray) -> FloatArray | None:
    return None if weights is None else np.asarray(weights, dtype=np.float64)[order]


def _centres(placement: Assigner, X: FloatArray, labels: IntArray, weights: FloatArray | None) -> FloatArray:
    if isinstance(placement, NearestCentre):
        return placement.centres
    found = []
    for number in range(int(labels.max()) + 1):
        members = labels == number
        found.append(np.average(X[members], axis=0, weights=None if weights is None else weights[members]))
    return np.array(found)


def by_size(X: FloatArray, labels: IntArray, weights: FloatArray | None = None) -> IntArray:
    """Return the old segment numbers, largest (by weight, if any) segment first; ties go to the smaller centre."""
    numbers = np.unique(labels[labels >= 0])
    placed = labels >= 0
    # Sums of weights in another order differ in their last bits.
    counted = None if weights is None else weights[placed]
    sizes = np.bincount(labels[placed], counted).round(6)
    # Centres are only looked at where sizes tie: a million rows need 0.1 s for them.
    tied = [number for number in numbers if (sizes == sizes[number]).sum() > 1]
    centres = {number: tuple(X[labels == number].mean(axis=0)) for number in tied}
    return np.array(sorted(numbers, key=lambda number: (-sizes[number], centres.get(number, ()))), dtype=np.intp)


def renumbered(labels: IntArray, numbering: IntArray) -> IntArray:
    """Return `labels` with segment `numbering[i]` called `i`; -1 stays."""
    new = np.full(int(numbering.max(initial=-1)) + 2, -1, dtype=np.intp)
    new[numbering] = np.arange(len(numbering))
    return new[labels]
