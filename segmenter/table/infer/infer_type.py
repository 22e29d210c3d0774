"""Type inference of one column, its values to calculate with, and notes on how it was read."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.config import LARGEST_NUMBER
from segmenter.display import percent_text
from segmenter.table.answers import several_answers
from segmenter.table.dataset import AS_SAID, NUMERIC_KINDS, Column, ColumnKind, Note
from segmenter.table.infer.cells import (
    TEXT,
    Range,
    TextCells,
    is_unknown_word,
    leading_texts,
    range_of,
    to_arrow,
    to_series,
)
from segmenter.table.infer.consent import is_consent_name, says_consent
from segmenter.table.infer.dates import (
    DateReading,
    are_compact_dates,
    as_stamps,
    may_be_dates,
    read_dates,
)
from segmenter.table.infer.header import names_a_card, names_a_date, names_a_phone, names_things
from segmenter.table.infer.kind_rules import FillStats, KindDecision, judge_fill, judge_numbers, judge_text
from segmenter.table.infer.meanings import counts_or_measures
from segmenter.table.infer.numbers import (
    LARGEST_EXACT,
    DecimalMarks,
    NumberReading,
    has_inexact_integers,
    is_number,
    mixed_units,
    read_mostly_numbers,
    read_numbers,
    read_quantities,
    share_of_numbers,
)
from segmenter.table.infer.ordinal_scales import means_yes, range_in_a_date, scale_levels, yes_and_no
from segmenter.table.infer.personal_data import personal_reason
from segmenter.table.spellings import spelling_note, spelling_variants

_ROWS_NAMED: Final = 10
_FEW_ABSENT: Final = 0.05
_CELL_LENGTH: Final = 40

LineOf = Callable[[int], int] | None
CellAt = Callable[[int], str]


def number_notes(
    reading: NumberReading, name: str, line_of: LineOf, cell_at: CellAt, verdict: KindDecision
) -> tuple[Note, ...]:
    """Return what a user should know about a column of numbers; nothing about a clean one."""
    found = [
        _infinite(reading, name, line_of),
        _unread(reading.unread, name, verdict.kind, line_of, cell_at),
        _ambiguous(reading, name),
        _mixed_signs(reading, name),
        _absent(reading, name),
    ]
    return tuple(note for note in found if note)


def date_notes(reading: DateReading, name: str, line_of: LineOf, cell_at: CellAt) -> tuple[Note, ...]:
    """Return what a user should know about a column of dates; nothing about a clean one."""
    found = [_unread(reading.unread, name, ColumnKind.DATE, line_of, cell_at)]
    if reading.ambiguous:
        text = (
            f"`{name}` was read as dates with the {reading.order.replace(' ', ' coming ')}; every date would "
            "also be one with day and month exchanged. Switch the date order if that is wrong."
        )
        found.append(Note(text, warning=True, column=name))
    if reading.n_other_order:
        text = (
            f"`{name}` holds dates with the day first and dates with the month first: {reading.n_other_order:,} "
            "different ones make sense only the other way round, and those that make sense both ways were read with "
            f"the {reading.order.replace(' ', ' coming ')}. Write them in one way, such as 2024-01-31."
        )
        found.append(Note(text, warning=True, column=name))
    if reading.buddhist:
        text = f"`{name}`: the years are of the Buddhist calendar; 543 were taken off, so that 2567 became 2024."
        found.append(Note(text, warning=True, column=name))
    if reading.placeholders:
        day, n_rows = reading.placeholders[0]
        rows = "1 row" if n_rows == 1 else f"{n_rows:,} rows"
        text = (
            f"`{name}`: {rows} say {day}, as programs write where no date is known; it was read as a date. Empty such "
            "cells in the file if they are none."
        )
        found.append(Note(text, warning=True, column=name))
    if len(reading.zones) > 1:
        text = f"`{name}` names several time zones ({', '.join(reading.zones[:4])}); the times were brought to UTC."
        found.append(Note(text, column=name))
    elif reading.zones and not set(reading.zones) & {"UTC", "GMT", "+00:00", "+0000", "UTC+0", "GMT+0"}:
        found.append(Note(f"`{name}`: the times are those of {reading.zones[0]}, as they are written.", column=name))
    return tuple(note for note in found if note)


# Where some numbers have lost their decimal mark, they are about a hundred times the others.
_HUNDREDFOLD: Final = (25.0, 400.0)
_FEWEST_WITHOUT: Final = 3
_MOST_WITHOUT: Final = 0.5


def lost_decimals_note(cells: Sequence[str], decimal: str, name: str) -> tuple[Note, ...]:
    """Warn where whole numbers stand beside others with two decimals and are about a hundred times as large."""
    sizes = [cell.strip() for cell in cells if is_number(cell, decimal)]
    whole = [float(cell) for cell in sizes if cell.isdecimal() and cell.isascii()]
    others = [cell for cell in sizes if _TWO_DECIMALS.search(cell)]
    if not _FEWEST_WITHOUT <= len(whole) <= _MOST_WITHOUT * len(sizes) or len(whole) + len(others) < len(sizes):
        return ()
    typical = float(np.median([float(re.sub(r"\D", "", cell)) for cell in others])) / 100
    if not typical or not _HUNDREDFOLD[0] <= float(np.median(whole)) / typical <= _HUNDREDFOLD[1]:
        return ()
    text = (
        f"`{name}`: {len(whole):,} whole numbers are about a hundred times the others, which have two decimals, as if "
        f"their decimal mark were lost (such as {whole[0]:,.0f}). Compare them with the source."
    )
    return (Note(text, warning=True, column=name),)


_TWO_DECIMALS: Final = re.compile(r"[.,]\d\d(?!\d)")


def unread_dates_note(name: str, cell: str, kind: ColumnKind) -> Note:
    """Say that what may be dates was not read as such."""
    text = (
        f"`{name}` may hold dates, such as {cell.strip()[:_CELL_LENGTH]!r}, in a form that is not known; it stays "
        f"{_a(kind)}. Write them as 2024-01-31 in the file to use them."
    )
    return Note(text, warning=True, column=name)


def lost_digits_note(name: str, cell: str) -> Note:
    """Say that a spreadsheet has shortened identifiers."""
    text = (
        f"`{name}` holds identifiers that a spreadsheet has shortened to {cell[:_CELL_LENGTH]!r}: their last digits "
        "are lost, and different ones look alike. Export the column as text."
    )
    return Note(text, warning=True, column=name)


def marked_numbers_note(name: str, cell: str, n_cells: int) -> Note:
    """Say that marks beside numbers were not looked at."""
    text = (
        f"`{name}`: {'1 number has' if n_cells == 1 else f'{n_cells:,} numbers have'} a mark beside "
        f"{'it' if n_cells == 1 else 'them'}, such as {cell.strip()[:_CELL_LENGTH]!r}, and "
        f"{'was' if n_cells == 1 else 'were'} read without it. Make it a text column if the mark matters."
    )
    return Note(text, warning=True, column=name)


def taken_for_date_note(name: str, value: str) -> Note:
    """Say that a spreadsheet has turned a range into a day."""
    low, high = range_in_a_date(value) or (0, 0)
    text = (
        f"`{name}`: {value!r} looks like the range {low}-{high}, which a spreadsheet took for a date; it stands in the "
        "order as that range. Correct it in the file to have it shown so."
    )
    return Note(text, warning=True, column=name)


def mixed_units_note(name: str, units: Sequence[str], kind: ColumnKind) -> Note:
    """Say that numbers with different units were not compared."""
    text = (
        f"`{name}` holds numbers in several units ({', '.join(units)}), which can't be compared as they are; it stays "
        f"{_a(kind)}. Bring them to one unit in the file to use them."
    )
    return Note(text, warning=True, column=name)


def part_numbers_note(name: str, share: float, kind: ColumnKind) -> Note:
    """Say that a column stayed text although most of it is numbers."""
    text = (
        f"`{name}` stays {_a(kind)}, though {percent_text(share)} of its cells are numbers. If it is a number, "
        "correct the others in the file, or take the column for a number: they then count as missing."
    )
    return Note(text, warning=True, column=name)


def too_large_note(values: np.ndarray, largest: float, name: str, line_of: LineOf) -> tuple[Note, ...]:
    """Warn of numbers whose squares would overflow."""
    if largest <= LARGEST_NUMBER:
        return ()
    rows = np.flatnonzero(np.abs(values) > LARGEST_NUMBER)
    row = int(rows[0])
    text = (
        f"Row {row + 1}, `{name}` = {values[row]:g} is too large to use (limit {LARGEST_NUMBER:g}). "
        "Correct the value or leave the column out."
    )
    return (Note(text, warning=True, line=_line(line_of, row), column=name),)


def too_long_note(name: str, verdict: KindDecision) -> Note:
    """Say that whole numbers were kept as text."""
    text = f"`{name}` has more digits than can be compared exactly; is it an ID? It was taken for {_a(verdict.kind)}."
    return Note(text, column=name)


def unsuitable_note(name: str, wanted: ColumnKind, taken: Column) -> Note:
    """Say that a column's cells are not what the user said that they are."""
    text = (
        f"`{name}` can't be taken for {_a(wanted)}, because too few of its cells are. It stays {_a(taken.kind)} "
        f"({taken.reason}). Change the cells in the file, or take the column for something else."
    )
    return Note(text, warning=True, column=name)


