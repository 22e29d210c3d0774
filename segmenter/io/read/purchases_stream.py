"""Aggregation of the purchases in a large text file while it is read. Runs in the limited worker.

Only a file without any irregularity, whose numbers and dates are written plainly, is added up piece by piece.
Any other is read as every file is, with all that there is to say about it.
"""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import date
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.config import MAX_ROWS
from segmenter.errors.reading import TooManyRowsError
from segmenter.io.read.csv.delimited import read_delimited
from segmenter.io.read.parsed import Parsed, ReadOptions, TableSink
from segmenter.io.read.readers import read_content
from segmenter.purchases.aggregate import AmountTooLargeError, FirstChunkMismatchError, RfmAggregator
from segmenter.purchases.dictionary import Chunk, to_chunk
from segmenter.purchases.spec import MEASURES, Purchases

# Rows at the end that the reader looks at once more, for what stands below a table.
_LAST_ROWS: Final = 5
_ROWS_AT_ONCE: Final = 150_000
# Pieces made ready while another one is added up.
_THREADS: Final = 2
# Years outside of these are slips of the pen, which the reader that looks at every cell has to judge.
_YEARS: Final = (1900, 2100)


class _NotPlainError(Exception):
    """A cell that the reader of all cells has to look at."""


def add_up(content: memoryview, options: ReadOptions, wanted: Mapping[str, object], gather: TableSink) -> Parsed:
    """Return the customers behind a file of purchases, or its own rows where that takes a closer look.

    Parameters
    ----------
    wanted
        `purchases` (`Purchases.as_plain`), `places` (position of the column of each source) and `snapshot`.

    Raises
    ------
    SegmenterError
        If the file can't be read.
    """
    try:
        return _Summing(wanted).read(content, options)
    except (_NotPlainError, FirstChunkMismatchError, AmountTooLargeError):
        return read_content(content, options, gather)


class _Summing:
    """Adds up the pieces of a file as they are read."""

    def __init__(self, wanted: Mapping[str, object]) -> None:
        purchases, places, day = wanted["purchases"], wanted["places"], wanted["snapshot"]
        assert isinstance(purchases, Mapping)
        assert isinstance(places, Mapping)
        self._places = {str(name): str(place) for name, place in places.items()}
        self._ledger = RfmAggregator(Purchases.from_plain(purchases), date.fromisoformat(str(day)) if day else None)
        self._n_rows = 0

    def read(self, content: memoryview, options: ReadOptions) -> Parsed:
        """Read a file and return its customers."""
        parsed = read_delimited(content, options, self._gather)
        if parsed.notes or parsed.left_out or parsed.cells.num_rows != min(self._n_rows, _LAST_ROWS):
            # Some irregularity made the reader begin anew, and keep all rows.
            return parsed
        found, tally = self._ledger.finish()
        said = json.dumps({"tally": asdict(tally), "n_ids": self._ledger.n_ids})
        cells = found.to_arrow(compat_level=pl.CompatLevel.oldest())
        return replace(parsed, cells=cells, headers=tuple(found.columns), lines=(), said=said)

    def _gather(self, tables: Iterator[pa.Table]) -> pa.Table:
        """Add all pieces up; return the last rows, which the reader looks at once more."""
        last: pa.Table | None = None
        for table, piece in _ahead(_joined(tables), self._places):
            self._n_rows += table.num_rows
            if self._n_rows > MAX_ROWS:
                raise TooManyRowsError(self._n_rows, MAX_ROWS)
            self._ledger.add(piece)
            both = table if last is None else pa.concat_tables([last, table.slice(max(0, len(table) - _LAST_ROWS))])
            last = _copied(both.slice(max(0, len(both) - _LAST_ROWS)))
        if last is None:
            raise _NotPlainError
        return last


def _joined(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Join small pieces: the more lines at once, the more of them are of the same customers and products."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(map(len, waiting)) >= _ROWS_AT_ONCE:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _ahead(tables: Iterator[pa.Table], places: Mapping[str, str]) -> Iterator[tuple[pa.Table, Chunk]]:
    """Make pieces ready some steps ahead, so that all processors have work."""
    with ThreadPoolExecutor(_THREADS) as threads:
        waiting: deque[tuple[pa.Table, Future[Chunk]]] = deque()
        for table in tables:
            waiting.append((table, threads.submit(_piece, table, places)))
            if len(waiting) > _THREADS:
                ready, piece = waiting.popleft()
                yield ready, piece.result()
        while waiting:
            ready, piece = waiting.popleft()
            yield ready, piece.result()


def _piece(table: pa.Table, places: Mapping[str, str]) -> Chunk:
    typed = pa.table({name: _typed(table.column(place), name) for name, place in places.items()})
    # A row without anything to count is blank, or no row at all.
    nothing = pc.and_(pc.equal(typed.column("customer"), ""), pc.is_null(typed.column("date")))
    if pc.any(nothing).as_py():
        raise _NotPlainError
    return to_chunk(typed)


def _typed(cells: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return cells in the type that a ledger takes; only what can mean one thing is taken."""
    if name != "date" and name not in MEASURES:
        if pc.any(pc.starts_with(cells, " ")).as_py():
            raise _NotPlainError
        return cells
    try:
        filled = pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.large_string()), cells)
        return _moments(filled) if name == "date" else _numbers(filled)
    except pa.ArrowInvalid as error:
        raise _NotPlainError from error


def _numbers(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    numbers = pc.cast(cells, pa.float64())
    if pc.any(pc.invert(pc.is_finite(numbers))).as_py():
        raise _NotPlainError
    return numbers


def _moments(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    # Arrow reads ISO dates only, and refuses days that do not exist.
    moments = pc.cast(cells, pa.timestamp("us"))
    years = pc.min_max(pc.year(moments)).as_py()
    if years["min"] is not None and not _YEARS[0] <= years["min"] <= years["max"] <= _YEARS[1]:
        raise _NotPlainError
    return moments


def _copied(table: pa.Table) -> pa.Table:
    """Return a small table that does not hold on to the piece that it is a part of."""
    return pa.Table.from_pylist(table.to_pylist(), table.schema)
