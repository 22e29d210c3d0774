"""What is in a Parquet file?"""

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from segmenter.config import MAX_COLUMNS, MAX_ROWS
from segmenter.errors import (
    DamagedFileError,
    NestedColumnsError,
    NoRowsError,
    ParquetTooLargeError,
    TooManyColumnsError,
)
from segmenter.importers.options import ReadOptions
from segmenter.importers.parsed import Parsed

# Bytes that one column of one row takes at the least when unpacked.
_LEAST_BYTES = 8
_MOST_BYTES = 8_000_000_000


def read_parquet(content: memoryview, options: ReadOptions) -> Parsed:  # noqa: ARG001 - the contract of readers
    """Read a Parquet file.

    Raises
    ------
    SegmenterError
        If it is damaged, too large, or holds columns of lists and records.
    """
    try:
        file = parquet.ParquetFile(pa.BufferReader(pa.py_buffer(content)), page_checksum_verification=True)
        _refuse_size(file.metadata.num_rows, file.metadata.num_columns)
        _refuse_nested(file.schema_arrow)
        table = file.read()
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError, OverflowError, UnicodeDecodeError) as error:
        raise DamagedFileError from error
    if not table.num_rows or not table.num_columns:
        raise NoRowsError
    headers = tuple(str(name) for name in table.column_names)
    kept = [at for at, name in enumerate(headers) if not name.startswith("__index_level_")]
    columns = {str(at): _plain(table.column(at)) for at in kept}
    return Parsed(pa.table(columns), tuple(headers[at] for at in kept))


def _refuse_size(rows: int, columns: int) -> None:
    if rows < 0 or columns < 0:
        raise DamagedFileError
    if columns > MAX_COLUMNS:
        raise TooManyColumnsError(columns, MAX_COLUMNS)
    if rows > MAX_ROWS or rows * columns * _LEAST_BYTES > _MOST_BYTES:
        raise ParquetTooLargeError(rows, columns)


def _refuse_nested(schema: pa.Schema) -> None:
    nested = [field.name for field in schema if pa.types.is_nested(field.type) or _is_binary(field.type)]
    if nested:
        raise NestedColumnsError(nested)


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _plain(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as one of few types: text, numbers, booleans, moments."""
    kind = cells.type
    if pa.types.is_dictionary(kind):
        return _plain(cells.cast(kind.value_type))
    if pa.types.is_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return cells.cast(pa.large_string())
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        return cells.cast(pa.float64())
    if pa.types.is_date(kind):
        return _moments(cells.cast(pa.timestamp("s")))
    if pa.types.is_timestamp(kind):
        return _moments(cells)
    if pa.types.is_time(kind):
        return cells.cast(pa.large_string())
    if pa.types.is_duration(kind):
        return pc.divide(
            pc.cast(cells.cast(pa.duration("ms"), safe=False), pa.int64()).cast(pa.float64()), 86_400_000.0
        )
    return cells


def _moments(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return moments in microseconds, with their time zone taken off; text when they are out of range."""
    try:
        return cells.cast(pa.timestamp("us", cells.type.tz), safe=False).cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        return cells.cast(pa.large_string())
