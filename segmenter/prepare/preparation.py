"""Dataset and recipe to matrix: fill, transform, encode, scale and weigh the chosen columns."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from segmenter import config
from segmenter.cluster.algorithm import FeatureGroups, PreparedColumn
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.errors.forming import (
    AllRowsEqualError,
    NoUsableColumnError,
    PersonalColumnError,
    TooFewCustomersError,
    TooManyCategoriesError,
    UnknownColumnError,
)
from segmenter.prepare.coerce import complete_rows, is_constant
from segmenter.prepare.encoders import (
    KINDS_IN_ORDER,
    CategoryColumn,
    CycleColumn,
    FittedColumn,
    NeighbourImputer,
    NumberColumn,
    fit_column,
    fit_neighbour_imputer,
)
from segmenter.prepare.formulas import with_formulas
from segmenter.prepare.weights import checked_weight_column, customer_weights
from segmenter.progress import Progress
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Role, Scaling
from segmenter.sampling import repeated_rows, weighted_sample
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.typing import BoolArray, FloatArray


class Preparation(TransformerMixin, BaseEstimator):
    """Fill, transform and scale the chosen columns; everything it knows is learned in `fit`.

    Parameters
    ----------
    features
        What each chosen column of a data frame counts as. None takes every column of any matrix as a number.
    scaling
        How columns are scaled whose own feature does not say.

    Attributes
    ----------
    columns_
        One fitted column per feature: numbers first, then months and the like, then categories, each sorted by
        name, so that the order of the file's columns changes nothing.
    neighbours_
        What k-nearest-neighbour filling looks similar customers up in; None where no column asks for it.
    """

    def __init__(
        self, features: tuple[FeatureSpec, ...] | None = None, scaling: Scaling | str = Scaling.STANDARD.value
    ) -> None:
        self.features = features
        self.scaling = scaling

    def fit(
        self,
        X: pd.DataFrame | ArrayLike,
        y: Any = None,  # noqa: ARG002, ANN401 - scikit-learn's signature
        weights: FloatArray | None = None,
    ) -> Self:
        """Learn fill values, categories and scales from customers, a data frame or shape (n, n_columns).

        Parameters
        ----------
        X
            The customers.
        weights
            How much each one counts, shape (n,), above 0; None where all count the same.

        Raises
        ------
        UnknownColumnError
            If a chosen column is missing.
        ValueError
            If a matrix without chosen columns holds what is no number, or infinite.
        """
        frame = self._frame(X, reset=True)
        scaling = Scaling(self.scaling)
        specs = [FeatureSpec(str(name)) for name in frame] if self.features is None else self.features
        if weights is not None:
            # Categories of few customers are few, however much each of them counts.
            few = frame.iloc[weighted_sample(weights, len(frame))]
            frame = frame.iloc[repeated_rows(weights)]
        fitted = [
            fit_column(
                spec, (few if weights is not None and spec.role is Role.CATEGORY else frame)[spec.column], scaling
            )
            for spec in specs
        ]
        self.columns_: tuple[FittedColumn, ...] = tuple(
            sorted(fitted, key=lambda each: (KINDS_IN_ORDER.index(type(each)), each.column))
        )
        asks = any(each.missing is Missing.KNN for each in self.numbers_)
        self.neighbours_: NeighbourImputer | None = fit_neighbour_imputer(self._scaled(frame)) if asks else None
        return self

    def transform(self, X: pd.DataFrame | ArrayLike) -> FloatArray:
        """Return the prepared matrix, shape (n_customers, len(names_)); every row by its own values alone.

        Raises
        ------
        UnknownColumnError
            If a chosen column is missing.
        ValueError
            If a matrix without chosen columns holds what is no number, or infinite.
        """
        check_is_fitted(self)
        frame = self._frame(X, reset=False)
        scaled = self._scaled(frame)
        missing = np.isnan(scaled)
        marks = [each.marked(missing[:, place])[:, None] for place, each in enumerate(self.numbers_) if each.indicator]
        if self.neighbours_ is not None:
            asking = np.array([each.missing is Missing.KNN for each in self.numbers_])
            scaled = self.neighbours_.filled(scaled, asking)
        for position, column in enumerate(self.numbers_):
            gaps = np.isnan(scaled[:, position])
            scaled[gaps, position] = column.scaled(np.array([column.fill]))[0]
        others = [each.encoded(frame[each.column]) for each in self._others]
        return np.ascontiguousarray(np.hstack([scaled, *marks, *others]))

    @property
    def numbers_(self) -> tuple[NumberColumn, ...]:
        """The fitted columns that are numbers, in matrix order."""
        return tuple(each for each in self.columns_ if isinstance(each, NumberColumn))

    @property
    def cycles_(self) -> tuple[CycleColumn, ...]:
        """The fitted columns that are places on a circle, in matrix order."""
        return tuple(each for each in self.columns_ if isinstance(each, CycleColumn))

    @property
    def categories_(self) -> tuple[CategoryColumn, ...]:
        """The fitted columns that are categories, in matrix order."""
        return tuple(each for each in self.columns_ if isinstance(each, CategoryColumn))

    @property
    def owned_names_(self) -> tuple[tuple[str, str], ...]:
        """The matrix' columns as (column of the file, name): numbers, which of them are missing, then the others."""
        firsts = [(each.column, each.names[0]) for each in self.numbers_]
        marks = [(each.column, name) for each in self.numbers_ for name in each.names[1:]]
        others = [(each.column, name) for each in self._others for name in each.names]
        return (*firsts, *marks, *others)

    @property
    def names_(self) -> tuple[str, ...]:
        """Names of the matrix' columns."""
        return tuple(name for _, name in self.owned_names_)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:  # noqa: ARG002 - scikit-learn's signature
        """Return the names of the matrix' columns, shape (len(names_),)."""
        check_is_fitted(self)
        return np.array(self.names_, dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        # A missing value is what this step fills.
        tags.input_tags.allow_nan = True
        return tags

    def in_own_units(self, prepared: FloatArray) -> pd.DataFrame:
        """Return the number columns of prepared rows, such as centres, in their own units."""
        return pd.DataFrame(
            {each.column: each.unscaled(prepared[:, place]) for place, each in enumerate(self.numbers_)}
        )

    def complete(self, frame: pd.DataFrame) -> BoolArray:
        """Return which customers have every value that the recipe refuses to fill."""
        keeps = np.ones(len(frame), dtype=bool)
        for column in self.columns_:
            if column.missing is Missing.DROP:
                keeps &= ~missing_in(column, frame)
        return keeps

    def _frame(self, X: pd.DataFrame | ArrayLike, *, reset: bool) -> pd.DataFrame:
        """Return the customers as a data frame that holds every column needed."""
        if self.features is None:
            matrix = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
            names = getattr(self, "feature_names_in_", [f"x{place}" for place in range(matrix.shape[1])])
            return pd.DataFrame(matrix, columns=list(names))
        if not isinstance(X, pd.DataFrame):
            message = f"The features are columns by name; give a pandas DataFrame, not {type(X).__name__}."
            raise TypeError(message)
        needed = [spec.column for spec in self.features]
        if absent := [name for name in needed if name not in X]:
            raise UnknownColumnError(absent, [str(name) for name in X.columns])
        if reset:
            self.feature_names_in_, self.n_features_in_ = np.array(needed, dtype=object), len(needed)
        return X

    @property
    def _others(self) -> tuple[CycleColumn | CategoryColumn, ...]:
        return (*self.cycles_, *self.categories_)

    def _scaled(self, frame: pd.DataFrame) -> FloatArray:
        columns = [each.scaled(each.numbers(frame[each.column])) for each in self.numbers_]
        return np.column_stack(columns) if columns else np.empty((len(frame), 0))


def missing_in(column: FittedColumn, frame: pd.DataFrame) -> BoolArray:
    """Return which customers have no value in a column."""
    if isinstance(column, NumberColumn):
        return np.isnan(column.numbers(frame[column.column]))
    return frame[column.column].isna().to_numpy()


def feature_groups(preparation: Preparation) -> FeatureGroups:
    """Return what a method that treats numbers and categories differently has to know, one per prepared column."""
    columns = {each.column: each for each in preparation.columns_}
    numbers = {column: number for number, column in enumerate(columns)}
    # Whether a value is missing is a column of its own, and no part of the column's own categories.
    return tuple(
        PreparedColumn(len(columns) + numbers[column], columns[column].weight)
        if columns[column].indicator and name == columns[column].names[-1]
        else _own(columns[column], numbers[column])
        for column, name in preparation.owned_names_
    )


def clusterer_for(recipe: Recipe, space: FeatureGroups | None, progress: Progress) -> SegmentClusterer:
    """Return the clusterer, not fitted yet, that forms a recipe's segments.

    Every part has to be given: a method for mixed data that does not know what the columns come from is another
    method.

    Parameters
    ----------
    space
        What `feature_groups` says of the fitted preparation; None for a matrix of which nothing is known.
    """
    return SegmentClusterer(
        recipe.algorithm, recipe.n_segments, recipe.seed, dict(recipe.settings), progress, space,
        reduction=recipe.reduction.value, n_components=recipe.n_components,
    )  # fmt: skip


def _own(column: FittedColumn, number: int) -> PreparedColumn:
    if isinstance(column, CategoryColumn):
        # Two indicators change, each by its height.
        return PreparedColumn(number, column.weight, mismatch=2.0 * column.factor * column.weight)
    if isinstance(column, CycleColumn):
        return PreparedColumn(number, column.weight, parts=2)
    return PreparedColumn(number, column.weight)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A table as the algorithm sees it.

    Attributes
    ----------
    X
        Shape (n_kept, n_prepared_columns).
    kept
        Shape (n_customers,): which customers are in `X`; the others miss a value that is not filled.
    weights
        How much each row of `X` counts, shape (n_kept,), 1 in the mean; None where all count the same.
    """

    preparation: Preparation
    X: FloatArray
    kept: BoolArray
    weights: FloatArray | None = None


def prepare(dataset: Dataset, recipe: Recipe) -> Prepared:
    """Fit the recipe's preparation and apply it.

    Raises
    ------
    NoUsableColumnError, UnknownColumnError, PersonalColumnError, ValueTooLargeError, AllRowsEqualError,
    TooManyCategoriesError
        If the chosen columns cannot be used.
    """
    specs = recipe.segmenting
    dataset = with_formulas(dataset, recipe.formulas)
    _check_columns(dataset, specs)
    kept = complete_rows(dataset, specs)
    if kept.sum() < config.MIN_SEGMENTS:
        raise TooFewCustomersError(int(kept.sum()), max(recipe.n_segments, config.MIN_SEGMENTS))
    frame = dataset.frame[kept]
    checked_weight_column(dataset, recipe.weight_column)
    weights = customer_weights(dataset, recipe)
    if weights is not None:
        weights = weights[kept] / weights[kept].mean()
    preparation = Preparation(specs, recipe.scaling).fit(frame, weights=weights)
    varying = _varying(preparation, specs, frame)
    if not varying:
        raise AllRowsEqualError
    if varying != specs:
        preparation = Preparation(varying, recipe.scaling).fit(frame, weights=weights)
    _check_categories(preparation)
    X = preparation.transform(frame)
    if (X[0] == X).all():
        raise AllRowsEqualError
    return Prepared(preparation, X, kept, weights)


def _varying(preparation: Preparation, specs: tuple[FeatureSpec, ...], frame: pd.DataFrame) -> tuple[FeatureSpec, ...]:
    # A constant tells nobody apart, but its rounding noise would pass for as many different customers.
    constant = {each.column for each in preparation.numbers_ if is_constant(each.numbers(frame[each.column]))}
    return tuple(spec for spec in specs if spec.column not in constant)


def _check_columns(dataset: Dataset, specs: tuple[FeatureSpec, ...]) -> None:
    if not specs and all(column.kind is ColumnKind.CONSTANT for column in dataset.columns):
        raise AllRowsEqualError
    if not specs:
        raise NoUsableColumnError([_seen(dataset, column.name) for column in dataset.columns])
    unknown = [spec.column for spec in specs if spec.column not in dataset.frame]
    if unknown:
        raise UnknownColumnError(unknown, list(dataset.frame.columns))
    for column in (dataset.column(spec.column) for spec in specs):
        if column.kind is ColumnKind.PERSONAL:
            raise PersonalColumnError(column.name, column.reason)


def _check_categories(preparation: Preparation) -> None:
    width = sum(len(each.names) for each in preparation.categories_)
    if width > config.MAX_CATEGORIES_TOTAL:
        counts = {each.column: len(each.names) for each in preparation.categories_}
        raise TooManyCategoriesError(counts, config.MAX_CATEGORIES_TOTAL)


def _seen(dataset: Dataset, name: str) -> str:
    column = dataset.column(name)
    return f"{name} ({column.kind.value}, {column.distinct} different values)"
