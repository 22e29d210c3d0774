"""How a reading worker hands its result over: as Arrow columns and plain data, nothing that could run."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from segmenter.io.read.parsed import LeftOut, Parsed
from segmenter.table.infer.in_worker import addresses, open_table, read_dialect, write_table
from segmenter.table.notes import Note
from segmenter.worker.memory import MemoryFile


class Result:
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
