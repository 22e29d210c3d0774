"""Text files of separated values to a table."""

from dataclasses import dataclass, replace
from typing import Final

import pyarrow.compute as pc

from segmenter.config import MAX_COLUMNS, MAX_ROWS
from segmenter.errors.reading import (
    EmptyFileError,
    IrregularColumnsError,
    NoRowsError,
    TooManyColumnsError,
    TooManyRowsError,
    UnknownLineError,
)
from segmenter.io.read.csv.checks import sanity_checks
from segmenter.io.read.csv.encoding import encoding_notes, find_and_decode, invisible_notes, to_utf8
from segmenter.io.read.csv.fast import begins_as_formula, read_clean
from segmenter.io.read.csv.fixed_width import Span, find_spans, is_drawn, split_spans, without_rulers
from segmenter.io.read.csv.irregular import KEPT_INSIDE, read_irregular, read_records
from segmenter.io.read.csv.layout import TableLayout, find_layout
from segmenter.io.read.csv.records import CsvFormat, Record, split_lines, split_records, without_break
from segmenter.io.read.csv.sniff import sniff_format, split_as_quoted, without_hint
from segmenter.io.read.file_type import refuse_nul
from segmenter.io.read.parsed import Parsed, ReadOptions, TableSink, joined
from segmenter.table.notes import Dialect, Note

# So much of a file shows how it is built; the rest is checked as it is read.
_HEAD: Final = 1 << 18
_HEAD_LINES: Final = 1_000
# What separates values stands in nearly every line.
_SEPARATED: Final = 0.9


