"""Which records stand below the table: remarks, totals, another table?"""

from collections.abc import Sequence
from typing import Final

from segmenter.core.kinds.number_forms import is_number
from segmenter.importers.layout import breaks_the_types, is_remark, is_total, is_typed
from segmenter.importers.records import Record

# So many narrower or wider rows in one stretch are a table of their own.
_ROWS_OF_A_TABLE: Final = 3
# So many rows tell how much of a row is usually filled.
ROWS_ABOVE: Final = 50
_ROWS_FOR_SUMS: Final = 4


def is_footer(record: Record, above: Sequence[Record], width: int) -> bool:
    """Whether the last record is a remark or a total rather than a row."""
    values = record.values
    if is_total(values):
        return True
    usual = _usual_fill(above[-ROWS_ABOVE:])
    if is_remark(values, usual):
        return True
    filled = [value for value in values if value.strip()]
    return (
        len(values) < width and len(filled) <= max(1, width // 3) and not any(is_typed(value) for value in filled[:1])
    )


def takes_sums(body: Sequence[Record], typed: Sequence[bool]) -> bool:
    """Whether the last record, not labelled, holds the sums of those above it."""
    if len(body) <= _ROWS_FOR_SUMS or len(body[-1].values) != len(typed):
        return False
    last = body[-1].values
    if last[0].strip():
        return False
    rows = [record.values for record in body[:-1] if len(record.values) == len(typed)]
    return any(_is_sum(last[at], [row[at] for row in rows]) for at, is_so in enumerate(typed) if is_so)


def second_table_at(body: Sequence[Record], width: int, typed: Sequence[bool], blank_lines: set[int]) -> int | None:
    """Return the position in the body at which another table starts; None when there is none."""
    last_row = max((at for at, record in enumerate(body) if len(record.values) == width), default=-1)
    for at, record in enumerate(body):
        after_blank = record.line - 1 in blank_lines
        if len(record.values) != width:
            stretch = body[at : at + _ROWS_OF_A_TABLE]
            widths = {len(other.values) for other in stretch}
            if len(stretch) == _ROWS_OF_A_TABLE and width not in widths and (len(widths) == 1 or after_blank):
                return at
            if after_blank and at > last_row:
                return at
        elif after_blank and any(typed) and breaks_the_types(record.values, typed):
            return at
    return None


def _usual_fill(records: Sequence[Record]) -> int:
    fills = sorted(sum(bool(value.strip()) for value in record.values) for record in records)
    return fills[len(fills) // 2] if fills else 1


def _is_sum(cell: str, cells: Sequence[str]) -> bool:
    numbers = [_number(value) for value in cells if is_number(value, ".")]
    if not is_number(cell, ".") or len(numbers) < _ROWS_FOR_SUMS or not any(numbers):
        return False
    total = _number(cell)
    return abs(total - sum(numbers)) <= 1e-6 * abs(total) and abs(total) > max(map(abs, numbers))


def _number(cell: str) -> float:
    digits = "".join(letter for letter in cell if letter.isdigit() or letter in ".-eE")
    try:
        return float(digits)
    except ValueError:
        return 0.0
