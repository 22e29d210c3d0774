"""How does a table of customers become the matrix in which segments are formed?"""

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from segmenter.core.encoding import (
    KINDS_IN_ORDER,
    CategoryColumn,
    CycleColumn,
    FittedColumn,
    Floats,
    NumberColumn,
    fit_column,
)
from segmenter.core.neighbours import Neighbours, fit_neighbours
from segmenter.core.recipe import FeatureSpec, Missing, Scaling
from segmenter.errors import UnknownColumnError


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

    def fit(self, X: pd.DataFrame | ArrayLike, y: Any = None) -> Self:  # noqa: ARG002, ANN401 - scikit-learn's signature
        """Learn fill values, categories and scales from customers, a data frame or shape (n, n_columns).

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
        fitted = [fit_column(spec, frame[spec.column], scaling) for spec in specs]
        self.columns_: tuple[FittedColumn, ...] = tuple(
            sorted(fitted, key=lambda each: (KINDS_IN_ORDER.index(type(each)), each.column))
        )
        asks = any(each.missing is Missing.KNN for each in self.numbers_)
        self.neighbours_: Neighbours | None = fit_neighbours(self._scaled(frame)) if asks else None
        return self

    def transform(self, X: pd.DataFrame | ArrayLike) -> Floats:
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

    def in_own_units(self, prepared: Floats) -> pd.DataFrame:
        """Return the number columns of prepared rows, such as centres, in their own units."""
        return pd.DataFrame(
            {each.column: each.unscaled(prepared[:, place]) for place, each in enumerate(self.numbers_)}
        )

    def complete(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
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

    def _scaled(self, frame: pd.DataFrame) -> Floats:
        columns = [each.scaled(each.numbers(frame[each.column])) for each in self.numbers_]
        return np.column_stack(columns) if columns else np.empty((len(frame), 0))


def missing_in(column: FittedColumn, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which customers have no value in a column."""
    if isinstance(column, NumberColumn):
        return np.isnan(column.numbers(frame[column.column]))
    return frame[column.column].isna().to_numpy()
