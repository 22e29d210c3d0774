"""Survey weights: how many people of the market each row stands for, and what that makes of a mean or a share."""

import numpy as np
import pandas as pd

from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.recipe.recipe import Recipe
from segmenter.table.dataset import Dataset
from segmenter.typing import FloatArray, IntArray

# The rarest weights of surveys, and counts of equal customers, lie within a million of each other.
_MOST_APART = 1e9


def customer_weights(dataset: Dataset, recipe: Recipe) -> FloatArray | None:
    """Return what each customer counts, shape (n_customers,), with a mean of 1; None where all count the same.

    Parameters
    ----------
    dataset
        The customers. Where the recipe's column of weights is not among them, such as next month, all count the same.
    recipe
        Its `weight_column` says what a customer counts.

    Raises
    ------
    InvalidSettingError
        If somebody has no weight, or one that is not above 0.
    """
    return column_weights(dataset, recipe.weight_column)


def column_weights(dataset: Dataset, name: str, rows: IntArray | None = None) -> FloatArray | None:
    """Return what some customers count by a column of weights, with a mean of 1; None where all count the same.

    Parameters
    ----------
    dataset
        The customers.
    name
        The column of weights; empty, or one that is not there, where all count the same.
    rows
        Positions of the customers that are looked at, shape (n,); all where it is None.

    Raises
    ------
    InvalidSettingError
        If one of them has no weight, or one that is not above 0, or their sizes have nothing to do with each other.
    """
    if not name or name not in dataset.frame:
        return None
    column = dataset.frame[name] if rows is None else dataset.frame[name].iloc[rows]
    checked_numbers_column(dataset, name)
    weights = column.to_numpy(dtype=np.float64, na_value=np.nan)
    without = np.flatnonzero(~(np.isfinite(weights) & (weights > 0)))
    if len(without):
        first = int(without[0] if rows is None else rows[without].min()) + 1
        raise InvalidSettingError(without_weight(name, len(without), len(weights), f" (row {first:,} is the first)"))
    check_spread(name, float(weights.min()), float(weights.max()))
    counted: FloatArray = weights / weights.mean()
    return counted


def without_weight(name: str, n_without: int, n: int, first: str = "") -> str:
    """Return the sentence on customers without a weight above 0, and where the first of them stands."""
    people = "customer" if n == 1 else "customers"
    return (
        f"{name}: {n_without:,} of {n:,} {people} without a weight above 0{first}. Give every row a weight, leave "
        "those rows out, or pick another column of weights."
    )


def check_spread(name: str, least: float, most: float) -> None:
    """Raise InvalidSettingError where one customer would count out of all proportion to another."""
    if most > _MOST_APART * least:
        message = (
            f"{name} goes from {least:g} to {most:g}, so that one customer would count more than a "
            "billion times as much as another. Correct the weights, or pick another column of weights."
        )
        raise InvalidSettingError(message)


def checked_numbers_column(dataset: Dataset, name: str) -> None:
    """Raise InvalidSettingError if the column of weights holds no numbers."""
    if not pd.api.types.is_numeric_dtype(dataset.frame[name]) or pd.api.types.is_bool_dtype(dataset.frame[name]):
        message = f"{name} holds no numbers, so it cannot say what a customer counts. Pick a column of weights."
        raise InvalidSettingError(message)


def checked_weight_column(dataset: Dataset, name: str) -> None:
    """Raise UnknownColumnError if the column of weights that somebody names is not there."""
    if name and name not in dataset.frame:
        raise UnknownColumnError([name], [column.name for column in dataset.columns])


def effective_size(weights: FloatArray) -> float:
    """Return how many customers of equal weight tell as much: (Σw)² / Σw² (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def weighted_median(values: FloatArray, weights: FloatArray) -> float:
    """Return the value that half of the weight lies below; between two, their mean. `values` holds no NaN."""
    order = np.argsort(values, kind="stable")
    ends = np.cumsum(weights[order])
    half = ends[-1] / 2
    first = int(np.searchsorted(ends, half * (1 - 1e-12)))
    if np.isclose(ends[first], half, rtol=1e-12) and first + 1 < len(values):
        return float((values[order[first]] + values[order[first + 1]]) / 2)
    return float(values[order[first]])
