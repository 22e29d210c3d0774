"""Parquet files."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from segmenter.config import MAX_COLUMNS, MAX_ROWS, MAX_UNPACK_RATIO, MAX_UNPACKED_MB, READING_MEMORY_MB
from segmenter.errors.reading import (
    DamagedFileError,
    NestedColumnsError,
    NoRowsError,
    ParquetTooLargeError,
    TooManyColumnsError,
)
from segmenter.io.read.parsed import Parsed, ReadOptions
from segmenter.table.dataset import Note

# Bytes that one column of one row takes at the least when unpacked.
_LEAST_BYTES: Final = 8
_MOST_BYTES: Final = 8_000_000_000
_MB: Final = 1_000_000
_NAMED: Final = 10
_LISTED: Final = frozenset({"RLE_DICTIONARY", "PLAIN_DICTIONARY", "PLAIN", "RLE", "BIT_PACKED"})


def read_parquet(content: memoryview, options: ReadOptions) -> Parsed:  # noqa: ARG001 - the contract of readers
    """Read a Parquet file.

    Raises
    ------
    SegmenterError
        If it is damaged, too large, or holds nothing but lists, records and bytes.
    """
    try:
        buffer = pa.py_buffer(content)
        file = parquet.ParquetFile(pa.BufferReader(buffer), page_checksum_verification=True)
        nested = _nested_columns(file.schema_arrow)
        names = [name for name in file.schema_arrow.names if name not in nested]
        _refuse_size(file.metadata.num_rows, len(names))
        if nested and not names:
            raise NestedColumnsError(nested)
        _refuse_unpacked(_size_in_footer(file.metadata, set(nested)), len(content), file.metadata)
        # Words that come back stay numbers of a list until it is known how much text they are.
        file = parquet.ParquetFile(
            pa.BufferReader(buffer), read_dictionary=_listed_texts(file), page_checksum_verification=True
        )
        table = file.read(columns=names) if nested else file.read()
        table.validate(full=True)
        # The footer may understate, and the words behind short numbers are in none of its sizes.
        _refuse_unpacked(sum(map(_size_unpacked, table.columns)), len(content), file.metadata)
    except (pa.ArrowException, OSError, ValueError, OverflowError, UnicodeDecodeError) as error:
        raise DamagedFileError from error
    if not table.num_rows or not table.num_columns:
        raise NoRowsError
    headers = tuple(str(name) for name in table.column_names)
    kept = [at for at, name in enumerate(headers) if not name.startswith("__index_level_")]
    columns = {str(at): _plain(table.column(at)) for at in kept}
    notes = (left_out_note(nested),) if nested else ()
    return Parsed(pa.table(columns), tuple(headers[at] for at in kept), notes)


def _refuse_size(rows: int, columns: int) -> None:
    if rows < 0 or columns < 0:
        raise DamagedFileError
    if columns > MAX_COLUMNS:
        raise TooManyColumnsError(columns, MAX_COLUMNS)
    if rows > MAX_ROWS or rows * columns * _LEAST_BYTES > _MOST_BYTES:
        raise ParquetTooLargeError(rows, columns)


def _refuse_unpacked(size: int, packed: int, claimed: parquet.FileMetaData) -> None:
    """Refuse what unpacks to much, and to much more than it is: a few letters that stand for millions of cells."""
    too_dense = size > MAX_UNPACKED_MB * _MB and size > MAX_UNPACK_RATIO * packed
    if too_dense or size > READING_MEMORY_MB * _MB:
        raise ParquetTooLargeError(claimed.num_rows, claimed.num_columns)


def _size_in_footer(claimed: parquet.FileMetaData, without: set[str]) -> int:
    """Return the bytes of all pages that are read, without their compression, as the footer says."""
    groups = (claimed.row_group(at) for at in range(claimed.num_row_groups))
    columns = (group.column(at) for group in groups for at in range(group.num_columns))
    return sum(
        max(column.total_uncompressed_size, 0)
        for column in columns
        if column.path_in_schema not in without and column.path_in_schema.split(".")[0] not in without
    )


def _listed_texts(file: parquet.ParquetFile) -> list[str]:
    """Return the columns of text that are stored as a list of words and positions in it, at least in part."""
    claimed = file.metadata
    encodings: dict[str, set[str]] = {}
    for group in map(claimed.row_group, range(claimed.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            encodings.setdefault(column.path_in_schema, set()).update(column.encodings)
    names = [field.name for field in file.schema_arrow if _holds_text(field.type)]
    # Text in another encoding can't be read as such a list.
    return [name for name in names if encodings.get(name) and encodings[name] <= _LISTED]


def _size_unpacked(cells: pa.ChunkedArray) -> int:
    """Return the bytes of a column once each cell holds its own text."""
    if not pa.types.is_dictionary(cells.type):
        # Nothing at all, a bit or a byte each becomes a number or a place in a text.
        return max(int(cells.nbytes), _LEAST_BYTES * len(cells))
    return sum(map(_text_of, cells.chunks)) + _LEAST_BYTES * len(cells)


def _text_of(chunk: pa.DictionaryArray) -> int:
    if not _holds_text(chunk.type.value_type):
        return 0
    lengths = pc.binary_length(chunk.dictionary).fill_null(0).to_numpy(zero_copy_only=False)
    times = np.bincount(chunk.indices.drop_null().to_numpy(zero_copy_only=False), minlength=len(lengths))
    return int(times @ lengths.astype(np.int64))


def _holds_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _nested_columns(schema: pa.Schema) -> list[str]:
    """Return the columns of lists, records or bytes, which hold no one value a customer."""
    return [field.name for field in schema if pa.types.is_nested(field.type) or _is_binary(field.type)]


def left_out_note(columns: list[str]) -> Note:
    """Say which columns hold no one value a customer, and are left out for it."""
    names = ", ".join(repr(name) for name in columns[:_NAMED])
    more = f" and {len(columns) - _NAMED:,} more" if len(columns) > _NAMED else ""
    were = "was" if len(columns) == 1 else "were"
    text = (
        f"{names}{more} {were} left out: lists, records or bytes can't be used as they are. Export their parts as "
        "columns of their own to use them."
    )
    return Note(text, warning=True)


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _plain(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as one of few types: text, numbers, booleans, moments."""
    kind = cells.type
    if pa.types.is_dictionary(kind) and _holds_text(kind.value_type):
        # With wide offsets: one chunk may hold more than 2 GB of text.
        words = [chunk.dictionary.cast(pa.large_string()).take(chunk.indices) for chunk in cells.chunks]
        return pa.chunked_array(words, pa.large_string())
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
