"""Notes on how a column was read."""

from collections.abc import Callable
from typing import Final

import numpy as np

from segmenter.config import LARGEST_NUMBER
from segmenter.table.dataset import Column, ColumnKind
from segmenter.table.infer.dates import DateReading
from segmenter.table.infer.kind_rules import KindDecision
from segmenter.table.infer.numbers import NumberReading
from segmenter.table.notes import Note

_ROWS_NAMED: Final = 10
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
    return tuple(note for note in found if note)


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
    if 0 < reading.percent_share < 1:
        text = f"`{name}` has a per cent sign in some cells only; 12 % was read as 12."
        return Note(text, warning=True, column=name)
    return None


def _rows(rows: np.ndarray) -> str:
    named = ", ".join(f"{row + 1:,}" for row in rows[:_ROWS_NAMED])
    more = ", …" if len(rows) > _ROWS_NAMED else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {named}{more}"


def _line(line_of: LineOf, row: int) -> int | None:
    return line_of(row) if line_of else None


def _a(kind: ColumnKind) -> str:
    return f"an {kind}" if str(kind)[0] in "aeio" else f"a {kind}"
