"""Which columns are worth segmenting by, and how should their missing values be handled?"""

from dataclasses import dataclass, replace

import numpy as np

from segmenter import config
from segmenter.core.dataset import NUMERIC_KINDS, Column, ColumnKind, Dataset
from segmenter.core.kinds.header import names_a_birth
from segmenter.core.powers import skewness as skewness_of
from segmenter.core.prepared import absent, complete_rows
from segmenter.core.recipe import DateUse, FeatureSpec, Missing, Recipe, Role, Transform
from segmenter.core.roles import can_segment, default_role, known_order, missing_choices, possible_missing, role_of
from segmenter.errors import PersonalColumnError, UnknownColumnError

# One column alone makes bands, not segments; below two numbers, categories join in.
FEWEST_NUMBERS = 2


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
    UnknownColumnError, PersonalColumnError
        If the file has no column of that name, or it is personal data.
    """
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
