"""Inferring what columns are in a worker with limits: cells that others hand over are never judged in this process.

The cells lie in a file in memory as an Arrow table, which the worker reads where it lies. What it finds comes back as
plain data, and the values to calculate with in another such file; text that stays as it is is not written again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from segmenter.config import READING_MEMORY_MB, READING_MEMORY_PER_BYTE, READING_SECONDS, READING_SECONDS_PER_MB
from segmenter.errors.reading import ReadingTooLongError, ReadingTooMuchMemoryError
from segmenter.table.columns import Inferred, WordOnColumns, infer_columns
from segmenter.table.dataset import Column, ColumnKind, Dialect, Note
from segmenter.table.infer.cells import TEXT, to_arrow, to_series
from segmenter.worker.channel import MemoryFile
from segmenter.worker.client import WorkerError, WorkerTimeoutError, run_task
from segmenter.worker.limits import Limits

if TYPE_CHECKING:
    from segmenter.worker.program import Call

_MB: Final = 1_000_000
# Where an array in a file begins, as Arrow likes it.
_ALIGNMENT: Final = 64


def reading_limits(size: int) -> Limits:
    """Return what reading a file of so many bytes, or inferring what its columns are, may take."""
    seconds = round(READING_SECONDS + READING_SECONDS_PER_MB * size / _MB)
    memory = READING_MEMORY_MB * _MB + READING_MEMORY_PER_BYTE * size
    return Limits(seconds, 4 * seconds, memory, memory)


@dataclass(frozen=True, eq=False)
class Cells:
    """A table as it stood, which a worker can be lent.

    Attributes
    ----------
    table
        (n_rows × n_columns); column names are positions.
    headers
        The names as they stand in the source, one a column.
    dialect
        How a text file was read; None for other sources.
    lines
        (row, line) wherever the distance between row and line changes; empty when lines are unknown.
    file
        The file in memory that the table lies in; None where it lies elsewhere.
    """

    table: pa.Table
    headers: tuple[str, ...]
    dialect: Dialect | None = None
    lines: tuple[tuple[int, int], ...] = ()
    file: MemoryFile | None = None

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Cells:
        """Return the cells of a pandas table."""
        headers = tuple(str(name) for name in frame.columns)
        plain = frame.set_axis([str(at) for at in range(frame.shape[1])], axis=1)
        return cls(pa.Table.from_pandas(plain, preserve_index=False), headers)

    def frame(self) -> pd.DataFrame:
        """Return the cells as a pandas table that shares their memory."""
        cells = [_series(self.table.column(at)) for at in range(self.table.num_columns)]
        return pd.DataFrame(dict(enumerate(cells)), copy=False).set_axis(list(self.headers), axis=1)

    def inferred(self, said: WordOnColumns) -> Inferred:
        """Find out what the columns are, in a worker.

        Raises
        ------
        ReadingTooLongError, ReadingTooMuchMemoryError
            If that takes more than it may.
        """
        file = self.file
        if file is None:
            file = MemoryFile.shared()
            write_table(file, iter([self.table]))
        request = {
            "columns": self.table.column_names,
            "headers": self.headers,
            "dialect": asdict(self.dialect) if self.dialect else None,
            "lines": self.lines,
            "said": plain_word(said),
        }
        limits = reading_limits(self.table.nbytes)
        try:
            answer = run_task("segmenter.table.infer.in_worker:infer", request, [file], limits, outputs=1)
        except WorkerTimeoutError as error:
            raise ReadingTooLongError(limits.seconds) from error
        except (WorkerError, OSError) as error:
            raise ReadingTooMuchMemoryError from error
        return read_inferred(answer.said, answer.outputs[0], self)


def line_at(lines: tuple[tuple[int, int], ...], row: int) -> int:
    """Return the line on which a row (from 0) stands, told by the rows where their distance changes."""
    start = next(change for change in reversed(lines) if change[0] <= row)
    return start[1] + row - start[0]


def infer(calls: Iterator[Call]) -> None:
    """Infer what the columns of a table are; runs in the worker."""
    for call in calls:
        request, file = call.request, call.inputs[0]
        cells = Cells(
            open_table(file).select(request["columns"]),
            tuple(request["headers"]),
            read_dialect(request["dialect"]),
            tuple((row, line) for row, line in request["lines"]),
        )
        call.answer(write_inferred(cells, read_word(request["said"]), call.outputs[0]))


def write_inferred(cells: Cells, said: WordOnColumns, output: MemoryFile) -> dict[str, object]:
    """Infer what columns are; write the values and return all else as plain data. Runs in the worker."""
    line_of = partial(line_at, cells.lines) if cells.lines else None
    inferred = infer_columns(cells.frame(), said, cells.dialect, line_of)
    with output.writer() as file:
        places = [_write(file, values, cells.table.column(at)) for at, values in enumerate(inferred.values)]
    return {
        "columns": [_plain(column) for column in inferred.columns],
        "notes": [_plain(note) for note in inferred.notes],
        "decimal": inferred.decimal,
        "values": places,
    }


def read_inferred(said: Mapping[str, Any], output: MemoryFile, cells: Cells) -> Inferred:
    """Return what a worker found out, its values where it wrote them."""
    content = output.view(at_once=True)
    columns = [
        Column(
            **{
                **column,
                "kind": ColumnKind(column["kind"]),
                "levels": tuple(column["levels"]),
                "answers": tuple(column["answers"]),
            }
        )
        for column in said["columns"]
    ]
    return Inferred(
        tuple(columns),
        tuple(_read(content, place, cells.table.column(at)) for at, place in enumerate(said["values"])),
        tuple(Note(**note) for note in said["notes"]),
        said["decimal"],
    )


def write_table(output: MemoryFile, pieces: Iterator[pa.Table]) -> None:
    """Write the pieces of a table one after another, so that it need not stand in memory twice."""
    first = next(pieces)
    with output.writer() as file, pa.PythonFile(file, mode="w") as sink, pa.ipc.new_file(sink, first.schema) as writer:
        for piece in chain([first], pieces):
            writer.write_table(piece)


def open_table(content: memoryview) -> pa.Table:
    """Return a table that was written, without copying it."""
    return pa.ipc.open_file(pa.BufferReader(pa.py_buffer(content))).read_all()


def addresses(column: pa.ChunkedArray) -> set[int]:
    """Return where in memory the cells of a column lie."""
    return {buffer.address for chunk in column.chunks for buffer in chunk.buffers() if buffer is not None}


def plain_word(said: WordOnColumns) -> dict[str, object]:
    """Return the user's word as plain data."""
    return {**vars(said), "kinds": {name: kind.value for name, kind in said.kinds.items()}}