def _infinite(reading: NumberReading, name: str, line_of: LineOf) -> Note | None:
    rows = reading.infinite
    if not len(rows):
        return None
    values, were = ("value", "was") if len(rows) == 1 else ("values", "were")
    text = f"{len(rows):,} infinite {values} in `{name}` ({_rows(rows)}) {were} treated as missing."
    return Note(text, warning=True, line=_line(line_of, int(rows[0])), column=name)


def _unread(rows: np.ndarray, name: str, kind: ColumnKind, line_of: LineOf, cell_at: CellAt) -> Note | None:
    if not len(rows):
        return None
    row = int(rows[0])
    cell = cell_at(row)[:_CELL_LENGTH]
    n_cells = "1 cell" if len(rows) == 1 else f"{len(rows):,} cells"
    text = (
        f"`{name}` read as {kind}; {n_cells} could not be read and count as missing "
        f"({_rows(rows)}; first: {cell!r}). Make it a text column if that is wrong."
    )
    return Note(text, warning=True, line=_line(line_of, row), column=name)


def _ambiguous(reading: NumberReading, name: str) -> Note | None:
    if reading.other_marks:
        marks = ("comma", "point") if reading.decimal == "," else ("point", "comma")
        text = (
            f"`{name}`: most numbers have a decimal {marks[0]}, and {reading.other_marks:,} a decimal {marks[1]}; each "
            "was read by its own mark. Look at those with three digits behind a mark, such as 1.234 and 1,234, and "
            "write all numbers alike in the file if some are wrong."
        )
        return Note(text, warning=True, column=name)
    if reading.mixed_groups:
        text = (
            f"`{name}`: {reading.mixed_groups:,} of the numbers group their thousands and most do not. "
            "Look at them: a decimal mark may have been taken for a separator of thousands."
        )
        return Note(text, warning=True, column=name)
    if not reading.ambiguous:
        return None
    mark = "comma" if reading.decimal == "," else "point"
    text = (
        f"`{name}` was read with a decimal {mark}; its numbers would be others with "
        f"a decimal {'point' if mark == 'comma' else 'comma'}. Switch the decimal mark if that is wrong."
    )
    return Note(text, warning=True, column=name)


