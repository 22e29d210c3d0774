"""SQLite databases, read without any chance to write or to run code; rows of Python values to columns."""

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from segmenter.config import MAX_COLUMNS, MAX_DATABASE_CELL_MB, MAX_DATABASE_MB, MAX_DATABASE_ROWS
from segmenter.errors.reading import (
    DamagedFileError,
    DatabaseQueryError,
    DatabaseTooManyRowsError,
    DatabaseTooMuchError,
    DatabaseUnreachableError,
    NestedColumnsError,
    NoRowsError,
    TooManyColumnsError,
    UnknownTableError,
)
from segmenter.io.read.parsed import Parsed, ReadOptions
from segmenter.io.read.rights import single_select
from segmenter.table.dataset import Dialect, Note

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


# Reading tables, calling functions and recursion; everything else, such as attaching a file, is denied.
_ALLOWED: Final = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
_TABLES: Final = (
    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite@_%' ESCAPE '@' "
    "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY type, rowid"
)


def read_sqlite(content: memoryview, options: ReadOptions) -> Parsed:
    """Read one table of an uploaded database: the one asked for, else the first that holds rows.

    Raises
    ------
    SegmenterError
        If the database is damaged, or holds no table with rows.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.deserialize(bytes(content))
            _restrict(connection)
            return _read_first(connection, options.sheet)
        except (sqlite3.Error, OverflowError) as error:
            raise DamagedFileError from error


def read_sqlite_file(path: str, table: str, query: str) -> Parsed:
    """Read a table, or the answer to a query, of a database on this machine's disk.

    Raises
    ------
    SegmenterError
        If there is no such database, or it refuses the query.
    """
    with _opened(path) as connection:
        statement = single_select(query) if query else _select(connection, table)
        return _answer(connection, statement)


def sqlite_tables(path: str) -> tuple[str, ...]:
    """Return the names of the tables and views in a database on this machine's disk."""
    with _opened(path) as connection:
        return _tables(connection)


@contextmanager
def _opened(path: str) -> Iterator[sqlite3.Connection]:
    file = Path(path).resolve()
    before = _at_rest(file)
    try:
        # Never created, never written: not even its journal.
        mode = "mode=ro" if before is None else "mode=ro&immutable=1"
        connection = sqlite3.connect(f"file:{quote(str(file))}?{mode}", uri=True)
    except sqlite3.Error as error:
        raise DatabaseUnreachableError from error
    with closing(connection):
        try:
            _restrict(connection)
            yield connection
        except (sqlite3.Error, OverflowError) as error:
            raise DatabaseQueryError(str(error)) from error
    if before is not None and _at_rest(file) != before:
        raise DatabaseQueryError("somebody wrote to it while it was read")


def _at_rest(file: Path) -> tuple[int, int] | None:
    """Return size and time of a database in WAL mode that nobody has open; None of any other.

    To read one of these SQLite would lay files beside it, which its owner may not be able to write to. It is
    read as it stands instead, and looked at once more afterwards.
    """
    try:
        with file.open("rb") as opened:
            in_wal_mode = opened.read(20)[18:] == b"\2\2"
        if not in_wal_mode or file.with_name(f"{file.name}-wal").exists():
            return None
        found = file.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _restrict(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")
    # Views and defaults of a foreign database may call only functions without side effects.
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_DATABASE_CELL_MB * _MB)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)


def _tables(connection: sqlite3.Connection) -> tuple[str, ...]:
    return tuple(str(name) for (name,) in connection.execute(_TABLES))


def _select(connection: sqlite3.Connection, table: str) -> str:
    tables = _tables(connection)
    if table not in tables:
        raise UnknownTableError(table, tables)
    return "SELECT * FROM " + '"' + table.replace('"', '""') + '"'


def _read_first(connection: sqlite3.Connection, wanted: str) -> Parsed:
    tables = _tables(connection)
    for name in (wanted,) if wanted else tables:
        try:
            parsed = _answer(connection, _select(connection, name))
        except NoRowsError:
            if wanted:
                raise
            continue
        others = [other for other in tables if other != name]
        text = f"Read the table {name!r}; the database also has {', '.join(map(repr, others[:10]))}."
        notes = parsed.notes if wanted or not others else (Note(text), *parsed.notes)
        dialect = Dialect("", "", header_line=0, quote="", sheet=name, sheets=tables)
        return replace(parsed, notes=notes, dialect=dialect)
    raise NoRowsError


def _answer(connection: sqlite3.Connection, statement: str) -> Parsed:
    odd = _Decoder()
    connection.text_factory = odd
    with closing(connection.cursor()) as cursor:
        cursor.execute(statement)
        headers = [str(column[0]) for column in cursor.description][: MAX_COLUMNS + 1]
        parsed = take_rows(headers, cursor.fetchmany)
    return replace(parsed, notes=odd.notes())


class _Decoder:
    """Turns stored bytes into text and counts those that are not UTF-8, as SQLite promises that they are."""

    def __init__(self) -> None:
        self._n_odd = 0

    def __call__(self, stored: bytes) -> str:
        try:
            return stored.decode("utf-8")
        except UnicodeDecodeError:
            self._n_odd += 1
            return stored.decode("cp1252", "replace")

    def notes(self) -> tuple[Note, ...]:
        if not self._n_odd:
            return ()
        text = f"{self._n_odd:,} texts are not UTF-8 and were read as Windows-1252. Check their letters."
        return (Note(text, warning=True),)
