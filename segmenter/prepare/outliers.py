"""Outliers of a column."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from segmenter.prepare.coerce import is_constant
from segmenter.prepare.encoders import NumberColumn, fit_column
from segmenter.prepare.transforms import NORMAL_IQR
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Role, Scaling
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.typing import FloatArray, IntArray

# Tukey (1977) calls a value far out that lies this many interquartile ranges beyond the quartiles; of a normal
# distribution that is one value in 425,000.
FAR_OUT = 3.0


@dataclass(frozen=True, eq=False)
class Outliers:
    """The customers whose number in a column is far out.

    Attributes
    ----------
    low, high
        The fences, in the column's own units (days or years for a date).
    quartiles
        First quartile, median and third quartile, in the column's own units.
    rows
        Positions of the customers beyond them, shape (n_outliers,), the farthest first.
    values
        Their numbers, in the same order.
    """

    column: str
    low: float
    high: float
    quartiles: tuple[float, float, float]
    rows: IntArray
    values: FloatArray


def find_outliers(dataset: Dataset, spec: FeatureSpec) -> Outliers | None:
    """Look for numbers far out of a column as it is used: after its logarithm or power, before any cap.

    Returns
    -------
    Outliers or None
        None where the column is no number, or has no more than two values: a rare yes is not far out.
    """
    values = dataset.frame[spec.column]
    plain = replace(spec, cap=None, missing=Missing.MEDIAN)
    fitted = fit_column(plain, values, Scaling.NONE)
    if not isinstance(fitted, NumberColumn) or spec.role is Role.ORDINAL:
        return None
    numbers = fitted.numbers(values)
    distinct = np.unique(numbers[~np.isnan(numbers)])
    if len(distinct) <= 2 or is_constant(numbers):
        return None
    drawn = fitted.transformed(numbers)
    known = np.sort(drawn[~np.isnan(drawn)])
    quartiles = np.quantile(known, [0.25, 0.5, 0.75])
    low, high = _fences(known, float(quartiles[0]), float(quartiles[2]))
    beyond = np.fmax(low - drawn, drawn - high)
    rows = np.flatnonzero(beyond > 0)
    rows = rows[np.argsort(-beyond[rows], kind="stable")]
    back = fitted.untransformed(np.array([low, high, *quartiles])).tolist()
    return Outliers(spec.column, back[0], back[1], (back[2], back[3], back[4]), rows, numbers[rows])


def named_rows(dataset: Dataset, outliers: Outliers, most: int) -> pd.DataFrame:
    """Return the farthest customers by name: row of the file, identifier where there is one, and the value."""
    rows = outliers.rows[:most]
    named: dict[str, Sequence[object]] = {"Row": [int(row) + 1 for row in rows]}
    for column in dataset.columns:
        if column.kind is ColumnKind.IDENTIFIER:
            named[column.name] = [str(cell) for cell in dataset.original[column.name].iloc[rows]]
            break
    shown = dataset.original[outliers.column].iloc[rows]
    return pd.DataFrame({**named, outliers.column: shown.to_list()})


def _fences(known: FloatArray, lower: float, upper: float) -> tuple[float, float]:
    # A column that is half zeros has no interquartile range; a normal one of its deviation serves then.
    room = FAR_OUT * ((upper - lower) or NORMAL_IQR * known.std())
    return float(lower - room), float(upper + room)


# A customer is set aside who lies so many robust standard deviations out in at least so many columns at once ...
FAR_SIGMAS, _FEWEST_COLUMNS = 5.0, 2
# ... and these are at most this share of all: more are a group of their own.
MOST_SET_ASIDE = 0.03
_FEWEST_CUSTOMERS = 20


@dataclass(frozen=True)
class CustomerFarOut:
    """A customer far out in several columns at once.

    Attributes
    ----------
    row
        Position in the file, from 0.
    columns
        Those in which the customer lies far out, the farthest first.
    """

    row: int
    columns: tuple[str, ...]


def customers_far_out(dataset: Dataset, recipe: Recipe) -> tuple[CustomerFarOut, ...]:
    """Return the customers to set aside for the evidence, the farthest first; they stay in the result.

    Distances are robust standard deviations from the median after the columns' transforms, in numbers of more than two
    values. Where more than 3 % of the customers lie so far out, none is set aside: they are a group.
    """
    distances: dict[str, FloatArray] = {}
    for spec in recipe.segmenting:
        if spec.role is not Role.NUMBER or dataset.n_customers < _FEWEST_CUSTOMERS:
            continue
        values = dataset.frame[spec.column]
        fitted = fit_column(replace(spec, cap=None, missing=Missing.MEDIAN), values, Scaling.NONE)
        if not isinstance(fitted, NumberColumn):
            continue
        numbers = fitted.transformed(fitted.numbers(values))
        known = numbers[~np.isnan(numbers)]
        if len(np.unique(known)) <= 2 or is_constant(known):
            continue
        low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
        # A column that is half zeros has no interquartile range.
        spread = (high - low) / NORMAL_IQR or known.std()
        distances[spec.column] = np.nan_to_num(np.abs(numbers - middle) / spread)
    if len(distances) < _FEWEST_COLUMNS:
        return ()
    names, far = list(distances), np.column_stack(list(distances.values()))
    rows = np.flatnonzero((far > FAR_SIGMAS).sum(axis=1) >= _FEWEST_COLUMNS)
    if len(rows) > MOST_SET_ASIDE * dataset.n_customers:
        return ()
    rows = rows[np.argsort(-far[rows].sum(axis=1), kind="stable")]
    return tuple(
        CustomerFarOut(int(row), tuple(names[at] for at in np.argsort(-far[row]) if far[row, at] > FAR_SIGMAS))
        for row in rows
    )
