"""Diagnostics of the chosen columns before segments are formed: skew, redundancy, structure, outliers, weight."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from diptest import dipstat

from segmenter import config
from segmenter.errors.base import SegmenterError
from segmenter.errors.forming import TooManyCategoriesError
from segmenter.measures.association import association
from segmenter.measures.borders import jitter_discrete
from segmenter.prepare.coerce import check_size, is_constant, to_category, to_numeric
from segmenter.prepare.encoders import CategoryColumn, FittedColumn, NumberColumn, fit_column
from segmenter.prepare.outliers import find_outliers
from segmenter.prepare.preparation import Prepared
from segmenter.prepare.previews import ShapePair, proposed_shapes
from segmenter.prepare.suggest import CorrelatedPair, correlated_pairs
from segmenter.recipe.recipe import FeatureSpec, Recipe, Role, Scaling
from segmenter.sampling import systematic_sample
from segmenter.table.dataset import Dataset, subsample
from segmenter.typing import FloatArray, IntArray


@dataclass(frozen=True)
class Influence:
    """One column's part in the distances between customers.

    Attributes
    ----------
    share
        Of the mean squared distance between two customers, 0-1; all columns' shares add up to 1.
    n_prepared
        How many numbers the column became.
    """

    column: str
    share: float
    n_prepared: int


def column_influence(prepared: Prepared) -> tuple[Influence, ...]:
    """Return what each column contributes to the distances, most first.

    The mean squared difference of two customers in a prepared column is twice its variance, and squared
    differences add up.
    """
    owners = [owner for owner, _ in prepared.preparation.owned_names_]
    variances = prepared.X.var(axis=0)
    total = float(variances.sum()) or 1.0
    found = [
        Influence(
            column=column,
            share=float(sum(variances[place] for place, owner in enumerate(owners) if owner == column)) / total,
            n_prepared=owners.count(column),
        )
        for column in dict.fromkeys(owners)
    ]
    return tuple(sorted(found, key=lambda each: (-np.round(each.share, 12), each.column)))


# Looked at whenever the page is drawn; more customers only show weaker dependence.
STRUCTURE_ROWS = 2_000
# In a wide file fewer do, so that the time stays at some seconds for 500 columns.
FEWEST_ROWS, MOST_CELLS = 500, 100_000
# With fewer customers, not seeing a dependence says little.
FEWEST_CUSTOMERS = 100
# √n · dip is below this for more than 99.5 % of samples of a uniform distribution (2,000 draws of 1,000 values:
# 0.644), which of all distributions with one peak looks most as if it had two.
ONE_PEAK = 0.66
# A dependence is there when chance would show such a table among all pairs less than once in 100 files, and it
# is more than a trace (Cohen 1988 calls 0.1 small).
CHANCE, TRACE = 0.01, 0.1
_BINS, _WORDS = 5, 8


def structureless_columns(dataset: Dataset, recipe: Recipe) -> tuple[str, ...]:
    """Return the columns that tell customers apart without grouping them, in file order.

    Groups that differ in a column give it several peaks, or make it depend on the other columns in which they
    differ. A column with neither adds the same noise to all distances. Categories are never named: they have
    no peaks.
    """
    specs = [spec for spec in recipe.features if spec.segments]
    wanted = max(FEWEST_ROWS, min(STRUCTURE_ROWS, MOST_CELLS // max(len(specs), 1)))
    rows = systematic_sample(dataset.n_customers, wanted)
    values = {spec.column: dataset.frame[spec.column].iloc[rows] for spec in specs}
    codes = {spec.column: _codes(spec, values[spec.column]) for spec in specs}
    varying = [spec for spec in specs if codes[spec.column].max() > 0]
    if len(varying) < 2 or len(rows) < FEWEST_CUSTOMERS:
        return ()
    found = association([codes[spec.column] for spec in varying])
    n_pairs = len(varying) * (len(varying) - 1) / 2
    told = (found.strength >= TRACE) & (found.chance < CHANCE / n_pairs)
    return tuple(
        spec.column
        for place, spec in enumerate(varying)
        if not told[place].any() and _has_one_peak(spec, values[spec.column])
    )


def _numbers(spec: FeatureSpec, values: pd.Series) -> FloatArray | None:
    fitted = fit_column(spec, values, Scaling.NONE)
    if not isinstance(fitted, NumberColumn):
        return None
    return fitted.scaled(fitted.numbers(values))


def _codes(spec: FeatureSpec, values: pd.Series) -> IntArray:
    """Return which fifth of the numbers, or which of the commonest values, each customer has; gaps are a group."""
    numbers = _numbers(spec, values)
    if numbers is None:
        texts = to_category(values)
        common = pd.Index(texts.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:_WORDS])
        return _without_gaps(common.get_indexer(pd.Index(texts)) + 1)
    known = numbers[~np.isnan(numbers)]
    if is_constant(numbers):
        return np.zeros(len(numbers), dtype=np.intp)
    borders = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1]))
    return _without_gaps(np.where(np.isnan(numbers), 0, 1 + np.searchsorted(borders, numbers)))


def _without_gaps(codes: IntArray) -> IntArray:
    return np.unique(codes, return_inverse=True)[1].astype(np.intp)


def _has_one_peak(spec: FeatureSpec, values: pd.Series) -> bool:
    numbers = _numbers(spec, values)
    if numbers is None:
        return False
    known = np.sort(numbers[~np.isnan(numbers)])
    if len(known) < FEWEST_CUSTOMERS or len(np.unique(known)) <= 2:
        return False
    spread = jitter_discrete(known[:, None], np.random.default_rng(0))[:, 0]
    # Hartigan's dip; the library's is compiled, and 60 times as quick as one in NumPy.
    return bool(dipstat(spread) * np.sqrt(len(spread)) < ONE_PEAK)


# Correlations of more customers are the same to two digits.
DIAGNOSTIC_ROWS = 100_000


@dataclass(frozen=True, eq=False)
class ColumnDiagnostics:
    """What stands out in the chosen columns.

    Attributes
    ----------
    shapes
        Strongly skewed columns, each as it is and in the shape proposed for it.
    pairs
        Columns that carry nearly the same information, the most alike first.
    structureless
        Columns that show no sign of groups.
    far_out
        Per column of numbers or dates: the share of the customers that lie far out, 0-1, where some do.
    problems
        What would keep segments from being formed; the columns concerned are not looked at further.
    """

    shapes: Mapping[str, ShapePair]
    pairs: tuple[CorrelatedPair, ...]
    structureless: tuple[str, ...]
    far_out: Mapping[str, float]
    problems: tuple[SegmenterError, ...] = ()


def column_diagnostics(dataset: Dataset, recipe: Recipe) -> ColumnDiagnostics:
    """Look for skewed, redundant and structureless columns among at most 100,000 customers, and for problems."""
    some = subsample(dataset, DIAGNOSTIC_ROWS)
    fitted, problems = _tried(dataset, some, recipe.segmenting)
    features = tuple(spec for spec in recipe.features if spec.column in fitted)
    counts = {name: len(each.names) for name, each in fitted.items() if isinstance(each, CategoryColumn)}
    if sum(counts.values()) > config.MAX_CATEGORIES_TOTAL:
        problems.append(TooManyCategoriesError(counts, config.MAX_CATEGORIES_TOTAL))
    return ColumnDiagnostics(
        shapes=proposed_shapes(some, features),
        pairs=correlated_pairs(some, features),
        structureless=structureless_columns(some, replace(recipe, features=features)),
        far_out=_far_out(some, tuple(spec for spec in features if spec.segments)),
        problems=tuple(problems),
    )


def _far_out(some: Dataset, specs: tuple[FeatureSpec, ...]) -> dict[str, float]:
    found = {spec.column: find_outliers(some, spec) for spec in specs if spec.role in (Role.NUMBER, Role.DATE)}
    return {name: len(each.rows) / some.n_customers for name, each in found.items() if each and len(each.rows)}


def _tried(
    dataset: Dataset, some: Dataset, specs: tuple[FeatureSpec, ...]
) -> tuple[dict[str, FittedColumn], list[SegmenterError]]:
    fitted: dict[str, FittedColumn] = {}
    problems: list[SegmenterError] = []
    for spec in specs:
        values = dataset.frame[spec.column]
        try:
            if spec.role is Role.NUMBER:
                check_size(spec.column, values, to_numeric(values, spec.role))
            fitted[spec.column] = fit_column(spec, some.frame[spec.column], Scaling.NONE)
        except SegmenterError as error:
            problems.append(error)
    return fitted, problems
