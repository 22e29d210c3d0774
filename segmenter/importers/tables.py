"""Which records of an irregular text file are rows of its table, and what is said about the others?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from segmenter.core.notes import Dialect, Note
from segmenter.errors import RaggedTableError, UnclosedQuoteError
from segmenter.importers import remarks
from segmenter.importers.footers import ROWS_ABOVE, is_footer, second_table_at, takes_sums
from segmenter.importers.layout import Layout, find_layout, typed_columns
from segmenter.importers.options import ReadOptions
from segmenter.importers.parsed import LeftOut, Parsed, line_changes
from segmenter.importers.records import Marks, Record, split_records, split_stray_returns, without_break

# So many good rows must stand against each one with an unclosed quotation mark, or nothing can be trusted.
_GOOD_PER_UNCLOSED: Final = 5
# More rows than this share with another number of values and the separator is probably wrong.
_MOST_RAGGED: Final = 0.5
_TYPED_ROWS: Final = 500
# A habit of more rows than this share is the file's own way of writing.
_FEW: Final = 0.2


@dataclass
class Sorted:
    """The records of a file, sorted into rows and others."""

    rows: list[Record] = field(default_factory=list)
    left_out: list[tuple[Record, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def leave_out(self, records: Iterable[Record], why: str) -> None:
        """Put records among those that are not rows."""
        self.left_out.extend((record, why) for record in records)


def take_table(lines: list[str], marks: Marks, options: ReadOptions) -> Parsed:
    """Read the table out of lines of text.

    Raises
    ------
    UnclosedQuoteError, RaggedTableError
        If too little of the file can be trusted.
    """
    return take_records(split_stray_returns(split_records(lines, marks)), lines, marks, options)


def take_records(records: list[Record], lines: list[str], marks: Marks, options: ReadOptions) -> Parsed:
    """Read the table out of records, which a workbook has to begin with.

    Raises
    ------
    UnclosedQuoteError, RaggedTableError
        If too little of the file can be trusted.
    """
    layout = find_layout(records, options.header_line)
    found = Sorted()
    _take_titles(records, layout, found)
    body = _without_unclosed(records, lines, marks, layout, found)
    body = _without_blank(body, found)
    typed = typed_columns([record.values for record in body[:_TYPED_ROWS]], layout.width)
    if not options.keep_footer:
        body = _without_footer(body, typed, found)
        body = _without_second_table(body, records, layout, typed, found)
    _take_rows(body, layout, options, found)
    headers = _headers(records, layout, found)
    return _parsed(found, headers, lines, layout, records)


def _take_titles(records: Sequence[Record], layout: Layout, found: Sorted) -> None:
    start = layout.body if layout.header is None else layout.header
    titles = [record for record in records[:start] if not record.is_blank]
    if titles:
        found.leave_out(titles, "above the table")
        found.notes.append(remarks.titles(titles))
    extra = [records[at] for at in layout.extra_headers]
    if extra:
        found.leave_out(extra, "more column names")
        found.notes.append(remarks.extra_names(extra))


def _without_unclosed(
    records: list[Record], lines: list[str], marks: Marks, layout: Layout, found: Sorted
) -> list[Record]:
    body = records[layout.body :]
    bad = [record for record in body if record.unclosed or _hides_rows(record, lines, marks, layout.width)]
    header_is_bad = layout.header is not None and records[layout.header].unclosed
    if not bad and not header_is_bad:
        return body
    good = sum(len(record.values) == layout.width and not record.unclosed for record in body)
    if header_is_bad or good < _GOOD_PER_UNCLOSED * len(bad):
        raise UnclosedQuoteError(records[layout.header or 0].line if header_is_bad else bad[0].line)
    found.leave_out(bad, "a quotation mark is left open")
    found.notes.append(remarks.unclosed(bad))
    lines_left_out = {record.line for record in bad}
    return [record for record in body if record.line not in lines_left_out]


def _hides_rows(record: Record, lines: list[str], marks: Marks, width: int) -> bool:
    """Whether a value that runs over several lines has swallowed lines that are rows by themselves."""
    if record.n_lines < 2 or width < 2:
        return False
    within = lines[record.line - 1 : record.line - 1 + record.n_lines]
    whole = sum(line.count(marks.separator) == width - 1 for line in within)
    return whole >= 2 and (whole == len(within) or whole >= 3)


def _without_blank(body: list[Record], found: Sorted) -> list[Record]:
    blank = [record for record in body if record.is_blank]
    if not blank:
        return body
    last = max((record.line for record in body if not record.is_blank), default=0)
    # Empty lines at the end are how files end; rows of nothing but separators are rows that somebody left.
    told = [record for record in blank if record.line < last or len(record.values) > 1]
    if told:
        found.notes.append(remarks.blank(told))
    return [record for record in body if not record.is_blank]


def _without_footer(body: list[Record], typed: list[bool], found: Sorted) -> list[Record]:
    width = len(typed)
    end = len(body)
    # Only the rows right above count; handing over all would copy them once for each line of a long footer.
    while end > 1 and is_footer(body[end - 1], body[max(0, end - 1 - ROWS_ABOVE) : end - 1], width):
        end -= 1
    if end == len(body) and takes_sums(body, typed):
        end -= 1
    footer = body[end:]
    if footer:
        found.leave_out(footer, "below the table")
        found.notes.append(remarks.footer(footer))
    return body[:end]


def _without_second_table(
    body: list[Record], records: Sequence[Record], layout: Layout, typed: list[bool], found: Sorted
) -> list[Record]:
    names = [] if layout.header is None else records[layout.header].values
    repeated = [record for record in body if names and record.values == names]
    if repeated:
        found.leave_out(repeated, "repeats the column names")
        found.notes.append(remarks.repeated_names(repeated))
        again = {record.line for record in repeated}
        body = [record for record in body if record.line not in again]
    blanks = {record.line for record in records if record.is_blank}
    start = second_table_at(body, layout.width, typed, blanks)
    if start is None:
        return body
    found.leave_out(body[start:], "belongs to another table")
    found.notes.append(remarks.second_table(body[start:]))
    return body[:start]


def _take_rows(body: list[Record], layout: Layout, options: ReadOptions, found: Sorted) -> None:
    ragged = [record for record in body if len(record.values) != layout.width]
    if len(ragged) > _MOST_RAGGED * len(body):
        raise RaggedTableError(len(ragged), len(body), ragged[0].line)
    if ragged and options.keep_ragged:
        found.notes.append(remarks.ragged(ragged, len(body), layout.width, kept=True))
        for record in ragged:
            record.values = (record.values + [""] * layout.width)[: layout.width]
    elif ragged:
        found.leave_out(ragged, "another number of values")
        found.notes.append(remarks.ragged(ragged, len(body), layout.width, kept=False))
        body = [record for record in body if len(record.values) == layout.width]
    _trim_spaced(body, found)
    stray = [record for record in body if record.stray]
    if stray:
        found.notes.append(remarks.stray_quotes(stray))
    found.rows = body


def _trim_spaced(body: list[Record], found: Sorted) -> None:
    """Take the space after each separator off the few rows that have one."""
    spaced = [record for record in body if len(record.values) > 1 and _is_spaced(record.values)]
    if not spaced or len(spaced) > _FEW * len(body):
        return
    for record in spaced:
        record.values = [record.values[0], *(value.removeprefix(" ") for value in record.values[1:])]
    found.notes.append(remarks.spaced(spaced))


def _is_spaced(values: Sequence[str]) -> bool:
    # A quoted value has lost its space already.
    n_spaced = "\0".join(values).count("\0 ")
    return n_spaced == len(values) - 1 or n_spaced >= max(2, 0.6 * (len(values) - 1))


def _headers(records: Sequence[Record], layout: Layout, found: Sorted) -> list[str]:
    """Return one name a column, as they stand in the file."""
    if layout.header is None:
        if layout.guessed:
            found.notes.append(remarks.no_names(records[layout.body].line))
        return [f"Column {at}" for at in range(1, layout.width + 1)]
    record = records[layout.header]
    names, width = list(record.values), layout.width
    if record.stray:
        found.notes.append(remarks.stray_quotes([record]))
    if layout.guessed == "mixed":
        found.notes.append(remarks.doubtful_names(record.line))
    if len(names) > width and any(name.strip() for name in names[width:]):
        found.notes.append(remarks.ragged_names(record, width))
    if len(names) < width:
        missing = width - len(names)
        if any(value.strip() for row in found.rows for value in row.values[len(names) :]):
            found.notes.append(remarks.ragged_names(record, width))
        names += [""] * missing
    return names[:width]


def _parsed(
    found: Sorted,
    headers: list[str],
    lines: list[str],
    layout: Layout,
    records: Sequence[Record],
) -> Parsed:
    columns = list(zip(*(record.values for record in found.rows), strict=True)) or [()] * len(headers)
    n_columns = len(headers)
    while n_columns > 1 and not headers[n_columns - 1].strip() and not any(map(str.strip, columns[n_columns - 1])):
        n_columns -= 1
    left_out = sorted(found.left_out, key=lambda one: one[0].line)
    return Parsed(
        pa.table({str(at): pa.array(columns[at], pa.large_string()) for at in range(n_columns)}),
        tuple(headers[:n_columns]),
        tuple(sorted(found.notes, key=lambda note: note.line or 0)),
        Dialect(header_line=0 if layout.header is None else records[layout.header].line),
        tuple(
            LeftOut(record.line, without_break("".join(lines[record.line - 1 : record.line - 1 + record.n_lines])), why)
            for record, why in left_out
        ),
        line_changes([record.line for record in found.rows]),
    )
