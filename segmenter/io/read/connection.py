"""Reading from a database over a connection that can only read. Runs in the limited worker."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import pyarrow as pa
import sqlalchemy as sql
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from segmenter.config import DATABASE_SECONDS
from segmenter.errors.reading import (
    DatabaseAddressError,
    DatabaseQueryError,
    DatabaseTooSlowError,
    DatabaseUnreachableError,
    UnknownTableError,
)
from segmenter.io.read.parsed import Parsed
from segmenter.io.read.rights import refuse_other_functions, refuse_other_rights, single_select
from segmenter.io.read.sqlite import read_sqlite_file, sqlite_tables, take_rows

# What makes a transaction of each kind of database refuse to write, end by itself, and be found from outside by the
# number of its request; the first part of the names that SQLAlchemy gives them. Others are asked with a plain
# SELECT in a transaction that is rolled back.
# PostgreSQL gives a lock of a transaction back only at its end, whatever a query does; the pid that holds it is seen
# by everybody. MySQL's named lock may be given back by a query, so that its text carries the number as well.
_GUARDS: Final = {
    "postgresql": (
        "SET TRANSACTION READ ONLY",
        f"SET LOCAL statement_timeout = {DATABASE_SECONDS * 1000}",
        f"SET LOCAL lock_timeout = {DATABASE_SECONDS * 1000}",
        "SELECT pg_catalog.pg_advisory_xact_lock({request})",
    ),
    "mysql": (
        f"SET SESSION max_execution_time = {DATABASE_SECONDS * 1000}",
        "SELECT GET_LOCK('segmenter-{request}', 0)",
        "START TRANSACTION READ ONLY",
    ),
    "mariadb": (
        f"SET SESSION max_statement_time = {DATABASE_SECONDS}",
        "SELECT GET_LOCK('segmenter-{request}', 0)",
        "START TRANSACTION READ ONLY",
    ),
    "oracle": ("SET TRANSACTION READ ONLY",),
}
# How a second connection of the same account finds and ends what a request still runs; no row: nothing is left.
_POSTGRES_END: Final = """
    SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND CAST(classid AS bigint) = {high} AND CAST(objid AS bigint) = {low}
"""
_MYSQL_FIND: Final = """
    SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()
    AND (ID = IS_USED_LOCK('segmenter-{request}') OR INFO LIKE '/* segmenter-{request} */%%')