def read_word(plain: Mapping[str, Any]) -> WordOnColumns:
    """Return the user's word from plain data."""
    return WordOnColumns(**{**plain, "kinds": {name: ColumnKind(kind) for name, kind in plain["kinds"].items()}})


def read_dialect(plain: Mapping[str, Any] | None) -> Dialect | None:
    """Return a dialect from plain data."""
    return Dialect(**{**plain, "sheets": tuple(plain["sheets"])}) if plain else None


def _plain(found: Column | Note) -> dict[str, object]:
    """Return a record as plain data; NumPy's counts and lines are whole numbers like any other."""
    return {name: int(value) if isinstance(value, np.integer) else value for name, value in asdict(found).items()}


def _write(file: BinaryIO, values: pd.Series, cells: pa.ChunkedArray) -> dict[str, object]:
    """Write the values of a column, unless they are its cells; return where they are."""
    file.write(b"\0" * (-file.tell() % _ALIGNMENT))
    start = file.tell()
    if values.dtype == TEXT:
        text = to_arrow(values)
        if addresses(text) == addresses(cells):
            return {"type": "cells"}
        with pa.PythonFile(file, mode="w") as sink, pa.ipc.new_stream(sink, pa.schema([("", text.type)])) as writer:
            writer.write_table(pa.table({"": text}))
        return {"type": "text", "start": start, "end": file.tell()}
    array = np.ascontiguousarray(values.to_numpy())
    if array.dtype.kind not in "fM":
        message = f"values of type {array.dtype} can't be handed over"
        raise TypeError(message)
    file.write(array.view(np.uint8).data)
    return {"type": array.dtype.str, "start": start, "end": file.tell()}


def _read(content: memoryview, place: Mapping[str, Any], cells: pa.ChunkedArray) -> pd.Series:
    if place["type"] == "cells":
        return to_series(cells)
    part = content[place["start"] : place["end"]]
    if place["type"] == "text":
        return to_series(pa.ipc.open_stream(pa.BufferReader(pa.py_buffer(part))).read_all().column(0))
    return pd.Series(np.frombuffer(part, np.dtype(place["type"])), copy=False)


def _series(cells: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_large_string(cells.type):
        return to_series(cells)
    if pa.types.is_integer(cells.type) and cells.null_count:
        # float64 would turn customer 17850 into 17850.0 in downloads.
        return pd.Series(cells.cast(pa.int64()).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))
    return pd.Series(cells.to_pandas(), copy=False)
