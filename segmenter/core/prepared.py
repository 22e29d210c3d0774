"""Which customers, with which columns, does an algorithm get to see?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.core.dataset import ColumnKind, Dataset
from segmenter.core.encoding import Floats, is_constant
from segmenter.core.numbering import Bools, numbers_of
from segmenter.core.preparation import Preparation
from segmenter.core.recipe import FeatureSpec, Missing, Recipe, Role
from segmenter.errors import (
    AllRowsEqualError,
    NoUsableColumnError,
    PersonalColumnError,
    TooFewCustomersError,
    TooManyCategoriesError,
    UnknownColumnError,
)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A table as the algorithm sees it.

    Attributes
    ----------
    X
        Shape (n_kept, n_prepared_columns).
    kept
        Shape (n_customers,): which customers are in `X`; the others miss a value that is not filled.
    """

    preparation: Preparation
    X: Floats
    kept: Bools


def prepare(dataset: Dataset, recipe: Recipe) -> Prepared:
    """Fit the recipe's preparation and apply it.

    Raises
    ------
    NoUsableColumnError, UnknownColumnError, PersonalColumnError, ValueTooLargeError, AllRowsEqualError,
    TooManyCategoriesError
        If the chosen columns cannot be used.
    """
    specs = recipe.segmenting
    _check_columns(dataset, specs)
    kept = complete_rows(dataset, specs)
    if kept.sum() < config.MIN_SEGMENTS:
        raise TooFewCustomersError(int(kept.sum()), max(recipe.n_segments, config.MIN_SEGMENTS))
    frame = dataset.frame[kept]
    preparation = Preparation(specs, recipe.scaling).fit(frame)
    varying = _varying(preparation, specs, frame)
    if not varying:
        raise AllRowsEqualError
    if varying != specs:
        preparation = Preparation(varying, recipe.scaling).fit(frame)
    _check_categories(preparation)
    X = preparation.transform(frame)
    if (X[0] == X).all():
        raise AllRowsEqualError
    return Prepared(preparation, X, kept)


def _varying(preparation: Preparation, specs: tuple[FeatureSpec, ...], frame: pd.DataFrame) -> tuple[FeatureSpec, ...]:
    # A constant tells nobody apart, but its rounding noise would pass for as many different customers.
    constant = {each.column for each in preparation.numbers_ if is_constant(each.numbers(frame[each.column]))}
    return tuple(spec for spec in specs if spec.column not in constant)


def complete_rows(dataset: Dataset, specs: tuple[FeatureSpec, ...]) -> Bools:
    """Return which customers have a value wherever one without is left out."""
    kept = np.ones(dataset.n_customers, dtype=bool)
    for spec in specs:
        if spec.missing is Missing.DROP:
            kept &= ~absent(dataset.frame[spec.column], spec)
    return kept


def absent(values: pd.Series, spec: FeatureSpec) -> Bools:
    """Return which values count as missing; of an ordered category, those that are no step too."""
    if spec.role is Role.ORDINAL:
        return np.isnan(numbers_of(values, spec.role, spec.order))
    return values.isna().to_numpy()


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
