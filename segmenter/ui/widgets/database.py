"""Picking a table of a database that the server knows."""

from collections.abc import Mapping

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError
from streamlit.errors import StreamlitAPIException

from segmenter import config
from segmenter.errors.base import SegmenterError
from segmenter.errors.reading import DatabaseAddressError
from segmenter.io.read.database import Database
from segmenter.io.read.options import ReadOptions
from segmenter.io.read.table import ReadCells
from segmenter.table.dataset import Dataset
from segmenter.ui.messages import safe_text
from segmenter.ui.state import session
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.working import read_now

LIMITS = (
    f"Read-only: nothing in the database can change. At most {config.MAX_DATABASE_ROWS:,} rows, {config.MAX_COLUMNS} "
    f"columns, {config.MAX_DATABASE_MB} MB and {config.DATABASE_SECONDS} seconds; more is refused, never cut off."
)
ONE_SELECT = "One SELECT, without a semicolon inside it."
TABLE, QUERY = "A table", "A query"


def database_names() -> tuple[str, ...]:
    """Return the names of the databases in the server's secrets."""
    if not st.secrets.load_if_toml_exists():
        return ()
    connections = st.secrets.get("connections", {})
    return tuple(str(name) for name, settings in connections.items() if _is_database(settings))


def database_field() -> None:
    """Draw the choice of a database's table or query, and load what was chosen."""
    names = database_names()
    if not names:
        return
    with st.expander("Read from a database", icon=":material/database:", key="open_database", on_change="rerun"):
        st.write(LIMITS)
        name = st.selectbox("Database", names, key="database_name", format_func=safe_text)
        kind = st.segmented_control("Read", [TABLE, QUERY], default=TABLE, required=True, key="database_kind")
        try:
            database = _database(name)
            table, query = ("", _query()) if kind == QUERY else (_table(name, database), "")
            wanted = st.button("Read", key="database_read", type="primary", disabled=not (table or query.strip()))
            if wanted:
                _load(database, table, query)
        except SegmenterError as error:
            show_error(error)


def _is_database(settings: object) -> bool:
    return isinstance(settings, Mapping) and ("url" in settings or "dialect" in settings)


def _database(name: str) -> Database:
    # Streamlit's connection knows every way in which secrets may say where a database is. It connects when it is
    # first used, which it never is: the limited worker connects by itself.
    try:
        engine = st.connection(name, type="sql").engine
    except (SQLAlchemyError, ImportError, StreamlitAPIException, ValueError) as error:
        raise DatabaseAddressError from error
    return Database(engine.url.render_as_string(hide_password=False))


def _table(name: str, database: Database) -> str:
    if (tables := session().file.tables.on(name)) is None:
        if not st.button("Show its tables", key="database_list"):
            return ""
        tables = read_now(("tables", name), database.tables, "Asking the database")
        session().file.tables.keep(tables, name)
        st.rerun()
    return st.selectbox("Table", tables, key="database_table", format_func=safe_text) or ""


def _query() -> str:
    return st.text_area("Query", placeholder="SELECT … FROM … WHERE …", help=ONE_SELECT, key="database_query")


def _load(database: Database, table: str, query: str) -> None:
    def read() -> tuple[ReadCells, Dataset]:
        cells = database.read(table, query)
        return cells, cells.understood(ReadOptions())

    cells, dataset = read_now((table, query), read, "Reading from the database")
    session().load(dataset, cells)
    st.rerun()
