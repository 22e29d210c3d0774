"""The fields of the form for one customer: kind, range and choices of each column."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from segmenter.errors.learning import OutsideKnownRangeError, UnknownChoiceError
from segmenter.prepare.coerce import to_dates
from segmenter.prepare.encoders import MISSING_CATEGORY, CategoryColumn, CycleColumn, FittedColumn, NumberColumn
from segmenter.prepare.preparation import Preparation
from segmenter.recipe.recipe import Missing, Role
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.typing import IntArray

OTHER: Final = "Other / unknown"
Answer = float | str | None
"""A number, a choice or an ISO date; None for "not said"."""


class FieldKind(StrEnum):
    """What kind of answer a question takes."""

    NUMBER = "number"
    WHOLE = "whole number"
    YES_NO = "yes/no"
    CATEGORY = "category"
    ORDERED = "ordered category"
    DATE = "date"


@dataclass(frozen=True)
class FormField:
    """One question of the form, bounded by what the model has seen.

    Attributes
    ----------
    low, high
        The smallest and the largest number known; None for other kinds.
    earliest, latest
        The dates known (ISO); empty for other kinds.
    choices
        The possible answers: categories commonest first and `OTHER` last, ordered values lowest first,
        no and yes as the file writes them.
    typical
        What to show first.
    may_be_missing
        Whether a customer who does not say can be placed.
    """

    column: str
    kind: FieldKind
    low: float | None = None
    high: float | None = None
    earliest: str = ""
    latest: str = ""
    choices: tuple[str, ...] = ()
    typical: Answer = None
    may_be_missing: bool = True

    def value(self, answer: Answer) -> object:
        """Return an answer as a Dataset's frame holds it.

        Raises
        ------
        OutsideKnownRangeError, UnknownChoiceError
            If the model has never seen such a value.
        """
        if answer is None:
            return pd.NaT if self.kind is FieldKind.DATE else np.nan
        if self.kind in (FieldKind.NUMBER, FieldKind.WHOLE):
            return self._number(answer)
        if self.kind is FieldKind.DATE:
            return self._date(str(answer))
        if answer not in self.choices:
            raise UnknownChoiceError(self.column, str(answer), self.choices)
        return float(self.choices.index(str(answer))) if self.kind is FieldKind.YES_NO else str(answer)

    @property
    def dtype(self) -> str:
        """The type of a column of such values."""
        if self.kind is FieldKind.DATE:
            return "datetime64[ns]"
        return "str" if self.kind in (FieldKind.CATEGORY, FieldKind.ORDERED) else "float64"

    def read(self, dataset: Dataset, column: str) -> pd.Series:
        """Return a column of another file as the model understood it, whatever the file makes it look like.

        In a short file "Yes" may look like a name, and a column of names may hold nothing but yes and no.
        """
        values = dataset.frame[column]
        numeric = pd.api.types.is_numeric_dtype(values)
        if self.kind is FieldKind.YES_NO and not numeric:
            places = {choice.casefold(): float(place) for place, choice in enumerate(self.choices)}
            return values.astype("str").str.strip().str.casefold().map(places).astype("float64")
        if self.dtype == "str" and numeric and dataset.column(column).kind is ColumnKind.YES_NO:
            written = dataset.original[column].astype("str").str.strip()
            return written.where(values.notna())
        return values

    def distance(self, answer: Answer, other: Answer) -> float | None:
        """Return how far apart two answers are; None where that has no meaning."""
        if answer is None or other is None or self.choices:
            return None
        if self.kind is FieldKind.DATE:
            return abs((pd.Timestamp(str(other)) - pd.Timestamp(str(answer))).total_seconds())
        return abs(float(other) - float(answer))

    def _number(self, answer: Answer) -> float:
        try:
            number = float(answer)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            number = np.nan
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        if not low <= number <= high:
            raise OutsideKnownRangeError(self.column, str(answer), f"{low:.15g}", f"{high:.15g}")
        return number

    def _date(self, answer: str) -> pd.Timestamp:
        date = pd.to_datetime(answer, errors="coerce", format="ISO8601")
        if pd.isna(date) or not pd.Timestamp(self.earliest) <= date <= pd.Timestamp(self.latest):
            raise OutsideKnownRangeError(self.column, answer, self.earliest, self.latest)
        return pd.Timestamp(date)


def form_fields(dataset: Dataset, rows: IntArray, preparation: Preparation) -> tuple[FormField, ...]:
    """Return one field per column of a model, in the file's order, bounded by the customers at `rows`."""
    fitted = {each.column: each for each in preparation.columns_}
    names = [column.name for column in dataset.columns if column.name in fitted]
    return tuple(_field(dataset, rows, fitted[name]) for name in names)


def _field(dataset: Dataset, rows: IntArray, fitted: FittedColumn) -> FormField:
    field = _bounded(dataset, rows, fitted)
    return replace(field, may_be_missing=fitted.missing is not Missing.DROP)


def _bounded(dataset: Dataset, rows: IntArray, fitted: FittedColumn) -> FormField:
    if isinstance(fitted, CategoryColumn):
        shown = tuple(each for each in fitted.categories if each != MISSING_CATEGORY)
        return FormField(fitted.column, FieldKind.CATEGORY, choices=(*shown, OTHER), typical=fitted.fill)
    if isinstance(fitted, CycleColumn) or fitted.role is Role.DATE:
        return _of_dates(fitted.column, to_dates(dataset.frame[fitted.column].iloc[rows]))
    middle = fitted.typical or 0.0
    if fitted.role is Role.ORDINAL:
        return FormField(fitted.column, FieldKind.ORDERED, choices=fitted.levels, typical=fitted.levels[round(middle)])
    if dataset.column(fitted.column).kind is ColumnKind.YES_NO:
        choices = _no_and_yes(dataset, fitted.column)
        return FormField(fitted.column, FieldKind.YES_NO, choices=choices, typical=choices[round(middle)])
    return _of_numbers(fitted, dataset.frame[fitted.column].iloc[rows])


def _of_numbers(fitted: NumberColumn, values: pd.Series) -> FormField:
    known = values.dropna().to_numpy(dtype=float)
    whole = bool((known == np.round(known)).all())
    middle = fitted.typical or 0.0
    return FormField(
        fitted.column,
        FieldKind.WHOLE if whole else FieldKind.NUMBER,
        low=fitted.low,
        high=fitted.high,
        typical=float(round(middle)) if whole else middle,
    )


def _of_dates(column: str, dates: pd.Series) -> FormField:
    known = dates.dropna().sort_values()
    if not len(known):
        return FormField(column, FieldKind.DATE)
    first, middle, last = (known.iloc[place].date().isoformat() for place in (0, len(known) // 2, -1))
    return FormField(column, FieldKind.DATE, earliest=first, latest=last, typical=middle)


def _no_and_yes(dataset: Dataset, name: str) -> tuple[str, str]:
    values = dataset.frame[name]
    written = dataset.original[name].astype("str").str.strip()
    commonest = [written[values == each].mode() for each in (0.0, 1.0)]
    no, yes = (str(each.iloc[0]) if len(each) else "" for each in commonest)
    return no or "no", yes or "yes"
