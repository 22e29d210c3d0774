"""Which table does a delimited text file hold, and where does it not fit?"""

import csv
import io
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc

from segmenter import config
from segmenter.core.dataset import Dialect, Note
from segmenter.errors import (
    DamagedFileError,
    EmptyFileError,
    InvalidSettingError,
    NoRowsError,
    RaggedTableError,
    TooManyColumnsError,
    UnclosedQuoteError,
)
from segmenter.importers.options import RawTable, ReadOptions, no_lines
from segmenter.importers.structure import count_footer_rows, find_header, modal_width
from segmenter.importers.text import decode, find_separator, head, numbered_rows

# One cell may be as long as a block; a longer one is no customer's value.
BLOCK_BYTES = 16_000_000
# Remarks and totals stand in the last lines; a longer run of near-empty lines is data of its own kind.
FOOTER_ROWS = 20


def read_delimited(content: bytes, options: ReadOptions) -> RawTable:
    """Read a text table; lines that do not fit are left out, counted and listed, never shifted.

    Raises
    ------
    SegmenterError
        If there is no table in it, or a quotation mark is never closed.
    """
    text, encoding = decode(content, options.encoding)
    text = _one_kind_of_line_end(text.removeprefix("\ufeff"))
    if not text.strip():
        raise EmptyFileError
    separator = _asked_separator(options) or find_separator(text)
    _check_quotes(text, separator)
    names, start, skipped = _header(text, separator, options.header_line)
    body = _from_line(text, start)
    if not body.strip(' \t\r\n"' + separator):
        raise NoRowsError
    cells, left_out = _parse(body, separator, len(names), start)
    table = _without_trailing_column(cells.set_axis(names, axis=1))
    table, footer = _without_footer(table, body, start)
    notes = [
        *_header_notes(start, skipped, options),
        *_ragged_notes(left_out, len(table) + len(footer), len(names)),
        *_footer_notes(footer),
    ]
    dialect = Dialect(separator, encoding, options.decimal or ".", skipped + 1 if start else 0)
    return RawTable(table, tuple(notes), dialect, pd.concat([left_out, footer]) if len(footer) else left_out)


def _asked_separator(options: ReadOptions) -> str | None:
    separator = options.separator
    if separator is not None and (len(separator) != 1 or not separator.isascii() or separator in '"\r\n'):
        message = f"{separator!r} cannot separate values. Choose one character, such as a comma or a semicolon."
        raise InvalidSettingError(message)
    if options.decimal not in (None, ".", ","):
        message = f"{options.decimal!r} is no decimal mark. Choose a point or a comma."
        raise InvalidSettingError(message)
    return separator


def _header(text: str, separator: str, asked: int | None) -> tuple[list[str], int, int]:
    """Return the column names, the number of lines up to their end, and the number of lines above them."""
    rows = numbered_rows(head(text), separator)
    cells, ends = [row for row, _ in rows], [0, *(end for _, end in rows)]
    row = find_header(cells) if asked is None else _row_of_line(ends, asked)
    below = cells[row:]
    width = modal_width(below) or modal_width(cells)
    names = list(cells[row - 1]) if row else [""] * width
    if max(len(names), width) > config.MAX_COLUMNS:
        raise TooManyColumnsError(max(len(names), width), config.MAX_COLUMNS)
    return _fitted(names, below, width), ends[row], ends[max(row - 1, 0)]


def _row_of_line(ends: Sequence[int], line: int) -> int:
    if not line:
        return 0
    found = next((row for row, end in enumerate(ends) if end >= line), None)
    if found is None:
        message = f"Line {line:,} was to hold the column names; choose one of the first {ends[-1]:,} lines."
        raise InvalidSettingError(message)
    return found


def _fitted(names: list[str], below: Sequence[Sequence[str]], width: int) -> list[str]:
    """Add or take a blank name where only the names, or only the lines below, end with a separator."""
    if len(names) == width - 1 and all(not row[-1].strip() for row in below if len(row) == width):
        return [*names, ""]
    return names[:-1] if len(names) == width + 1 and not names[-1].strip() else names


def _one_kind_of_line_end(text: str) -> str:
    # Old Macs end lines with a lone carriage return; beside line feeds, a lone one is part of a cell.
    if "\n" not in text and "\r" in text:
        return text.replace("\r", "\n")
    return text


