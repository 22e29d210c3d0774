"""Irregular text files: which records are rows of the table, and what is said about the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, takewhile
from typing import Final

import pyarrow as pa

from segmenter.config import MAX_COLUMNS
from segmenter.errors.reading import RaggedTableError, TooManyColumnsError, UnclosedQuoteError
from segmenter.io.read.csv import irregular
from segmenter.io.read.csv.layout import (
    SURVEY_KEYS,
    TableLayout,
    breaks_the_types,
    find_layout,
    find_totals,
    is_remark,
    is_total,
    is_typed,
    plain_name,
    typed_columns,
    without_rulers,
)
from segmenter.io.read.csv.records import CsvFormat, Record, split_stray_returns, without_break
from segmenter.io.read.csv.sniff import split_as_quoted
from segmenter.io.read.parsed import LeftOut, Parsed, ReadOptions, line_changes
from segmenter.table.dataset import Dialect, Note
from segmenter.table.infer.cells import MISSING_AMONG_NUMBERS
from segmenter.table.infer.header import names_a_numbered_who, names_an_id, names_customers


def _lines(records: Sequence[Record]) -> str:
    return "1 line" if len(records) == 1 else f"{len(records):,} lines"


def titles(records: Sequence[Record]) -> Note:
    """Say that lines above the table were skipped."""
    return Note(
        f"Skipped {_lines(records)} above the table (from line {records[0].line}). "
        "Choose another line of column names if that is wrong.",
        line=records[0].line,
    )


def extra_names(records: Sequence[Record]) -> Note:
    """Say that there is more than one line of names."""
    if any(value.startswith(SURVEY_KEYS) for value in records[-1].values):
        return Note(
            f"Line {records[0].line} holds the wording of the questions and line {records[-1].line} their keys, as "
            "Qualtrics writes them; both were left out.",
            line=records[0].line,
        )
    return Note(
        f"Line {records[0].line} looks like a further line of column names or units and was left out.",
        warning=True,
        line=records[0].line,
    )


def two_levels(line: int, names: Sequence[str]) -> Note:
    """Say that names of two lines were joined."""
    joined = next((name for name in names if " " in name), names[0])
    return Note(
        f"The column names stand on two lines, {line} and {line + 1}, and were joined, as in {joined!r}. "
        "Choose the line of column names if that is wrong.",
        line=line,
    )


def no_names(line: int) -> Note:
    """Say that the first line was taken for a customer."""
    return Note(
        "The first line looks like data, not column names. It was used as data; "
        "say that it is the header if that is wrong.",
        warning=True,
        line=line,
    )


def doubtful_names(line: int) -> Note:
    """Say that some column names look like values."""
    return Note(
        f"Line {line} was taken for the column names, but some of them look like values. "
        "Use it as data if that is wrong.",
        warning=True,
        line=line,
    )


def ragged_names(record: Record, width: int) -> Note:
    """Say that the names do not fit the rows."""
    return Note(
        f"Line {record.line} has {len(record.values)} column names and the rows have {width} values, so "
        "names may stand over the wrong columns. Compare them with the preview, or correct that line.",
        warning=True,
        line=record.line,
    )


def repeated_names(records: Sequence[Record]) -> Note:
    """Say that the column names come again among the rows."""
    return Note(
        f"The column names come again in line {records[0].line}"
        f"{f' and {len(records) - 1:,} more' if len(records) > 1 else ''}; left out as no customer.",
        warning=True,
        line=records[0].line,
    )


def blank(records: Sequence[Record]) -> Note:
    """Say that blank lines were skipped."""
    return Note(f"Skipped {_lines(records)} without values (first: line {records[0].line}).", line=records[0].line)


def footer(records: Sequence[Record]) -> Note:
    """Say that lines below the table were left out."""
    one = len(records) == 1
    where = f"(line {records[0].line}) looks like a total or a remark and was" if one else ""
    where = where or f"(from line {records[0].line}) look like totals or remarks and were"
    return Note(
        f"{_lines(records)} below the table {where} left out. Keep {'it if it is a' if one else 'them if they are'} "
        f"customer{'' if one else 's'}.",
        warning=True,
        line=records[0].line,
    )


def totals(records: Sequence[Record]) -> Note:
    """Say that lines among the others add them up."""
    one = len(records) == 1
    looks = "looks like a total of others and was" if one else "look like totals of others and were"
    return Note(
        f"{_lines(records)} ({'' if one else 'first: '}line {records[0].line}) {looks} left out. "
        f"Keep {'it if it is a customer' if one else 'them if they are customers'}.",
        warning=True,
        line=records[0].line,
    )


def second_table(records: Sequence[Record]) -> Note:
    """Say that another table follows."""
    return Note(
        f"A second table seems to start in line {records[0].line}; {_lines(records)} from there on were left "
        "out. Save each table as a file of its own to use it.",
        warning=True,
        line=records[0].line,
    )


def ragged(records: Sequence[Record], n_rows: int, width: int, *, kept: bool) -> Note:
    """Say that rows have too few or too many values."""
    first = records[0]
    what = "filled up or cut" if kept else "left out, because their values may stand in the wrong columns"
    return Note(
        f"{len(records):,} of {n_rows:,} rows have a different number of values than the header (first: line "
        f"{first.line}: {len(first.values)} values, header has {width}). They were {what}.",
        warning=True,
        line=first.line,
    )


def unclosed(records: Sequence[Record]) -> Note:
    """Say that quotation marks are not closed."""
    more = f" So are {len(records) - 1:,} more." if len(records) > 1 else ""
    return Note(
        f"Line {records[0].line}: a quotation mark is opened and never closed. That line was left out.{more} "
        "Close or delete the mark, and upload the file again, to have it.",
        warning=True,
        line=records[0].line,
    )


def broken_lines(records: Sequence[Record]) -> Note:
    """Say that a value holds what could be rows."""
    return Note(
        f"{_lines(records)} (first: line {records[0].line}) begin a value that runs over several lines, each of which "
        "could be a row. If a quotation mark was left open there, close it, and upload the file again.",
        warning=True,
        line=records[0].line,
    )


def spaced(records: Sequence[Record]) -> Note:
    """Say that spaces after separators were taken off."""
    return Note(
        f"{_lines(records)} (first: line {records[0].line}) have a space after each separator, unlike the "
        "others; these spaces were taken off.",
        line=records[0].line,
    )


KEPT_INSIDE: Final = "a quotation mark inside a value; it was kept as part of the value"


def stray_quotes(records: Sequence[Record], *, most: bool = False) -> Note:
    """Say that quotation marks stand inside values; where most lines have some, they may have been meant to quote."""
    return Note(
        f"{_lines(records)} (first: line {records[0].line}) have {KEPT_INSIDE}.",
        warning=most and any(value[:1] == '"' == value[-1:] for value in records[0].values),
        line=records[0].line,
    )


def other_columns(names: Sequence[str]) -> Note:
    """Say that another table stands left or right of the one that was read."""
    shown = ", ".join(repr(name[:_SHOWN]) for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return Note(
        f"Another table, or a remark, stands beside the larger one, under {shown}{more}, and was left out. Save each "
        "table as a file of its own to use it.",
        warning=True,
    )


_NAMED: Final = 5
_SHOWN: Final = 40
# So many narrower or wider rows in one stretch are a table of their own.
_ROWS_OF_A_TABLE: Final = 3
_NEARLY_ALWAYS: Final = 0.9
# Columns whose rows are so many fewer, or more, than those of the others are no part of the same table.
_OTHER_LENGTH: Final = 0.1


def columns_of_table(rows: Sequence[Sequence[str]]) -> tuple[int, int, tuple[Note, ...]]:
    """Return where the columns of the largest of the tables that stand side by side begin and end, and what is beside.

    Tables are divided by columns without any value, in the line of their names either. What such a column divides is
    one table, though, where it has about as many rows on both sides.
    """
    width = max(map(len, rows), default=0)
    gaps = list(range(width))
    for row in rows:
        gaps = [at for at in gaps if at >= len(row) or not row[at].strip()]
        if not gaps:
            return 0, width, ()
    borders = [-1, *gaps, width]
    blocks = [_Block(rows, before + 1, after) for before, after in pairwise(borders) if after > before + 1]
    if len(blocks) < 2:
        return 0, width, ()
    main = max(blocks, key=lambda block: (block.end - block.start > 1, block.n_filled))
    at = blocks.index(main)
    start, end, others = main.start, main.end, list[_Block]()
    for block in reversed(blocks[:at]):
        if others or block.is_apart_from(main):
            others.insert(0, block)
        else:
            start = block.start
    n_left = len(others)
    for block in blocks[at + 1 :]:
        if len(others) > n_left or block.is_apart_from(main):
            others.append(block)
        else:
            end = block.end
    # Lines above the table are its titles, wherever they stand.
    beside = [name for block in others if block.places[-1] >= main.places[0] for name in block.names]
    if not others:
        return 0, width, ()
    return start, end, (other_columns(beside),) if beside else ()


class _Block:
    """Neighbouring columns between two that are empty."""

    def __init__(self, rows: Sequence[Sequence[str]], start: int, end: int) -> None:
        self.rows, self.start, self.end = rows, start, end
        held = [sum(bool(cell.strip()) for cell in row[start:end]) for row in rows]
        self.n_filled = sum(held)
        self.places = [at for at, n_cells in enumerate(held) if n_cells]
        self.names = [cell.strip() for cell in rows[self.places[0]][start:end] if cell.strip()]

    def is_apart_from(self, main: "_Block") -> bool:
        """Whether it is none of the same table: shorter, or longer, without gaps, or under the same names."""
        n_rows, others = len(self.places), len(main.places)
        reach = self.places[-1] - self.places[0] + 1
        if n_rows == 1:
            # The name of a column that holds nothing stands on the line of the other names.
            beside = main.rows[self.places[0]][main.start : main.end]
            return not any(map(str.strip, beside)) or any(map(is_typed, beside))
        without_gaps = reach <= (1 + _OTHER_LENGTH) * n_rows + 1
        is_longer = abs(n_rows - others) > max(1, _OTHER_LENGTH * others)
        again = set(map(plain_name, self.names)) == set(map(plain_name, main.names)) and len(self.names) > 1
        return (without_gaps and is_longer) or again


# So many rows tell how much of a row is usually filled.
ROWS_ABOVE: Final = 50


def is_footer(record: Record, above: Sequence[Record], width: int) -> bool:
    """Whether the last record is a remark or a total rather than a row."""
    values = record.values
    if is_total(values):
        return True
    usual = _usual_fill(above[-ROWS_ABOVE:])
    if is_remark(values, usual):
        return True
    filled = [value for value in values if value.strip()]
    return (
        len(values) < width and len(filled) <= max(1, width // 3) and not any(is_typed(value) for value in filled[:1])
    )


def second_table_at(body: Sequence[Record], width: int, typed: Sequence[bool], blank_lines: set[int]) -> int | None:
    """Return the position in the body at which another table starts; None when there is none."""
    last_row = max((at for at, record in enumerate(body) if len(record.values) == width), default=-1)
    for at, record in enumerate(body):
        after_blank = record.line - 1 in blank_lines
        if len(record.values) != width:
            stretch = body[at : at + _ROWS_OF_A_TABLE]
            widths = {len(other.values) for other in stretch}
            if len(stretch) == _ROWS_OF_A_TABLE and width not in widths and (len(widths) == 1 or after_blank):
                return at
            if after_blank and at > last_row:
                return at
        elif after_blank and (
            (any(typed) and breaks_the_types(record.values, typed))
            or _is_narrower(body[at:], body[max(0, at - ROWS_ABOVE) : at], blank_lines)
        ):
            return at
    return None


def _is_narrower(below: Sequence[Record], above: Sequence[Record], blank_lines: set[int]) -> bool:
    """Whether the rows up to the next blank line hold something in fewer columns than those above nearly always do."""
    stretch = list(takewhile(lambda record: record is below[0] or record.line - 1 not in blank_lines, below))
    if len(stretch) < _ROWS_OF_A_TABLE - 1 or not above:
        return False
    width = len(above[0].values)
    usual = [sum(bool(other.values[at].strip()) for other in above if len(other.values) > at) for at in range(width)]
    held = [any(record.values[at].strip() for record in stretch if len(record.values) > at) for at in range(width)]
    always = [at for at in range(width) if usual[at] >= _NEARLY_ALWAYS * len(above)]
    return 2 * sum(held[at] for at in always) <= len(always) and len(always) > 2


def _usual_fill(records: Sequence[Record]) -> int:
    fills = sorted(sum(bool(value.strip()) for value in record.values) for record in records)
    return fills[len(fills) // 2] if fills else 1


# So many good rows must stand against each one with an unclosed quotation mark, or nothing can be trusted.
_GOOD_PER_UNCLOSED: Final = 5
# More rows than this share with another number of values and the separator is probably wrong.
_MOST_RAGGED: Final = 0.5
_TYPED_ROWS: Final = 500
# A habit of more rows than this share is the file's own way of writing.
_FEW: Final = 0.2


@dataclass
class RowTriage:
    """The records of a file, sorted into rows and others."""

    rows: list[Record] = field(default_factory=list)
    left_out: list[tuple[Record, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def leave_out(self, records: Iterable[Record], why: str) -> None:
        """Put records among those that are not rows."""
        self.left_out.extend((record, why) for record in records)


def read_irregular(lines: list[str], marks: CsvFormat, options: ReadOptions) -> Parsed:
    """Read the table out of lines of text.

    Raises
    ------
    UnclosedQuoteError, RaggedTableError
        If too little of the file can be trusted.
    """
    marks, records, doubts = split_as_quoted(lines, marks)
    # Lines drawn below the names, as databases and text editors draw them, are none of the table.
    records = without_rulers(split_stray_returns(records))
    start, end, beside = columns_of_table([record.values for record in records])
    if beside:
        for record in records:
            if len(record.values) > 1:
                record.values = record.values[start:end] or [""]
                record.quoted = [at - start for at in record.quoted if start <= at < end]
    parsed = without_blank_first(read_records(records, lines, marks, options))
    return replace(parsed, notes=(*beside, *parsed.notes, *doubts))


def without_blank_first(parsed: Parsed) -> Parsed:
    """Return a table without a first column that has neither a name nor a value.

    Tables in text begin and end each line with a mark, and titles may stand in a column of their own.
    """
    cells = parsed.cells
    is_blank = len(parsed.headers) > 1 and not parsed.headers[0].strip()
    if not is_blank or any(str(cell.as_py() or "").strip() for cell in cells.column(0)):
        return parsed
    return replace(
        parsed,
        cells=cells.remove_column(0).rename_columns([str(at) for at in range(cells.num_columns - 1)]),
        headers=parsed.headers[1:],
    )


def read_records(records: list[Record], lines: list[str], marks: CsvFormat, options: ReadOptions) -> Parsed:
    """Read the table out of records, which a workbook has to begin with.

    Raises
    ------
    UnclosedQuoteError, RaggedTableError
        If too little of the file can be trusted.
    TooManyColumnsError
        If a row has more values than a table may have columns.
    """
    layout = find_layout(records, options.header_line)
    if layout.width > MAX_COLUMNS:
        raise TooManyColumnsError(layout.width, MAX_COLUMNS)
    found = RowTriage()
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


def _take_titles(records: Sequence[Record], layout: TableLayout, found: RowTriage) -> None:
    start = layout.body if layout.header is None else layout.header
    titles = [record for record in records[:start] if not record.is_blank]
    if titles:
        found.leave_out(titles, "above the table")
        found.notes.append(irregular.titles(titles))
    extra = [records[at] for at in layout.extra_headers]
    if extra:
        found.leave_out(extra, "more column names")
        found.notes.append(irregular.extra_names(extra))


def _without_unclosed(
    records: list[Record], lines: list[str], marks: CsvFormat, layout: TableLayout, found: RowTriage
) -> list[Record]:
    body = records[layout.body :]
    typed = typed_columns([record.values for record in body[:_TYPED_ROWS]], layout.width)
    hiding = [record for record in body if _hides_rows(record, lines, marks, typed)]
    if hiding and not any(typed):
        # No column tells whether such lines are rows: a file without any fault means what it says.
        found.notes.append(irregular.broken_lines(hiding))
        hiding = []
    doubted = {record.line for record in hiding}
    bad = [record for record in body if record.unclosed or record.line in doubted]
    header_is_bad = layout.header is not None and records[layout.header].unclosed
    if not bad and not header_is_bad:
        return body
    good = sum(len(record.values) == layout.width and not record.unclosed for record in body)
    if header_is_bad or good < _GOOD_PER_UNCLOSED * len(bad):
        raise UnclosedQuoteError(records[layout.header or 0].line if header_is_bad else bad[0].line)
    found.leave_out(bad, "a quotation mark is left open")
    found.notes.append(irregular.unclosed(bad))
    lines_left_out = {record.line for record in bad}
    return [record for record in body if record.line not in lines_left_out]


def _hides_rows(record: Record, lines: list[str], marks: CsvFormat, typed: Sequence[bool]) -> bool:
    """Whether a value that runs over several lines has swallowed lines that are rows by themselves."""
    if record.n_lines < 2 or len(typed) < 2 or len(record.quoted) > 1:
        return False
    within = lines[record.line - 1 : record.line - 1 + record.n_lines]
    rows = [line.replace(marks.quote, "").split(marks.separator) for line in within]
    whole = sum(
        len(row) == len(typed) and all(is_typed(value) for value, is_so in zip(row, typed, strict=True) if is_so)
        for row in rows
    )
    return whole >= 2 and (whole == len(within) or whole >= 3)


def _without_blank(body: list[Record], found: RowTriage) -> list[Record]:
    blank = [record for record in body if record.is_blank]
    if not blank:
        return body
    last = max((record.line for record in body if not record.is_blank), default=0)
    # Empty lines at the end are how files end; rows of nothing but separators are rows that somebody left.
    told = [record for record in blank if record.line < last or len(record.values) > 1]
    if told:
        found.notes.append(irregular.blank(told))
    return [record for record in body if not record.is_blank]


def _without_footer(body: list[Record], typed: list[bool], found: RowTriage) -> list[Record]:
    width = len(typed)
    end = len(body)
    # Only the rows right above count; handing over all would copy them once for each line of a long footer.
    while end > 1 and (
        is_footer(body[end - 1], body[max(0, end - 1 - ROWS_ABOVE) : end - 1], width)
        or _is_of_words(body[end - 1].values, typed)
    ):
        end -= 1
    footer = body[end:]
    if footer:
        found.leave_out(footer, "below the table")
        found.notes.append(irregular.footer(footer))
    return _without_totals(body[:end], typed, found)


def _is_of_words(values: Sequence[str], typed: Sequence[bool]) -> bool:
    """Whether a last row has words in most of the columns, and several, that hold numbers or dates above it."""
    cells = [value for value, is_so in zip(values, typed, strict=False) if is_so and value.strip()]
    n_words = sum(not is_typed(cell) and cell.strip() not in MISSING_AMONG_NUMBERS for cell in cells)
    return n_words >= max(2, sum(typed) / 2)


def _without_totals(body: list[Record], typed: list[bool], found: RowTriage) -> list[Record]:
    places = find_totals([record.values for record in body], typed)
    if not places:
        return body
    totals = [body[at] for at in places]
    found.leave_out(totals, "adds up other lines")
    found.notes.append(irregular.totals(totals))
    lines_left_out = {record.line for record in totals}
    return [record for record in body if record.line not in lines_left_out]


def _without_second_table(
    body: list[Record], records: Sequence[Record], layout: TableLayout, typed: list[bool], found: RowTriage
) -> list[Record]:
    names = [] if layout.header is None else list(map(plain_name, records[layout.header].values))
    repeated = [
        record
        for record in body
        if names and plain_name(record.values[0]) == names[0] and list(map(plain_name, record.values)) == names
    ]
    if repeated:
        found.leave_out(repeated, "repeats the column names")
        found.notes.append(irregular.repeated_names(repeated))
        again = {record.line for record in repeated}
        body = [record for record in body if record.line not in again]
    blanks = {record.line for record in records if record.is_blank}
    start = second_table_at(body, layout.width, typed, blanks)
    if start is None:
        return body
    found.leave_out(body[start:], "belongs to another table")
    found.notes.append(irregular.second_table(body[start:]))
    return body[:start]


def _take_rows(body: list[Record], layout: TableLayout, options: ReadOptions, found: RowTriage) -> None:
    ragged = [record for record in body if len(record.values) != layout.width]
    if len(ragged) > _MOST_RAGGED * len(body):
        raise RaggedTableError(len(ragged), len(body), ragged[0].line)
    if ragged and options.keep_ragged:
        found.notes.append(irregular.ragged(ragged, len(body), layout.width, kept=True))
        for record in ragged:
            record.values = (record.values + [""] * layout.width)[: layout.width]
    elif ragged:
        found.leave_out(ragged, "another number of values")
        found.notes.append(irregular.ragged(ragged, len(body), layout.width, kept=False))
        body = [record for record in body if len(record.values) == layout.width]
    _trim_spaced(body, found)
    stray = [record for record in body if record.stray]
    if stray:
        found.notes.append(irregular.stray_quotes(stray, most=len(stray) > _FEW * len(body)))
    found.rows = body


def _trim_spaced(body: list[Record], found: RowTriage) -> None:
    """Take the space after each separator off the few rows that have one."""
    spaced = [record for record in body if len(record.values) > 1 and _is_spaced(record)]
    if not spaced or len(spaced) > _FEW * len(body):
        return
    for record in spaced:
        for at in set(range(1, len(record.values))).difference(record.quoted):
            record.values[at] = record.values[at].removeprefix(" ")
    found.notes.append(irregular.spaced(spaced))


def _is_spaced(record: Record) -> bool:
    # A quoted value has lost the space before its mark already, and one behind the mark belongs to it.
    others = [value for at, value in enumerate(record.values) if at and at not in record.quoted]
    n_spaced = sum(value.startswith(" ") for value in others)
    return n_spaced >= max(2, 0.6 * len(others)) or (n_spaced == len(record.values) - 1)


def _headers(records: Sequence[Record], layout: TableLayout, found: RowTriage) -> list[str]:
    """Return one name a column, as they stand in the file."""
    if layout.header is None:
        if layout.guessed:
            found.notes.append(irregular.no_names(records[layout.body].line))
        return [f"Column {at}" for at in range(1, layout.width + 1)]
    record = records[layout.header]
    names, width = layout.names(records), layout.width
    if layout.levels:
        found.notes.append(irregular.two_levels(record.line, names))
    if record.stray:
        found.notes.append(irregular.stray_quotes([record]))
    if layout.guessed == "mixed":
        found.notes.append(irregular.doubtful_names(record.line))
    if len(names) > width and any(name.strip() for name in names[width:]):
        found.notes.append(irregular.ragged_names(record, width))
    if len(names) == width - 1 and _numbers_the_rows(found.rows) and not _is_their_name(names[0], found.rows):
        # As R and pandas write it: the rows are numbered, and no name stands over their numbers.
        return ["", *names]
    if len(names) < width:
        missing = width - len(names)
        # Even where what is beyond the names is empty: a name may be missing before it, and a separator end each row.
        found.notes.append(irregular.ragged_names(record, width))
        names += [""] * missing
    return names[:width]


def _is_their_name(name: str, rows: Sequence[Record]) -> bool:
    """Whether the first name is rather that of the numbers: "respondent" over them, and not over what comes again."""
    second = [record.values[1].strip() for record in rows]
    told = names_customers(name) or names_an_id(name) or names_a_numbered_who(name)
    return told and len(set(second)) < len(second)


def _numbers_the_rows(rows: Sequence[Record]) -> bool:
    first = [record.values[0].strip() for record in rows]
    start = first[0] if first else ""
    return start in {"0", "1"} and len(first) > 2 and first == [str(at + int(start)) for at in range(len(first))]


def _parsed(
    found: RowTriage,
    headers: list[str],
    lines: list[str],
    layout: TableLayout,
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
