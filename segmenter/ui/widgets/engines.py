"""Customers from a database or an engine that the server knows."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st
from sqlalchemy.exc import SQLAlchemyError
from streamlit.errors import StreamlitAPIException

from segmenter import config
from segmenter.display import counted, percent_text, whole_percent
from segmenter.engines.counting import money_of_all, repeated_customers
from segmenter.engines.engine import connected, open_engine
from segmenter.engines.purchases import ATTRIBUTES_NOTE, check_lines, customers_behind_lines, open_customers
from segmenter.engines.segmenting import (
    AllCustomers,
    EngineSample,
    EngineSource,
    EngineTable,
    counted_by_model,
    left_out_notes,
    look_at,
    match_table,
    segment_all,
    summary_of_all,
    write_labels,
)
from segmenter.errors.base import SegmenterError
from segmenter.errors.reading import DatabaseAddressError, EngineSourceError
from segmenter.explain.cards import SegmentCard
from segmenter.explain.money import Money
from segmenter.io.export.csv import to_csv
from segmenter.io.export.sql import Unfit
from segmenter.io.read.database import Database
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import ReadCells
from segmenter.progress import Progress, part
from segmenter.purchases.recognition import doubts_about, recognise_purchases
from segmenter.recipe.recipe import Recipe
from segmenter.segment.result import Result
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import Dataset, Note
from segmenter.ui.messages import safe_md, safe_text
from segmenter.ui.state import AtEngine, Identity, Memo, session
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.result_view import value_column_of
from segmenter.ui.widgets.text_fields import text_box, text_line
from segmenter.ui.widgets.working import Work, read_now, run_job, was_cancelled

LIMITS: Final = (
    f"All customers stay where they are. At most {config.ENGINE_SAMPLE_ROWS:,} of them come here as a sample, the same "
    "ones every time, to see what the columns are and how many segments there are; everything else is counted there."
)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")
_LARGE: Final = 10_000
# Where the segments of a model that are formed anew are drawn.
ANEW: Final = "anew"
LONGEST_QUERY: Final = 20_000  # letters
NAMES: Final = "Letters, digits, - and _; a name that is there already is never written over."
FORMATS: Final = {"Parquet": "parquet", "CSV": "csv"}


@dataclass(frozen=True)
class EngineSettings:
    """An engine in the server's secrets.

    Attributes
    ----------
    name
        What the secrets call it.
    address
        As for `open_engine`.
    places
        Title → file, folder, pattern or table; empty where the engine is asked for its tables.
    database
        A DuckDB file that holds the tables.
    folder
        Where labelled customers are written; empty where nothing may be.
    """

    name: str
    address: str
    places: Mapping[str, str]
    database: str = ""
    folder: str = ""

    def source(self, title: str) -> EngineSource:
        """Return where the customers of this title are."""
        place = self.places.get(title, title)
        if self.database:
            return EngineSource(title, self.address, self.database, place, engine=self.name)
        is_file = "/" in place or place.lower().endswith((".parquet", ".csv"))
        return EngineSource(title, self.address, *((place, "") if is_file else ("", place)), engine=self.name)


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
            str(name), str(said["address"]), places, str(said.get("database", "")), str(said.get("folder", ""))
        )
    return found


def engine_field(
    use: Callable[[Dataset, EngineSample], None],
    key: str = "engine",
    *,
    only: str = "",
    words: str = "Customers in an engine",
) -> None:
    """Draw the choice of an engine and its customers, and load the sample of those that were chosen.

    Parameters
    ----------
    use
        Takes the sample.
    key
        Keeps two pages' choices apart.
    only
        The one engine that may hold them; empty where any may.
    words
        What stands above the choice.
    """
    engines = {name: each for name, each in engine_settings().items() if name == only or not only}
    if not engines:
        return
    with st.expander(words, icon=":material/dns:", key=f"open_{key}", on_change="rerun"):
        st.write(LIMITS)
        name = st.selectbox("Engine", engines, key=f"{key}_name", format_func=safe_text)
        try:
            title = pick_engine_table(name, engines[name], key)
            if st.button("Look at them", key=f"{key}_look", type="primary", disabled=not title):
                _load(name, engines[name].source(title), use)
        except SegmenterError as error:
            show_error(error)


def pick_engine_table(name: str, settings: EngineSettings, key: str, words: str = "Customers") -> str:
    """Draw the choice of an engine's customers, whose names are asked for where the secrets have none."""
    places: Iterable[str] | None = settings.places or session().file.tables.on(("engine", name))
    if places is None:
        if not st.button("Show its tables", key=f"{key}_list"):
            return ""
        tables = read_now(("engine tables", name), lambda: _tables(settings), "Asking the engine")
        session().file.tables.keep(tables, ("engine", name))
        st.rerun()
    return st.selectbox(words, list(places), key=f"{key}_table", format_func=safe_text) or ""


