"""What each segment brings: the column that says what a customer is worth, its sums, shares and averages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from segmenter.display import number_text, percent_text
from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.explain.columns import ColumnWords, is_earned, names_currency
from segmenter.explain.language import language
from segmenter.table.dataset import NUMERIC_KINDS, Column, ColumnKind, Dataset
from segmenter.table.infer.meanings import are_years, plain_words
from segmenter.typing import FloatArray, IntArray

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
        Of the total, 0-1: of all segments, and of customers in none where a model from before placed them; None where
        values are negative, or all nought, and a share has no meaning.
    per_head
        Mean over the customers that have a value; None where nobody has one.
    n_known
        How many have one.
    heads
        What these count for, where customers count differently; else as many.
    text, sum_text, per_head_text
        The same in words: "2,442 k$ annual income, 20 % of the total"; the sum and the mean alone.
    """

    column: str
    sum: float
    share: float | None
    per_head: float | None
    n_known: int
    heads: float
    text: str
    sum_text: str
    per_head_text: str


def suggest_value_column(dataset: Dataset) -> str | None:
    """Return the column that most probably says what a customer is worth; None where no name says so.

    Total spend comes before revenue and sales, these before fees, profit and amounts; last comes income, which
    customers earn and do not spend here, and is spoken of so. Amounts of money come before plain numbers. Scores,
    counts, averages and shares never are, nor what a customer costs, such as claims, refunds and what is overdue.

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
    # Of two alike, such as revenue of rooms and of the spa, the one that brings more.
    ranked = [
        (rank, -float(dataset.frame[column.name].sum()), place, column.name)
        for place, column in enumerate(dataset.columns)
        if (rank := _rank(column, dataset)) is not None
    ]
    return min(ranked)[3] if ranked else None


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


def money_of(
    dataset: Dataset,
    words: ColumnWords,
    labels: IntArray,
    k: int,
    weights: FloatArray | None = None,
    *,
    of_all: bool = False,
) -> tuple[Money, ...]:
    """Return what each segment brings.

    Parameters
    ----------
    words
        How the value column is spoken of.
    labels
        Shape (n_customers,), 0 … k-1, -1 for customers in none.
    weights
        Shape (n_customers,), 1 in the mean: how much each customer counts; None where all count the same.
    of_all
        Whether customers in none are part of the total.
    """
    values = dataset.frame[words.column].to_numpy(dtype=np.float64)
    if of_all:
        # One more segment, of those in none, whose sum nobody is told.
        labels, k = np.where(labels < 0, k, labels), k + 1
        return money_of(dataset, words, labels, k, weights)[:-1]
    known = (labels >= 0) & np.isfinite(values)
    counted = np.ones(int(known.sum())) if weights is None else weights[known]
    sums = np.asarray(np.bincount(labels[known], weights=values[known] * counted, minlength=k), dtype=np.float64)
    heads = np.asarray(np.bincount(labels[known], weights=counted, minlength=k), dtype=np.float64)
    counts = np.bincount(labels[known], minlength=k)
    return money_of_sums(words, sums, counts, least=float(values[known].min(initial=0.0)), heads=heads)


def money_of_sums(
    words: ColumnWords, sums: FloatArray, counts: IntArray, least: float, heads: FloatArray | None = None
) -> tuple[Money, ...]:
    """Return what each segment brings, from what was added up.

    Parameters
    ----------
    words
        How the value column is spoken of.
    sums, counts
        Of the customers that have a value, shape (n_segments,).
    least
        The smallest value; shares have no meaning where it is negative.
    heads
        What the customers count for, shape (n_segments,); one each where nothing is given.
    """
    heads = counts.astype(np.float64) if heads is None else heads
    total = float(sums.sum())
    has_shares = bool(counts.any()) and least >= 0 and total > 0
    found = []
    for summed, n_known, counted in zip(sums, counts, heads, strict=True):
        amount, n = float(summed), int(n_known)
        share = amount / total if has_shares else None
        per_head = amount / float(counted) if n else None
        sum_text = total_text(words, amount)
        facts = {"sum": sum_text, "label": words.label, "share": "" if share is None else percent_text(share)}
        text = language().text("money", "sum_only" if share is None else "sentence", **facts)
        each = "–" if per_head is None else language().text("money", "per_head", value=words.text(per_head))
        found.append(Money(words.column, amount, share, per_head, n, float(counted), text, sum_text, each))
    return tuple(found)


def words_of_value(words: Sequence[ColumnWords], column: str) -> ColumnWords:
    """Return how a value column is spoken of, also where it describes nothing else."""
    return next((each for each in words if each.column == column), ColumnWords(column, column, ColumnKind.NUMBER))


def earned_note(words: ColumnWords) -> str:
    """Return that a value is what customers earn themselves and not what they spend; empty where it is not so."""
    if not is_earned(words.column):
        return ""
    return language().text("money", "earned", label=words.label[:1].upper() + words.label[1:])


def outside_note(words: ColumnWords, money: Sequence[Money]) -> str:
    """Return which share of the value is of customers in no segment; empty where none is, or shares have no meaning."""
    shares = [each.share for each in money]
    if not shares or None in shares:
        return ""
    outside = 1.0 - sum(share for share in shares if share is not None)
    if outside <= 1e-9:
        return ""
    text = language().text("money", "outside", share=percent_text(outside), label=words.label)
    return text[:1].upper() + text[1:]


def total_text(words: ColumnWords, amount: float) -> str:
    """Return a sum in the column's own unit, without the digits that only single values deserve."""
    decimals = 0 if abs(amount) >= 100 or float(amount).is_integer() else words.places
    digits = number_text(amount, decimals)
    sign, digits = ("−", digits[1:]) if digits.startswith("−") else ("", digits)
    return f"{sign}{words.prefix}{digits} {words.unit}".rstrip()