def _mixed_signs(reading: NumberReading, name: str) -> Note | None:
    if len(reading.currencies) > 1:
        text = f"`{name}` holds amounts in {' and '.join(reading.currencies)}; they were not converted."
        return Note(text, warning=True, column=name)
    if reading.currencies and reading.n_bare:
        text = (
            f"`{name}` has {reading.currencies[0]} in some cells only; all were taken for the same money. Write it in "
            "all or in none if that is right."
        )
        return Note(text, warning=True, column=name)
    if 0 < reading.percent_share < 1:
        text = f"`{name}` has a per cent sign in some cells only; 12 % was read as 12."
        return Note(text, warning=True, column=name)
    return None


def _absent(reading: NumberReading, name: str) -> Note | None:
    """Say which words count as missing, where they are more than a few."""
    n_absent = sum(count for _, count in reading.absent)
    if n_absent <= _FEW_ABSENT * len(reading.values):
        return None
    words = ", ".join(repr(word[:_CELL_LENGTH]) for word, _ in reading.absent[:3])
    share = percent_text(n_absent / len(reading.values))
    text = f"`{name}`: {n_absent:,} cells ({share}) say {words} and count as missing."
    return Note(text, column=name)


def _rows(rows: np.ndarray) -> str:
    named = ", ".join(f"{row + 1:,}" for row in rows[:_ROWS_NAMED])
    more = ", …" if len(rows) > _ROWS_NAMED else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {named}{more}"


def _line(line_of: LineOf, row: int) -> int | None:
    return line_of(row) if line_of else None


def _a(kind: ColumnKind) -> str:
    return f"an {kind}" if str(kind)[0] in "aeio" else f"a {kind}"