def _tables(settings: EngineSettings) -> tuple[str, ...]:
    with connected(settings.address, settings.database) as engine:
        return engine.tables()


def _load(name: str, place: EngineSource, use: Callable[[Dataset, EngineSample], None]) -> None:
    def read(progress: Progress) -> tuple[EngineSample, Dataset]:
        with open_engine(place.address, place.source, place.table) as engine:
            table = look_at(engine, place.title, progress=part(progress, 0.0, 0.3))
            engine, totals = table.engine, table.totals
            found, where = recognise_purchases(table.sample), replace(place, without=engine.left_out)
            said: tuple[Note, ...] = ()
            if found is not None:
                check_lines(table, found.purchases, progress)
                where = replace(where, lines=found.purchases)
                taken = (
                    f"{place.title} was taken for lines of purchases: {found.reason}. All are added up to customers."
                )
                said = (Note(taken), *doubts_about(table.sample, found.purchases), ATTRIBUTES_NOTE)
                table = look_at(customers_behind_lines(engine, found.purchases, progress=progress), place.title)
            elif (twice := repeated_customers(table, progress)) is not None:
                said = (twice,)
            said = (*left_out_notes(table.engine), *totals, *said)
            missing = table.missing
        sample = EngineSample(where, table.sample.original, table.n_rows, said, missing)
        return sample, sample.understood()

    try:
        cells, dataset = read_now(("engine", name, place), read, "Looking at the customers", tells=True)
    except EngineSourceError as error:
        # Where the server keeps its files is no visitor's business.
        shown = place.title if error.source == place.source else error.source
        why = error.why.replace(place.source, place.title) if place.source else error.why
        raise EngineSourceError(shown, why) from error
    use(dataset, cells)
    st.rerun()


def use_as_own(dataset: Dataset, cells: EngineSample) -> None:
    """Take an engine's customers as the visitor's own."""
    session().load(dataset, cells)
    if session().work is not None:
        session().resume()


def sample_words(dataset: Dataset) -> str:
    """Return how many customers there are, in words that say where they are a sample."""
    cells = session().file.cells
    if not isinstance(cells, EngineSample) or dataset.n_customers == cells.n_rows:
        return f"{dataset.n_customers:,}"
    return f"a sample of {dataset.n_customers:,} of {cells.n_rows:,}"


def say_sample() -> None:
    """Say on a page that it is of a sample, where an engine holds all customers."""
    dataset = session().dataset
    if dataset is not None and (words := sample_words(dataset)) != f"{dataset.n_customers:,}":
        st.markdown(f":gray[:material/dns: This page is of {words} customers, who stay where they are.]")


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
        # Changes by hand are made on what was formed, as they are elsewhere.
        return segment_all(table, replace(recipe, edits=()), progress).segmentation


def sample_caption(result: Result) -> str:
    """Return what is to be said of figures, lists and files that are of a sample; empty where they are of everybody."""
    cells = session().engine_sample_of(result)
    n_here = result.dataset.n_customers
    if cells is None or n_here == cells.n_rows:
        return ""
    return f"of a sample: {n_here:,} of {cells.n_rows:,} customers, who stay where they are"


