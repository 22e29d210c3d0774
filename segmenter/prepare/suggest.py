"""Which columns to segment by when nobody has chosen yet, and how to use each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError, PersonalColumnError, UnknownColumnError
from segmenter.prepare.coerce import to_category
from segmenter.prepare.preparation import absent, complete_rows
from segmenter.prepare.transforms import skewness as skewness_of
from segmenter.recipe.recipe import DateUse, FeatureSpec, Missing, Recipe, Role, Transform
from segmenter.table.dataset import NUMERIC_KINDS, Column, ColumnKind, Dataset
from segmenter.table.infer.header import names_a_birth

_ROLES = {
    ColumnKind.ORDERED: Role.ORDINAL,
    ColumnKind.YES_NO: Role.NUMBER,
    ColumnKind.CATEGORY: Role.CATEGORY,
    ColumnKind.DATE: Role.DATE,
}
# Words have no middle and no neighbours' mean; a number has no category of its own for what is missing.
_WORD_CHOICES = (Missing.DROP, Missing.MODE, Missing.CATEGORY, Missing.CONSTANT)
_NUMBER_CHOICES = (Missing.DROP, Missing.MEDIAN, Missing.MEAN, Missing.MODE, Missing.KNN, Missing.CONSTANT)


def can_segment(column: Column) -> bool:
    """Whether a column may form segments: everything may, but for personal data."""
    return column.kind is not ColumnKind.PERSONAL


def role_of(column: Column, dataset: Dataset) -> Role:
    """Return the role a column plays when it forms segments.

    An ordered category whose order nobody has said yet is one without order.
    """
    if column.kind is ColumnKind.ORDERED and not known_order(column, dataset):
        return Role.CATEGORY
    if column.kind in _ROLES:
        return _ROLES[column.kind]
    return Role.NUMBER if pd.api.types.is_numeric_dtype(dataset.frame[column.name]) else Role.CATEGORY


def default_role(column: Column, dataset: Dataset, *, widen: bool) -> Role:
    """Return the role a column plays unless the user says otherwise; `widen` lets categories form segments."""
    if column.kind in NUMERIC_KINDS:
        return Role.NUMBER
    if column.kind in (ColumnKind.CATEGORY, ColumnKind.YES_NO, ColumnKind.ORDERED):
        return role_of(column, dataset) if widen else Role.DESCRIPTOR
    if column.kind is ColumnKind.DATE:
        return Role.DESCRIPTOR
    return Role.ID if column.kind is ColumnKind.IDENTIFIER else Role.IGNORED


def known_order(column: Column, dataset: Dataset) -> tuple[str, ...]:
    """Return an ordered category's values, lowest first: recognised words, or numbers; else nothing.

    Never alphabetical: where no order is recognised, the user is asked.
    """
    if column.levels or column.kind is not ColumnKind.ORDERED:
        return column.levels
    values = dataset.frame[column.name]
    if not pd.api.types.is_numeric_dtype(values) or column.distinct > config.MAX_CATEGORIES:
        return ()
    known = values[np.isfinite(values)]
    return tuple(to_category(pd.Series(np.unique(known.to_numpy(dtype=np.float64)))))


def values_of(column: Column, dataset: Dataset) -> tuple[str, ...]:
    """Return a category's different values in the order in which the file brings them, at most 50."""
    found = to_category(dataset.frame[column.name]).dropna().unique()
    return tuple(str(value) for value in found[: config.MAX_CATEGORIES])


def missing_choices(role: Role) -> tuple[Missing, ...]:
    """Return what can be done where a column of this role has no value; the second is the plainest filling."""
    return _WORD_CHOICES if role is Role.CATEGORY else _NUMBER_CHOICES


def possible_missing(role: Role, wanted: Missing) -> Missing:
    """Return a treatment of missing values as it is for this role.

    Categories have no middle: median, mean and neighbours become the most frequent value.
    """
    choices = missing_choices(role)
    return wanted if wanted in choices or role not in _FILLED else choices[1]


_FILLED = frozenset({Role.NUMBER, Role.CATEGORY, Role.ORDINAL, Role.DATE})


# One column alone makes bands, not segments; below two numbers, categories join in.
FEWEST_NUMBERS = 2


def suggest_features(dataset: Dataset) -> tuple[FeatureSpec, ...]:
    """Return how each column would best be used, in file order.

    Numbers, money and percentages form the segments; categories, yes/no columns and dates describe them,
    and join in only when there are fewer than two numbers. Identifiers, codes, constants, near-empty columns,
    text and personal data are left out. A table made here brings its own suggestion.

    Parameters
    ----------
    dataset
        The customers.

    Raises
    ------
    ArgumentTypeError
        If `dataset` is something else, such as a pandas table.

    Examples
    --------
    >>> from segmenter import read_sample, suggest_features
    >>> [spec.column for spec in suggest_features(read_sample("mall")) if spec.segments]
    ['Age', 'Annual Income (k$)', 'Spending Score (1-100)']
    """
    check_type(dataset, Dataset, "dataset")
    if dataset.suggested:
        return dataset.suggested
    numbers = [column for column in dataset.columns if column.kind in NUMERIC_KINDS]
    widen = len(numbers) < FEWEST_NUMBERS
    return tuple(_suggested(column, dataset, widen=widen) for column in dataset.columns)


