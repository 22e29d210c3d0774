"""How does a reading child hand its result over? As Arrow columns and JSON: nothing that could run."""

import json
import mmap
import os
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from typing import Any

import pyarrow as pa

from segmenter import errors
from segmenter.core.notes import Dialect, Note
from segmenter.errors import SegmenterError
from segmenter.importers.parsed import LeftOut, Parsed


class Result:
    """The memory that a child writes its table into, piece by piece, and its parent reads.

    A table of 5 million rows would otherwise stand in memory twice before the parent sees it.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._gathered: set[int] = set()

    def gather(self, pieces: Iterator[pa.Table]) -> pa.Table:
        """Write the pieces of a table and return the whole as it lies in the result."""
        first = next(pieces)
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        with (
            os.fdopen(self._descriptor, "wb", closefd=False) as file,
            pa.PythonFile(file, mode="w") as sink,
            pa.ipc.new_file(sink, first.schema) as writer,
        ):
            for piece in chain([first], pieces):
                writer.write_table(piece)
        table = self.table()
        self._gathered = _places(table)
        return table

    def table(self, *, at_once: bool = False) -> pa.Table:
        """Return the table in the result, without copying it; `at_once` maps all of it, for who needs all."""
        populate = getattr(mmap, "MAP_POPULATE", 0) if at_once else 0
        memory = mmap.mmap(self._descriptor, 0, flags=mmap.MAP_SHARED | populate, prot=mmap.PROT_READ)
        return pa.ipc.open_file(pa.BufferReader(pa.py_buffer(memory))).read_all()

    def finish(self, parsed: Parsed) -> str:
        """Write the table unless it is there already; return all else as JSON."""
        # A table gathered first may have been read anew because of an irregularity.
        if not _places(parsed.cells) or not _places(parsed.cells) <= self._gathered:
            self.gather(iter([parsed.cells]))
        about = {
            "columns": parsed.cells.column_names,
            "headers": parsed.headers,
            "notes": [asdict(note) for note in parsed.notes],
            "dialect": asdict(parsed.dialect) if parsed.dialect else None,
            "left_out": [[one.line, one.text, one.reason] for one in parsed.left_out],
            "lines": parsed.lines,
            "said": parsed.said,
        }
        return json.dumps(about)

    def read(self, about: str) -> Parsed:
        """Return what a child wrote and said."""
        said = json.loads(about)
        return Parsed(
            self.table(at_once=True).select(said["columns"]),
            tuple(said["headers"]),
            tuple(Note(**note) for note in said["notes"]),
            _dialect(said["dialect"]),
            tuple(LeftOut(*one) for one in said["left_out"]),
            tuple((row, line) for row, line in said["lines"]),
            said["said"],
        )


def _dialect(said: dict[str, Any] | None) -> Dialect | None:
    return Dialect(**{**said, "sheets": tuple(said["sheets"])}) if said else None


def _places(table: pa.Table) -> set[int]:
    """Return where in memory the cells of a table lie."""
    chunks = (chunk for column in table.columns for chunk in column.chunks)
    return {buffer.address for chunk in chunks for buffer in chunk.buffers() if buffer is not None}


def plain_error(error: SegmenterError) -> str:
    """Return an error as JSON: its class and its facts."""
    return json.dumps({"error": type(error).__name__, "facts": error.args})


def named_error(plain: str) -> SegmenterError | None:
    """Return the error that JSON names; None when it names none of ours."""
    try:
        said = json.loads(plain)
        kind = getattr(errors, said["error"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not (isinstance(kind, type) and issubclass(kind, SegmenterError)):
        return None
    error: SegmenterError = kind(*said["facts"])
    return error
