"""Sheets of Excel workbooks."""

import datetime as dt
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa
import python_calamine as calamine

from segmenter.config import (
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_SHEET_CELLS,
    MAX_UNPACK_RATIO,
    MAX_UNPACKED_MB,
    MAX_WORKBOOK_PARTS,
)
from segmenter.errors.reading import (
    DamagedWorkbookError,
    EmptyFileError,
    EncryptedWorkbookError,
    NoRowsError,
    SheetTooLargeError,
    TooManyColumnsError,
    TooManyRowsError,
    UnknownSheetError,
    WorkbookTooLargeError,
)
from segmenter.io.read.csv.irregular import read_records
from segmenter.io.read.csv.records import CsvFormat, Record
from segmenter.io.read.parsed import Parsed, ReadOptions
from segmenter.table.dataset import Dialect, Note

_ERROR: Final = re.compile(rb'<(?:\w+:)?c\b(?=[^<>]*?\bt="e")[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\b[^<>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
# Records of .xls workbooks whose value is an error: one that was typed, and the result of a formula.
_OLD_ERRORS: Final = (
    re.compile(rb"\x05\x02\x08\x00(..)(..)..[\x00\x07\x0f\x17\x1d\x24\x2a]\x01", re.DOTALL),
    re.compile(rb"\x06\x00..(..)(..)..\x02.[\x00\x07\x0f\x17\x1d\x24\x2a].{3}\xff\xff", re.DOTALL),
)
_OLD_COLUMNS: Final = 256
_STEP: Final = 1 << 22
# No cell's opening tag is longer; so much is looked at again with the next piece.
_OVERLAP: Final = 300
_COLUMNS_NAMED: Final = 5

# The first and the last cell of merged ones, each as (row, column) from 0.
Area = tuple[tuple[int, int], tuple[int, int]]


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


def old_sheet_faults(
    content: memoryview, merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] | None
) -> list[Note]:
    """Warn of errors and merged cells in an .xls workbook, both of which are read as missing values."""
    errors: dict[str, set[int]] = {}
    for row, column in (found for record in _OLD_ERRORS for found in record.findall(content)):
        at = int.from_bytes(column, "little")
        if at < _OLD_COLUMNS:
            errors.setdefault(_letters(at), set()).add(int.from_bytes(row, "little") + 1)
    notes = [_errors(column, lines) for column, lines in errors.items()]
    areas = [
        (top + 1, f"{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}")
        for (top, left), (bottom, right) in merged or ()
        if bottom > top and top
    ]
    return [*(note for note in notes[:_COLUMNS_NAMED] if note), *([_merged(areas)] if areas else [])]


def open_document_faults(content: memoryview) -> list[Note]:
    """Warn of errors and merged cells in an .ods workbook, which are read as missing values."""
    n_errors = n_merged = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "content.xml" in archive.namelist():
            with archive.open("content.xml") as part:
                while chunk := part.read(_STEP):
                    n_errors += chunk.count(b'value-type="error"')
                    # Names and titles reach over two lines at most.
                    n_merged += chunk.count(b"number-rows-spanned=")
                    n_merged -= sum(chunk.count(b'number-rows-spanned="%d"' % n_lines) for n_lines in (1, 2))
    found: list[Note] = []
    if n_merged:
        areas = "1 area of cells is" if n_merged == 1 else f"{n_merged:,} areas of cells are"
        text = (
            f"{areas} merged over several lines: only the first cell of each holds the value, and the others count as "
            "missing. Unmerge and fill them if they should hold it too."
        )
        found.append(Note(text, warning=True))
    if not n_errors:
        return found
    cells = "1 cell with an error" if n_errors == 1 else f"{n_errors:,} cells with errors"
    text = (
        f"The workbook holds {cells} such as #DIV/0!; they count as missing. Correct the formulas and upload it again."
    )
    return [*found, Note(text, warning=True)]