def as_numbers(column: pd.Series) -> np.ndarray | None:
    """Return numbers, booleans and decimals as float64 with NaN; None when the column holds anything else.

    Whole numbers beyond 2^53 stay out: float64 would take different ones for equal.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return None
    kind = pd.api.types.infer_dtype(column, skipna=True) if column.dtype == object else ""
    if not (pd.api.types.is_numeric_dtype(column.dtype) or kind in _NUMERIC_OBJECTS):
        return _from_timedelta(column)
    if _is_whole(column, kind) and _largest(column) > LARGEST_EXACT:
        return None
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


_NUMERIC_OBJECTS = frozenset({"integer", "floating", "mixed-integer-float", "decimal", "boolean"})


def _from_timedelta(column: pd.Series) -> np.ndarray | None:
    if not pd.api.types.is_timedelta64_dtype(column.dtype):
        return None
    return np.asarray(column.dt.total_seconds() / 86_400, dtype=np.float64)


def _is_whole(column: pd.Series, kind: str) -> bool:
    return kind == "integer" or pd.api.types.is_integer_dtype(column.dtype)


def _largest(column: pd.Series) -> int:
    held = column.dropna()
    return max(abs(int(held.max())), abs(int(held.min()))) if len(held) else 0


def as_text(column: pd.Series) -> pd.Series:
    """Return any column as pandas text; cells that are no text are written out."""
    if column.dtype == TEXT:
        return column
    if pd.api.types.is_string_dtype(column.dtype) and column.dtype != object:
        return column.astype(TEXT)
    written = [None if _is_missing(cell) else _written(cell) for cell in column.astype(object)]
    return pd.Series(written, dtype=TEXT)


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell))


def _written(cell: object) -> str:
    if isinstance(cell, str):
        # A lone half of a surrogate pair has no UTF-8 form.
        return cell.encode("utf-8", "replace").decode("utf-8")
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST_EXACT:
        return str(int(cell))
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


# Judging words needs no more than this many of them.
_VALUES_JUDGED: Final = 1_001
_PERSONAL_CELLS: Final = 200
_SCALE_VALUES: Final = 20
_MAY_BE_SEVERAL: Final = frozenset({ColumnKind.CATEGORY, ColumnKind.TEXT, ColumnKind.IDENTIFIER})
# A column with so many numbers that stays text is worth a look.
_NUMBERS_SUSPECTED: Final = 0.6
# From ten digits on; the rest of the number is gone.
_SCIENTIFIC: Final = re.compile(r"^\d(?:[.,]\d{1,6})?[eE]\+?(?:09|1\d|2\d)$")
_MOSTLY: Final = 0.8
# More cells that say that nothing is known are an answer of their own.
_MOST_UNKNOWN: Final = 0.2
# What may stand before a number, or behind it, beside most that have nothing there.
_MARKS_BESIDE: Final = r"^ *(?:[~≈<>≤≥±]=? ?|ca\.? ?)?([-+(]?[^0-9]{0,4}[0-9][^*†‡§¹²³]*)[*†‡§¹²³]{0,3} *$"
_MOST_MARKED: Final = 0.4
_UNREAD_DATES: Final = frozenset(
    {ColumnKind.IDENTIFIER, ColumnKind.TEXT, ColumnKind.CATEGORY, ColumnKind.CODE, ColumnKind.NUMBER}
)
# What a column of yes and no, or of the days when somebody said so, is taken for.
_SAYS_YES: Final = frozenset(
    {ColumnKind.YES_NO, ColumnKind.CATEGORY, ColumnKind.ORDERED, ColumnKind.DATE, ColumnKind.NEAR_EMPTY}
)


@dataclass(frozen=True)
class InferenceHints:
    """What is known about a table before its columns are looked at.

    Attributes
    ----------
    date_order
        "day first" or "month first" when the user said so.
    line_of
        The line of the file on which a row (from 0) stands; None when rows have no lines.
    """

    marks: DecimalMarks = field(default_factory=DecimalMarks)
    date_order: str | None = None
    line_of: Callable[[int], int] | None = None


@dataclass(frozen=True, eq=False)
class TypeInference:
    """One column: what it was taken for, its values, what the user should know."""

    column: Column
    values: pd.Series
    notes: tuple[Note, ...] = field(default=())


def infer_type(
    column: pd.Series, name: str, header: str, hints: InferenceHints, kind: ColumnKind | None
) -> TypeInference:
    """Find out what a column is; `kind` is the user's own word for it, taken where the cells allow it."""
    found = _read_as(column, name, header, hints, kind)
    if kind is None and found.column.kind in _SAYS_YES and is_consent_name(header):
        if says_consent(column.dropna().unique()[:_PERSONAL_CELLS]):
            # Its values stay, for whoever says that it is something else; by itself it forms and describes nothing.
            return replace(
                found, column=replace(found.column, kind=ColumnKind.CONSENT, reason="says who may be contacted")
            )
        return found
    if kind is None and found.column.kind in _UNREAD_DATES:
        cells = column.dropna().iloc[:_PERSONAL_CELLS]
        if may_be_dates(header, texts := [_written(cell).strip() for cell in cells]):
            return replace(found, notes=(*found.notes, unread_dates_note(name, texts[0], found.column.kind)))
    if kind is None or found.column.kind is kind:
        return found
    plain = _read_as(column, name, header, hints, None)
    return replace(plain, notes=(*plain.notes, unsuitable_note(name, kind, plain.column)))


def _read_as(
    column: pd.Series, name: str, header: str, hints: InferenceHints, kind: ColumnKind | None
) -> TypeInference:
    numbers = as_numbers(column)
    if numbers is not None:
        return _of_numbers(column, numbers, name, header, kind)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _of_dates(column, name, header, kind)
    cells = to_arrow(as_text(column))
    return _Text(TextCells(cells), name, header, hints, kind).understood()


