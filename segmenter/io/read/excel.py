"""Sheets of Excel workbooks."""

import datetime as dt
import html
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
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
from segmenter.errors.base import SegmenterError
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
from segmenter.io.read.csv.delimited import read_delimited, sanity_checks
from segmenter.io.read.csv.irregular import columns_of_table, read_records, without_blank_first
from segmenter.io.read.csv.records import CsvFormat, Record
from segmenter.io.read.parsed import Parsed, ReadOptions
from segmenter.table.dataset import Dialect, Note

_ERROR: Final = re.compile(rb'<(?:\w+:)?c\b(?=[^<>]*?\bt="e")[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\b[^<>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_HIDDEN: Final = re.compile(rb'<(?:\w+:)?row\b(?=[^<>]*?\bhidden="(?:1|true)")[^<>]*+>')
_ROW_NUMBER: Final = re.compile(rb'\br="(\d{1,7})"')
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\b[^<>]*+>")
_RELATION: Final = re.compile(rb"<(?:\w+:)?Relationship\b[^<>]*+>")
_ATTRIBUTE: Final = re.compile(rb"""([\w:]{1,40})\s{0,9}=\s{0,9}(?:"([^"<>]{0,500})"|'([^'<>]{0,500})')""")
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
_LEAST_LINES: Final = 3
_MOST_PLACES: Final = 6

# The first and the last cell of merged ones, each as (row, column) from 0.
Area = tuple[tuple[int, int], tuple[int, int]]


def sheet_faults(content: memoryview, part: str, header_line: int) -> list[Note]:
    """Warn of errors and merged cells below the column names, which are read as missing values, and of hidden rows.

    Parameters
    ----------
    part
        The sheet's part of the archive.
    header_line
        Line of the column names, from 1; 0 when there is none.
    """
    errors: dict[str, set[int]] = {}
    merged: list[tuple[int, str]] = []
    hidden: set[int] = set()
    for piece in _pieces(content, part):
        for row in _HIDDEN.findall(piece):
            if number := _ROW_NUMBER.search(row):
                hidden.add(int(number[1]))
        for column, line in _ERROR.findall(piece):
            errors.setdefault(column.decode(), set()).add(int(line))
        for left, top, right, bottom in _MERGED.findall(piece):
            merged.append((int(top), f"{left.decode()}{top.decode()}:{right.decode()}{bottom.decode()}"))
    below = sorted({area for area in merged if area[0] > header_line})
    notes = [_errors(column, {line for line in lines if line > header_line}) for column, lines in errors.items()]
    unseen = sorted(line for line in hidden if line > header_line)
    return [
        *(note for note in notes[:_COLUMNS_NAMED] if note),
        *([_merged(below)] if below else []),
        *([_hidden(len(unseen), unseen[0])] if unseen else []),
    ]


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
    n_errors = n_merged = n_hidden = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "content.xml" in archive.namelist():
            with archive.open("content.xml") as part:
                while chunk := part.read(_STEP):
                    n_hidden += sum(map(chunk.count, (b'table:visibility="filter"', b'table:visibility="collapse"')))
                    n_errors += chunk.count(b'value-type="error"')
                    # Names and titles reach over two lines at most.
                    n_merged += chunk.count(b"number-rows-spanned=")
                    n_merged -= sum(chunk.count(b'number-rows-spanned="%d"' % n_lines) for n_lines in (1, 2))
    found = [_hidden(n_hidden)] if n_hidden else []
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


def _pieces(content: memoryview, name: str) -> Iterator[bytes]:
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


def _hidden(n_rows: int, line: int = 0) -> Note:
    rows = "1 row is" if n_rows == 1 else f"{n_rows:,} rows are"
    first = f" (first: line {line})" if line else ""
    text = (
        f"{rows} hidden in the sheet{first}, as by a filter, and {'was' if n_rows == 1 else 'were'} read like the "
        "others. Delete them in the workbook if they should not count."
    )
    return Note(text, warning=True, line=line or None)


_MB: Final = 1_000_000
_MANIFEST: Final = "META-INF/manifest.xml"
# FILEPASS right behind the beginning of the workbook, or behind the record that it is protected from changes.
_OLD_PASSWORD: Final = re.compile(rb"\x09\x08\x10\x00.{16}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
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
        raise (EncryptedWorkbookError if _is_locked(content) else DamagedWorkbookError) from error
    parsed = _lines_of_text(rows, options) or _table(rows, options)
    header_line = parsed.dialect.header_line if parsed.dialect else 1
    formulas = _formula_notes(content) if is_archive else []
    if not is_archive:
        faults = old_sheet_faults(content, workbook.get_sheet_by_name(name).merged_cell_ranges)
    elif not _is_open_document(content):
        faults = sheet_faults(content, _part_of(content, name) or _numbered_part(workbook, name), header_line)
    else:
        faults = open_document_faults(content)
    notes = [*formulas, *faults, *_sheet_notes(workbook, name, options), *parsed.notes]
    sheets = tuple(_work_sheets(workbook) or workbook.sheet_names)
    dialect = Dialect("", "", header_line=header_line, quote="", sheet=name, sheets=sheets)
    return Parsed(parsed.cells, parsed.headers, tuple(notes), dialect, parsed.left_out, parsed.lines)


def _is_open_document(content: memoryview) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "content.xml" in archive.namelist()


def _is_locked(content: memoryview) -> bool:
    """Whether a workbook that can't be read has a password: an .xls says so at its start, an .ods in its manifest."""
    if bytes(content[:2]) != b"PK":
        return _OLD_PASSWORD.search(content) is not None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if _MANIFEST not in archive.namelist():
            return False
        with archive.open(_MANIFEST) as part:
            return b"encryption-data" in part.read(_STEP)


def _work_sheets(workbook: calamine.CalamineWorkbook) -> list[str]:
    return [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet and sheet.visible == calamine.SheetVisibleEnum.Visible
    ]


def _numbered_part(workbook: calamine.CalamineWorkbook, name: str) -> str:
    """Return the part of the archive that a sheet's cells have where parts are numbered as the sheets are."""
    names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    return f"xl/worksheets/sheet{1 + names.index(name)}.xml" if name in names else ""


def _part_of(content: memoryview, sheet: str) -> str:
    """Return the part of the archive that holds a sheet's cells, by the workbook's own list; empty where it has none.

    Sheets that were moved or deleted leave parts that are not numbered as the sheets are.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        try:
            book, relations = (archive.read(part) for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
        except KeyError:
            return ""
    keys = {}
    for found in map(_attributes, _SHEET.findall(book)):
        key = next((value for name, value in found.items() if name.endswith(":id")), "")
        keys[html.unescape(found.get("name", ""))] = key
    for found in map(_attributes, _RELATION.findall(relations)):
        if found.get("Id") == keys.get(sheet, ""):
            target = found.get("Target", "")
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return ""


def _attributes(tag: bytes) -> dict[str, str]:
    found = _ATTRIBUTE.findall(tag)
    return {name.decode(): (double or single).decode("utf-8", "replace") for name, double, single in found}


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
    for sheet in sorted(sheets, key=_area, reverse=True):
        if _area(sheet) <= most:
            break
        rows = sheet.to_python(skip_empty_area=False)
        n_filled = _filled_cells(rows)
        if n_filled > most:
            best, most = (sheet.name, rows), n_filled
    return best


def _area(sheet: calamine.CalamineSheet) -> int:
    """Return how many cells a sheet has at the most: the reader counts a single row, or column, as none."""
    return max(1, sheet.total_height) * max(1, sheet.total_width)


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
    lines = ["\t".join(values) for values in written]
    before, end, beside = columns_of_table(written)
    records = [Record(line, values[before:end]) for line, values in enumerate(written, 1)]
    parsed = read_records(records, lines, CsvFormat("\t", ""), options)
    if not parsed.cells.num_rows:
        raise NoRowsError
    typed = without_blank_first(replace(parsed, cells=_typed(parsed, rows, start + before)))
    checked = replace(typed, cells=_with_even_places(without_blank_first(parsed).cells, typed.cells))
    return replace(typed, notes=(*beside, *parsed.notes, *sanity_checks(checked)))


def _lines_of_text(rows: list[list[Cell]], options: ReadOptions) -> Parsed | None:
    """Read separated values that were pasted into the first column, each line as one cell; None for other sheets."""
    if len(rows) < _LEAST_LINES or _used_width(rows) != 1 or not all(isinstance(row[0], str) for row in rows):
        return None
    text = "\n".join(str(row[0]).strip("\r\n") for row in rows if row[0])
    marks = [mark for mark in ";\t|," if text.count(mark) >= len(rows)]
    if not marks or "\n\n" in text:
        return None
    try:
        parsed = read_delimited(memoryview(f"{text}\n".encode()), options)
    except SegmenterError:
        return None
    if parsed.cells.num_columns < 2 or parsed.left_out:
        return None
    note = Note("Each line of the sheet is one cell of separated values, as of a text file; they were read as such.")
    return replace(parsed, notes=(note, *parsed.notes))


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


def _with_even_places(written: pa.Table, typed: pa.Table) -> pa.Table:
    """Write the fractions of each column with equally many places: a workbook does not tell 4852 from 4852.00."""
    for at, (name, column) in enumerate(zip(typed.column_names, typed.columns, strict=True)):
        if pa.types.is_floating(column.type):
            texts = written.column(at).to_pylist()
            places = min(_MOST_PLACES, max(len(text.partition(".")[2]) for text in texts))
            even = [text and f"{float(text):.{places}f}" for text in texts]
            written = written.set_column(at, name, pa.chunked_array([even], pa.large_string()))
    return written


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
