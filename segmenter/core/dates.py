"""Is a column of texts really dates, and in which order are day and month?"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from segmenter.core.texts import Texts

# At least this share of the cells must be dates of one form.
FITTING_SHARE: Final = 0.95
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO = rf"\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}{_TIME}"
_PARTS = rf"\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:\d{{4}}|\d{{2}}){_TIME}"
_DASHED = rf"\d{{4}}-\d{{2}}-\d{{2}}{_TIME}"
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


def read_dates(texts: Texts, *, day_first: bool | None = None) -> Dates | None:
    """Read a text column as dates, if at least 95 % of its cells are dates of one form."""
    cells = texts.values
    if not len(cells):
        return None
    if texts.share(texts.fits(_ISO)) >= FITTING_SHARE:
        form = "ISO8601" if texts.fits(_DASHED).all() else "mixed"
        values = pd.to_datetime(cells, errors="coerce", format=form, utc=True)
        return _checked(texts, values.dt.tz_localize(None), None)
    fits = texts.fits(_PARTS)
    if texts.share(fits) < FITTING_SHARE:
        return None
    parts = cells[fits].str.extract(r"^(\d{1,2})([-/.])(\d{1,2})")
    first, second = parts[0].astype(float), parts[2].astype(float)
    # Where no number is above 12, only dots tell: nobody writes the month before them.
    unclear = bool(max(first.max(), second.max()) <= _LAST_MONTH and (parts[1] != ".").any())
    order = day_first if day_first is not None else bool(second.max() <= _LAST_MONTH)
    values = pd.to_datetime(cells, errors="coerce", dayfirst=order, format="mixed")
    found = _checked(texts, values, order)
    matters = unclear and day_first is None and bool((first != second).any())
    return replace(found, ambiguous=matters) if found else None


def _checked(texts: Texts, values: pd.Series, day_first: bool | None) -> Dates | None:  # noqa: FBT001 - the answer itself
    if texts.share(values.notna().to_numpy()) < FITTING_SHARE:
        return None
    rows = np.append(values.to_numpy(), np.datetime64("NaT"))[texts.codes]
    return Dates(pd.Series(rows), day_first)
