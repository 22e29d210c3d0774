"""Text files of separated values to a table."""

from dataclasses import dataclass, replace
from typing import Final

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
from segmenter.io.read.csv.fast import read_clean
from segmenter.io.read.csv.fixed_width import Span, find_spans, split_spans, without_rulers
from segmenter.io.read.csv.irregular import read_irregular, read_records
from segmenter.io.read.csv.layout import TableLayout, find_layout
from segmenter.io.read.csv.records import CsvFormat, Record, split_lines
from segmenter.io.read.csv.sniff import sniff_format, split_as_quoted, without_hint
from segmenter.io.read.file_type import refuse_nul
from segmenter.io.read.options import ReadOptions
from segmenter.io.read.parsed import Parsed, TableSink, joined
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
    opened = open_text(text, encoding, options)
    if opened.layout.width > MAX_COLUMNS:
        raise TooManyColumnsError(opened.layout.width, MAX_COLUMNS)
    notes = [*([] if options.encoding else encoding_notes(content, text, encoding)), *invisible_notes(text)]
    parsed = None
    if not opened.spans:
        parsed = read_clean(opened.text, opened.marks, opened.head, opened.layout, gather)
    if parsed is not None:
        notes += opened.notes
    elif opened.spans:
        lines = without_hint(split_lines(bytes(text).decode("utf-8")))
        # A longer value further down may reach into the blanks that were seen at the beginning.
        spans = find_spans(lines)
        if len(spans) != len(opened.spans):
            raise IrregularColumnsError
        records = without_rulers(split_spans(lines, spans))
        parsed = read_records(records, lines, opened.marks, options)
        notes.append(_fixed_width(len(opened.spans)))
    else:
        lines = without_hint(split_lines(bytes(text).decode("utf-8")))
        parsed = read_irregular(lines, replace(opened.marks, escape=False), options)
    if not parsed.cells.num_rows:
        raise NoRowsError
    if parsed.cells.num_rows > MAX_ROWS:
        raise TooManyRowsError(parsed.cells.num_rows, MAX_ROWS)
    dialect = replace(opened.dialect, header_line=parsed.dialect.header_line) if parsed.dialect else opened.dialect
    return replace(parsed, dialect=dialect, notes=(*notes, *parsed.notes, *sanity_checks(parsed)))


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


def _find_spans(lines: list[str], marks: CsvFormat, options: ReadOptions) -> list[Span]:
    """Find columns of fixed width where no mark separates values."""
    if options.quote or options.separator not in (None, " "):
        return []
    filled = [line for line in lines if line.strip()]
    if marks.quote and any(marks.quote in line for line in filled):
        # Values that run over several lines leave some of them without a separator.
        return []
    if marks.separator != " " and sum(marks.separator in line for line in filled) >= _SEPARATED * len(filled):
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