@dataclass(frozen=True, eq=False)
class TextFile:
    """A text file whose separator and quotation mark are known.

    Attributes
    ----------
    text
        The whole file as UTF-8 without byte order mark.
    head
        The records at its beginning.
    notes
        What is doubtful about its quotation marks.
    spans
        Where each column begins and ends where values stand below each other; empty where marks separate them.
    """

    text: memoryview
    encoding: str
    marks: CsvFormat
    head: list[Record]
    layout: TableLayout
    notes: tuple[Note, ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def dialect(self) -> Dialect:
        """How the file is read."""
        header = self.layout.header
        return Dialect(
            separator=self.marks.separator,
            encoding=self.encoding,
            header_line=0 if header is None else self.head[header].line,
            quote=self.marks.quote,
        )


def read_delimited(content: memoryview, options: ReadOptions, gather: TableSink = joined) -> Parsed:
    """Read separated values.

    Raises
    ------
    SegmenterError
        If the file is empty, no text, or can't be read without guessing.
    """
    if not content.nbytes:
        raise EmptyFileError
    if options.encoding:
        encoding, text = options.encoding, to_utf8(content, options.encoding)
    else:
        encoding, text = find_and_decode(content)
    refuse_nul(text)
    freed = _without_outer_quotes(text, options)
    opened = open_text(text if freed is None else freed, encoding, options)
    if opened.layout.width > MAX_COLUMNS:
        raise TooManyColumnsError(opened.layout.width, MAX_COLUMNS)
    notes = [*([] if options.encoding else encoding_notes(content, text, encoding)), *invisible_notes(text)]
    notes += [] if freed is None else [_outer_quotes()]
    parsed = None
    if not opened.spans:
        parsed = read_clean(opened.text, opened.marks, opened.head, opened.layout, gather)
    if parsed is not None:
        notes += opened.notes
    elif opened.spans:
        lines = without_hint(split_lines(bytes(opened.text).decode("utf-8")))
        # A longer value further down may reach into the blanks that were seen at the beginning.
        spans = find_spans(lines)
        if len(spans) != len(opened.spans):
            raise IrregularColumnsError
        records = without_rulers(split_spans(lines, spans))
        parsed = read_records(records, lines, opened.marks, options)
        notes.append(_fixed_width(len(opened.spans)))
    else:
        lines = without_hint(split_lines(bytes(opened.text).decode("utf-8")))
        marks = replace(opened.marks, escape=False, brackets=False)
        parsed = _without_formulas(read_irregular(lines, marks, options))
    if not parsed.cells.num_rows:
        raise NoRowsError
    if parsed.cells.num_rows > MAX_ROWS:
        raise TooManyRowsError(parsed.cells.num_rows, MAX_ROWS)
    dialect = replace(opened.dialect, header_line=parsed.dialect.header_line) if parsed.dialect else opened.dialect
    return replace(parsed, dialect=dialect, notes=(*notes, *parsed.notes, *sanity_checks(parsed)))


def _without_formulas(parsed: Parsed) -> Parsed:
    """Take off the `="` and `"` that make spreadsheets show 00123 as text, where all cells of a column have them."""
    cells = parsed.cells
    for at, column in enumerate(cells.columns):
        if begins_as_formula(column) and pc.all(pc.match_substring_regex(column, r'^="[^"]*"$|^\s*$')).as_py():
            bare = pc.replace_substring_regex(column, r'^="([^"]*)"$', r"\1")
            cells = cells.set_column(at, cells.schema.field(at), bare)
    if cells is parsed.cells:
        return parsed
    # The marks are no longer inside the values.
    return replace(parsed, cells=cells, notes=tuple(each for each in parsed.notes if KEPT_INSIDE not in each.text))


def open_text(text: memoryview, encoding: str, options: ReadOptions) -> TextFile:
    """Find separator, quotation mark and header in the beginning of a text."""
    head = bytes(text[:_HEAD]).decode("utf-8", "ignore")
    lines = split_lines(head)
    if len(text) > _HEAD and len(lines) > 1:
        lines = lines[:-1][:_HEAD_LINES]
    if not any(line.strip() for line in lines):
        raise EmptyFileError
    marks = sniff_format(lines, options.separator, options.quote)
    spans = _find_spans(lines, marks, options)
    if spans:
        marks = CsvFormat(" ", "")
        records = without_rulers(split_spans(lines, spans))
        return TextFile(text, encoding, marks, records, find_layout(records, options.header_line), (), tuple(spans))
    marks, records, doubts = split_as_quoted(without_hint(lines), marks)
    if not marks.quote and options.quote is None:
        doubts = (*doubts, *_kept_quotes(records))
    layout = find_layout(records, options.header_line)
    if options.header_line and layout.header is None:
        raise UnknownLineError(options.header_line)
    return TextFile(text, encoding, marks, records, layout, doubts)


def _without_outer_quotes(text: memoryview, options: ReadOptions) -> memoryview | None:
    """Return the text with every line freed from quotation marks that stand around it as a whole; None without such.

    A spreadsheet that opened a table as one column writes it so: each line is one value, whose marks are doubled.
    """
    if options.quote not in (None, '"') or bytes(text[:1]) != b'"':
        return None
    head = [without_break(line) for line in split_lines(bytes(text[:_HEAD]).decode("utf-8", "ignore"))]
    head = [line for line in (head[:-1] if len(text) > _HEAD else head)[:_HEAD_LINES] if line.strip()]
    inner = [bare for line in head if (bare := _unquoted(line)) is not None]
    if len(inner) < max(2, len(head)):
        return None
    for mark in [options.separator] if options.separator else list(",;\t|"):
        width = len(split_records(inner[:1], CsvFormat(mark))[0].values)
        n_alike = sum(len(record.values) == width for record in split_records(inner, CsvFormat(mark)))
        if width > 1 and n_alike >= _SEPARATED * len(inner):
            break
    else:
        return None
    lines = [without_break(line) for line in split_lines(bytes(text).decode("utf-8"))]
    freed = [line if (bare := _unquoted(line)) is None else bare for line in lines]
    return memoryview("\n".join([*freed, ""]).encode())


def _outer_quotes() -> Note:
    return Note("Quotation marks stand around every line as a whole, as if it were one value; they were taken off.")


def _unquoted(line: str) -> str | None:
    """Return what stands between the marks around a line that is one quoted value; None where it is none."""
    inner = line.rstrip(" ,;\t")
    if len(inner) < 2 or inner[0] != '"' or inner[-1] != '"' or '"' in inner[1:-1].replace('""', ""):
        return None
    return inner[1:-1].replace('""', '"')


def _find_spans(lines: list[str], marks: CsvFormat, options: ReadOptions) -> list[Span]:
    """Find columns of fixed width where no mark separates values."""
    if options.quote or options.separator not in (None, " "):
        return []
    filled = [line for line in lines if line.strip() and not is_drawn(line)]
    if marks.quote and any(marks.quote in line for line in filled):
        # Values that run over several lines leave some of them without a separator.
        return []
    if not filled:
        return []
    separated = marks.separator != " " and sum(marks.separator in line for line in filled) >= _SEPARATED * len(filled)
    # A decimal comma stands in every row too, but not among the names.
    if separated and (marks.separator != "," or "," in filled[0]):
        return []
    return find_spans(lines)


def _fixed_width(n_columns: int) -> Note:
    return Note(
        f"The values stand below each other with blanks between them, and were read as {n_columns:,} columns of fixed "
        "width. Choose what stands between the values if that is wrong."
    )


def _kept_quotes(records: list[Record]) -> list[Note]:
    """Say that marks that look like opening ones were kept, because none of them is closed."""
    opened = [record for record in records if any(value.lstrip().startswith('"') for value in record.values)]
    if not opened:
        return []
    text = (
        f"Line {opened[0].line}: a quotation mark opens a value and does not end it. As most lines are written so, the "
        "marks were kept as part of the values. Choose the quotation mark if they should stand around them."
    )
    return [Note(text, warning=True, line=opened[0].line)]