def show_all_customers(result: Result, page: str, *, cards: bool = False) -> AllCustomers | None:
    """Draw what the engine counts of all customers in these segments, and let it write them; nothing for others.

    Parameters
    ----------
    page
        Which page it is drawn on: part of the widgets' keys.
    cards
        Whether the page has cards of the segments.
    """
    cells = session().engine_sample_of(result)
    if cells is None:
        return None
    with st.container(border=True):
        st.header(f"All {cells.n_rows:,} customers")
        found = _figures(result, cells, page)
        if found is not None:
            without = f" {counted(found.without, 'customer')} in none." if found.without else ""
            caption = sample_caption(result)
            others = f" Pictures, middle values, lists and files on this page are {caption}." if caption else ""
            st.markdown(f"Counted where they live{', on the cards too' if cards else ''}.{without}{others}")
            _show_figures(found.figures)
            st.download_button(
                "Download these figures", to_csv(found.figures), f"segments_{session().downloads.nonce}.csv",
                "text/csv", key=f"{page}_engine_figures", on_click="ignore",
            )  # fmt: skip
        _write(result, cells, page)
    return found


def counted_cards(cards: tuple[SegmentCard, ...], found: AllCustomers | None) -> tuple[SegmentCard, ...]:
    """Return cards with the sizes, shares and money of all customers, where an engine has counted them."""
    if found is None:
        return cards
    sizes, shares = found.figures["size"].to_numpy(), found.figures["share"].to_numpy()
    money = found.money or [card.money for card in cards]
    return tuple(
        replace(card, size=int(size), share=float(share), percent=whole_percent(float(share)), money=brings)
        for card, size, share, brings in zip(cards, sizes, shares, money, strict=True)
    )


def _held_by_engine(result: Result, page: str) -> tuple[AtEngine, Mapping[str, str], Unfit]:
    """Return what an engine has done with a result's customers, its columns for the model's, and who is left out."""
    mine = session()
    if page == ANEW:
        return mine.next_month.engine_anew, {}, Unfit.PLACED
    if result.assignment is None:
        return mine.engine, {}, Unfit.PLACED
    unfit = Unfit.LEFT_OUT if mine.next_month.leaves_out else Unfit.PLACED
    return mine.next_month.engine, result.assignment.matched, unfit


def _figures(result: Result, cells: EngineSample, page: str) -> AllCustomers | None:
    """Return what was counted of these segments, counting it by itself where it was not."""
    mine, model = session(), result.segmentation
    held, columns, unfit = _held_by_engine(result, page)
    value_column = value_column_of(result)
    of = (Identity(model.clusterer), model.names, value_column, result.dataset.fingerprint, unfit)
    if (found := held.counted.on(of)) is not None:
        return found
    # Two results may stand on one page.
    job = "engine_anew" if page == ANEW else "engine_all"
    placed = result.assignment is not None and page != ANEW

    def work(progress: Progress, _: object) -> AllCustomers:
        with open_customers(cells.place, progress) as engine:
            table = EngineTable(engine, result.dataset, cells.n_rows)
            names = match_table(table, model, columns)
            counts = counted_by_model(table, model, names, part(progress, 0.0, 0.5), unfit)
            figures = summary_of_all(table, counts, part(progress, 0.5, 0.8), names, unfit, placed=placed)
            money: tuple[Money, ...] = ()
            if value_column:
                said = part(progress, 0.8, 1.0)
                money = money_of_all(table, model, value_column, names, said, unfit, placed=placed)
                figures[f"{value_column} (sum)"] = [each.sum for each in money]
        return AllCustomers(figures, counts.without, money)

    def ask() -> Work[AllCustomers] | None:
        if mine.jobs.job is not None:
            return None
        if was_cancelled(job, of) and not st.button("Count all customers", key=f"{page}_engine_count"):
            return None
        return work

    run_job(job, lambda: of, ask, lambda found: held.counted.keep(found, of), n_cells=cells.rows.size)
    return held.counted.on(of)


