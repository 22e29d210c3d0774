"""Is a column of texts really dates, and in which order are day and month?"""

from dataclasses import dataclass
from typing import Final

import pandas as pd

# At least this share of the cells must be dates of one form.
FITTING_SHARE: Final = 0.95
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO = rf"^\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}{_TIME}$"
_PARTS = rf"^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}|\d{{2}}){_TIME}$"
_LAST_MONTH = 12


@dataclass(frozen=True, eq=False)
class Dates:
    """A text column read as dates.

    Attributes
    ----------
    values
        datetime64, NaT where there is none.
    day_first
        Whether the day stands before the month; None where the year stands first.
    ambiguous
        Whether no cell shows which of the two it is.
    """

    values: pd.Series
    day_first: bool | None
    ambiguous: bool = False


def read_dates(texts: pd.Series, *, day_first: bool | None = None) -> Dates | None:
    """Read a text column as dates, if at least 95 % of its cells are dates of one form."""
    known = int(texts.notna().sum())
    if not known:
        return None
    if texts.str.match(_ISO, na=False).sum() >= FITTING_SHARE * known:
        values = pd.to_datetime(texts, errors="coerce", format="ISO8601" if _dashed(texts) else "mixed", utc=True)
        return _checked(values.dt.tz_localize(None), known, None)
    if texts.str.match(_PARTS, na=False).sum() < FITTING_SHARE * known:
        return None
    parts = texts.str.extract(r"^(\d{1,2})[-/.](\d{1,2})").astype(float)
    first, second = parts[0].max(), parts[1].max()
    ambiguous = first <= _LAST_MONTH and second <= _LAST_MONTH
    order = day_first if day_first is not None else not second > _LAST_MONTH
    values = pd.to_datetime(texts, errors="coerce", dayfirst=order, format="mixed")
    return _checked(values, known, order, ambiguous=ambiguous and day_first is None)


def _dashed(texts: pd.Series) -> bool:
    return bool(texts.dropna().str.match(rf"^\d{{4}}-\d{{2}}-\d{{2}}{_TIME}$").all())


def _checked(values: pd.Series, known: int, day_first: bool | None, *, ambiguous: bool = False) -> Dates | None:
    enough = values.notna().sum() >= FITTING_SHARE * known
    return Dates(values, day_first, ambiguous) if enough else None
