"""Which columns are worth segmenting by, and how should their missing values be handled?"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.core.dataset import NUMERIC_KINDS, Column, ColumnKind, Dataset
from segmenter.core.powers import skewness as skewness_of
from segmenter.core.recipe import FeatureSpec, Missing, Recipe, Role, Transform
from segmenter.errors import UnknownColumnError

# One column alone makes bands, not segments; below two numbers, categories join in.
FEWEST_NUMBERS = 2

_ROLES = {
    ColumnKind.ORDERED: Role.ORDINAL,
    ColumnKind.YES_NO: Role.NUMBER,
    ColumnKind.CATEGORY: Role.CATEGORY,
    ColumnKind.DATE: Role.DATE,
}


def suggest_features(dataset: Dataset) -> tuple[FeatureSpec, ...]:
    """Return how each column would best be used, in file order.

    Numbers, money and percentages form the segments; categories, yes/no columns and dates describe them,
    and join in only when there are fewer than two numbers. Identifiers, codes, constants, near-empty columns,
    text and personal data are left out. A table made here brings its own suggestion.
    """
    if dataset.suggested:
        return dataset.suggested
    numbers = [column for column in dataset.columns if column.kind in NUMERIC_KINDS]
    widen = len(numbers) < FEWEST_NUMBERS
    return tuple(_suggested(column, dataset, widen=widen) for column in dataset.columns)


def choose_features(dataset: Dataset, columns: tuple[str, ...]) -> tuple[FeatureSpec, ...]:
    """Return the suggested features with exactly the named columns forming the segments.

    Raises
    ------
    UnknownColumnError
        If the file has no column of that name.
    """
    names = [column.name for column in dataset.columns]
    unknown = [name for name in columns if name not in names]
    if unknown:
        raise UnknownColumnError(unknown, names)
    return tuple(used(spec, dataset) if spec.column in columns else unused(spec) for spec in suggest_features(dataset))


def used(spec: FeatureSpec, dataset: Dataset) -> FeatureSpec:
    """Return the feature as one that forms segments."""
    column = dataset.column(spec.column)
    return replace(spec, role=role_of(column, dataset), order=column.levels)


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
    middle = chosen if chosen in (Missing.DROP, Missing.MODE) else Missing.MODE
    return tuple(replace(each, missing=middle if each.role is Role.CATEGORY else chosen) for each in features)


def role_of(column: Column, dataset: Dataset) -> Role:
    """Return the role a column plays when it forms segments."""
    if column.kind in _ROLES:
        return _ROLES[column.kind]
    numeric = pd.api.types.is_numeric_dtype(dataset.frame[column.name])
    return Role.NUMBER if numeric else Role.CATEGORY


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
    keeps = np.ones(dataset.n_customers, dtype=bool)
    for spec in recipe.segmenting:
        if spec.missing is Missing.DROP:
            keeps &= dataset.frame[spec.column].notna().to_numpy()
    kept = dataset.frame.loc[keeps, [spec.column for spec in recipe.segmenting]]
    return MissingEffect(int((~keeps).sum()), int(kept.isna().to_numpy().sum()))


def _suggested(column: Column, dataset: Dataset, *, widen: bool) -> FeatureSpec:
    missing = recommended_missing(column, dataset.n_customers)
    return FeatureSpec(column.name, _default_role(column, widen=widen), missing, order=column.levels)


def _default_role(column: Column, *, widen: bool) -> Role:
    if column.kind in NUMERIC_KINDS:
        return Role.NUMBER
    if column.kind in (ColumnKind.CATEGORY, ColumnKind.YES_NO, ColumnKind.ORDERED):
        return _ROLES[column.kind] if widen else Role.DESCRIPTOR
    if column.kind is ColumnKind.DATE:
        return Role.DESCRIPTOR
    return Role.ID if column.kind is ColumnKind.IDENTIFIER else Role.IGNORED
