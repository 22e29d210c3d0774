"""Layout of a text file: titles above the table, header, rows, footers below."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from segmenter.config import LONGEST_JUDGED
from segmenter.io.read.csv.records import Record
from segmenter.io.read.csv.totals import label_strength
from segmenter.table.infer.missing_values import MISSING_AMONG_NUMBERS
from segmenter.table.infer.numbers import is_number

_BODY_ROWS: Final = 200
_FILL_ROWS: Final = 2_000
_TYPED_SHARE: Final = 0.9
_DATE: Final = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?$|^\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?$")
_EMAIL: Final = re.compile(r"^[^@\s]+@[^@\s]+\.\w+$")


# Under each question, beside those with several answers.
_NO_NAMES: Final = frozenset({"response", "open-ended response", "réponse", "antwort", "respuesta", "risposta"})
# Qualtrics writes the wording of each question below the names, and below it such keys.
SURVEY_KEYS: Final = '{"ImportId":'
_MOST_AGAIN: Final = 0.1
# So few lines stand above a table, as a rule.
_TITLE_LINES: Final = 10
_NAMES_FILLED: Final = 0.8


@dataclass(frozen=True)
class TableLayout:
    """Where the table stands among the records.

    Attributes
    ----------
    width
        Values in a row.
    header
        Position of the record with the column names; None when there is none.
    body
        Position of the first record below it.
    extra_headers
        Positions of further lines of column names.
    levels
        Positions of the records whose names are joined, such as 2024 over spend; empty where one line holds the names.
    guessed
        Why the header deserves a look, in words; empty when it is clear.
    """

    width: int
    header: int | None
    body: int
    extra_headers: tuple[int, ...] = ()
    guessed: str = ""
    levels: tuple[int, ...] = ()

    def names(self, records: Sequence[Record]) -> list[str]:
        """Return the column names, those of two lines joined: 2024 over spend is `2024 spend`."""
        assert self.header is not None
        if not self.levels:
            return list(records[self.header].values)
        above, below = (records[at].values for at in self.levels)
        names, group = [], ""
        for over, under in zip(map(str.strip, above), map(str.strip, below), strict=True):
            group = over or group
            # What stands over nothing is the whole name, and what programs write under every question says nothing.
            alone = not under or under.casefold() in _NO_NAMES or under == group
            names.append((over or group) if alone else f"{group} {under}".strip())
        return names


def find_layout(records: Sequence[Record], header_line: int | None = None) -> TableLayout:
    """Find the table by the commonest number of values and by what its columns hold.

    Parameters
    ----------
    header_line
        The user's word: the line of the column names, 0 for none.
    """
    width = common_width(records)
    if header_line:
        at = next((at for at, record in enumerate(records) if record.line >= header_line), None)
        return TableLayout(width, at, len(records) if at is None else at + 1)
    first = _first_of_table(records, width)
    if header_line == 0:
        return TableLayout(width, None, first)
    return _with_header(records, width, first)


def common_width(records: Sequence[Record]) -> int:
    """Return the commonest number of values among records that hold something."""
    widths = Counter(len(record.values) for record in records if not record.is_blank and not record.unclosed)
    if not widths:
        return 1
    return max(widths.items(), key=lambda one: (one[1] * (1 if one[0] > 1 else 0.5), one[0]))[0]


def plain_name(name: str) -> str:
    """Return a column name without what files that were put together may differ in: case, blanks, byte order marks."""
    return name.strip("\ufeff \t").casefold()


def is_typed(cell: str) -> bool:
    """Whether a cell is a number, a date, a time or an e-mail address."""
    cell = cell.strip()
    if len(cell) > LONGEST_JUDGED:
        return False
    return bool(is_number(cell, ".") or is_number(cell, ",") or _DATE.match(cell) or _EMAIL.match(cell))


def typed_columns(rows: Sequence[Sequence[str]], width: int) -> list[bool]:
    """Tell for each column whether its filled cells are numbers, dates or the like."""
    typed = []
    for at in range(width):
        cells = [row[at].strip() for row in rows if len(row) > at]
        counts = Counter(cell for cell in cells if cell not in MISSING_AMONG_NUMBERS)
        n_typed = sum(n_cells for cell, n_cells in counts.items() if is_typed(cell))
        typed.append(bool(counts) and n_typed >= _TYPED_SHARE * counts.total())
    return typed


def breaks_the_types(values: Sequence[str], typed: Sequence[bool]) -> bool:
    """Whether a row has words wherever the other rows have numbers or dates."""
    cells = [value.strip() for value, is_so in zip(values, typed, strict=False) if is_so]
    filled = [cell for cell in cells if cell not in MISSING_AMONG_NUMBERS]
    return len(filled) >= max(1, 0.5 * len(cells)) and not any(map(is_typed, filled))


def is_total(values: Sequence[str]) -> bool:
    """Whether a row is labelled as a total."""
    filled = [value for value in values if value.strip()]
    label = next((value for value in filled if not is_typed(value)), "")
    return label_strength(label.strip()) > 1 and len(filled) >= 2


def is_remark(values: Sequence[str], usual: int) -> bool:
    """Whether a row holds one text and nothing else, where rows usually hold much more."""
    filled = [value for value in values if value.strip()]
    return len(filled) == 1 and usual >= 3 and bool(values[0].strip()) and not is_typed(values[0])


def _first_of_table(records: Sequence[Record], width: int) -> int:
    """Return the first record that is as wide and as filled as the rows of the table."""
    usual = _usual_fill(records, width)
    for at, record in enumerate(records):
        filled = sum(bool(value.strip()) for value in record.values)
        if record.is_blank or not filled:
            continue
        if len(record.values) == width and filled >= min(usual, width) / 2:
            return _names_below(records, at, width, filled)
        if _is_ragged_header(records, at, width):
            return at
    return 0


def _names_below(records: Sequence[Record], at: int, width: int, n_filled: int) -> int:
    """Return the names that stand a few lines below titles padded with separators; else the line itself."""
    lines = range(at + 1, min(at + 1 + _TITLE_LINES, len(records)))
    # Report | Customers, Period | 2024: a few values in front, and an empty line before the table.
    empty = next((below for below in lines if not any(map(str.strip, records[below].values))), None)
    if 2 * n_filled <= width and width > 2 and empty is not None:
        lines = range(empty + 1, lines.stop)
    elif n_filled > 1 or width < 2 or not records[at].values[0].strip():
        return at
    for below in lines:
        values = [value.strip() for value in records[below].values]
        filled = [value for value in values if value]
        if len(values) == width and len(set(filled)) == len(filled) >= _NAMES_FILLED * width:
            if any(map(is_typed, filled)) or (width < 3 and not _is_above_numbers(records, below)):
                return at
            return below
    return at


def _is_above_numbers(records: Sequence[Record], at: int) -> bool:
    """Whether most rows right below a line hold numbers or dates: of two columns, the line is then their names."""
    rows = [record.values for record in records[at + 1 : at + 1 + _TITLE_LINES]]
    return bool(rows) and 2 * sum(any(map(is_typed, values)) for values in rows) > len(rows)


def _usual_fill(records: Sequence[Record], width: int) -> int:
    # A few thousand rows from all over the file tell what is usual.
    some = records[:: max(1, len(records) // _FILL_ROWS)]
    fills = sorted(
        sum(bool(value.strip()) for value in record.values) for record in some if len(record.values) == width
    )
    return fills[len(fills) // 2] if fills else 1


def _is_ragged_header(records: Sequence[Record], at: int, width: int) -> bool:
    """Whether a record is column names with one or two too few or too many."""
    record = records[at]
    n_values = len(record.values)
    if width < 3 or n_values < 2 or abs(n_values - width) > max(2, width // 3) or n_values < width / 2:
        return False
    below = [other for other in records[at + 1 : at + 1 + _BODY_ROWS] if len(other.values) == width]
    if not below or any(not value.strip() for value in record.values[: min(n_values, width) - 1]):
        return False
    typed = typed_columns([other.values for other in below[1:] or below], width)
    if not any(typed):
        return False
    # If the next line is itself one of names, this one is a title.
    return not any(map(is_typed, record.values)) and not breaks_the_types(below[0].values, typed)


def _with_header(records: Sequence[Record], width: int, first: int) -> TableLayout:
    body = [
        record.values
        for record in records[first + 1 : first + 1 + _BODY_ROWS]
        if len(record.values) == width and not record.is_blank
    ]
    names = records[first].values
    if len(names) != width:
        return TableLayout(width, first, first + 1, guessed="ragged")
    if not body:
        return TableLayout(width, first, first + 1)
    plain = list(map(plain_name, names))
    others = [row for row in body if plain_name(row[0]) != plain[0] or list(map(plain_name, row)) != plain]
    if len(body) - len(others) <= max(1, _MOST_AGAIN * len(body)):
        # Files that were put together: their names are no values. Rows without names come again more often.
        body = others
    levels = _levels(records, first, width, body)
    if levels:
        rest = tuple(at for at in _extra_headers(records, first, width, body) if at > levels[-1])
        return TableLayout(width, levels[0], levels[-1] + 1 + len(rest), rest, levels=levels)
    extra = _extra_headers(records, first, width, body)
    as_names, as_values = _votes(names, body[len(extra) :], width)
    if as_values > as_names and not _are_years(names):
        return TableLayout(width, None, first, guessed="data")
    guessed = "mixed" if as_values and as_names and not _are_years(names) else ""
    return TableLayout(width, first, first + 1 + len(extra), extra, guessed)


def _levels(records: Sequence[Record], first: int, width: int, body: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the two lines of names of which the upper one holds groups of columns, in cells that once were merged."""
    typed = typed_columns(body[2:] or body, width)
    for upper in (first, first - 1):
        lower = upper + 1
        if upper < 0 or lower >= len(records) or any(len(records[at].values) != width for at in (upper, lower)):
            continue
        above = [value.strip() for value in records[upper].values]
        below = [value.strip() for value in records[lower].values]
        gaps = [at for at in range(1, width) if not above[at]]
        # Each gap has its name below, and some a group before it; units below whole names are another thing.
        grouped = [at for at in gaps if any(above[:at])]
        if not grouped or not all(below[at] for at in gaps) or any(map(is_typed, filter(None, below))):
            continue
        groups = [value for value in above if value]
        are_words = not any(map(is_typed, groups)) or _are_years(groups)
        # One group alone is a title, unless names below it would be equal.
        several = len(groups) > 1 and (any(typed) or len(gaps) > 1)
        if are_words and several and _are_names(below, typed):
            return (upper, lower)
    return ()


