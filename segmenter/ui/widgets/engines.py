"""Customers from a database or an engine that the server knows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st
from sqlalchemy.exc import SQLAlchemyError
from streamlit.errors import StreamlitAPIException

from segmenter import config
from segmenter.display import counted
from segmenter.engines.counting import money_of_all, repeated_customers
from segmenter.engines.engine import connected, open_engine
from segmenter.engines.purchases import ATTRIBUTES_NOTE, customers_behind_lines, open_customers
from segmenter.engines.segmenting import (
    AllCustomers,
    EngineSample,
    EngineSource,
    EngineTable,
    check_cells,
    counted_by_model,
    look_at,
    segment_all,
    summary_of_all,
    write_labels,
)
from segmenter.errors.base import SegmenterError
from segmenter.errors.reading import DatabaseAddressError
from segmenter.io.export.csv import to_csv
from segmenter.io.read.database import Database
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import ReadCells
from segmenter.progress import Progress, part
from segmenter.purchases.recognition import recognise_purchases
from segmenter.recipe.recipe import Recipe
from segmenter.segment.result import Result
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import Dataset
from segmenter.table.notes import Note
from segmenter.ui.messages import safe_md, safe_text
from segmenter.ui.state import Identity, session
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.working import Work, halted, read_now, run_job

LIMITS: Final = (
    f"All customers stay where they are. At most {config.ENGINE_SAMPLE_ROWS:,} of them come here as a sample, the same "
    "ones every time, to see what the columns are and how many segments there are; everything else is counted there."
)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")
NAMES: Final = "Letters, digits, - and _; a name that is there already is never written over."
FORMATS: Final = {"Parquet": "parquet", "CSV": "csv"}


@dataclass(frozen=True)
class EngineSettings:
    """An engine in the server's secrets.

    Attributes
    ----------
    address
        As for `open_engine`.
    places
        Title → file, folder, pattern or table; empty where the engine is asked for its tables.
    database
        A DuckDB file that holds the tables.
    folder
        Where labelled customers are written; empty where nothing may be.
    """

    address: str
    places: Mapping[str, str]
    database: str = ""
    folder: str = ""

    def source(self, title: str) -> EngineSource:
        """Return where the customers of this title are."""
        place = self.places.get(title, title)
        if self.database:
            return EngineSource(title, self.address, self.database, place)
        is_file = "/" in place or place.lower().endswith((".parquet", ".csv"))
        return EngineSource(title, self.address, *((place, "") if is_file else ("", place)))


def engine_settings() -> dict[str, EngineSettings]:
    """Return the engines in the server's secrets, by name."""
    if not st.secrets.load_if_toml_exists():
        return {}
    found = {}
    for name, said in st.secrets.get("engines", {}).items():
        if not isinstance(said, Mapping) or "address" not in said:
            continue
        tables = said.get("tables", {})
        places = dict(tables) if isinstance(tables, Mapping) else {str(each): str(each) for each in tables}
        found[str(name)] = EngineSettings(
            str(said["address"]), places, str(said.get("database", "")), str(said.get("folder", ""))
        )
    return found


def engine_field() -> None:
    """Draw the choice of an engine and its customers, and load the sample of those that were chosen."""
    engines = engine_settings()
    if not engines:
        return
    with st.expander("Customers in an engine", icon=":material/dns:", key="open_engine", on_change="rerun"):
        st.write(LIMITS)
        name = st.selectbox("Engine", engines, key="engine_name", format_func=safe_text)
        try:
            title = _pick_table(name, engines[name])
            if st.button("Look at them", key="engine_look", type="primary", disabled=not title):
                _load(name, engines[name].source(title))
        except SegmenterError as error:
            show_error(error)


def _pick_table(name: str, settings: EngineSettings) -> str:
    if settings.places:
        return st.selectbox("Customers", settings.places, key="engine_table", format_func=safe_text) or ""
    if (tables := session().file.tables.on(("engine", name))) is None:
        if not st.button("Show its tables", key="engine_list"):
            return ""
        tables = read_now(("engine tables", name), lambda: _tables(settings), "Asking the engine")
        session().file.tables.keep(tables, ("engine", name))
        st.rerun()
    return st.selectbox("Table", tables, key="engine_table", format_func=safe_text) or ""


