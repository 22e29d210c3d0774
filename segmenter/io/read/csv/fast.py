"""Regular text files at full speed, by Arrow, after a check that nothing in them is irregular."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from segmenter.io.read.csv.irregular import is_footer
from segmenter.io.read.csv.layout import (
    TableLayout,
    find_totals,
    is_ruler,
    label_strength,
    may_hold_labels,
    plain_name,
    typed_columns,
)
from segmenter.io.read.csv.records import CsvFormat, Record
from segmenter.io.read.parsed import Parsed, TableSink, joined
from segmenter.io.read.table import chunks, release
from segmenter.table.dataset import Dialect

_NEWLINE, _RETURN = 10, 13
_NOWHERE = np.empty(0, np.int64)


@dataclass(frozen=True)
class Regularity:
    """What the bytes of a regular file are like.

    Attributes
    ----------
    quoted
        Whether quotation marks stand around some values.
    broken_lines
        Whether quoted values hold line breaks.
    """

    quoted: bool
    broken_lines: bool


def check_regularity(text: memoryview, separator: str, quote: str, *, one_column: bool = False) -> Regularity | None:
    """Check every quotation mark and carriage return; None when the file needs a closer look.

    In a regular file each quotation mark that opens a value stands after a separator or a line break (or
    after the mark that it doubles), each one that closes stands before one, none is left open, and lines end
    alike. In one of a single column, where a blank line could be a row, none is blank.
    """
    letters = np.frombuffer(text, np.uint8)
    n_quotes = 0
    broken = False
    borders = np.array([ord(separator), _NEWLINE, _RETURN, ord(quote or '"')], np.uint8)
    for start, chunk in chunks(text):
        # Looking for a byte in bytes is ten times as quick as comparing all of them in NumPy.
        held = chunk.tobytes()
        if b"\r" in held and not _returns_are_plain(letters, start, chunk):
            return None
        if one_column and _has_blank_line(letters, start, held):
            return None
        marks = np.flatnonzero(chunk == ord(quote)) + start if quote and quote.encode() in held else _NOWHERE
        if not len(marks):
            broken = broken or bool(n_quotes % 2 and b"\n" in held)
            continue
        if not _marks_are_plain(letters, marks, n_quotes, borders):
            return None
        if not broken:
            breaks = np.flatnonzero(chunk == _NEWLINE) + start
            broken = bool(((np.searchsorted(marks, breaks) + n_quotes) % 2).any())
        n_quotes += len(marks)
    return None if n_quotes % 2 else Regularity(n_quotes > 0, broken)


def _has_blank_line(letters: np.ndarray, start: int, held: bytes) -> bool:
    return b"\n\n" in held or b"\n\r" in held or bool(start and held[:1] in b"\r\n" and letters[start - 1] == _NEWLINE)


def _returns_are_plain(letters: np.ndarray, start: int, chunk: np.ndarray) -> bool:
    """Whether carriage returns stand before line feeds only and not right after them."""
    returns = np.flatnonzero(chunk == _RETURN) + start
    if returns[-1] + 1 >= len(letters):
        return False
    after = letters[returns + 1]
    before = letters[np.maximum(returns - 1, 0)]
    return bool((after == _NEWLINE).all() and (before != _NEWLINE).all())


def _marks_are_plain(letters: np.ndarray, marks: np.ndarray, n_before: int, borders: np.ndarray) -> bool:
    opening = (np.arange(len(marks)) + n_before) % 2 == 0
    before = letters[np.maximum(marks - 1, 0)]
    after = letters[np.minimum(marks + 1, len(letters) - 1)]
    opens_well = np.isin(before, borders) | (marks == 0)
    closes_well = np.isin(after, borders) | (marks == len(letters) - 1)
    return bool(np.where(opening, opens_well, closes_well).all())


_LAST_ROWS = 5
_RULER_LINES = 20
# Rows are gone through one by one, for totals among them, up to here: 1 s for a million.
_MANY_ROWS = 100_000
_TYPED_ROWS = 500
_FORMULA_ROWS = 1_000
_BROKEN_ROWS = 5_000
# Arrow parses block by block; a row must fit into one.
_BLOCK = 1 << 20
# So much text and its cells fit a processor's cache on their way from reading to checking to the result.
_PIECE = 1 << 22
_THREADS = 2


class _IrregularError(Exception):
    """A row that wants a closer look."""


def read_clean(
    text: memoryview, marks: CsvFormat, head: Sequence[Record], layout: TableLayout, gather: TableSink = joined
) -> Parsed | None:
    """Read a file without any irregularity; None when there is one, or may be."""
    if not _head_is_clean(marks, head, layout):
        return None
    body = _below_header(text, head, layout)
    regular = check_regularity(body, marks.separator, marks.quote, one_column=layout.width == 1)
    if regular is None:
        return None
    headers = _headers(head, layout)
    try:
        cells = gather(_without_odd_rows(_parsed(body, marks, layout.width, regular), headers[0]))
    except (pa.ArrowInvalid, _IrregularError, StopIteration):
        return None
    if (
        not cells.num_rows
        or _ends_oddly(cells, head, layout)
        or _may_hold_totals(cells)
        or (regular.broken_lines and _hides_rows(cells, marks))
    ):
        return None
    kept = _without_empty_end(cells, headers)
    first = int(kept > 1 and _is_empty(cells, headers, 0))
    first_line = head[layout.body].line
    lines = _line_changes(cells, first_line) if regular.broken_lines else ((0, first_line),)
    header_line = 0 if layout.header is None else head[layout.header].line
    return Parsed(
        cells.select(range(first, kept)), tuple(headers[first:kept]), (), Dialect(header_line=header_line), (), lines
    )


def _head_is_clean(marks: CsvFormat, head: Sequence[Record], layout: TableLayout) -> bool:
    if len(marks.separator) != 1 or not marks.separator.isascii() or marks.escape or marks.brackets or layout.guessed:
        return False
    if layout.extra_headers or layout.levels or layout.header is None or layout.body >= len(head):
        return False
    if any(not record.is_blank for record in head[: layout.header]) or any(map(is_ruler, head[:_RULER_LINES])):
        return False
    rows = head[layout.header :]
    if any(len(record.values) != layout.width for record in rows[:-1]):
        return False
    return not any(record.unclosed or record.stray or record.is_blank for record in rows[:-1])


def _below_header(text: memoryview, head: Sequence[Record], layout: TableLayout) -> memoryview:
    """Return the bytes from the first row on, without blank lines at the end."""
    start = 0
    letters = np.frombuffer(text[: 1 << 20], np.uint8)
    n_lines = head[layout.body].line - 1
    if n_lines:
        breaks = np.flatnonzero(letters == ord("\n"))
        start = int(breaks[n_lines - 1]) + 1 if len(breaks) >= n_lines else 0
    end = at = len(text)
    while at > start and text[at - 1] in b"\r\n \t":
        at -= 1
        if text[at] in b"\r\n":
            # Blanks that follow belong to no row; those before it may be the end of the last value.
            end = at
    return text[start : end if at > start else at]


def _parsed(body: memoryview, marks: CsvFormat, width: int, regular: Regularity) -> Iterator[pa.Table]:
    """Parse a text piece by piece, some pieces ahead of the one that is asked for."""
    names = [str(at) for at in range(width)]
    parse_options = csv.ParseOptions(
        delimiter=marks.separator,
        quote_char=marks.quote if regular.quoted else False,
        newlines_in_values=regular.broken_lines,
        # A blank line is then a row with too few values, which is refused.
        ignore_empty_lines=False,
    )
    convert_options = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False, check_utf8=False
    )
    # Each piece by one thread: Arrow's own threads take a third more work for the same rows.
    read_options = csv.ReadOptions(column_names=names, block_size=_BLOCK, use_threads=False)

    def parse(piece: memoryview) -> pa.Table:
        return csv.read_csv(pa.BufferReader(pa.py_buffer(piece)), read_options, parse_options, convert_options)

    with ThreadPoolExecutor(_THREADS) as threads:
        ahead: deque[Future[pa.Table]] = deque()
        for piece in _pieces(body, whole=regular.broken_lines):
            ahead.append(threads.submit(parse, piece))
            if len(ahead) > _THREADS:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _pieces(body: memoryview, *, whole: bool) -> Iterator[memoryview]:
    """Cut a text after line breaks into pieces whose memory is used again and again."""
    at = 0
    while at < len(body):
        end = len(body) if whole else min(at + _PIECE, len(body))
        if end < len(body):
            ahead = bytes(body[end : end + _BLOCK])
            end = end + ahead.index(b"\n") + 1 if b"\n" in ahead else len(body)
        yield body[at:end]
        release(body)
        at = end


def _headers(head: Sequence[Record], layout: TableLayout) -> list[str]:
    assert layout.header is not None
    return head[layout.header].values


def _without_odd_rows(pieces: Iterator[pa.Table], first_name: str) -> Iterator[pa.Table]:
    """Let pieces through as long as no row is blank, repeats the names or has stray spaces."""
    for piece in pieces:
        if first_name and _holds_name(piece.column(0), first_name):
            raise _IrregularError
        if _has_blank_row(piece) or _has_spaced_row(piece) or any(map(_is_for_spreadsheets, piece.columns)):
            raise _IrregularError
        yield piece


def begins_as_formula(cells: pa.ChunkedArray) -> bool:
    """Whether cells near the beginning are written as ="00123", which spreadsheets show as the text 00123."""
    return bool(pc.any(pc.starts_with(cells.slice(0, _FORMULA_ROWS), '="')).as_py())


def _is_for_spreadsheets(cells: pa.ChunkedArray) -> bool:
    return begins_as_formula(cells) or is_marked_as_text(cells.slice(0, _MARKED_ROWS))


# An apostrophe before a letter or a digit, which tells spreadsheets that what follows is text.
TEXT_MARK: Final = r"^ *'[0-9A-Za-zÀ-ɏЀ-ӿ぀-ヿ一-鿿]"
_MARKED_ROWS: Final = 200
_FEWEST_MARKED: Final = 2


def is_marked_as_text(cells: pa.ChunkedArray) -> bool:
    """Whether all cells but empty ones begin with the apostrophe that marks text, and not all are the same."""
    n_filled = pc.sum(pc.not_equal(cells, "")).as_py() or 0
    if n_filled < _FEWEST_MARKED or not pc.any(pc.starts_with(cells.slice(0, _MARKED_ROWS), "'")).as_py():
        return False
    if pc.sum(pc.match_substring_regex(cells, TEXT_MARK)).as_py() != n_filled:
        return False
    # A mark behind the value as well quotes it.
    return not pc.any(pc.ends_with(cells, "'")).as_py() and len(pc.unique(cells)) >= _FEWEST_MARKED


def _holds_name(cells: pa.ChunkedArray, name: str) -> bool:
    """Whether the name of a column comes again among its cells."""
    # A cell may be longer by blanks and a mark, and shorter by a letter's other case; others need not be looked into.
    lengths = pc.binary_length(cells)
    may_be = pc.and_(
        pc.less_equal(lengths, len(name.encode()) + 8), pc.greater_equal(lengths, len(name.strip().encode()) // 2)
    )
    if not pc.any(may_be).as_py():
        return False
    short = cells.filter(may_be)
    held = pc.utf8_trim(short.filter(pc.match_substring(short, name.strip(), ignore_case=True)), "\ufeff \t")
    alike = held.filter(pc.equal(pc.utf8_length(held), len(plain_name(name))))
    return any(plain_name(cell) == plain_name(name) for cell in pc.unique(alike).to_pylist())


def _ends_oddly(cells: pa.Table, head: Sequence[Record], layout: TableLayout) -> bool:
    """Whether the last row may stand below the table."""
    last = [Record(0, list(row.values())) for row in cells.slice(max(0, len(cells) - _LAST_ROWS)).to_pylist()]
    above = [record for record in head[layout.body : -1] if len(record.values) == layout.width]
    return is_footer(last[-1], above or last[:-1], layout.width)


def _may_hold_totals(cells: pa.Table) -> bool:
    """Whether some row adds up others: by its label, or, in tables that are quickly gone through, by its numbers."""
    ends = [list(row.values()) for row in cells.take([0, cells.num_rows - 1]).to_pylist()]
    typed = typed_columns([list(row.values()) for row in cells.slice(0, _TYPED_ROWS).to_pylist()], cells.num_columns)
    blank = pc.any(pc.equal(cells.column(0), "")).as_py()
    labelled = any(map(may_hold_labels, cells.columns[: 2 if cells.num_rows <= _MANY_ROWS else 1]))
    n_words = [sum(bool(cell) and not is_so for cell, is_so in zip(row, typed, strict=True)) for row in ends]
    if not (blank or labelled or min(n_words) <= 1):
        return False
    if cells.num_rows > _MANY_ROWS:
        return any(label_strength(row[0].strip()) for row in ends)
    rows = _Rows(cells)
    return bool(find_totals(rows, typed, labelled=blank or labelled))


_ROWS_AT_ONCE: Final = 128


class _Rows(Sequence[Sequence[str]]):
    """The rows of a table, which become Python's when their neighbours are looked at, too; most never are."""

    def __init__(self, cells: pa.Table) -> None:
        self._cells = cells
        self._blocks: dict[int, list[tuple[str, ...]]] = {}

    def _block(self, number: int) -> list[tuple[str, ...]]:
        if number not in self._blocks:
            some = self._cells.slice(number * _ROWS_AT_ONCE, _ROWS_AT_ONCE)
            self._blocks[number] = list(zip(*(column.to_pylist() for column in some.columns), strict=True))
        return self._blocks[number]

    def __len__(self) -> int:
        return len(self._cells)

    @overload
    def __getitem__(self, at: int) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, at: slice) -> list[tuple[str, ...]]: ...
    def __getitem__(self, at: int | slice) -> tuple[str, ...] | list[tuple[str, ...]]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        number, place = divmod(range(len(self))[at], _ROWS_AT_ONCE)
        return self._block(number)[place]

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return (row for number in range(-(-len(self) // _ROWS_AT_ONCE)) for row in self._block(number))


def _has_blank_row(cells: pa.Table) -> bool:
    blank = pc.equal(cells.column(0), "")
    for at in range(1, cells.num_columns):
        if not pc.any(blank).as_py():
            return False
        blank = pc.and_(blank, pc.equal(cells.column(at), ""))
    return bool(pc.any(blank).as_py())


def _has_spaced_row(cells: pa.Table) -> bool:
    """Whether some row has a space before each value but the first."""
    if cells.num_columns < 2:
        return False
    spaced = pc.starts_with(cells.column(1), " ")
    for at in range(2, cells.num_columns):
        if not pc.any(spaced).as_py():
            return False
        spaced = pc.and_(spaced, pc.starts_with(cells.column(at), " "))
    return bool(pc.any(spaced).as_py())


def _hides_rows(cells: pa.Table, marks: CsvFormat) -> bool:
    """Whether lines inside quoted values are rows by themselves: the mark was left open by mistake."""
    broken = _breaks_per_row(cells) > 0
    rows = cells.filter(pa.array(broken)).slice(0, _BROKEN_ROWS).to_pylist()
    width = cells.num_columns
    for row in rows:
        lines = marks.separator.join(row.values()).split("\n")
        if width >= 2 and sum(line.count(marks.separator) == width - 1 for line in lines) >= 2:
            return True
    return False


def _breaks_per_row(cells: pa.Table) -> np.ndarray:
    counts = np.zeros(cells.num_rows, np.int64)
    for column in cells.columns:
        counts += pc.count_substring(column, "\n").to_numpy()
    return counts


def _line_changes(cells: pa.Table, first_line: int) -> tuple[tuple[int, int], ...]:
    breaks = _breaks_per_row(cells)
    starts = first_line + np.arange(len(breaks)) + np.concatenate([[0], np.cumsum(breaks)[:-1]])
    after = np.flatnonzero(breaks[:-1]) + 1
    return ((0, first_line), *((int(row), int(starts[row])) for row in after))


def _without_empty_end(cells: pa.Table, headers: Sequence[str]) -> int:
    """Return how many columns are left without nameless empty ones at the end."""
    kept: int = cells.num_columns
    while kept > 1 and _is_empty(cells, headers, kept - 1):
        kept -= 1
    return kept


def _is_empty(cells: pa.Table, headers: Sequence[str], at: int) -> bool:
    """Whether a column has neither a name nor a value."""
    return not headers[at].strip() and not pc.any(pc.not_equal(cells.column(at), "")).as_py()
