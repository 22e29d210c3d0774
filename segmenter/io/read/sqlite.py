"""SQLite databases, read without any chance to write or to run code."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

from segmenter.config import MAX_COLUMNS, MAX_DATABASE_CELL_MB
from segmenter.errors.reading import (
    DamagedFileError,
    DatabaseQueryError,
    DatabaseUnreachableError,
    NoRowsError,
    UnknownTableError,
)
from segmenter.io.read.parsed import Parsed, ReadOptions
from segmenter.io.read.python_rows import take_rows
from segmenter.io.read.rights import single_select
from segmenter.table.notes import Dialect, Note

_MB: Final = 1_000_000
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