@dataclass(frozen=True)
class Concentration:
    """How far the value lies with few.

    Attributes
    ----------
    text
        "20 % of the customers = 61 % of the annual income".
    top_share
        The share of the value that the fifth with the most holds, 0-1, of the customers who have a value.
    segments
        The smallest set of segments, from 1, that together hold half of the value or more, the richest first.
    segments_share
        What they hold, 0-1; `segments_customers` is their share of the customers.
    """

    text: str
    top_share: float
    segments: tuple[int, ...]
    segments_share: float
    segments_customers: float


_TOP: Final = 0.2


def concentrate(
    dataset: Dataset,
    words: ColumnWords,
    labels: IntArray,
    money: tuple[Money, ...],
    rows: IntArray | None = None,
) -> Concentration | None:
    """Return how far the value lies with few customers and few segments; None where shares have no meaning.

    Parameters
    ----------
    labels
        Shape (n_customers,), -1 for customers in none.
    money
        What each segment brings; whether customers in none are part of the total, as `money_of` says, holds here, too.
    rows
        Positions of the customers of whom the total is, each as often as it counts (`Result.counted_rows`); of those
        in segments, once each, if None.
    """
    if not money or any(each.share is None for each in money):
        return None
    rows = np.flatnonzero(labels >= 0) if rows is None else rows
    values = dataset.frame[words.column].to_numpy(dtype=np.float64)[rows]
    # Of whoever has no value it is not known what they bring: nought would make the others look few.
    ordered = np.sort(values[np.isfinite(values)])[::-1]
    top = float(ordered[: max(1, round(_TOP * len(ordered)))].sum() / ordered.sum())
    shares = [each.share or 0.0 for each in money]
    within = labels[rows]
    sizes = np.bincount(within[within >= 0], minlength=len(money))
    order = sorted(range(len(shares)), key=lambda segment: -shares[segment])
    held = np.cumsum([shares[segment] for segment in order])
    few = order[: int(np.searchsorted(held, 0.5 - 1e-9)) + 1]
    facts = {"few": percent_text(_TOP), "share": percent_text(top), "label": words.label}
    said = "concentration" if len(ordered) == len(values) else "concentration_of_known"
    return Concentration(
        language().text("money", said, **facts),
        top,
        tuple(segment + 1 for segment in few),
        float(sum(shares[segment] for segment in few)),
        float(sizes[few].sum() / max(len(rows), 1)),
    )


@dataclass(frozen=True)
class Criterion:
    """Something that makes a segment attractive.

    Attributes
    ----------
    scores
        One per segment, from 0 for the least of them to 10 for the most.
    """

    key: str
    title: str
    scores: tuple[float, ...]


