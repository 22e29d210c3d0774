"""What a reader returns: cells, headers, notes and lines left out, before columns have a meaning."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import pyarrow as pa

from segmenter.table.dataset import Dialect, Note
from segmenter.table.infer.in_worker import addresses, line_at, open_table, read_dialect, write_table
from segmenter.worker.channel import MemoryFile

# Joins the pieces of a table as they are read; a reading child puts each into its result at once.
TableSink = Callable[[Iterator[pa.Table]], pa.Table]


def joined(pieces: Iterator[pa.Table]) -> pa.Table:
    """Join the pieces of a table in this process's own memory."""
    return pa.concat_tables(pieces)


@dataclass(frozen=True)
class LeftOut:
    """A line that is not in the table, and why."""

    line: int
    text: str
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Parsed:
    """A file's cells, still as they stood.

    Attributes
    ----------
    cells
        (n_rows × n_columns); column names are positions ("0", "1", …).
    headers
        The names as they stand in the file, one a column.
    lines
        (row, line) wherever the distance between row and line changes; empty when lines are unknown.
    said
        What else was found out, as JSON, when the cells are not the file's own rows; else empty.
    file
        The file in memory that a worker wrote the cells into; None while they are only in this process.
    """

    cells: pa.Table
    headers: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    dialect: Dialect | None = None
    left_out: tuple[LeftOut, ...] = ()
    lines: tuple[tuple[int, int], ...] = field(default=())
    said: str = ""
    file: MemoryFile | None = None

    def line_of(self, row: int) -> int:
        """Return the line on which a row (from 0) stands."""
        return line_at(self.lines, row)


def line_changes(lines: list[int]) -> tuple[tuple[int, int], ...]:
    """Return (row, line) wherever rows and lines drift apart."""
    changes = []
    expected = None
    for row, line in enumerate(lines):
        if line != expected:
            changes.append((row, line))
        expected = line + 1
    return tuple(changes)


@dataclass(frozen=True)
class ReadOptions:
    """The user's word on how a file is read; None or the default leaves it to the reader.

    Attributes
    ----------
    separator
        What stands between two values: one or a few characters.
    encoding
        Such as "utf-8", "utf-16" or "cp1252".
    decimal
        "." or ",".
    header_line
        Line of the column names, from 1; 0 when the first line is a customer already.
    date_order
        "day first" or "month first".
    sheet
        Name of a workbook's sheet, or of a database's table; empty for the first one that holds a table.
    keep_ragged
        Read rows with too few values as if the last ones were missing, and cut those with too many, instead
        of leaving them out.
    keep_footer
        Read lines below the table, such as totals, as customers.
    quote
        The character around values that hold separators; empty when there is none.
    """

    separator: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    header_line: int | None = None
    date_order: str | None = None
    sheet: str = ""
    keep_ragged: bool = False
    keep_footer: bool = False
    quote: str | None = None

    def settings(self) -> tuple[tuple[str, str | int | bool | None], ...]:
        """Return every option with its value, as plain data."""
        return tuple((option.name, getattr(self, option.name)) for option in fields(self))

    def said(self) -> dict[str, str | bool]:
        """Return what was said, by the names that the command line has for it."""
        told = {name: value for name, value in asdict(self).items() if value != getattr(ReadOptions(), name)}
        words: dict[str, str | bool] = {}
        for name, value in told.items():
            if name == "date_order":
                value = str(value).split()[0]
            words["table" if name == "sheet" else name] = value if isinstance(value, bool) else str(value)
        return words

    def as_plain(self) -> dict[str, str | int | bool | None]:
        """Return the options as a JSON-ready mapping."""
        return asdict(self)


class ReadResult:
    """The memory that a worker writes its table into, piece by piece, and whoever asked reads.

    A table of 5 million rows would otherwise stand in memory twice before it is seen.
    """

    def __init__(self, file: MemoryFile) -> None:
        self._file = file
        self._gathered: set[int] = set()

    def gather(self, pieces: Iterator[pa.Table]) -> pa.Table:
        """Write the pieces of a table and return the whole as it lies in the result."""
        write_table(self._file, pieces)
        table = open_table(self._file.view())
        self._gathered = _places(table)
        return table

    def finish(self, parsed: Parsed) -> dict[str, object]:
        """Write the table unless it is there already; return all else as plain data."""
        places = _places(parsed.cells)
        # A table gathered first may have been read anew because of an irregularity.
        if not places or not places <= self._gathered:
            write_table(self._file, iter([parsed.cells]))
        return {
            "columns": parsed.cells.column_names,
            "headers": parsed.headers,
            "notes": [asdict(note) for note in parsed.notes],
            "dialect": asdict(parsed.dialect) if parsed.dialect else None,
            "left_out": [[one.line, one.text, one.reason] for one in parsed.left_out],
            "lines": parsed.lines,
            "said": parsed.said,
        }


def read_result(said: Mapping[str, Any], file: MemoryFile) -> Parsed:
    """Return what a worker wrote and said."""
    return Parsed(
        open_table(file.view(at_once=True)).select(said["columns"]),
        tuple(said["headers"]),
        tuple(Note(**note) for note in said["notes"]),
        read_dialect(said["dialect"]),
        tuple(LeftOut(*one) for one in said["left_out"]),
        tuple((row, line) for row, line in said["lines"]),
        said["said"],
        file,
    )


def _places(table: pa.Table) -> set[int]:
    """Return where in memory the cells of a table lie."""
    return set().union(*map(addresses, table.columns))
