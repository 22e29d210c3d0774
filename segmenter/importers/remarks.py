"""What is said about lines of a text file that are no plain rows?"""

from collections.abc import Sequence

from segmenter.core.notes import Note
from segmenter.importers.records import Record


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
    return Note(
        f"Line {records[0].line} looks like a further line of column names or units and was left out.",
        warning=True,
        line=records[0].line,
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


def spaced(records: Sequence[Record]) -> Note:
    """Say that spaces after separators were taken off."""
    return Note(
        f"{_lines(records)} (first: line {records[0].line}) have a space after each separator, unlike the "
        "others; these spaces were taken off.",
        line=records[0].line,
    )


def stray_quotes(records: Sequence[Record]) -> Note:
    """Say that quotation marks stand inside values."""
    return Note(
        f"{_lines(records)} (first: line {records[0].line}) have a quotation mark inside a value; it was "
        "kept as part of the value.",
        line=records[0].line,
    )