def choose_features(dataset: Dataset, columns: Sequence[str]) -> tuple[FeatureSpec, ...]:
    """Return the suggested features with exactly the named columns forming the segments.

    Parameters
    ----------
    dataset
        The customers.
    columns
        Names of columns, as `dataset.columns` has them.

    Raises
    ------
    UnknownColumnError, PersonalColumnError
        If the file has no column of that name, or it is personal data.
    InvalidSettingError
        If `columns` is one text in place of several.
    ArgumentTypeError
        If `dataset` is something else, such as a pandas table.
    """
    check_type(dataset, Dataset, "dataset")
    if isinstance(columns, str):
        message = f'columns must be names in a row, such as ("{columns[:40]}",), not one text.'
        raise InvalidSettingError(message)
    names = [column.name for column in dataset.columns]
    unknown = [name for name in columns if name not in names]
    if unknown:
        raise UnknownColumnError(unknown, names)
    return tuple(used(spec, dataset) if spec.column in columns else unused(spec) for spec in suggest_features(dataset))


def used(spec: FeatureSpec, dataset: Dataset) -> FeatureSpec:
    """Return the feature as one that forms segments.

    Raises
    ------
    PersonalColumnError
        If the column is personal data.
    """
    column = dataset.column(spec.column)
    if not can_segment(column):
        raise PersonalColumnError(column.name, column.reason)
    use = DateUse.AGE if column.kind is ColumnKind.DATE and names_a_birth(column.header) else spec.date_use
    role = role_of(column, dataset)
    choices = missing_choices(role)
    missing = spec.missing if spec.missing in choices else choices[1]
    return replace(spec, role=role, order=known_order(column, dataset), date_use=use, missing=missing)


def unused(spec: FeatureSpec) -> FeatureSpec:
    """Return the feature as one that only describes segments."""
    return replace(spec, role=Role.DESCRIPTOR) if spec.segments else spec


def with_missing(features: tuple[FeatureSpec, ...], choice: str) -> tuple[FeatureSpec, ...]:
    """Return the features with one treatment of missing values for all; "auto" keeps the suggested ones.

    Categories have no middle: median, mean and neighbours become the most frequent value.
    """
    if choice == "auto":
        return features
    chosen = Missing(choice)
    return tuple(replace(each, missing=possible_missing(each.role, chosen)) for each in features)


def kept_features(before: tuple[FeatureSpec, ...], old: Dataset, new: Dataset) -> tuple[FeatureSpec, ...]:
    """Return the features of a table whose columns were given other kinds: the others stay as they were set."""
    kinds = {column.name: (column.kind, column.levels) for column in old.columns}
    set_before = {spec.column: spec for spec in before}
    return tuple(
        set_before[column.name]
        if kinds.get(column.name) == (column.kind, column.levels) and column.name in set_before
        else spec
        for column, spec in zip(new.columns, suggest_features(new), strict=True)
    )


def recommended_missing(column: Column, n_customers: int) -> Missing:
    """Return how to treat a column's missing values: rows out below 3 %, else a typical value."""
    if column.missing and column.missing < config.DROP_ROWS_BELOW_SHARE * n_customers:
        return Missing.DROP
    return Missing.MODE if column.kind in (ColumnKind.CATEGORY, ColumnKind.YES_NO) else Missing.MEDIAN


def skewed_columns(dataset: Dataset, features: tuple[FeatureSpec, ...]) -> dict[str, float]:
    """Return the skewness of the number columns in use whose distribution has a long tail."""
    found = {}
    for spec in features:
        if spec.role is Role.NUMBER and spec.transform is Transform.NONE:
            values = dataset.frame[spec.column].to_numpy(dtype=np.float64)
            skewness = skewness_of(values[np.isfinite(values)])
            if abs(skewness) >= config.STRONG_SKEW:
                found[spec.column] = skewness
    return found


@dataclass(frozen=True)
class CorrelatedPair:
    """Two columns that carry nearly the same information; `r` is Pearson's, −1 to 1."""

    first: str
    second: str
    r: float


def correlated_pairs(dataset: Dataset, features: tuple[FeatureSpec, ...]) -> tuple[CorrelatedPair, ...]:
    """Return the pairs of number columns in use that are nearly copies of each other, strongest first."""
    names = [spec.column for spec in features if spec.role is Role.NUMBER]
    if len(names) < 2:
        return ()
    with np.errstate(invalid="ignore", divide="ignore"):
        r = dataset.frame[names].corr().to_numpy()
    pairs = [
        CorrelatedPair(names[i], names[j], float(r[i, j]))
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if abs(r[i, j]) > config.REDUNDANT_CORRELATION
    ]
    return tuple(sorted(pairs, key=lambda pair: -abs(pair.r)))


@dataclass(frozen=True)
class MissingEffect:
    """What the choices for missing values come to: rows left out and values filled in."""

    rows_left_out: int
    values_filled: int


def missing_effect(dataset: Dataset, recipe: Recipe) -> MissingEffect:
    """Count what the recipe does to missing values, among the columns that form the segments."""
    keeps = complete_rows(dataset, recipe.segmenting)
    filled = sum(int((absent(dataset.frame[spec.column], spec) & keeps).sum()) for spec in recipe.segmenting)
    return MissingEffect(int((~keeps).sum()), filled)


def _suggested(column: Column, dataset: Dataset, *, widen: bool) -> FeatureSpec:
    missing = recommended_missing(column, dataset.n_customers)
    role = default_role(column, dataset, widen=widen)
    return FeatureSpec(column.name, role, missing, order=known_order(column, dataset))