def _of_numbers(
    column: pd.Series, values: np.ndarray, name: str, header: str, kind: ColumnKind | None
) -> TypeInference:
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        values = values.copy()
        values[infinite] = np.nan
    reading = NumberReading(values, np.empty(0, np.int64), infinite)
    within = range_of(values)
    filled = FillStats(len(values), within.missing, within.distinct)
    if kind in (None, ColumnKind.DATE) and (stamps := as_stamps(values, header)) is not None:
        moments = pd.Series(stamps[0], copy=False)
        dated = judge_fill(filled) or KindDecision(ColumnKind.DATE, f"dates, as {stamps[1]}")
        return _inferred(moments, (dated, kind), filled, (name, header))
    verdict = _is_boolean(column, filled) or _is_personal(values, header)
    verdict = verdict or judge_numbers(values, header, within, leading_zeros=False)
    verdict = verdict or KindDecision(ColumnKind.NUMBER, "numbers")
    notes = (
        *number_notes(reading, name, None, str, verdict),
        *too_large_note(values, within.largest, name, None),
    )
    return _inferred(pd.Series(values, copy=False), (verdict, kind), filled, (name, header), notes)


def _is_personal(values: np.ndarray, header: str) -> KindDecision | None:
    """Judge numbers such as telephone numbers as the same cells would be judged as text."""
    known = values[~np.isnan(values)][:_PERSONAL_CELLS]
    whole = [f"{number:.0f}" for number in known if abs(number) <= LARGEST_EXACT and number == np.rint(number)]
    reason = personal_reason(header, whole) if len(whole) == len(known) else ""
    return KindDecision(ColumnKind.PERSONAL, reason) if reason else None


def _is_boolean(column: pd.Series, filled: FillStats) -> KindDecision | None:
    if filled.distinct == 2 and pd.api.types.infer_dtype(column, skipna=True) == "boolean":
        return KindDecision(ColumnKind.YES_NO, "true or false")
    return None


def _of_dates(column: pd.Series, name: str, header: str, kind: ColumnKind | None) -> TypeInference:
    naive = column.dt.tz_localize(None) if getattr(column.dt, "tz", None) is not None else column
    values = pd.Series(naive.to_numpy(dtype="datetime64[us]"), copy=False)
    filled = FillStats(len(values), int(values.isna().sum()), int(values.nunique()))
    verdict = judge_fill(filled) or KindDecision(ColumnKind.DATE, "dates")
    return _inferred(values, (verdict, kind), filled, (name, header))


def _suits(values: pd.Series, kind: ColumnKind) -> bool:
    """Whether values can be what the user says: words are no amounts, and numbers no dates."""
    if kind in NUMERIC_KINDS or kind is ColumnKind.YES_NO:
        return pd.api.types.is_numeric_dtype(values.dtype)
    return kind is not ColumnKind.DATE or pd.api.types.is_datetime64_any_dtype(values.dtype)


def _inferred(
    values: pd.Series,
    judged: tuple[KindDecision, ColumnKind | None],
    filled: FillStats,
    names: tuple[str, str],
    notes: tuple[Note, ...] = (),
) -> TypeInference:
    name, header = names
    verdict, kind = judged
    # Called constant, a column is no box to tick, either.
    if kind is not None and (kind is ColumnKind.CONSTANT or kind != verdict.kind) and _suits(values, kind):
        verdict = KindDecision(kind, AS_SAID, verdict.levels)
    column = Column(
        name,
        verdict.kind,
        verdict.reason,
        filled.missing,
        filled.distinct,
        header=header,
        levels=verdict.levels,
    )
    return TypeInference(column, values, notes)


