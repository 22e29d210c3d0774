"""Rows of Python values to columns, without any value changing."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from segmenter.config import MAX_COLUMNS, MAX_DATABASE_MB, MAX_DATABASE_ROWS
from segmenter.errors.reading import (
    DatabaseTooManyRowsError,
    DatabaseTooMuchError,
    NestedColumnsError,
    NoRowsError,
    TooManyColumnsError,
)
from segmenter.io.read.parsed import Parsed

Fetch = Callable[[int], Sequence[Sequence[object]]]

_MB: Final = 1_000_000
_FIRST_ROWS: Final = 100
_MOST_ROWS: Final = 20_000
_BYTES_AT_ONCE: Final = 16 * _MB
_LARGEST_EXACT: Final = 2**53
_MOMENT: Final = pa.timestamp("us")
_DAY: Final = dt.timedelta(days=1)


def take_rows(headers: Sequence[str], fetch: Fetch) -> Parsed:
    """Fetch all rows, a batch at a time, and return them as columns.

    Text stays text, whole numbers stay whole; exact decimals become float64, or text where float64 would change
    them; moments lose their time zone after a change to UTC, as those of Parquet files do.

    Raises
    ------
    SegmenterError
        If there are no rows, too many, too wide ones, or columns of lists, records and bytes.
    """
    if len(headers) > MAX_COLUMNS:
        raise TooManyColumnsError(len(headers), MAX_COLUMNS)
    batches = list(_batches(headers, fetch))
    if not batches or not headers:
        raise NoRowsError
    columns = {str(at): _joined([batch[at] for batch in batches]) for at in range(len(headers))}
    return Parsed(pa.table(columns), tuple(headers))


def _batches(headers: Sequence[str], fetch: Fetch) -> Iterator[list[pa.Array]]:
    n_rows = n_bytes = 0
    size = _FIRST_ROWS
    while rows := fetch(size):
        n_rows += len(rows)
        if n_rows > MAX_DATABASE_ROWS:
            raise DatabaseTooManyRowsError(MAX_DATABASE_ROWS)
        columns = [_column(values, header) for values, header in zip(zip(*rows, strict=True), headers, strict=True)]
        n_bytes += sum(column.nbytes for column in columns)
        if n_bytes > MAX_DATABASE_MB * _MB:
            raise DatabaseTooMuchError(MAX_DATABASE_MB)
        yield columns
        # Long rows are fetched a few at a time, so that a batch never fills the memory.
        size = int(min(_MOST_ROWS, max(1, _BYTES_AT_ONCE * n_rows // max(n_bytes, 1))))


def _column(values: Sequence[object], header: str) -> pa.Array:
    kinds = {type(value) for value in values if value is not None}
    if any(issubclass(kind, (bytes, bytearray, memoryview, list, tuple, dict, set)) for kind in kinds):
        raise NestedColumnsError([header])
    if not kinds or kinds == {str}:
        return pa.array([_utf8(value) for value in values], pa.large_string() if kinds else pa.null())
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds <= {int, float, Decimal}:
        return _numbers(values)
    if kinds <= {dt.date, dt.datetime}:
        return _moments(values)
    if kinds == {dt.timedelta}:
        return pa.array([None if value is None else value / _DAY for value in values])  # type: ignore[operator]
    return _texts(values)


def _numbers(values: Sequence[object]) -> pa.Array:
    """Return whole numbers as int64 and others as float64; as text where that would change one of them."""
    plain = [_plain(value) for value in values]
    if any(isinstance(value, str) for value in plain):
        return _texts(values)
    if any(isinstance(value, float) for value in plain):
        wide = any(isinstance(value, int) and abs(value) > _LARGEST_EXACT for value in plain)
        return _texts(values) if wide else pa.array(plain, pa.float64())
    try:
        return pa.array(plain, pa.int64())
    except (OverflowError, pa.ArrowInvalid):
        return _texts(values)


def _plain(value: object) -> object:
    """Return a decimal as the int or float that equals it, else as text."""
    if not isinstance(value, Decimal):
        return value
    if not value.is_finite():
        return float(value)
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    # The shortest text of the float64 is what everybody sees of it.
    return number if Decimal(repr(number)) == value else str(value)


def _moments(values: Sequence[object]) -> pa.Array:
    moments = [_moment(value) for value in values]
    try:
        return pa.array(moments, _MOMENT)
    except (pa.ArrowInvalid, OverflowError):
        return _texts(values)


def _moment(value: object) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)
    return dt.datetime.combine(value, dt.time()) if isinstance(value, dt.date) else None


def _texts(values: Sequence[object]) -> pa.Array:
    return pa.array([None if value is None else _written(value) for value in values], pa.large_string())


def _written(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_EXACT:
        return str(int(value))
    return _utf8(str(value)) or ""


def _utf8(value: object) -> str | None:
    # A lone half of a surrogate pair has no UTF-8 form.
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else None


def _joined(pieces: Sequence[pa.Array]) -> pa.ChunkedArray:
    """Join the batches of one column, whose values may have looked different from batch to batch."""
    kinds = {piece.type for piece in pieces if not pa.types.is_null(piece.type)}
    target = next(iter(kinds)) if len(kinds) == 1 else pa.large_string()
    if not kinds:
        return pa.chunked_array([pc.cast(piece, pa.large_string()) for piece in pieces])
    if kinds == {pa.int64(), pa.float64()} and _fit_float(pieces):
        target = pa.float64()
    return pa.chunked_array([piece if piece.type == target else _cast(piece, target) for piece in pieces])


def _fit_float(pieces: Sequence[pa.Array]) -> bool:
    whole = [piece for piece in pieces if pa.types.is_integer(piece.type) and len(piece) > piece.null_count]
    return all(pc.max(pc.abs_checked(piece)).as_py() <= _LARGEST_EXACT for piece in whole)


def _cast(piece: pa.Array, target: pa.DataType) -> pa.Array:
    if pa.types.is_null(piece.type) or not pa.types.is_large_string(target):
        return piece.cast(target)
    return _texts(piece.to_pylist())
