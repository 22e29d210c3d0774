"""Which table does a workbook hold?"""

import io
import zipfile
from collections.abc import Sequence

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from segmenter import config
from segmenter.core.dataset import Note
from segmenter.errors import (
    DamagedFileError,
    EmptyFileError,
    InvalidSettingError,
    NoRowsError,
    TooManyColumnsError,
    WorkbookTooLargeError,
)
from segmenter.importers.options import RawTable, ReadOptions
from segmenter.importers.structure import count_footer_rows, find_header

# A workbook that unpacks to more than this would need gigabytes as objects.
MAX_UNPACKED_MB = 300
MAX_ENTRIES = 1_000
# Remarks and totals stand in the last rows.
FOOTER_ROWS = 20


def read_excel(content: bytes, options: ReadOptions) -> RawTable:
    """Read one sheet of a workbook: the asked one, or the first that holds cells.

    Raises
    ------
    DamagedFileError, WorkbookTooLargeError, EmptyFileError, NoRowsError, TooManyColumnsError
        If there is no table in it that can be read.
    """
    _check_archive(content)
    _check_sheet(content, options.sheet)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [options.sheet] if options.sheet in workbook.sheet_names else workbook.sheet_names
        sheets = ((name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=True)) for name in names)
        name, rows = next(((name, rows) for name, rows in sheets if rows), ("", []))
    except (CalamineError, OSError, ValueError) as error:
        raise DamagedFileError("workbook") from error
    if not rows:
        raise EmptyFileError
    notes = _sheet_notes(workbook.sheet_names, name)
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows[:200]]
    header = find_header(texts) if options.header_line is None else options.header_line
    if header > 1:
        notes.append(Note(f"Skipped {header - 1} lines above the table.", line=1))
    footers = count_footer_rows(rows[header:][-FOOTER_ROWS:])
    if footers:
        rows_below = f"{footers} {'row' if footers == 1 else 'rows'} below the table"
        text = f"{rows_below} hold remarks or totals, not customers. They were left out."
        notes.append(Note(text, warning=True))
    return RawTable(_table(rows[: len(rows) - footers], header), tuple(notes))


def sheet_names(content: bytes) -> list[str]:
    """Return the names of a workbook's sheets, in its order."""
    try:
        return list(CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names)
    except (CalamineError, OSError, ValueError) as error:
        raise DamagedFileError("workbook") from error


def _check_sheet(content: bytes, sheet: str | None) -> None:
    if sheet is not None and sheet not in (names := sheet_names(content)):
        message = f"The workbook has no sheet {sheet!r}. It has: {', '.join(names)}."
        raise InvalidSettingError(message)


def _check_archive(content: bytes) -> None:
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile as error:
        raise DamagedFileError("workbook") from error
    unpacked_mb = sum(entry.file_size for entry in entries) / 1e6
    if unpacked_mb > MAX_UNPACKED_MB or len(entries) > MAX_ENTRIES:
        raise WorkbookTooLargeError(MAX_UNPACKED_MB)


def _table(rows: Sequence[Sequence[object]], header: int) -> pd.DataFrame:
    names = [str(cell) for cell in rows[header - 1]] if header else [""] * len(rows[0])
    if len(names) > config.MAX_COLUMNS:
        raise TooManyColumnsError(len(names), config.MAX_COLUMNS)
    body = [row for row in rows[header:] if any(cell not in ("", None) for cell in row)]
    if not body:
        raise NoRowsError
    cells = [[None if cell == "" else cell for cell in row] for row in body]
    table = pd.DataFrame(cells, dtype=object)
    for position in table:
        table[position] = _column(table[position])
    return table.set_axis(names, axis=1)


def _column(cells: pd.Series) -> pd.Series:
    known = cells.dropna()
    if len(known) and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in known):
        return cells.astype(float)
    if len(known) and all(hasattr(cell, "year") for cell in known):
        return pd.to_datetime(cells, errors="coerce")
    if len(known) and all(isinstance(cell, bool) for cell in known):
        return cells.astype("boolean")
    return cells.map(_text, na_action="ignore").astype("str")


def _text(cell: object) -> str:
    return f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else str(cell)


def _sheet_notes(names: list[str], used: str) -> list[Note]:
    if len(names) < 2:
        return []
    others = ", ".join(name for name in names if name != used)
    return [Note(f"Sheet {used} was read; the workbook also has {others}.")]
