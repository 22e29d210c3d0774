"""Which cells of a workbook's sheet look empty and are not?"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Final

from segmenter.core.notes import Note

_ERROR: Final = re.compile(rb'<(?:\w+:)?c\b(?=[^<>]*?\bt="e")[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\b[^<>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_STEP: Final = 1 << 22
# No cell's opening tag is longer; so much is looked at again with the next piece.
_OVERLAP: Final = 300
_COLUMNS_NAMED: Final = 5


def sheet_faults(content: memoryview, position: int, header_line: int) -> list[Note]:
    """Warn of errors and merged cells below the column names, both of which are read as missing values.

    Parameters
    ----------
    position
        Which of the workbook's work sheets, from 1.
    header_line
        Line of the column names, from 1; 0 when there is none.
    """
    errors: dict[str, set[int]] = {}
    merged: list[tuple[int, str]] = []
    for piece in _pieces(content, position):
        for column, line in _ERROR.findall(piece):
            errors.setdefault(column.decode(), set()).add(int(line))
        for left, top, right, bottom in _MERGED.findall(piece):
            merged.append((int(top), f"{left.decode()}{top.decode()}:{right.decode()}{bottom.decode()}"))
    below = sorted({area for area in merged if area[0] > header_line})
    notes = [_errors(column, {line for line in lines if line > header_line}) for column, lines in errors.items()]
    return [*(note for note in notes[:_COLUMNS_NAMED] if note), *([_merged(below)] if below else [])]


def _pieces(content: memoryview, position: int) -> Iterator[bytes]:
    name = f"xl/worksheets/sheet{position}.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if name not in archive.namelist():
            return
        rest = b""
        with archive.open(name) as sheet:
            while chunk := sheet.read(_STEP):
                yield rest + chunk
                rest = chunk[-_OVERLAP:]


def _errors(column: str, lines: set[int]) -> Note | None:
    if not lines:
        return None
    cells = "1 cell with an error" if len(lines) == 1 else f"{len(lines):,} cells with errors"
    text = (
        f"Column {column} holds {cells} such as #DIV/0! (first: line {min(lines)}); they count as missing. "
        "Correct the formula in Excel, save, and upload it again."
    )
    return Note(text, warning=True, line=min(lines))


def _merged(areas: list[tuple[int, str]]) -> Note:
    line, first = areas[0]
    more = f" and {len(areas) - 1:,} more areas" if len(areas) > 1 else ""
    text = (
        f"Cells {first}{more} are merged below the column names: only the first cell of each holds the value, and "
        "the others count as missing. Unmerge and fill them in Excel if they should hold it too."
    )
    return Note(text, warning=True, line=line)