def _check_quotes(text: str, separator: str) -> None:
    if text.count('"') % 2 == 0:
        return
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    line = 1
    try:
        for _ in reader:
            line = reader.line_num + 1
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise UnclosedQuoteError(line) from error


def _from_line(text: str, header: int) -> str:
    position = 0
    for _ in range(header):
        position = text.find("\n", position) + 1
        if position == 0:
            return ""
    return text[position:]


def _parse(body: str, separator: str, width: int, start: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    wrong: list[str] = []

    def skip(row: pc.InvalidRow) -> str:
        wrong.append(row.text or "")
        return "skip"

    names = [str(number) for number in range(width)]
    try:
        table = pc.read_csv(
            pa.BufferReader(pa.py_buffer(body.encode())),
            pc.ReadOptions(block_size=BLOCK_BYTES, column_names=names),
            pc.ParseOptions(delimiter=separator, newlines_in_values='"' in body, invalid_row_handler=skip),
            pc.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except (pa.ArrowException, ValueError) as error:
        raise DamagedFileError("text table") from error
    left_out = _listed(body, separator, width, start) if wrong else no_lines()
    cells = _without_blank_rows(table.to_pandas())
    if not len(cells):
        raise RaggedTableError(width, int(left_out["line"].iloc[0])) if len(left_out) else NoRowsError
    return cells, left_out


def _without_trailing_column(table: pd.DataFrame) -> pd.DataFrame:
    # A separator at the end of every line makes a last column that has neither a name nor a value.
    while table.shape[1] > 1 and not str(table.columns[-1]).strip() and (table.iloc[:, -1].str.strip() == "").all():
        table = table.iloc[:, :-1]
    return table


def _without_blank_rows(table: pd.DataFrame) -> pd.DataFrame:
    blank = np.array(table.iloc[:, 0].str.strip() == "", dtype=bool)
    for position in range(1, table.shape[1]):
        if not blank.any():
            return table
        blank &= (table.iloc[:, position].str.strip() == "").to_numpy(dtype=bool)
    return table[~blank].reset_index(drop=True)


def _listed(body: str, separator: str, width: int, start: int) -> pd.DataFrame:
    """Return the rows that are too short or too long, with the line of the file on which each begins."""
    lines = list(io.StringIO(body, newline="\n"))
    rows = numbered_rows(lines, separator)
    begins = [0, *(end for _, end in rows)]
    wrong = [
        (begin + start + 1, "".join(lines[begin:end]).rstrip("\r\n"))
        for begin, (row, end) in zip(begins, rows, strict=False)
        if len(row) != width and row
    ]
    return pd.DataFrame(wrong, columns=["line", "text"])


def _without_footer(table: pd.DataFrame, body: str, start: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    count = count_footer_rows(table.tail(FOOTER_ROWS).to_numpy().tolist())
    if not count or count >= len(table):
        return table, no_lines()
    lines = body.rstrip().split("\n")
    filled = [(start + number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip(' ,;|\t\r"')]
    return table.iloc[:-count], pd.DataFrame(filled[-count:], columns=["line", "text"])


def _header_notes(start: int, skipped: int, options: ReadOptions) -> list[Note]:
    if options.header_line is not None:
        return []
    if start == 0:
        text = (
            "The first line looks like data, not column names, so it is read as a customer. Say so if it is the header."
        )
        return [Note(text, warning=True, line=1)]
    if skipped:
        text = f"Skipped {skipped} {'line' if skipped == 1 else 'lines'} above the table."
        return [Note(text, warning=True, line=1)]
    return []


def _footer_notes(footer: pd.DataFrame) -> list[Note]:
    if not len(footer):
        return []
    first = int(footer["line"].iloc[0])
    text = (
        f"{len(footer)} {'line' if len(footer) == 1 else 'lines'} below the table (from line {first:,}) "
        "hold remarks or totals, not customers. They were left out and are listed."
    )
    return [Note(text, warning=True, line=first)]


def _ragged_notes(left_out: pd.DataFrame, n_read: int, width: int) -> list[Note]:
    if not len(left_out):
        return []
    first = left_out.iloc[0]
    n_all = n_read + len(left_out)
    text = (
        f"{len(left_out):,} of {n_all:,} rows have a different number of values than the header, which has "
        f"{width} (first: line {first['line']:,}). They were left out and are listed."
    )
    return [Note(text, warning=True, line=int(first["line"]))]