def attractiveness_criteria(
    sizes: tuple[float, ...],
    money: tuple[Money, ...],
    found: tuple[float | None, ...],
    distinct: tuple[float | None, ...],
) -> tuple[Criterion, ...]:
    """Return what makes segments attractive, as far as it is known, each on the same scale of 0 to 10.

    Parameters
    ----------
    found
        Share of samples in which each segment is found again, 0-1; None where not known.
    distinct
        Mean silhouette of each segment; None where not known.
    """
    raw: dict[str, tuple[float | None, ...]] = {"size": tuple(map(float, sizes))}
    if money:
        raw |= {"value": tuple(each.sum for each in money), "per_head": tuple(each.per_head for each in money)}
    raw |= {"reliable": found, "distinct": distinct}
    made = []
    for key, values in raw.items():
        known = [value for value in values if value is not None]
        if len(known) < len(values) or not known:
            continue
        low, high = min(known), max(known)
        scores = tuple(5.0 if high == low else 10 * (value - low) / (high - low) for value in known)
        made.append(Criterion(key, language().text("criteria", key), scores))
    return tuple(made)


def weighted_scores(criteria: tuple[Criterion, ...], weights: dict[str, float]) -> tuple[float, ...]:
    """Return each segment's attractiveness, 0-10: the mean of the criteria, weighed by what they matter to the user.

    Parameters
    ----------
    weights
        By the criterion's key, 0 or more; missing ones count as 1. With none above 0, all count the same.
    """
    weighed = [max(weights.get(each.key, 1.0), 0.0) for each in criteria]
    if not sum(weighed):
        weighed = [1.0] * len(criteria)
    table = np.array([each.scores for each in criteria])
    return tuple(map(float, np.average(table, axis=0, weights=weighed)))


def _rank(column: Column, dataset: Dataset) -> tuple[int, int] | None:
    if column.kind not in NUMERIC_KINDS - {ColumnKind.PERCENTAGE}:
        return None
    words = _without_period(plain_words(column.name))
    if set(words) & language().value_banned:
        return None
    values = dataset.frame[column.name]
    if are_years(column.name, values.dropna()):
        return None
    if values.notna().mean() < _KNOWN or not (values.to_numpy() > 0).any():
        return None
    if column.kind is not ColumnKind.MONEY and _is_answered(values):
        return None
    for place, group in enumerate(language().value_words):
        if any(_has(words, phrase) for phrase in group):
            return place, int(column.kind is not ColumnKind.MONEY)
    is_money = column.kind is ColumnKind.MONEY or names_currency(column.name)
    return (len(language().value_words), 0) if is_money and not _is_price(words) else None


def _is_price(words: Sequence[str]) -> bool:
    """Whether a name is that of a price, also where it ends a compound: "Zimmerpreis"."""
    prices = language().value_prices
    compound = tuple(price for price in prices if len(price) >= _SHORTEST_IN_COMPOUNDS)
    return any(word in prices or word.endswith(compound) for word in words)


_SHORTEST_IN_COMPOUNDS: Final = 5


def _is_answered(values: pd.Series) -> bool:
    """Whether numbers may be answers on a scale, such as "I plan my purchases" from 1 to 7; nobody adds those up."""
    known = values.dropna().to_numpy(dtype=np.float64)
    return bool((known == np.rint(known)).all() and known.min() >= 0 and known.max() <= _LONGEST_SCALE)


_LONGEST_SCALE: Final = 10


# What follows says over which time a sum was added up: "spend last 30 days", but not "last order amount".
_PERIODS: Final = (("last",), ("past",), ("previous",), ("per", "month"), ("per", "quarter"), ("per", "year"))
_SPENT_GROUPS: Final = 2


def _without_period(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a column of spending without the time over which it was added up."""
    for at in range(len(words)):
        is_spent = any(_has(words[:at], phrase) for group in language().value_words[:_SPENT_GROUPS] for phrase in group)
        if is_spent and any(words[at : at + len(period)] == period for period in _PERIODS):
            return words[:at]
    return words


def _has(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return any(words[at : at + len(phrase)] == phrase for at in range(len(words) - len(phrase) + 1))