def _show_figures(figures: pd.DataFrame) -> None:
    """Draw the figures as a person reads them."""
    names = {"segment": "Segment", "segment_name": "Name", "size": "Customers", "share": "Share"}
    measures = [str(name) for name in figures if str(name).endswith((" (mean)", " (sum)"))]
    shown = figures[[*names, *measures]].rename(columns=names)
    shown["Name"] = shown["Name"].map(safe_text)
    shown["Share"] = shown["Share"].map(lambda share: percent_text(share, 1))
    for name in measures:
        # Cents of a sum in thousands are nobody's question.
        shown[name] = shown[name].round(2 if shown[name].abs().max() < _LARGE else 0)
    numbers = st.column_config.NumberColumn(format="localized")
    st.dataframe(
        shown, hide_index=True, width="stretch", column_config=dict.fromkeys(["Customers", *measures], numbers)
    )


def _write(result: Result, cells: EngineSample, page: str) -> None:
    model = result.segmentation
    held, columns, unfit = _held_by_engine(result, page)

    def write(path: Path, form: str, progress: Progress) -> None:
        with open_customers(cells.place, progress) as engine:
            table = EngineTable(engine, result.dataset, cells.n_rows)
            names = match_table(table, model, columns)
            write_labels(table, model, path, form, names, progress, unfit)

    of = (Identity(model.clusterer), model.names, result.dataset.fingerprint, unfit)
    button = f"Write all {cells.n_rows:,} customers"
    done = f"holds {cells.n_rows:,} customers with their segments"
    let_engine_write(cells, f"{page}_engine", of, write, held.written, words=("customers", button, done))


def let_engine_write(
    cells: EngineSample,
    key: str,
    of: tuple[object, ...],
    write: Callable[[Path, str, Progress], None],
    written: Memo[str],
    *,
    words: tuple[str, str, str],
) -> None:
    """Draw the name and format of a file that the engine writes into the folder of the secrets, and let it write.

    Parameters
    ----------
    cells
        The customers.
    key
        Part of the widgets' keys and the work's name.
    of
        What the file rests on.
    write
        Writes a file in a format.
    written
        Holds the name of the file that was written.
    words
        The usual name, what the button says, and what the file holds then.
    """
    mine, (usual, button, done) = session(), words
    settings = engine_settings().get(cells.place.engine)
    if settings is None or not settings.folder:
        st.markdown(":gray[It can be written where the server's secrets name a folder for results.]")
        return
    name_field, form_field = st.columns([3, 1], vertical_alignment="bottom")
    name = text_line("Name of the labelled table", usual, most=61, where=name_field, key=f"{key}_name", help=NAMES)
    form = form_field.segmented_control("Format", [*FORMATS], default="Parquet", required=True, key=f"{key}_format")
    basis = (*of, name, form)
    path = Path(settings.folder) / f"{name}.{FORMATS[form]}"

    def ask() -> Work[str] | None:
        if (found := written.on(basis)) is not None:
            st.success(f"**{safe_md(found)}** {done}, written there.")
            return None
        if not _NAME.fullmatch(name):
            st.warning(f"{safe_md(name)} is no name that can be written. {NAMES}")
            return None
        if path.exists():
            st.warning(f"{safe_md(path.name)} is there already: give another name.")
            return None
        wanted = st.button(button, key=f"{key}_write", type="primary", disabled=mine.jobs.job is not None)
        return work if wanted else None

    def work(progress: Progress, _: object) -> str:
        write(path, FORMATS[form], progress)
        return path.name

    run_job(f"{key}_write", lambda: basis, ask, lambda found: written.keep(found, basis), n_cells=cells.rows.size)


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
    return text_box(
        "Query", most=LONGEST_QUERY, placeholder="SELECT … FROM … WHERE …", help=ONE_SELECT, key="database_query"
    )


def _load_from_database(database: Database, table: str, query: str) -> None:
    def read() -> tuple[ReadCells, Dataset]:
        cells = database.read(table, query)
        return cells, cells.understood(ReadOptions())

    cells, dataset = read_now((table, query), read, "Reading from the database")
    session().load(dataset, cells)
    st.rerun()
