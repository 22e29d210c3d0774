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
    if len(reading.zones) > 1:
        text = f"`{name}` names several time zones ({', '.join(reading.zones[:4])}); the times were brought to UTC."
        found.append(Note(text, column=name))
    elif reading.zones and not set(reading.zones) & {"UTC", "GMT", "+00:00", "+0000", "UTC+0", "GMT+0"}:
        found.append(Note(f"`{name}`: the times are those of {reading.zones[0]}, as they are written.", column=name))
    return tuple(note for note in found if note)


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


def part_numbers_note(name: str, share: float, kind: ColumnKind) -> Note:
    """Say that a column stayed text although most of it is numbers."""
    text = (
        f"`{name}` stays {_a(kind)}, though {share:.0%} of its cells are numbers. If it is a number, correct the "
        "others in the file, or take the column for a number: they then count as missing."
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
    text = f"`{name}`: {n_absent:,} cells ({n_absent / len(reading.values):.0%}) say {words} and count as missing."
    return Note(text, column=name)


def _rows(rows: np.ndarray) -> str:
    named = ", ".join(f"{row + 1:,}" for row in rows[:_ROWS_NAMED])
    more = ", …" if len(rows) > _ROWS_NAMED else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {named}{more}"


def _line(line_of: LineOf, row: int) -> int | None:
    return line_of(row) if line_of else None


def _a(kind: ColumnKind) -> str:
    return f"an {kind}" if str(kind)[0] in "aeio" else f"a {kind}"