@dataclass(frozen=True, eq=False)
class _Text:
    """A column of text on its way to being understood."""

    text: TextCells
    name: str
    header: str
    hints: InferenceHints
    kind: ColumnKind | None

    def understood(self) -> TypeInference:
        in_ascii = _in_ascii_digits(self.text)
        if in_ascii is not None:
            plain = replace(self, text=in_ascii).understood()
            if plain.column.kind in NUMERIC_KINDS or plain.column.kind is ColumnKind.DATE:
                return plain
        personal = personal_reason(self.header, self.text.sample[:_PERSONAL_CELLS])
        if personal and self.kind in (None, ColumnKind.PERSONAL):
            return self._words(KindDecision(ColumnKind.PERSONAL, personal))
        dates = None if self.kind in NUMERIC_KINDS else self._dates()
        if dates is not None:
            return self._as_dates(dates)
        if self.kind is None and _lost_digits(self.text, self.header):
            return self._without_digits()
        numbers = read_numbers(self.text, replace(self.hints.marks, counts=counts_or_measures(self.header)))
        within = range_of(numbers.values) if numbers is not None else Range()
        if has_inexact_integers(self.text, within.largest):
            return self._too_long()
        if numbers is None and (self.kind in NUMERIC_KINDS or (self.kind is None and not names_things(self.header))):
            return self._as_quantities()
        if numbers is None or (len(numbers.unread) and self.kind is None and names_things(self.header)):
            # Invoice numbers such as C536379 among 536365 are as good as the others.
            return self._words(None)
        stamps = as_stamps(numbers.values, self.header) if self.kind in (None, ColumnKind.DATE) else None
        return self._as_numbers(numbers, within) if stamps is None else self._as_stamps(*stamps)

    def _as_quantities(self) -> TypeInference:
        """Read numbers with words beside them or between them; else words."""
        held = Counter(self.text.known)
        if self.kind is None and 2 * sum(n for cell, n in held.items() if any(map(str.isdecimal, cell))) < held.total():
            # Where most cells have no digit, nothing below finds numbers.
            return self._words(None)
        found = read_quantities(self.text, self.hints.marks)
        if found is not None:
            reading, what = found
            return self._as_numbers(reading, range_of(reading.values), what)
        if self.kind is None or self.kind in NUMERIC_KINDS:
            marked = self._without_marks()
            if marked is not None:
                return marked
        scale = self.text.values
        if len(scale) <= _SCALE_VALUES and scale_levels([value or "" for value in leading_texts(scale)]):
            return self._words(None)
        mostly = read_mostly_numbers(self.text, self.hints.marks)
        if mostly is not None:
            return self._as_numbers(mostly, range_of(mostly.values))
        words = self._words(None)
        units = mixed_units(self.text)
        if units and words.column.kind is not ColumnKind.ORDERED and self.kind is None:
            return replace(words, notes=(*words.notes, mixed_units_note(self.name, units, words.column.kind)))
        share = share_of_numbers(self.text)
        said = words.column.answers or words.column.kind in (ColumnKind.ORDERED, ColumnKind.NEAR_EMPTY)
        if share < _NUMBERS_SUSPECTED or said:
            return words
        return replace(words, notes=(*words.notes, part_numbers_note(self.name, share, words.column.kind)))

    def _without_marks(self) -> TypeInference | None:
        """Read numbers of which some have a mark of a footnote or of being rough beside them; None where none is so."""
        marks = replace(self.hints.marks, counts=counts_or_measures(self.header))

        def read(cells: pa.ChunkedArray) -> tuple[pa.ChunkedArray, NumberReading | None]:
            bare = pc.replace_substring_regex(cells, _MARKS_BESIDE, r"\1")
            reading = read_numbers(TextCells(bare), marks)
            return bare, None if reading is None or len(reading.unread) else reading

        # Where some cells from all over are no numbers without their marks, all the others need not be looked at.
        if read(pa.chunked_array([self.text.known], pa.large_string()))[1] is None:
            return None
        bare, reading = read(self.text.cells)
        if reading is None:
            return None
        changed = pc.fill_null(pc.not_equal(bare, self.text.cells), False).to_numpy(zero_copy_only=False)
        rows = np.flatnonzero(changed)
        # Rough numbers throughout are something else: bands, limits, what a laboratory could not measure.
        if not 0 < len(rows) <= _MOST_MARKED * reading.n_read:
            return None
        found = self._as_numbers(reading, range_of(reading.values))
        if found.column.kind not in NUMERIC_KINDS:
            return None
        note = marked_numbers_note(self.name, self.text.at(int(rows[0])), len(rows))
        return replace(found, notes=(*found.notes, note))

    def _as_stamps(self, values: np.ndarray, what: str) -> TypeInference:
        dates = pd.Series(values, copy=False)
        filled = FillStats(len(values), int(np.isnat(values).sum()), int(dates.nunique()))
        verdict = judge_fill(filled) or KindDecision(ColumnKind.DATE, f"dates, as {what}")
        return self._done(dates, verdict, filled)

    def _without_digits(self) -> TypeInference:
        filled = self._filled()
        verdict = judge_fill(filled) or KindDecision(ColumnKind.CODE, "identifiers that have lost their last digits")
        return self._done(
            to_series(self.text.filled), verdict, filled, (lost_digits_note(self.name, self.text.sample[0]),)
        )

    def _dates(self) -> DateReading | None:
        compact = names_a_date(self.header) or self.kind == ColumnKind.DATE
        if not compact and self.kind is None and not names_things(self.header):
            compact = are_compact_dates(self.text.sample)
        return read_dates(self.text, self.hints.date_order, compact=compact)

    def _as_dates(self, reading: DateReading) -> TypeInference:
        values = pd.Series(reading.values, copy=False)
        filled = FillStats(len(values), int(np.isnat(reading.values).sum()), reading.distinct)
        verdict = judge_fill(filled) or KindDecision(ColumnKind.DATE, f"dates, {reading.order}")
        notes = date_notes(reading, self.name, self.hints.line_of, self.text.at)
        return self._done(values, verdict, filled, notes)

    def _as_numbers(self, reading: NumberReading, within: Range, what: str = "") -> TypeInference:
        filled = FillStats(len(reading.values), within.missing, within.distinct)
        zeros = _has_leading_zeros(self.text)
        verdict = judge_numbers(reading.values, self.header, within, leading_zeros=zeros) or _amount(reading)
        if what and verdict.kind is ColumnKind.NUMBER:
            verdict = replace(verdict, reason=what)
        notes = (
            *number_notes(reading, self.name, self.hints.line_of, self.text.at, verdict),
            *lost_decimals_note(self.text.sample, reading.decimal, self.name),
            *too_large_note(reading.values, within.largest, self.name, self.hints.line_of),
        )
        return self._done(pd.Series(reading.values, copy=False), verdict, filled, notes)

    def _too_long(self) -> TypeInference:
        filled = self._filled()
        kind = ColumnKind.IDENTIFIER if filled.is_unique else ColumnKind.CODE
        verdict = judge_fill(filled) or KindDecision(kind, "more digits than can be compared exactly")
        notes = () if names_things(self.header) else (too_long_note(self.name, verdict),)
        return self._done(to_series(self.text.filled), verdict, filled, notes)

    def _words(self, verdict: KindDecision | None) -> TypeInference:
        trimmed = self._trimmed()
        if trimmed is not None:
            return trimmed._words(verdict)
        filled = self._filled()
        values = [value or "" for value in leading_texts(self.text.values[:_VALUES_JUDGED])]
        verdict = verdict or judge_text(values, self.header, filled)
        wanted = self.kind or verdict.kind
        if verdict.kind in _MAY_BE_SEVERAL and self.kind is None and len(self.text.values) < _VALUES_JUDGED:
            separator, answers = several_answers(values, self.text.counts.tolist())
            if answers:
                return self._several(separator, answers, filled)
        if verdict.kind is ColumnKind.ORDERED and any(map(is_unknown_word, values)):
            return self._answers(values, verdict)
        notes = self._notes_of_words(values, verdict.kind) if self.kind is None else ()
        # "Yes", "YES" and "no" are a yes and a no as well.
        if verdict.kind in (ColumnKind.CATEGORY, ColumnKind.ORDERED) and self.kind is None:
            answered = self._yes_no_or_unknown(values)
            if answered is not None:
                return answered
        is_yes_no = verdict.kind is ColumnKind.YES_NO or (filled.distinct == 2 and sum(map(means_yes, values)) == 1)
        if wanted is ColumnKind.YES_NO and filled.distinct == 1 and filled.missing:
            ticked = pd.Series(np.where(to_series(self.text.filled).isna(), np.nan, 1.0), copy=False)
            return self._done(ticked, verdict, filled)
        if wanted is ColumnKind.YES_NO and is_yes_no:
            return self._done(self._yes_or_no(values), verdict, replace(filled, distinct=2))
        return self._done(to_series(self.text.filled), verdict, filled, notes)

    def _notes_of_words(self, values: list[str], kind: ColumnKind) -> tuple[Note, ...]:
        """Say which values may be the same in other spellings, and which a spreadsheet has turned into days."""
        if kind not in (ColumnKind.CATEGORY, ColumnKind.ORDERED):
            return ()
        taken = [value for value in values if range_in_a_date(value)] if kind is ColumnKind.ORDERED else []
        if taken:
            return (taken_for_date_note(self.name, taken[0]),)
        variants = spelling_variants(dict(zip(values, self.text.counts.tolist(), strict=False)))
        return (spelling_note(self.name, variants),) if variants else ()

    def _yes_no_or_unknown(self, values: list[str]) -> TypeInference | None:
        """Return yes and no as such where some cells say that nothing is known, unless many do."""
        answers = [value for value in values if not is_unknown_word(value)]
        n_unknown = sum(count for value, count in zip(values, self.text.counts, strict=False) if is_unknown_word(value))
        if not 0 < n_unknown <= _MOST_UNKNOWN * self.text.counts.sum() or not yes_and_no(answers):
            return None
        return self._answers(values, KindDecision(ColumnKind.YES_NO, "a yes or a no"))

    def _several(self, separator: str, answers: tuple[str, ...], filled: FillStats) -> TypeInference:
        """Return cells with several answers, which become a yes/no column each."""
        shown = ", ".join(answers[:4]) + (", …" if len(answers) > 4 else "")
        verdict = KindDecision(ColumnKind.TEXT, f"several answers in a cell, of {len(answers)}: {shown}")
        note = Note(
            f"`{self.name}` holds several answers in a cell; each of the {len(answers)} became a yes/no column.",
            column=self.name,
        )
        found = self._done(to_series(self.text.filled), verdict, filled, (note,))
        return replace(found, column=replace(found.column, answers=answers, separator=separator))

    def _trimmed(self) -> "_Text | None":
        """Return the column without blanks around its values, which never matter; None where there are none."""
        values = self.text.values
        trimmed = pc.utf8_trim_whitespace(values)
        if pc.all(pc.equal(values, trimmed), min_count=0).as_py():
            return None
        cells = self.text.cells
        return replace(
            self, text=TextCells(pa.chunked_array([pc.utf8_trim_whitespace(one) for one in cells.chunks], cells.type))
        )

    def _answers(self, values: list[str], verdict: KindDecision) -> TypeInference:
        """Return ordered answers, of which those that say that nothing is known are missing."""
        unknown = [value for value in self.text.values.to_pylist() if is_unknown_word(value or "")]
        cells = self.text.filled
        known = pc.if_else(pc.is_in(cells, value_set=pa.array(unknown, cells.type)), pa.scalar(None, cells.type), cells)
        filled = FillStats(len(known), known.null_count, len(values) - len(unknown))
        words = ", ".join(repr(word.strip()) for word in unknown)
        n_unknown = known.null_count - cells.null_count
        verdict = judge_fill(filled) or verdict
        note = Note(
            f"`{self.name}`: {n_unknown:,} cells say {words}, which is no answer, and count as missing.",
            column=self.name,
        )
        if verdict.kind is ColumnKind.YES_NO:
            return self._done(self._yes_or_no(values), verdict, replace(filled, distinct=2), (note,))
        return self._done(to_series(known), verdict, filled, (note,))

    def _yes_or_no(self, values: list[str]) -> pd.Series:
        per_value = np.array(
            [np.nan if is_unknown_word(value) else means_yes(value) for value in [*values, "?"]], float
        )
        positions = self.text.encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return pd.Series(per_value[positions], copy=False)

    def _filled(self) -> FillStats:
        filled = self.text.filled
        return FillStats(len(filled), filled.null_count, len(self.text.values))

    def _done(
        self, values: pd.Series, verdict: KindDecision, filled: FillStats, notes: tuple[Note, ...] = ()
    ) -> TypeInference:
        return _inferred(values, (verdict, self.kind), filled, (self.name, self.header), notes)


