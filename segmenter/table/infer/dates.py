"""Dates in a column of text, and their order of day and month."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.table.infer.cells import TextCells
from segmenter.table.infer.missing_values import MISSING_AMONG_NUMBERS
from segmenter.table.infer.number_formats import without_long

DATE_SHARE: Final = 0.95
_ABSENT: Final = frozenset(MISSING_AMONG_NUMBERS)
# In the sample a little less is enough to look at all cells.
_WORTH_TRYING: Final = 0.85
_FEW_CELLS: Final = 20
# Two-digit years up to this many years ahead of today are taken as such, later ones as of the last century.
_CENTURY_PIVOT: Final = 30

_CLOCK: Final = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?: ?(?:Z|UTC|[+\-]\d{2}:?\d{2}))?)?"
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME: Final = r"(?P<month>(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\.?"
_YEAR: Final = r"(?P<year>\d{4}|\d{2})"

_YEAR_FIRST: Final = re.compile(r"^(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _CLOCK + "$")
_TWO_PARTS: Final = re.compile(r"^(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})[-/.]" + _YEAR + _CLOCK + "$")
_DAY_NAME: Final = re.compile(
    r"^(?:[A-Za-z]{3,9},? )?(?P<day>\d{1,2})(?:st|nd|rd|th)?[- /]" + _MONTH_NAME + r",?[- /]" + _YEAR + _CLOCK + "$"
)
_NAME_DAY: Final = re.compile(r"^" + _MONTH_NAME + r"[- ](?P<day>\d{1,2})(?:st|nd|rd|th)?,? " + _YEAR + _CLOCK + "$")
_COMPACT: Final = re.compile(r"^(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})$")
_COMPACT_DATE: Final = re.compile(r"^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$")
_FEW_COMPACT: Final = 3


@dataclass(frozen=True, eq=False)
class DateReading:
    """A column of text read as dates.

    Attributes
    ----------
    values
        (n_rows,) datetime64[us], NaT where missing or unreadable.
    unread
        Rows (from 0) whose cells are no dates.
    order
        "year first", "day first" or "month first".
    distinct
        How many different dates there are.
    ambiguous
        Whether day and month could be exchanged in every cell.
    """

    values: np.ndarray
    unread: np.ndarray
    order: str
    distinct: int
    ambiguous: bool = False


def read_dates(column: TextCells, order: str | None = None, *, compact: bool = False) -> DateReading | None:
    """Read a column as dates; None when under 95 % of its filled cells are dates.

    Parameters
    ----------
    order
        "day first" or "month first" when the user said so.
    compact
        Whether eight digits such as 20240131 count as a date.
    """
    sample = [cell for cell in column.sample if cell not in _ABSENT]
    pattern = _pattern_of(sample, compact=compact)
    if pattern is None:
        return None
    texts = without_long(column.values)
    parts = pc.extract_regex(texts, pattern.pattern)
    if pattern is not _TWO_PARTS:
        return _reading(column, texts, _dates(parts, "month", "day"), "year first")
    found, ambiguous = (order, False) if order else _order_of(parts)
    first, second = ("two", "one") if found == "day first" else ("one", "two")
    return _reading(column, texts, _dates(parts, first, second), found, ambiguous=ambiguous)


def are_compact_dates(cells: list[str]) -> bool:
    """Whether eight-digit numbers all have the month and the day of a date, as one in 1,000 others has."""
    filled = [cell.strip() for cell in cells if cell.strip() not in MISSING_AMONG_NUMBERS]
    return len(set(filled)) >= _FEW_COMPACT and all(map(_COMPACT_DATE.match, filled))


def _pattern_of(sample: list[str], *, compact: bool) -> re.Pattern[str] | None:
    for pattern in (_YEAR_FIRST, _TWO_PARTS, _DAY_NAME, _NAME_DAY, *([_COMPACT] if compact else [])):
        # A few cells tell most columns of numbers or words apart from dates.
        few = sample[:: max(1, len(sample) // _FEW_CELLS)]
        if not any(map(pattern.match, few)):
            continue
        if sum(pattern.match(cell) is not None for cell in sample) >= _WORTH_TRYING * len(sample):
            return pattern
    return None


def _order_of(parts: pa.StructArray) -> tuple[str, bool]:
    """Tell the day from the month by what can't be a month, then by what stays the same."""
    one, two = (_integers(pc.struct_field(parts, name)) for name in ("one", "two"))
    held = one >= 0
    one, two = one[held], two[held]
    if np.count_nonzero(one > 12) != np.count_nonzero(two > 12):
        return (
            ("day first", False) if np.count_nonzero(one > 12) > np.count_nonzero(two > 12) else ("month first", False)
        )
    # Monthly figures are dated on one day, usually the first: the part that never changes is the day.
    n_one, n_two = len(np.unique(one)), len(np.unique(two))
    if min(n_one, n_two) == 1 and max(n_one, n_two) >= 3:
        return ("day first", False) if n_one == 1 else ("month first", False)
    marks = pc.unique(pc.struct_field(parts, "mark")).to_pylist()
    # Points are written between day, month and year in that order only.
    return "day first", "." not in marks


