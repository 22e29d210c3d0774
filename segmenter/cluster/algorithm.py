"""What a way to form segments takes and returns."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segmenter.cluster.assigners import Assigner
from segmenter.errors.forming import InvalidSettingError
from segmenter.progress import Progress
from segmenter.recipe.recipe import Setting, Settings, complete
from segmenter.typing import FloatArray, IntArray


@dataclass(frozen=True)
class PreparedColumn:
    """What a method that treats numbers and categories differently has to know about a prepared column.

    Attributes
    ----------
    feature
        Which of the user's columns it comes from; the indicators of one category share this number.
    weight
        How much the user lets that column count.
    mismatch
        How far apart two customers are, in the sum of absolute differences, when they differ in this category;
        0 for a number.
    parts
        Prepared columns that share the weight of one feature, such as both coordinates of a month.
    """

    feature: int
    weight: float = 1.0
    mismatch: float = 0.0
    parts: int = 1


FeatureGroups = tuple[PreparedColumn, ...]


def gower_factors(X: FloatArray, space: FeatureGroups | None = None) -> FloatArray:
    """Return what to multiply each prepared column by so that absolute differences add up to Gower's distance.

    Gower (1971): a number's difference counts relative to the column's range, a differing category counts 1;
    the distance is their weighted mean, 0-1. Two customers of different categories differ in two indicators, so
    each of these counts half. Numbers were only shifted and stretched before, which the range undoes.

    Parameters
    ----------
    X
        Shape (n, n_features).
    space
        One per prepared column; None where all are numbers that count the same.

    Returns
    -------
    NDArray
        Shape (n_features,).
    """
    columns = space or tuple(PreparedColumn(number) for number in range(X.shape[1]))
    weights = np.array([column.weight / column.parts for column in columns])
    mismatch = np.array([column.mismatch for column in columns])
    spans = np.where(mismatch > 0, mismatch, np.ptp(X, axis=0))
    total = sum({column.feature: column.weight for column in columns}.values())
    return np.divide(weights, spans * total, out=np.zeros(len(weights)), where=spans > 0)


def categories_of(space: FeatureGroups | None) -> IntArray | None:
    """Return which category each prepared column is an indicator of, -1 for numbers; shape (n_features,)."""
    if space is None:
        return None
    return np.array([column.feature if column.mismatch > 0 else -1 for column in space], dtype=np.intp)


@dataclass(frozen=True, eq=False)
class FitResult:
    """Segments as a method formed them.

    Attributes
    ----------
    labels
        Shape (n,), 0 … k-1 in any order, -1 for "fits no segment".
    placement
        The rule that places new customers.
    details
        What only this method has to show (a dendrogram, a map, a learning curve); never saved.
    notes
        What the user should know about how the segments were formed, in sentences.
    """

    labels: IntArray
    placement: Assigner
    details: object | None = None
    notes: tuple[str, ...] = ()


FitFunction = Callable[[FloatArray, int, int, Settings, Progress], FitResult]
"""(X of shape (n_customers, n_features), n_segments, seed, settings, progress) to segments."""

WeightedFit = Callable[[FloatArray, int, int, Settings, Progress, FloatArray], FitResult]
"""As a `FitFunction`, and last how much each row counts, shape (n_customers,)."""


@dataclass(frozen=True)
class Algorithm:
    """One way to form segments.

    Attributes
    ----------
    key
        Its name on the command line and in saved models.
    title
        Its name on the screen.
    fit
        Forms segments from prepared rows.
    suits
        What it is good for, in a few words.
    settings
        What the user may change about it; `fit` gets a value for each.
    needs
        What must be installed first, as a sentence; empty where it can be used.
    refit
        A quicker way to form segments once more, to see whether they come back; None for `fit`.
    refits
        How many times that is done.
    for_space
        Makes this entry for prepared columns of known origin; None where a method treats all columns alike.
    finds_number
        Whether the number of segments is the method's own finding; the number asked for then changes nothing.
    fit_weighted
        Forms segments of rows that count differently; None where the method cannot.
    smooth_units
        Whether the units of its rule are smoothed over their neighbours, so that no few rows have made any of them.
    rows_searched
        (n, width) to how many of n rows, evenly spread in canonical order, its rule is made from; None where that is
        all of them.
    """

    key: str
    title: str
    fit: FitFunction
    suits: str
    settings: tuple[Setting, ...] = ()
    needs: str = ""
    refit: FitFunction | None = None
    refits: int = 100
    for_space: "Callable[[FeatureGroups], Algorithm] | None" = None
    finds_number: bool = False
    fit_weighted: WeightedFit | None = None
    smooth_units: bool = False
    rows_searched: Callable[[int, int], int] | None = None

    def within(self, space: FeatureGroups | None) -> "Algorithm":
        """Return this method for prepared columns of which it is known what they come from."""
        return self if space is None or self.for_space is None else self.for_space(space)

    def form(
        self,
        X: FloatArray,
        n_segments: int,
        seed: int,
        settings: Settings,
        progress: Progress,
        weights: FloatArray | None = None,
    ) -> FitResult:
        """Form segments with these settings, defaults for the rest.

        Raises
        ------
        InvalidSettingError
            If a setting is not known or not possible, or the method cannot count weights.
        """
        if weights is not None:
            if self.fit_weighted is None:
                message = (
                    f"{self.title} cannot count a column of weights. Take a method that can, such as K-Means, or let "
                    "every customer count the same."
                )
                raise InvalidSettingError(message)
            return self.fit_weighted(X, n_segments, seed, complete(self.settings, settings), progress, weights)
        return self.fit(X, n_segments, seed, complete(self.settings, settings), progress)

    def form_again(
        self, X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress
    ) -> FitResult:
        """Form segments of a resample, as well as it takes to see whether they come back."""
        again = self.refit or self.fit
        return again(X, n_segments, seed, complete(self.settings, settings), progress)