def _letters(column: int) -> str:
    return (chr(64 + column // 26) if column >= 26 else "") + chr(65 + column % 26)


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


_MB: Final = 1_000_000
# The mimetype is the first part of an OpenDocument's archive.
_DIRECTORY: Final = 200
# Workbooks hold every number as float64: up to here whole ones are exact.
LARGEST_EXACT: Final = 2**53
_CELL: Final = re.compile(rb'<(?:\w+:)?c\b[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_FORMULA_WITHOUT_VALUE: Final = re.compile(
    rb'<(?:\w+:)?c\b(?>[^<>]*?\br="([A-Z]{1,3})\d+")[^<>]*>\s*+<(?:\w+:)?f(?>[^<>]*)(?:(?<=/)>|>[^<]*</(?:\w+:)?f>)'
    rb"\s*+(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*+</"
)

Cell = str | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta


def read_excel(content: memoryview, options: ReadOptions) -> Parsed:
    """Read one sheet of a workbook (.xlsx, .xls, .xlsb, .ods): the one asked for, else that with the largest table.

    Raises
    ------
    SegmenterError
        If the workbook is damaged, locked, too large, or holds no table.
    """
    is_archive = bytes(content[:2]) == b"PK"
    if is_archive:
        content = _check_parts(content)
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        name, rows = _sheet(workbook, options.sheet)
    except calamine.PasswordError as error:
        raise EncryptedWorkbookError from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise DamagedWorkbookError from error
    parsed = _table(rows, options)
    header_line = parsed.dialect.header_line if parsed.dialect else 1
    formulas = _formula_notes(content) if is_archive else []
    if not is_archive:
        faults = old_sheet_faults(content, workbook.get_sheet_by_name(name).merged_cell_ranges)
    elif not _is_open_document(content):
        faults = sheet_faults(content, _position(workbook, name), header_line)
    else:
        faults = open_document_faults(content)
    notes = [*formulas, *faults, *_sheet_notes(workbook, name, options), *parsed.notes]
    sheets = tuple(_work_sheets(workbook) or workbook.sheet_names)
    dialect = Dialect("", "", header_line=header_line, quote="", sheet=name, sheets=sheets)
    return Parsed(parsed.cells, parsed.headers, tuple(notes), dialect, parsed.left_out, parsed.lines)


def _is_open_document(content: memoryview) -> bool:
    return bytes(content[:_DIRECTORY]).find(b"mimetypeapplication/vnd.oasis") >= 0


def _work_sheets(workbook: calamine.CalamineWorkbook) -> list[str]:
    return [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet and sheet.visible == calamine.SheetVisibleEnum.Visible
    ]


def _position(workbook: calamine.CalamineWorkbook, name: str) -> int:
    """Return which work sheet, from 1, a sheet is: its part of the archive is numbered so."""
    names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    return 1 + names.index(name) if name in names else 0


def _check_parts(content: memoryview) -> memoryview:
    """Refuse bombs by what the directory of the archive and the sheets' cells claim; return the archive.

    Some writers put backslashes between the folders of its parts, which then are not found: they are set right.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            too_dense = unpacked > MAX_UNPACK_RATIO * max(len(content), 1) and unpacked > 10 * _MB
            if len(parts) > MAX_WORKBOOK_PARTS or unpacked > MAX_UNPACKED_MB * _MB or too_dense:
                raise WorkbookTooLargeError(MAX_UNPACKED_MB)
            for part in parts:
                if re.match(r"xl[/\\]worksheets[/\\][^/]+\.xml$", part.filename):
                    _check_sheet(archive, part)
            if any("\\" in part.orig_filename for part in parts):
                return _with_slashes(archive)
            return content
    except (
        zipfile.BadZipFile,
        struct.error,
        NotImplementedError,
        EOFError,
        OSError,
        zlib.error,
    ) as error:
        raise DamagedWorkbookError from error
    except RuntimeError as error:
        raise EncryptedWorkbookError from error


def _with_slashes(archive: zipfile.ZipFile) -> memoryview:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as other:
        for part in archive.infolist():
            other.writestr(part.orig_filename.replace("\\", "/"), archive.read(part))
    return written.getbuffer()


def _check_sheet(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a sheet whose cells lie so far apart that the rectangle around them fills the memory."""
    rows = columns = n_cells = n_read = 0
    rest = b""
    with archive.open(part) as sheet:
        while chunk := sheet.read(_STEP):
            n_read += len(chunk)
            if n_read > MAX_UNPACKED_MB * _MB:
                raise WorkbookTooLargeError(MAX_UNPACKED_MB)
            text = rest + chunk
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise DamagedWorkbookError
            for column, row in _CELL.findall(text):
                rows, columns, n_cells = max(rows, int(row)), max(columns, _number(column)), n_cells + 1
            rest = text[-200:] if len(text) > 200 else b""
    if rows * columns > MAX_SHEET_CELLS or (rows * columns > 5_000_000 and n_cells < 0.01 * rows * columns):
        raise SheetTooLargeError(rows, columns)


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet(workbook: calamine.CalamineWorkbook, wanted: str) -> tuple[str, list[list[Cell]]]:
    names = _work_sheets(workbook) or list(workbook.sheet_names)
    if wanted:
        if wanted not in workbook.sheet_names:
            raise UnknownSheetError(wanted, names)
        return wanted, workbook.get_sheet_by_name(wanted).to_python(skip_empty_area=False)
    # A cover, notes or a pivot table are smaller than the customers they are about. Sheets whose rectangle is no larger
    # than the cells found so far can't hold more of them.
    sheets = [workbook.get_sheet_by_name(name) for name in names]
    best, most = (names[0] if names else "", list[list[Cell]]()), 0
    for sheet in sorted(sheets, key=lambda sheet: -sheet.total_height * sheet.total_width):
        if sheet.total_height * sheet.total_width <= most:
            break
        rows = sheet.to_python(skip_empty_area=False)
        n_filled = _filled_cells(rows)
        if n_filled > most:
            best, most = (sheet.name, rows), n_filled
    return best


def _filled_cells(rows: list[list[Cell]]) -> int:
    """Return how many cells hold something; remarks in a single column make no table."""
    filled = [sum(cell != "" for cell in row) for row in rows]
    several = sum(n_cells for n_cells in filled if n_cells > 1)
    return several or min(1, sum(filled))


def _table(rows: list[list[Cell]], options: ReadOptions) -> Parsed:
    if not rows or not any(cell != "" for row in rows for cell in row):
        raise EmptyFileError
    width = len(rows[0])
    if width > MAX_COLUMNS and _used_width(rows) > MAX_COLUMNS:
        raise TooManyColumnsError(_used_width(rows), MAX_COLUMNS)
    if len(rows) > MAX_ROWS:
        raise TooManyRowsError(len(rows), MAX_ROWS)
    # Workbooks from before 2007 keep small whole numbers as such.
    rows = [[float(cell) if type(cell) is int else cell for cell in row] for row in rows]
    start = _first_used_column(rows)
    written = [[_written(cell) for cell in row[start:]] for row in rows]
    while written and not any(written[-1]):
        written.pop()
    records = [Record(line, values) for line, values in enumerate(written, 1)]
    parsed = read_records(records, ["\t".join(values) for values in written], CsvFormat("\t", ""), options)
    if not parsed.cells.num_rows:
        raise NoRowsError
    return Parsed(
        _typed(parsed, rows, start),
        parsed.headers,
        parsed.notes,
        parsed.dialect,
        parsed.left_out,
        parsed.lines,
    )


def _used_width(rows: list[list[Cell]]) -> int:
    return max((at + 1 for row in rows for at, cell in enumerate(row) if cell != ""), default=0)


def _first_used_column(rows: list[list[Cell]]) -> int:
    return min((next((at for at, cell in enumerate(row) if cell != ""), len(row)) for row in rows), default=0)


def _written(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return cell.isoformat(" ") if isinstance(cell, dt.datetime) else str(cell)


def _typed(parsed: Parsed, rows: Sequence[Sequence[Cell]], start: int) -> pa.Table:
    """Keep numbers as numbers in columns that hold nothing else; text cells stay as they are."""
    kept = [rows[parsed.line_of(row) - 1] for row in range(parsed.cells.num_rows)]
    columns = {}
    for at, name in enumerate(parsed.cells.column_names):
        cells = [row[start + at] for row in kept]
        numbers = [None if cell == "" else cell for cell in cells]
        filled = [cell for cell in numbers if cell is not None]
        if filled and all(type(cell) is float for cell in filled):
            columns[name] = pa.chunked_array([numbers], pa.int64() if _are_whole(filled) else pa.float64())
        else:
            columns[name] = parsed.cells.column(name)
    return pa.table(columns)


def _are_whole(cells: Sequence[Cell]) -> bool:
    return all(isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST_EXACT for cell in cells)


def _formula_notes(content: memoryview) -> list[Note]:
    """Warn of formulas whose results were never saved: their cells look empty."""
    found: set[str] = set()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.infolist():
            if re.match(r"xl/worksheets/[^/]+\.xml$", part.filename):
                with archive.open(part) as sheet:
                    while chunk := sheet.read(_STEP):
                        found.update(letters.decode() for letters in _FORMULA_WITHOUT_VALUE.findall(chunk))
    return [
        Note(
            f"Column {column} holds formulas with no saved result; open the workbook in Excel, save, "
            "and upload it again.",
            warning=True,
        )
        for column in sorted(found, key=lambda letters: (len(letters), letters))[:5]
    ]


def _sheet_notes(workbook: calamine.CalamineWorkbook, name: str, options: ReadOptions) -> list[Note]:
    others = [other for other in _work_sheets(workbook) if other != name]
    if options.sheet or not others:
        return []
    return [Note(f"Read the sheet {name!r}; the workbook also has {', '.join(map(repr, others[:10]))}.")]