"""
ENDING_SECONDS: Final = 5
_CONNECT_SECONDS: Final = 10
_DRIVERS_WITH_TIMEOUT: Final = ("psycopg", "psycopg2", "pymysql", "mysqldb")
# DuckDB runs in this process: without these a query reads and writes this machine's files.
_DUCKDB_ARGUMENTS: Final = {
    "read_only": True,
    "config": {"enable_external_access": "false", "lock_configuration": "true"},
}
_CANCELLED: Final = "57014"
_OWN_SCHEMAS: Final = ("information_schema", "pg_catalog", "sys", "mysql", "performance_schema")


def answer_request(content: memoryview) -> Parsed:
    """Answer a request that came as JSON: `url`, and `table` or `query`; neither asks for the list of tables.

    Its `request` is a number below 2**63 by which `end_request` finds what it runs.

    Raises
    ------
    SegmenterError
        If the database can't be reached, refuses the query, or answers too much.
    """
    said = json.loads(bytes(content))
    url = _url(said["url"])
    table, query = str(said["table"]), str(said["query"])
    if query:
        query = single_select(query)
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise DatabaseUnreachableError
        if not table and not query:
            return _list(sqlite_tables(url.database))
        return read_sqlite_file(url.database, table, query)
    request = int(said["request"])
    with _guarded(url, request) as connection:
        if not table and not query:
            return _list(tuple(_tables(connection)))
        refuse_other_functions(connection, query or table)
        if query and connection.dialect.name in ("mysql", "mariadb"):
            query = f"/* segmenter-{request} */ {query}"
        return _read(connection, sql.text(_literal(query)) if query else _select(connection, table))


def end_request(address: str, request: int) -> bool:
    """End what a request still runs in its database, over another connection; a query can't prevent it.

    False if something was left at the end: PostgreSQL looks whether it is to stop between rows, and within most
    functions, but not within those that work on a single long text.

    It looks again until nothing is left, for at most `ENDING_SECONDS`: a query may end other connections of its
    account, this one too.
    """
    url = _url(address)
    if url.get_backend_name() not in _GUARDS:
        return True
    last = time.monotonic() + ENDING_SECONDS
    while time.monotonic() < last:
        with (
            suppress(SQLAlchemyError, OSError, DatabaseUnreachableError),
            _connected(url, ENDING_SECONDS) as connection,
        ):
            while time.monotonic() < last:
                if not _end(connection.execution_options(isolation_level="AUTOCOMMIT"), request):
                    return True
                time.sleep(0.05)
        time.sleep(0.05)
    return False


def _end(connection: sql.Connection, request: int) -> bool:
    """End what a request runs; False when nothing was left."""
    if connection.dialect.name == "postgresql":
        statement = _POSTGRES_END.format(high=request >> 32, low=request & 0xFFFFFFFF)
        return bool(connection.exec_driver_sql(statement).all())
    if connection.dialect.name in ("mysql", "mariadb"):
        found = connection.exec_driver_sql(_MYSQL_FIND.format(request=request), ()).scalars().all()
        for number in found:
            connection.exec_driver_sql(f"KILL {int(number)}")
        return bool(found)
    return False


def _url(text: str) -> sql.URL:
    try:
        url = sql.make_url(text)
        url.get_dialect()
    except NoSuchModuleError as error:
        raise DatabaseAddressError(text.partition(":")[0][:40]) from error
    except (ArgumentError, ValueError, SQLAlchemyError) as error:
        raise DatabaseAddressError from error
    return url


@contextmanager
def _connected(url: sql.URL, seconds: int = _CONNECT_SECONDS) -> Iterator[sql.Connection]:
    arguments: dict[str, Any] = {}
    if url.get_driver_name() in _DRIVERS_WITH_TIMEOUT and "connect_timeout" not in url.query:
        arguments = {"connect_timeout": seconds}
    elif url.get_backend_name() == "duckdb":
        arguments = _DUCKDB_ARGUMENTS
    try:
        engine = sql.create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=arguments)
    except ImportError as error:
        raise DatabaseAddressError(url.get_backend_name()) from error
    try:
        connection = engine.connect()
    except (SQLAlchemyError, OSError) as error:
        raise DatabaseUnreachableError from error
    with connection:
        yield connection


@contextmanager
def _guarded(url: sql.URL, request: int) -> Iterator[sql.Connection]:
    """Connect for reading alone: an account that may do more is refused, and nothing is ever committed."""
    with _connected(url) as connection, _cancelled_in_time(connection):
        kind = "mariadb" if getattr(connection.dialect, "is_mariadb", False) else connection.dialect.name
        try:
            for statement in _GUARDS.get(kind, ()):
                connection.exec_driver_sql(statement.format(request=request))
            refuse_other_rights(connection)
            yield connection
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", getattr(error.orig, "pgcode", "")) == _CANCELLED:
                raise DatabaseTooSlowError(DATABASE_SECONDS) from error
            raise DatabaseQueryError(_reason(str(error.orig), url)) from error
        except SQLAlchemyError as error:
            raise DatabaseQueryError(_reason(str(error), url)) from error
        finally:
            # A connection that broke has nothing to roll back.
            with suppress(SQLAlchemyError):
                connection.rollback()


@contextmanager
def _cancelled_in_time(connection: sql.Connection) -> Iterator[None]:
    """Cancel what runs when the time is over, or when its result is not wanted any more.

    The database's own limit counts each part of an answer anew, and a query can switch it off.
    """
    cancel = getattr(connection.connection.dbapi_connection, "cancel", None)
    if cancel is None:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        late = done.wait(DATABASE_SECONDS)
        while not late:
            with suppress(Exception):
                cancel()
            late = done.wait(0.5)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    except BaseException:
        with suppress(Exception):
            cancel()
        raise
    finally:
        done.set()


def _reason(said: str, url: sql.URL) -> str:
    """Return the first line of the database's own words, without anything secret that it may repeat."""
    reason = (said.strip().splitlines() or ["no reason given"])[0]
    for secret in (url.password, url.host, url.username):
        if secret:
            reason = reason.replace(str(secret), "…")
    return reason


def _tables(connection: sql.Connection) -> dict[str, tuple[str | None, str]]:
    """Return schema and name of each table and view, by the name that it is shown with."""
    inspector = sql.inspect(connection)
    default = inspector.default_schema_name
    found: dict[str, tuple[str | None, str]] = {}
    schemas = [default, *(name for name in inspector.get_schema_names() if name != default)]
    for schema in schemas:
        if schema and (schema in _OWN_SCHEMAS or schema.startswith("pg_")):
            continue
        prefix = "" if schema == default else f"{schema}."
        names = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
        with suppress(NotImplementedError):
            names += inspector.get_materialized_view_names(schema)
        for name in names:
            found[f"{prefix}{name}"] = (schema, name)
    return found


def _select(connection: sql.Connection, table: str) -> sql.Select[tuple[object, ...]]:
    tables = _tables(connection)
    if table not in tables:
        raise UnknownTableError(table, tuple(tables))
    schema, name = tables[table]
    return sql.select(sql.text("*")).select_from(sql.table(name, schema=schema))


def _literal(query: str) -> str:
    # SQLAlchemy would take `:name` for a value to be filled in.
    return query.replace(":", "\\:")


def _read(connection: sql.Connection, statement: sql.Executable) -> Parsed:
    result = connection.execution_options(stream_results=True).execute(statement)
    with result:
        return take_rows([str(name) for name in result.keys()], result.fetchmany)  # noqa: SIM118 - no mapping


def _list(tables: tuple[str, ...]) -> Parsed:
    return Parsed(pa.table({"0": pa.array(tables, pa.large_string())}), ("table",))
