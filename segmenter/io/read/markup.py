"""Tables of web pages and of Excel's XML of 2003, which programs save under the name of a workbook."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Final

from segmenter.config import MAX_COLUMNS, MAX_ROWS
from segmenter.errors.reading import (
    NoRowsError,
    NotATableError,
    TooManyColumnsError,
    TooManyRowsError,
    UnreadableEncodingError,
)
from segmenter.io.read.csv.delimited import sanity_checks
from segmenter.io.read.csv.encoding import encoding_notes, find_and_decode, invisible_notes, to_utf8
from segmenter.io.read.csv.irregular import columns_of_table, read_records, without_blank_first
from segmenter.io.read.csv.records import CsvFormat, Record
from segmenter.io.read.parsed import Parsed, ReadOptions
from segmenter.table.dataset import Dialect, Note

_CHARSET: Final = re.compile(rb"(?:charset|encoding)\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_-]{1,40})", re.IGNORECASE)
_HEAD: Final = 4096
_TABLES: Final = frozenset({"table", "ss:table"})
_ROWS: Final = frozenset({"tr", "row", "ss:row"})
_CELLS: Final = frozenset({"td", "th", "cell", "ss:cell"})
_UNSEEN: Final = frozenset({"script", "style"})
_BREAKS: Final = frozenset({"br", "p", "div", "li"})
_MIDNIGHT: Final = re.compile(r"^(\d{4}-\d{2}-\d{2})T00:00:00(?:\.0+)?$")


def read_markup(content: memoryview, options: ReadOptions) -> Parsed:
    """Read the largest table of a web page, or of a workbook in XML.

    Raises
    ------
    SegmenterError
        If there is no table in it, or none that can be read.
    """
    encoding, text = _decoded(content, options)
    parser = _Tables()
    parser.feed(bytes(text).decode("utf-8", "replace"))
    parser.close()
    tables = [table for table in parser.tables if len(table) > 1 and max(map(len, table)) > 1]
    if not tables:
        raise NotATableError("a web page or XML without a table")
    rows = max(tables, key=lambda table: sum(bool(cell) for row in table for cell in row))
    width = max(map(len, rows))
    if width > MAX_COLUMNS:
        raise TooManyColumnsError(width, MAX_COLUMNS)
    if len(rows) > MAX_ROWS:
        raise TooManyRowsError(len(rows), MAX_ROWS)
    rows = [row + [""] * (width - len(row)) for row in rows]
    start, end, beside = columns_of_table(rows)
    records = [Record(line, row[start:end]) for line, row in enumerate(rows, 1)]
    lines = ["\t".join(record.values) for record in records]
    parsed = without_blank_first(read_records(records, lines, CsvFormat("\t", ""), options))
    if not parsed.cells.num_rows:
        raise NoRowsError
    header_line = parsed.dialect.header_line if parsed.dialect else 1
    dialect = Dialect("", encoding, header_line=header_line, quote="")
    notes = [*([] if options.encoding else encoding_notes(content, text, encoding)), *invisible_notes(text)]
    if len(tables) > 1:
        others = len(tables) - 1
        named = "another one" if others == 1 else f"{others:,} others"
        notes.append(Note(f"Read the largest table of the page; it has {named}. Save each as a file of its own."))
    notes += [*beside, *parsed.notes, *sanity_checks(parsed)]
    return replace(parsed, notes=tuple(notes), dialect=dialect)


def _decoded(content: memoryview, options: ReadOptions) -> tuple[str, memoryview]:
    """Return the encoding, which the page itself may name, and the text as UTF-8."""
    if options.encoding:
        return options.encoding, to_utf8(content, options.encoding)
    named = _CHARSET.search(bytes(content[:_HEAD]))
    if named:
        try:
            return named[1].decode().lower(), to_utf8(content, named[1].decode().lower())
        except UnreadableEncodingError:
            pass
    return find_and_decode(content)


class _Tables(HTMLParser):
    """Collects the cells of every table; it opens nothing that a page names, and resolves no entities of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._open: list[list[list[str]]] = []
        self._text: list[str] | None = None
        self._hidden = 0
        # (row, column) that a cell from above or the left reaches into.
        self._spans: list[dict[int, int]] = []
        self._places: tuple[int, int] = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell."""
        said = dict(attrs)
        if tag in _TABLES:
            self._end_cell()
            self._open.append([])
            self._spans.append({})
        elif tag in _UNSEEN:
            self._hidden += 1
        elif self._open and tag in _ROWS:
            self._end_cell()
            self._open[-1].append([])
        elif self._open and tag in _CELLS:
            self._begin_cell(said)
        elif self._text is not None and tag in _BREAKS and self._text:
            self._text.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an empty cell of XML, which ends where it begins."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close what is open."""
        if tag in _UNSEEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _CELLS or tag in _ROWS:
            self._end_cell()
        elif tag in _TABLES and self._open:
            self._end_cell()
            self.tables.append([row for row in self._open.pop() if row])
            self._spans.pop()

    def handle_data(self, data: str) -> None:
        """Take the text of a cell."""
        if self._text is not None and not self._hidden:
            self._text.append(data)

    def close(self) -> None:
        """Close the tables that a page cut off leaves open."""
        super().close()
        self._end_cell()
        while self._open:
            self.tables.append([row for row in self._open.pop() if row])

    def _begin_cell(self, said: dict[str, str | None]) -> None:
        self._end_cell()
        if not self._open[-1]:
            self._open[-1].append([])
        row = self._open[-1][-1]
        spans = self._spans[-1]
        while spans.get(len(row), 0) > 0 and len(row) <= MAX_COLUMNS:
            spans[len(row)] -= 1
            row.append("")
        # Excel's XML leaves empty cells out and says at which column the next one stands.
        index = min(_whole(said.get("ss:index"), 0), MAX_COLUMNS + 1)
        row += [""] * (index - 1 - len(row))
        across = _whole(said.get("colspan"), 1) + _whole(said.get("ss:mergeacross"), 0)
        self._places = (min(across, MAX_COLUMNS), _whole(said.get("rowspan"), 1))
        self._text = []

    def _end_cell(self) -> None:
        if self._text is None:
            return
        text = " ".join("".join(self._text).split())
        row, (across, down) = self._open[-1][-1], self._places
        if down > 1:
            for at in range(len(row), len(row) + across):
                self._spans[-1][at] = min(down, MAX_ROWS) - 1
        row.append(_MIDNIGHT.sub(r"\1", text))
        row += [""] * (across - 1)
        self._text = None


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 8 else default