def _tables(settings: EngineSettings) -> tuple[str, ...]:
    with connected(settings.address, settings.database) as engine:
        return engine.tables()


def _load(name: str, place: EngineSource) -> None:
    def read(progress: Progress) -> tuple[EngineSample, Dataset]:
        with open_engine(place.address, place.source, place.table) as engine:
            table = look_at(engine, place.title, progress=part(progress, 0.0, 0.3))
            found, where = recognise_purchases(table.sample), place
            said: tuple[Note, ...] = ()
            if found is not None:
                where = replace(place, lines=found.purchases)
                taken = (
                    f"{place.title} was taken for lines of purchases: {found.reason}. All are added up to customers."
                )
                said = (Note(taken), ATTRIBUTES_NOTE)
                table = look_at(customers_behind_lines(engine, found.purchases, progress=progress), place.title)
            elif (twice := repeated_customers(table, progress)) is not None:
                said = (twice,)
        sample = EngineSample(where, table.sample.original, table.n_rows, said)
        return sample, sample.understood()

    cells, dataset = read_now(("engine", name, place), read, "Looking at the customers", tells=True)
    session().load(dataset, cells)
    session().engine.name = name
    if session().work is not None:
        session().resume()
    st.rerun()


def sample_words(dataset: Dataset) -> str:
    """Return how many customers there are, in words that say where they are a sample."""
    cells = session().file.cells
    if not isinstance(cells, EngineSample) or dataset.n_customers == cells.n_rows:
        return f"{dataset.n_customers:,}"
    return f"a sample of {dataset.n_customers:,} of {cells.n_rows:,}"


def formed_where_they_are(cells: object, dataset: Dataset, recipe: Recipe, progress: Progress) -> Segmentation | None:
    """Return segments of all customers of an engine; None for customers who live here.

    Parameters
    ----------
    cells
        What the dataset was made of.
    """
    if not isinstance(cells, EngineSample):
        return None
    with open_customers(cells.place, progress) as engine:
        table = EngineTable(engine, dataset, cells.n_rows)
        check_cells(table, recipe)
        # Changes by hand are made on what was formed, as they are elsewhere.
        return segment_all(table, replace(recipe, edits=()), progress).segmentation


def show_all_customers(result: Result, page: str) -> None:
    """Draw what the engine counts of all customers in these segments, and let it write them; nothing for others.

    Parameters
    ----------
    page
        Which page it is drawn on: part of the widgets' keys.
    """
    mine, cells = session(), session().file.cells
    if not isinstance(cells, EngineSample) or result.dataset is not mine.dataset:
        return
    with st.container(border=True):
        st.header(f"All {cells.n_rows:,} customers")
        found = _figures(result, cells)
        if found is not None:
            without = f" {counted(found.without, 'customer')} in none." if found.without else ""
            st.markdown(
                f"Counted where they live.{without} The pictures, tables and lists of this page are of the "
                f"{result.dataset.n_customers:,} that are here."
            )
            st.dataframe(_shown(found.figures), hide_index=True, width="stretch")
            st.download_button(
                "Download these figures", to_csv(found.figures), f"segments_{mine.downloads.nonce}.csv", "text/csv",
                key=f"{page}_engine_figures", on_click="ignore",
            )  # fmt: skip
        _write(result, cells, page)