def _are_names(values: Sequence[str], typed: Sequence[bool]) -> bool:
    """Whether no value of a line stands where the rows have numbers or dates and could be one."""
    return not any(is_so and value and is_typed(value) for value, is_so in zip(values, typed, strict=True))


def _votes(names: Sequence[str], body: Sequence[Sequence[str]], width: int) -> tuple[int, int]:
    """Count the columns whose first cell differs from those below, and those where it is one of them."""
    typed = typed_columns(body, width)
    as_names = as_values = 0
    for at, name in enumerate(names):
        cells = [row[at].strip() for row in body]
        filled = [cell for cell in cells if cell]
        # A box to tick holds its own name, where it was ticked.
        if not name.strip() or not filled or (set(filled) == {name.strip()} and len(filled) < len(cells)):
            continue
        if typed[at]:
            is_value = is_typed(name) or name.strip() in MISSING_AMONG_NUMBERS
            as_values, as_names = as_values + is_value, as_names + (not is_value)
        elif (len(filled) >= 3 and name.strip() in filled) or (len(filled) >= 3 and _has_the_shape_of(name, filled)):
            as_values += 1
        elif len(set(filled)) <= 0.5 * len(filled) and len(filled) >= 10:
            as_names += 1
    return as_names, as_values


def _has_the_shape_of(name: str, cells: Sequence[str]) -> bool:
    """Whether a cell has the digits in the same places as all others: C10001 among C10002, C10003."""
    shapes = {re.sub(r"\d+", "9", cell) for cell in cells}
    return len(shapes) == 1 and "9" in next(iter(shapes)) and re.sub(r"\d+", "9", name.strip()) in shapes


def _are_years(names: Sequence[str]) -> bool:
    """Whether the numbers among the names are years in order, as tables over time have them."""
    numbers = [int(name) for name in map(str.strip, names) if name.isdigit() and len(name) == 4]
    in_order = all(later - earlier == numbers[1] - numbers[0] for earlier, later in pairwise(numbers))
    return (
        len(numbers) >= 2
        and in_order
        and numbers[0] != numbers[1]
        and all(1900 <= number <= 2100 for number in numbers)
    )


def _extra_headers(records: Sequence[Record], first: int, width: int, body: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the records right below the names that are names or units themselves."""
    if len(body) < 4:
        return ()
    if any(value.startswith(SURVEY_KEYS) for value in body[1]):
        return (first + 1, first + 2)
    typed = typed_columns(body[2:], width)
    if not any(typed):
        return ()
    extra: list[int] = []
    for at in (first + 1, first + 2):
        values = records[at].values
        if len(values) != width or not breaks_the_types(values, typed):
            break
        extra.append(at)
    return tuple(extra)
