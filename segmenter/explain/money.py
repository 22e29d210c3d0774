"""What each segment brings: the column that says what a customer is worth, its sums, shares and averages."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.explain.columns import ColumnWords, number_text, percent_text
from segmenter.explain.language import language
from segmenter.table.dataset import NUMERIC_KINDS, Column, ColumnKind, Dataset
from segmenter.table.infer.meanings import plain_words
from segmenter.typing import IntArray

# A column of which fewer customers have a value says little of what all are worth.
_KNOWN: Final = 0.5


@dataclass(frozen=True)
class Money:
    """What one segment brings.

    Attributes
    ----------
    column
        The column that says what a customer is worth.
    sum
        Over the segment's customers that have a value, in the column's own unit.
    share
        Of all segments' sum, 0-1; None where values are negative, or all nought, and a share has no meaning.
    per_head
        Mean over the customers that have a value; None where nobody has one.
    n_known
        How many have one.
    text, sum_text, per_head_text
        The same in words: "2,442 k$ annual income, 20 % of the total"; the sum and the mean alone.
    """

    column: str
    sum: float
    share: float | None
    per_head: float | None
    n_known: int
    text: str
    sum_text: str
    per_head_text: str


def suggest_value_column(dataset: Dataset) -> str | None:
    """Return the column that most probably says what a customer is worth; None where no name says so.

    Total spend comes before revenue and sales, these before profit, amounts and, last, income; amounts of money
    before plain numbers. Scores, counts, averages and shares never are.

    Parameters
    ----------
    dataset
        The customers.

    Examples
    --------
    >>> from segmenter import read_sample, suggest_value_column
    >>> suggest_value_column(read_sample("mall"))
    'Annual Income (k$)'
    """
    check_type(dataset, Dataset, "dataset")
    ranked = [(rank, place, column.name) for place, column in enumerate(dataset.columns)
              if (rank := _rank(column, dataset)) is not None]  # fmt: skip
    return min(ranked)[2] if ranked else None


def value_columns(dataset: Dataset) -> tuple[str, ...]:
    """Return the columns that may say what a customer is worth: numbers, the proposed one first.

    Parameters
    ----------
    dataset
        The customers.
    """
    proposed = suggest_value_column(dataset)
    names = [column.name for column in dataset.columns if column.kind in NUMERIC_KINDS - {ColumnKind.PERCENTAGE}]
    return tuple(sorted(names, key=lambda name: name != proposed))


def checked_value_column(dataset: Dataset, value_column: str | None) -> str | None:
    """Return the column to add up: the given one, the proposed one for None, and none for an empty name.

    Raises
    ------
    UnknownColumnError, InvalidSettingError
        If there is no such column, or it holds no numbers.
    """
    if value_column is None:
        return suggest_value_column(dataset)
    if not value_column:
        return None
    known = [column.name for column in dataset.columns]
    if value_column not in known:
        raise UnknownColumnError([value_column], known)
    if not pd.api.types.is_numeric_dtype(dataset.frame[value_column]):
        message = f"{value_column} holds no numbers, so it cannot be added up. Name a column of amounts as the value."
        raise InvalidSettingError(message)
    return value_column


def money_of(dataset: Dataset, words: ColumnWords, labels: IntArray, k: int) -> tuple[Money, ...]:
    """Return what each segment brings.

    Parameters
    ----------
    words
        How the value column is spoken of.
    labels
        Shape (n_customers,), 0 … k-1, -1 for customers in none, who are not part of the total.
    """
    values = dataset.frame[words.column].to_numpy(dtype=np.float64)
    known = (labels >= 0) & np.isfinite(values)
    sums = np.bincount(labels[known], weights=values[known], minlength=k)
    counts = np.bincount(labels[known], minlength=k)
    total = float(sums.sum())
    has_shares = bool(known.any()) and float(values[known].min()) >= 0 and total > 0
    found = []
    for segment in range(k):
        amount, n = float(sums[segment]), int(counts[segment])
        share = amount / total if has_shares else None
        per_head = amount / n if n else None
        sum_text = total_text(words, amount)
        facts = {"sum": sum_text, "label": words.label, "share": "" if share is None else percent_text(share)}
        text = language().text("money", "sum_only" if share is None else "sentence", **facts)
        each = "–" if per_head is None else language().text("money", "per_head", value=words.text(per_head))
        found.append(Money(words.column, amount, share, per_head, n, text, sum_text, each))
    return tuple(found)


def total_text(words: ColumnWords, amount: float) -> str:
    """Return a sum in the column's own unit, without the digits that only single values deserve."""
    decimals = 0 if abs(amount) >= 100 else words.decimals
    digits = number_text(amount, decimals)
    sign, digits = ("−", digits[1:]) if digits.startswith("−") else ("", digits)
    return f"{sign}{words.prefix}{digits} {words.unit}".rstrip()


def _rank(column: Column, dataset: Dataset) -> tuple[int, int] | None:
    if column.kind not in NUMERIC_KINDS - {ColumnKind.PERCENTAGE}:
        return None
    words = plain_words(column.name)
    if set(words) & language().value_banned:
        return None
    values = dataset.frame[column.name]
    if values.notna().mean() < _KNOWN or not (values.to_numpy() > 0).any():
        return None
    for place, group in enumerate(language().value_words):
        if any(_has(words, phrase) for phrase in group):
            return place, int(column.kind is not ColumnKind.MONEY)
    return (len(language().value_words), 0) if column.kind is ColumnKind.MONEY else None


def _has(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return any(words[at : at + len(phrase)] == phrase for at in range(len(words) - len(phrase) + 1))
