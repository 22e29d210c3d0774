"""Where in a file does the table stand: which line holds the names, and how many columns are there?"""

import re
from collections import Counter
from collections.abc import Sequence

_NUMBER = re.compile(r"^[(\s]*[-+−]?[$€£¥]?\s*\d[\d.,'’\s ]*(?:[eE][-+]?\d+)?\s*[%€$£]?\)?$")
_DATE = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?$")


def modal_width(rows: Sequence[Sequence[str]]) -> int:
    """Return the commonest number of cells in a row that is not blank; the larger one on a tie."""
    counts = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    return max(counts, key=lambda width: (counts[width], width)) if counts else 0


def find_header(rows: Sequence[Sequence[str]]) -> int:
    """Return the line of the column names, from 1, or 0 when the first line is data already.

    Title lines above the names have fewer filled cells than the table is wide. The names are the first line
    that is filled; it is data when it holds numbers where the lines below hold numbers too.
    """
    width = modal_width(rows)
    for position, row in enumerate(rows):
        filled = sum(bool(cell.strip()) for cell in row)
        if len(row) == width and filled > max(width / 2, min(width, 1) - 1):
            return 0 if _is_value_row(row) and position == 0 else position + 1
    return 1


def is_value(cell: str) -> bool:
    """Whether a cell is a number or a date, which a column's name hardly ever is."""
    text = cell.strip()
    return bool(_NUMBER.match(text) or _DATE.match(text))


def _is_value_row(row: Sequence[str]) -> bool:
    # Years make good names ("2021, 2022, 2023"): one label among them, and the line is a header.
    values = [cell for cell in row if is_value(cell)]
    years = sum(bool(re.fullmatch(r"(?:19|20)\d{2}", cell.strip())) for cell in row)
    return bool(values) and years < len(values)
