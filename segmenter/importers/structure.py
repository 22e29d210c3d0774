"""Where in a file does the table stand: which line holds the names, and which lines at its end are no customers?"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

_NUMBER = re.compile(r"[(\s]*[-+−]?[$€£¥]?\s*\d[\d.,'’\s\u00a0]*(?:[eE][-+]?\d+)?\s*[%€$£]?\)?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_TOTAL = re.compile(r"(?:grand |sub)?totals?|sum|gesamt|summe|total général|totale|suma", re.IGNORECASE)
# Rows below the names that are looked at to see what a column holds.
_ROWS_COMPARED = 50
# From this width on, a line with one filled cell is a remark; in a narrower table it may be a customer.
_WIDE = 3


def modal_width(rows: Sequence[Sequence[str]]) -> int:
    """Return the commonest number of cells in a row that is not blank; the larger one on a tie."""
    counts = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    return max(counts, key=lambda width: (counts[width], width)) if counts else 0


def find_header(rows: Sequence[Sequence[str]]) -> int:
    """Return the row of the column names, from 1, or 0 when the first row is data already.

    The names are the first row that fills more than half of the table's width: title lines above fill fewer
    cells. It is data when most of its cells look like the values below them.
    """
    width = modal_width(rows)
    for position, row in enumerate(rows):
        if _may_be_names(row, width, rows):
            below = [other for other in rows[position + 1 :] if len(other) == width][:_ROWS_COMPARED]
            return 0 if position == 0 and _looks_like_data(row, below) else position + 1
    return 1


def is_value(cell: str) -> bool:
    """Whether a cell is a number or a date, which a column's name hardly ever is."""
    text = cell.strip()
    return bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text))


def count_footer_rows(rows: Sequence[Sequence[object]]) -> int:
    """Return how many rows at the end of a table are remarks or totals, not customers."""
    count = 0
    for row in reversed(rows):
        if not _is_footer(["" if cell is None else str(cell).strip() for cell in row]):
            break
        count += 1
    return count if count < len(rows) else 0


def _may_be_names(row: Sequence[str], width: int, rows: Sequence[Sequence[str]]) -> bool:
    if len(row) != width and not _differs_by_separator(row, width, rows):
        return False
    filled = sum(bool(cell.strip()) for cell in row)
    only_first_blank = not row[0].strip() and filled == width - 1  # tables written with their row numbers
    return filled > width / 2 or (filled > 0 and only_first_blank) or (width == 1 and filled == 1)


def _differs_by_separator(row: Sequence[str], width: int, rows: Sequence[Sequence[str]]) -> bool:
    """Whether only the names, or only the lines below, end with a separator."""
    if len(row) == width + 1:
        return not row[-1].strip()
    return len(row) == width - 1 and all(not other[-1].strip() for other in rows if len(other) == width)


def _looks_like_data(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    values = [cell.strip() for cell in row if is_value(cell)]
    if _are_years(values):
        return False
    votes = 0
    for position, cell in enumerate(row[: min(map(len, below), default=0)]):
        column = [other[position] for other in below if other[position].strip()]
        numeric = 2 * sum(is_value(other) for other in column) > len(column)
        if numeric:
            votes += 1 if is_value(cell) else -1 if cell.strip() else 0
        elif cell.strip() and column.count(cell) > 0:
            votes += 1
    return votes > 0 or bool(values and not below and len(values) > len(row) / 2)


def _are_years(values: Sequence[str]) -> bool:
    # 2021, 2022, 2023 are good names: each once, and one step apart.
    if len(values) < 2 or not all(_YEAR.fullmatch(value) for value in values):
        return False
    return len({int(second) - int(first) for first, second in pairwise(values)} - {1, -1}) == 0


def _is_footer(row: Sequence[str]) -> bool:
    if len(row) < _WIDE:
        return False
    filled = [cell for cell in row if cell]
    if not filled:
        return True
    alone = len(filled) == 1 and bool(row[0]) and not is_value(row[0])
    return alone or (bool(_TOTAL.fullmatch(filled[0].rstrip(":. "))) and any(is_value(cell) for cell in filled[1:]))
