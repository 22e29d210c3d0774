"""What may a new customer's answer to each question be?"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from segmenter.core.dataset import ColumnKind, Dataset
from segmenter.core.encoding import CategoryColumn, FittedColumn
from segmenter.core.preparation import Preparation
from segmenter.core.recipe import Role
from segmenter.errors import OutsideKnownRangeError, UnknownChoiceError

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

    def _number(self, answer: Answer) -> float:
        try:
            number = float(answer)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            number = np.nan
        if self.low is None or self.high is None or not self.low <= number <= self.high:
            raise OutsideKnownRangeError(self.column, str(answer), f"{self.low:g}", f"{self.high:g}")
        return number

    def _date(self, answer: str) -> pd.Timestamp:
        date = pd.to_datetime(answer, errors="coerce", format="ISO8601")
        if pd.isna(date) or not pd.Timestamp(self.earliest) <= date <= pd.Timestamp(self.latest):
            raise OutsideKnownRangeError(self.column, answer, self.earliest, self.latest)
        return pd.Timestamp(date)


def form_fields(dataset: Dataset, preparation: Preparation) -> tuple[FormField, ...]:
    """Return one field per column of a model, in the file's order."""
    fitted = {each.column: each for each in preparation.columns_}
    names = [column.name for column in dataset.columns if column.name in fitted]
    return tuple(_field(dataset, fitted[name]) for name in names)


def _field(dataset: Dataset, fitted: FittedColumn) -> FormField:
    name = fitted.column
    may_be_missing = fitted.missing.value != "drop"
    if isinstance(fitted, CategoryColumn):
        return FormField(
            name, FieldKind.CATEGORY, choices=(*fitted.categories, OTHER), typical=fitted.fill,
            may_be_missing=may_be_missing,
        )  # fmt: skip
    values = dataset.frame[name]
    if fitted.role is Role.ORDINAL:
        typical = fitted.levels[round(fitted.typical or 0.0)]
        return FormField(name, FieldKind.ORDERED, choices=fitted.levels, typical=typical, may_be_missing=may_be_missing)
    if fitted.role is Role.DATE:
        dates = [each.date().isoformat() for each in (values.min(), values.median(), values.max())]
        return FormField(
            name, FieldKind.DATE, earliest=dates[0], latest=dates[2], typical=dates[1], may_be_missing=may_be_missing
        )
    if dataset.column(name).kind is ColumnKind.YES_NO:
        choices = _no_and_yes(dataset, name)
        typical = choices[round(fitted.typical or 0.0)]
        return FormField(name, FieldKind.YES_NO, choices=choices, typical=typical, may_be_missing=may_be_missing)
    known = values.dropna().to_numpy(dtype=float)
    kind = FieldKind.WHOLE if (known == np.round(known)).all() else FieldKind.NUMBER
    typical = round(fitted.typical or 0.0) if kind is FieldKind.WHOLE else fitted.typical
    return FormField(name, kind, low=fitted.low, high=fitted.high, typical=typical, may_be_missing=may_be_missing)


def _no_and_yes(dataset: Dataset, name: str) -> tuple[str, str]:
    values = dataset.frame[name]
    written = dataset.original[name].astype("str").str.strip()
    commonest = [written[values == each].mode() for each in (0.0, 1.0)]
    no, yes = (str(each.iloc[0]) if len(each) else "" for each in commonest)
    return no or "no", yes or "yes"
