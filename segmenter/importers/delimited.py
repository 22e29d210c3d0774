"""Which table does a delimited text file hold, and where does it not fit?"""

import csv
import io

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc

from segmenter import config
from segmenter.core.dataset import Dialect, Note
from segmenter.errors import (
    DamagedFileError,
    EmptyFileError,
    NoRowsError,
    TooManyColumnsError,
    UnclosedQuoteError,
)
from segmenter.importers.options import RawTable, ReadOptions, no_lines
from segmenter.importers.structure import find_header, modal_width
from segmenter.importers.text import decode, find_separator, head, split

# One cell may be as long as a block; a longer one is no customer's value.
BLOCK_BYTES = 16_000_000


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
    separator = options.separator or find_separator(text)
    rows = split(head(text), separator)
    header = find_header(rows) if options.header_line is None else options.header_line
    width = len(rows[header - 1]) if 0 < header <= len(rows) else modal_width(rows)
    if width > config.MAX_COLUMNS:
        raise TooManyColumnsError(width, config.MAX_COLUMNS)
    _check_quotes(text, separator)
    names = rows[header - 1] if header else [""] * width
    if header and not any(any(cell.strip() for cell in row) for row in rows[header:]):
        raise NoRowsError
    body = _from_line(text, header)
    cells, wrong = _parse(body, separator, width)
    cells, names = _without_trailing_column(cells, names)
    left_out = _listed(wrong, body, header)
    notes = [*_header_notes(header, options), *_ragged_notes(left_out, len(cells), width)]
    table = cells.set_axis(names, axis=1)
    return RawTable(table, tuple(notes), Dialect(separator, encoding, ".", header), left_out)


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


def _parse(body: str, separator: str, width: int) -> tuple[pd.DataFrame, list[tuple[int, str]]]:
    wrong: list[tuple[int, str]] = []

    def skip(row: pc.InvalidRow) -> str:
        wrong.append((row.number or 0, row.text or ""))
        return "skip"

    names = [str(number) for number in range(width)]
    content = pa.py_buffer(body.encode())
    for threaded in (True, False):  # rows have a number only when one thread reads them in order
        wrong.clear()
        try:
            table = pc.read_csv(
                pa.BufferReader(content),
                pc.ReadOptions(use_threads=threaded, block_size=BLOCK_BYTES, column_names=names),
                pc.ParseOptions(delimiter=separator, newlines_in_values='"' in body, invalid_row_handler=skip),
                pc.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
            )
        except (pa.ArrowException, ValueError) as error:
            raise DamagedFileError("text table") from error
        if not wrong:
            break
    if not len(table):
        raise NoRowsError
    return table.to_pandas(), wrong


def _without_trailing_column(cells: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, list[str]]:
    # A separator at the end of every line makes a last column that has neither a name nor a value.
    while len(names) > 1 and not names[-1].strip() and (cells.iloc[:, -1].str.strip() == "").all():
        cells, names = cells.iloc[:, :-1], names[:-1]
    return cells, names


def _listed(wrong: list[tuple[int, str]], body: str, header: int) -> pd.DataFrame:
    if not wrong:
        return no_lines()
    # The parser counts rows; blank lines and quoted line ends make lines out of them.
    plain = '"' not in body and "\n\n" not in body and "\r\n\r\n" not in body
    lines = [number + header if plain else _line_of(text, body, header) for number, text in wrong]
    return pd.DataFrame({"line": lines, "text": [text.rstrip("\r\n") for _, text in wrong]})


def _line_of(text: str, body: str, header: int) -> int:
    return body.count("\n", 0, max(body.find(text), 0)) + header + 1


def _header_notes(header: int, options: ReadOptions) -> list[Note]:
    if options.header_line is not None:
        return []
    if header == 0:
        text = (
            "The first line looks like data, not column names, so it is read as a customer. Say so if it is the header."
        )
        return [Note(text, warning=True, line=1)]
    if header > 1:
        return [
            Note(
                f"Skipped {header - 1} {'line' if header == 2 else 'lines'} above the table.",
                warning=True,
                line=1,
            )
        ]
    return []


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