def _figures(result: Result, cells: EngineSample) -> AllCustomers | None:
    """Return what was counted of these segments, counting it by itself where it was not."""
    mine, model = session(), result.segmentation
    of = (Identity(model.clusterer), model.names, result.value_column)
    if (found := mine.engine.counted.on(of)) is not None:
        return found

    def work(progress: Progress, _: object) -> AllCustomers:
        with open_customers(cells.place, progress) as engine:
            table = EngineTable(engine, result.dataset, cells.n_rows)
            counts = counted_by_model(table, model, progress=part(progress, 0.0, 0.5))
            figures = summary_of_all(table, counts, part(progress, 0.5, 0.8))
            if result.value_column:
                money = money_of_all(table, model, result.value_column, progress=part(progress, 0.8, 1.0))
                figures[f"{result.value_column} (sum)"] = [each.sum for each in money]
        return AllCustomers(figures, counts.without)

    def ask() -> Work[AllCustomers] | None:
        if mine.jobs.job is not None:
            return None
        if halted("engine_all", of) and not st.button("Count all customers", key="engine_count"):
            return None
        return work

    run_job("engine_all", lambda: of, ask, lambda found: mine.engine.counted.keep(found, of), n_cells=cells.rows.size)
    return mine.engine.counted.on(of)


def _shown(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the figures as a person reads them."""
    names = {"segment": "Segment", "segment_name": "Name", "size": "Customers", "share": "Share"}
    measures = [name for name in figures if str(name).endswith((" (mean)", " (sum)"))]
    shown = figures[[*names, *measures]].rename(columns=names)
    shown["Name"] = shown["Name"].map(safe_text)
    shown["Share"] = shown["Share"].map("{:.1%}".format)
    return shown.round(dict.fromkeys(measures, 2))


def _write(result: Result, cells: EngineSample, page: str) -> None:
    mine, model = session(), result.segmentation
    settings = engine_settings().get(mine.engine.name)
    if settings is None or not settings.folder:
        st.markdown(":gray[The labelled customers can be written where the server's secrets name a folder for them.]")
        return
    name_field, form_field = st.columns([3, 1], vertical_alignment="bottom")
    name = name_field.text_input("Name of the labelled table", "customers", key=f"{page}_engine_name", help=NAMES)
    form = form_field.segmented_control(
        "Format", [*FORMATS], default="Parquet", required=True, key=f"{page}_engine_format"
    )
    of = (Identity(model.clusterer), model.names, name, form)
    path = Path(settings.folder) / f"{name}.{FORMATS[form]}"

    def ask() -> Work[str] | None:
        if (written := mine.engine.written.on(of)) is not None:
            st.success(f"**{safe_md(written)}** holds {cells.n_rows:,} customers with their segments, written there.")
            return None
        if not _NAME.fullmatch(name):
            st.warning(f"{safe_md(name)} is no name that can be written. {NAMES}")
            return None
        if path.exists():
            st.warning(f"{safe_md(path.name)} is there already: give another name.")
            return None
        wanted = st.button(
            f"Write all {cells.n_rows:,} customers", key=f"{page}_engine_write", type="primary",
            disabled=mine.jobs.job is not None,
        )  # fmt: skip
        return work if wanted else None

    def work(progress: Progress, _: object) -> str:
        with open_customers(cells.place, progress) as engine:
            table = EngineTable(engine, result.dataset, cells.n_rows)
            write_labels(table, model, path, FORMATS[form], progress=progress)
        return path.name

    run_job("engine_write", lambda: of, ask, lambda found: mine.engine.written.keep(found, of), n_cells=cells.rows.size)


DATABASE_LIMITS = (
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
        st.write(DATABASE_LIMITS)
        name = st.selectbox("Database", names, key="database_name", format_func=safe_text)
        kind = st.segmented_control("Read", [TABLE, QUERY], default=TABLE, required=True, key="database_kind")
        try:
            database = _database(name)
            table, query = ("", _query()) if kind == QUERY else (_table(name, database), "")
            wanted = st.button("Read", key="database_read", type="primary", disabled=not (table or query.strip()))
            if wanted:
                _load_from_database(database, table, query)
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


def _load_from_database(database: Database, table: str, query: str) -> None:
    def read() -> tuple[ReadCells, Dataset]:
        cells = database.read(table, query)
        return cells, cells.understood(ReadOptions())

    cells, dataset = read_now((table, query), read, "Reading from the database")
    session().load(dataset, cells)
    st.rerun()
