"""What a reader returns: cells, headers, notes and lines left out, before columns have a meaning."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from segmenter.table.infer.in_worker import line_at
from segmenter.table.notes import Dialect, Note
from segmenter.worker.memory import MemoryFile

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