# Figures of full width and of Arabic, Persian, Hindi and Thai, and the marks that go with them.
_FIGURES: Final = {
    chr(first + figure): str(figure)
    for first in (0xFF10, 0x0660, 0x06F0, 0x0966, 0x0E50)
    for figure in range(10)
}  # fmt: skip
_MARKS: Final = {"／": "/", "．": ".", "，": ",", "－": "-", "：": ":", "％": "%", "٫": ".", "٬": ",", "٪": "%"}
_OTHER_FIGURES: Final = re.compile(f"[{''.join(_FIGURES)}]")
_TO_ASCII: Final = str.maketrans(_FIGURES | _MARKS)


def _in_ascii_digits(text: TextCells) -> TextCells | None:
    """Return cells with figures of other scripts written as 0 to 9; None where there are none."""
    if not any(_OTHER_FIGURES.search(cell) for cell in text.sample if not cell.isascii()):
        return None
    plain = [
        pa.array([None if cell is None else cell.translate(_TO_ASCII) for cell in chunk.to_pylist()], chunk.type)
        for chunk in text.cells.chunks
    ]
    return TextCells(pa.chunked_array(plain, text.cells.type))


def _lost_digits(text: TextCells, header: str) -> bool:
    """Whether cells are long identifiers that a spreadsheet has written as 1.23457E+15."""
    written = [cell for cell in text.sample if _SCIENTIFIC.match(cell)]
    if not written or len(written) < _MOSTLY * len(text.sample):
        return False
    named = names_things(header) or names_a_phone(header) or names_a_card(header)
    return named or len({cell[-2:] for cell in written}) == 1


def _has_leading_zeros(text: TextCells) -> bool:
    bare = (cell.removeprefix("'") for cell in text.sample)
    if not any(len(cell) > 1 and cell[0] == "0" and cell.isdecimal() for cell in bare):
        return False
    return bool(pc.any(pc.match_substring_regex(text.filled, r"^'?0\d")).as_py())


def _amount(reading: NumberReading) -> KindDecision:
    if reading.currency_share >= 0.5:
        return KindDecision(ColumnKind.MONEY, f"amounts in {' and '.join(reading.currencies)}")
    if reading.percent_share >= 0.5:
        return KindDecision(ColumnKind.PERCENTAGE, "numbers with a per cent sign")
    return KindDecision(ColumnKind.NUMBER, "numbers")