def _dates(parts: pa.StructArray, month: str, day: str) -> np.ndarray:
    fields = {parts.type[position].name for position in range(parts.type.num_fields)}
    years = _years(pc.struct_field(parts, "year"))
    months, days = _months(pc.struct_field(parts, month)), _integers(pc.struct_field(parts, day))
    clock = [_integers(pc.struct_field(parts, name)) if name in fields else 0 for name in ("hour", "minute", "second")]
    valid = (years > 0) & (months >= 1) & (months <= 12) & (days >= 1)
    start = (np.where(valid, (years - 1970) * 12 + months - 1, 0)).astype("datetime64[M]")
    dates = start.astype("datetime64[D]") + np.where(valid, days - 1, 0).astype("timedelta64[D]")
    valid &= dates.astype("datetime64[M]") == start
    seconds = sum(np.maximum(part, 0) * size for part, size in zip(clock, (3600, 60, 1), strict=True))
    if "half" in fields:
        seconds = seconds + _half_day(pc.struct_field(parts, "half"), clock[0])
    stamped = dates.astype("datetime64[us]") + np.asarray(seconds, np.int64).astype("timedelta64[s]")
    return np.where(valid, stamped, np.datetime64("NaT", "us"))


def _half_day(half: pa.Array, hours: np.ndarray | int) -> np.ndarray:
    """Return the seconds that AM and PM add: noon is 12 PM, midnight 12 AM."""
    lower = pc.utf8_lower(half)
    is_pm, is_am = (pc.fill_null(pc.equal(lower, letter), False).to_numpy(zero_copy_only=False) for letter in "pa")
    return np.where(is_pm & (hours != 12), 43_200, 0) - np.where(is_am & (np.asarray(hours) == 12), 43_200, 0)


def _integers(texts: pa.Array) -> np.ndarray:
    """Return whole numbers; -1 where there is none."""
    held = pc.if_else(pc.equal(pc.binary_length(texts), 0), pa.scalar(None, texts.type), texts)
    return np.asarray(pc.cast(held, pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False))


def _years(texts: pa.Array) -> np.ndarray:
    years = _integers(texts)
    short = pc.fill_null(pc.equal(pc.binary_length(texts), 2), False).to_numpy(zero_copy_only=False)
    this_year = int(np.datetime64("now", "Y").astype(int)) + 1970
    century = np.where(years + 2000 > this_year + _CENTURY_PIVOT, 1900, 2000)
    return np.where(short, years + century, years)


def _months(texts: pa.Array) -> np.ndarray:
    named = pc.utf8_slice_codeunits(pc.utf8_lower(texts), 0, 3)
    position = pc.index_in(named, value_set=pa.array(_MONTHS, named.type))
    if position.null_count == len(position):
        return _integers(texts)
    return np.asarray(pc.fill_null(position, -2).to_numpy(zero_copy_only=False)) + 1


def _reading(
    column: TextCells, texts: pa.Array, per_value: np.ndarray, order: str, *, ambiguous: bool = False
) -> DateReading | None:
    absent = pc.is_in(texts, value_set=pa.array(MISSING_AMONG_NUMBERS, texts.type)).to_numpy(zero_copy_only=False)
    unread_value = np.isnat(per_value) & ~absent
    n_unread = int(column.counts[unread_value].sum())
    n_read = int(column.counts[~np.isnat(per_value)].sum())
    if n_read < DATE_SHARE * (n_read + n_unread):
        return None
    positions = column.encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    values = np.append(per_value, np.datetime64("NaT"))[positions]
    unread = np.append(unread_value, False)[positions]
    # Counted among the different texts: there are fewer of them than rows.
    distinct = len(np.unique(per_value[~np.isnat(per_value)]))
    return DateReading(values, np.flatnonzero(unread), order, distinct, ambiguous)
