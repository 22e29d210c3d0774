"""What does a database answer, asked by a connection that can only read? Runs in the limited worker."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pyarrow as pa
import sqlalchemy as sql
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from segmenter.config import DATABASE_SECONDS
from segmenter.errors import DatabaseAddressError, DatabaseQueryError, DatabaseUnreachableError, UnknownTableError
from segmenter.importers.parsed import Parsed
from segmenter.importers.rows import take_rows
from segmenter.importers.sqlite import read_sqlite_file, sqlite_tables
from segmenter.importers.statements import single_select

# What makes a transaction of each kind of database refuse to write, and end by itself; the first part of the
# names that SQLAlchemy gives them. Others are asked with a plain SELECT in a transaction that is rolled back.
_GUARDS: Final = {
    "postgresql": (
        "SET TRANSACTION READ ONLY",
        f"SET LOCAL statement_timeout = {DATABASE_SECONDS * 1000}",
        f"SET LOCAL lock_timeout = {DATABASE_SECONDS * 1000}",
    ),
    "mysql": (f"SET SESSION max_execution_time = {DATABASE_SECONDS * 1000}", "START TRANSACTION READ ONLY"),
    "mariadb": (f"SET SESSION max_statement_time = {DATABASE_SECONDS}", "START TRANSACTION READ ONLY"),
    "oracle": ("SET TRANSACTION READ ONLY",),
}
_OWN_SCHEMAS: Final = ("information_schema", "pg_catalog", "sys", "mysql", "performance_schema")


def answer_request(content: memoryview) -> Parsed:
    """Answer a request that came as JSON: `url`, and `table` or `query`; neither asks for the list of tables.

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
    with _connected(url) as connection:
        if not table and not query:
            return _list(tuple(_tables(connection)))
        return _read(connection, sql.text(_literal(query)) if query else _select(connection, table))


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
def _connected(url: sql.URL) -> Iterator[sql.Connection]:
    try:
        engine = sql.create_engine(url, poolclass=NullPool, hide_parameters=True)
    except ImportError as error:
        raise DatabaseAddressError(url.get_backend_name()) from error
    try:
        connection = engine.connect()
    except (SQLAlchemyError, OSError) as error:
        raise DatabaseUnreachableError from error
    with connection:
        try:
            for statement in _GUARDS.get(url.get_backend_name(), ()):
                connection.exec_driver_sql(statement)
            yield connection
        except DBAPIError as error:
            raise DatabaseQueryError(_reason(error, url)) from error
        finally:
            # Whatever happened: nothing is ever committed.
            connection.rollback()


def _reason(error: DBAPIError, url: sql.URL) -> str:
    """Return the first line of the database's own words, without anything secret that it may repeat."""
    reason = (str(error.orig).strip().splitlines() or ["no reason given"])[0]
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
        for name in (*inspector.get_table_names(schema), *inspector.get_view_names(schema)):
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
