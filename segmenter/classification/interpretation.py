"""Permutation importance and partial dependence of a classifier."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmenter.classification.folds import LabelledRows
from segmenter.measures.classification import standard_error
from segmenter.prepare.encoders import CategoryColumn, NumberColumn
from segmenter.prepare.preparation import Preparation
from segmenter.progress import Progress
from segmenter.typing import FloatArray

PredictProba = Callable[[pd.DataFrame], FloatArray]
"""Customers in their own units to probabilities, shape (n, n_classes)."""

SHUFFLES = 5
TOP_COLUMNS = 4
# Points along a number's range, and customers who are moved along it: enough for a line on a screen.
STEPS = 12
MOST_CUSTOMERS = 500


@dataclass(frozen=True)
class ColumnImportance:
    """How much accuracy is lost when a column's values are dealt out anew among the customers.

    Attributes
    ----------
    loss
        Mean over the shuffles; near 0, or below it by chance, for a column that is not needed.
    """

    column: str
    loss: float
    se: float


@dataclass(frozen=True, eq=False)
class PartialDependence:
    """The mean answer when every customer had the same value in one column (Friedman 2001).

    Attributes
    ----------
    values
        As shown: numbers and dates ascending, ordered values in their order, categories commonest first.
    numbers
        The same as numbers where they are some, else empty.
    probability
        Shape (n_values, n_classes).
    """

    column: str
    values: tuple[str, ...]
    numbers: tuple[float, ...]
    probability: FloatArray


def column_importances(
    tell: PredictProba, rows: LabelledRows, columns: Sequence[str], seed: int, progress: Progress
) -> tuple[ColumnImportance, ...]:
    """Return each original column's permutation importance (Breiman 2001), the largest first."""
    before = _accuracy(tell(rows.frame), rows)
    found = []
    for number, column in enumerate(sorted(columns)):
        progress(number / len(columns), f"How much {column} matters")
        random = np.random.default_rng([seed, number])
        losses = []
        for _ in range(SHUFFLES):
            shuffled = rows.frame[column].iloc[random.permutation(len(rows))]
            moved = rows.frame.assign(**{column: shuffled.set_axis(rows.frame.index)})
            losses.append(before - _accuracy(tell(moved), rows))
        found.append(ColumnImportance(column, float(np.mean(losses)), standard_error(np.array(losses))))
    return tuple(sorted(found, key=lambda each: -each.loss))


def partial_dependences(
    tell: PredictProba, rows: LabelledRows, preparation: Preparation, columns: Sequence[str], progress: Progress
) -> tuple[PartialDependence, ...]:
    """Return how the mean answer moves with each of some columns."""
    everyone = rows.frame.iloc[np.linspace(0, len(rows) - 1, min(len(rows), MOST_CUSTOMERS)).astype(int)]
    found = []
    for number, column in enumerate(columns):
        progress(number / len(columns), f"What {column} does")
        values = _steps(rows.frame[column], preparation, column)
        moved = [tell(everyone.assign(**{column: _constant(everyone, column, value)})).mean(axis=0) for value in values]
        if values:
            shown = tuple(_shown(value) for value in values)
            numbers = tuple(float(value) for value in values if isinstance(value, float))
            found.append(PartialDependence(column, shown, numbers, np.array(moved)))
    return tuple(found)


def _accuracy(probability: FloatArray, rows: LabelledRows) -> float:
    return float((probability.argmax(axis=1) == rows.codes).mean())


def _steps(values: pd.Series, preparation: Preparation, column: str) -> list[object]:
    fitted = next(each for each in preparation.columns_ if each.column == column)
    if isinstance(fitted, CategoryColumn):
        return list(fitted.categories)
    if isinstance(fitted, NumberColumn) and fitted.levels:
        return list(fitted.levels)
    known = values.dropna().sort_values()
    at = np.unique(np.linspace(0, len(known) - 1, STEPS).astype(int)) if len(known) else np.empty(0, dtype=int)
    chosen = pd.unique(known.iloc[at])
    return [float(value) if isinstance(value, int | float | np.number) else value for value in chosen]


def _constant(frame: pd.DataFrame, column: str, value: object) -> pd.Series:
    return pd.Series([value] * len(frame), index=frame.index).astype(frame[column].dtype)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.6g}"
    return str(value.date()) if isinstance(value, pd.Timestamp) else str(value)
