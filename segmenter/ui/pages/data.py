"""Upload customers, and see what was read and what is unusual about it."""

from functools import partial

import streamlit as st

from segmenter.charts.profiles import missing_map
from segmenter.engines.segmenting import EngineSample
from segmenter.errors.base import SegmenterError
from segmenter.io.model.pickled import refuse_foreign
from segmenter.io.model.work import Work, is_work, work_from_bytes
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.samples import SAMPLES, sample_name
from segmenter.io.read.table import ReadCells, read_cells
from segmenter.prepare.suggest import missing_effect
from segmenter.recipe.recipe import FeatureSpec
from segmenter.table.dataset import Dataset
from segmenter.table.repeats import count_duplicates, missing_pattern, missing_together
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.pages import page_file
from segmenter.ui.state import delete_everything, session
from segmenter.ui.widgets.column_settings import missing_field
from segmenter.ui.widgets.corrections import has_a_button, kinds_table, show_boxes, show_repeated, show_spellings
from segmenter.ui.widgets.engines import database_field, engine_field, sample_words, use_as_own
from segmenter.ui.widgets.notes import short_cells, show_chart, show_notes
from segmenter.ui.widgets.purchases import looks_like_purchases, show_purchases
from segmenter.ui.widgets.reading import Upload, read_file, show_left_out, show_reading, upload_field
from segmenter.ui.widgets.working import read_now
from segmenter.worker.limits import missing_protections

PREVIEW_ROWS = 200
MOST_PAIRS = 50
WORK_WAITS = (
    "Your work is open, but these customers lack columns that its segments were formed by. Upload the file that it was "
    "made of; lines of purchases have to be turned into customers first."
)
ROW_OPEN = "How many customers will be in segments is known once these rows have become customers."
MISSING_OPEN = "What is filled in is counted once these rows have become customers."
KEPT_TWICE = " They are kept: each counts as a customer."
# The sample whose result is shown to whoever has no file at hand.
SHOWN_SAMPLE = "mall"


def render() -> None:
    """Draw the page in the order in which it is read."""
    # The answer, and what is being read, stand first; the field for another file below what was read.
    answer, below = st.container(), st.container()
    if session().dataset is None:
        with answer:
            if session().work is not None:
                _ask_for_customers(session().work)
            else:
                st.title(messages.DATA_TITLE)
                st.write(messages.DATA_INTRO)
        with below:
            _take_upload(answer)
            _samples(answer)
            database_field()
            engine_field(use_as_own)
            _problem()
            st.info(messages.PRIVACY, icon=":material/lock:")
            if session().next_month.placing is not None:
                _farewell()
        return
    read = below.container()
    with below.expander(
        "Another file", icon=":material/upload_file:", key="open_upload", expanded=bool(session().file.problem)
    ):
        _take_upload(answer)
        _samples(answer)
        database_field()
        engine_field(use_as_own)
    with below:
        _farewell()
    dataset = session().dataset
    if dataset is None:
        st.rerun()
    with answer:
        _problem()
        _answer(dataset)
    with read:
        _show(dataset)


def _ask_for_customers(work: Work | None) -> None:
    if work is None:
        return
    st.title("Your work is open: now its customers.")
    k = work.recipe.n_segments
    st.markdown(
        f"It was made of **{safe_md(work.file)}** with {work.n_customers:,} customers, in {k} segments. It holds no "
        "customer: upload their file again, and everything is as you left it."
    )


def _answer(dataset: Dataset) -> None:
    lines = looks_like_purchases(dataset)
    each = "row" if session().is_undecided else "customer"
    kind = "lines of purchases" if lines else each if dataset.n_customers == 1 else f"{each}s"
    st.title(f"We read {sample_words(dataset)} {kind} in {messages.count_columns(len(dataset.columns))}.")
    forming = len(session().recipe.segmenting)
    if lines:
        following = "Turn them into customers first, just below."
    elif session().is_undecided:
        following = "Some customers stand in several rows: say just below which row counts."
    elif not forming:
        following = "No column can form segments yet: look at what each was taken for, under Columns."
    else:
        following = f"{messages.count_columns(forming)} can form segments. If the figures below look right, go on."
    st.markdown(f"From **{safe_md(dataset.name)}**. {following}")
    if session().work is not None:
        if session().resumed:
            st.success(session().resumed, icon=":material/history:")
        else:
            st.warning(WORK_WAITS, icon=":material/history:")


def _show(dataset: Dataset) -> None:
    added_up = session().file.rows is not None
    turned = added_up or looks_like_purchases(dataset)
    if added_up:
        # What came of the lines answers before how they were added up.
        _facts(dataset)
    if turned:
        show_purchases(dataset, session())
    show_repeated(dataset)
    # Customers with several rows may well be purchases, which are added up in another way.
    asked_above = not turned and session().is_undecided
    if asked_above:
        show_purchases(dataset, session())
    show_spellings(dataset)
    show_boxes(dataset)
    if not added_up:
        _facts(dataset)
    show_notes(note for note in dataset.notes if not has_a_button(note))
    show_left_out(dataset)
    show_reading(dataset)
    if not turned and not asked_above:
        show_purchases(dataset, session())
    preview, columns, missing = st.tabs(["Preview", "Columns", "Missing values"])
    with preview:
        rows = dataset.original.head(PREVIEW_ROWS)
        st.dataframe(short_cells(rows.set_axis(rows.index + 1)), width="stretch")
        st.write(f"The first {min(PREVIEW_ROWS, dataset.n_customers):,} of {sample_words(dataset)} rows.")
    with columns:
        kinds_table(dataset)
    with missing:
        _missing(dataset)


def read_as(content: bytes, cells: ReadCells, work: Work) -> tuple[ReadCells, Dataset]:
    """Read a file as it was read for a kept work."""
    again = read_cells(content, cells.name, work.options) if work.options != ReadOptions() else cells
    return again, again.understood(work.options, dict(work.kinds))


def _take_upload(answer: st.delta_generator.DeltaGenerator) -> None:
    use = partial(_use, answer)
    if upload_field("Customer file", "data_upload", messages.NOT_KEPT, page="data", use=use):
        st.rerun()
    st.markdown(f":gray[{messages.LIMITS}]")
    for missing in missing_protections():
        st.markdown(f":gray[This server's system cannot limit {missing}.]")


def _use(answer: st.delta_generator.DeltaGenerator, upload: Upload) -> None:
    session().shows_sample = False
    try:
        if is_work(upload.content, upload.name):
            session().work, session().resumed, session().file.problem = work_from_bytes(upload.content), "", ""
            return
        refuse_foreign(upload.content, upload.name)
        with answer:
            cells, dataset = read_file(upload.content, upload.name, upload.file_id, upload.forget)
        session().load(dataset, cells, upload.content)
        _resume(answer, cells, upload.content)
    except SegmenterError as error:
        session().file.problem = messages.explain(error)


def _resume(answer: st.delta_generator.DeltaGenerator, cells: ReadCells, content: bytes) -> None:
    """Go on with a kept work, its customers read as they were read then."""
    work = session().work
    if work is None:
        return
    if work.options != session().file.options or work.kinds:
        with answer:
            doing = f"Reading {safe_md(cells.name)} as in your work"
            cells, dataset = read_now(
                (cells.name, work), partial(read_as, content, cells, work), doing, n_bytes=len(content)
            )
        session().reread(dataset, work.options, dict(work.kinds), cells)
        session().file.source = content
    session().resume()


def _samples(answer: st.delta_generator.DeltaGenerator) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("No file at hand?", width="content")
        if st.button("See a sample result", key="sample_result", icon=":material/auto_awesome:"):
            _load_sample(SHOWN_SAMPLE, answer)
            session().shows_sample = True
            st.switch_page(page_file("choose"))
        for key, sample in SAMPLES.items():
            if st.button(sample.title, help=sample.holds, key=f"sample_{key}", icon=":material/science:"):
                _load_sample(key, answer)
                st.rerun()


def _load_sample(key: str, answer: st.delta_generator.DeltaGenerator) -> None:
    content = SAMPLES[key].make()
    with answer:
        cells, dataset = read_file(content, sample_name(key), key)
    session().load(dataset, cells, content)
    session().shows_sample = False


def _problem() -> None:
    if session().file.problem:
        st.error(session().file.problem, icon=":material/error:")


def _facts(dataset: Dataset) -> None:
    """Draw what was counted, each figure with what follows from it."""
    effect = missing_effect(dataset, session().recipe)
    n_missing, n_twice = sum(column.missing for column in dataset.columns), count_duplicates(dataset)
    lines, undecided = looks_like_purchases(dataset), session().is_undecided
    forming = len(session().recipe.segmenting)
    if lines:
        will_be = "Segments are of customers: the lines are turned into them before anything else."
    elif undecided:
        will_be = ROW_OPEN
    else:
        will_be = f"{dataset.n_customers - effect.rows_left_out:,} of them will be in segments."
    unit = "lines" if lines else "rows" if undecided else "customers"
    n_rows, of_sample = dataset.n_customers, ""
    cells = session().file.cells
    if isinstance(cells, EngineSample) and dataset.n_customers < cells.n_rows:
        n_rows, n_missing, of_sample = cells.n_rows, sum(cells.missing.values()), "Of the sample: "
        here = f"A sample of {dataset.n_customers:,} is here"
        # Of all customers, those left out are known once the engine has placed them.
        will_be = f"{here}: {will_be}" if lines or undecided else f"{here}; segments are formed of all of them."
    facts = (
        (unit.capitalize(), f"{n_rows:,}", will_be),
        (
            "Columns",
            f"{len(dataset.columns):,}",
            f"{forming:,} form the segments; the others describe them or are left out.",
        ),
        (
            "Duplicate rows",
            f"{n_twice:,}",
            f"{of_sample}Rows that differ in nothing but their number.{'' if undecided else KEPT_TWICE}"
            if n_twice
            else f"{of_sample}No two {unit} are alike in everything.",
        ),
        (
            "Missing values",
            f"{n_missing:,}",
            MISSING_OPEN
            if undecided and n_missing
            else of_sample + _missing_words(n_missing, effect.values_filled, effect.rows_left_out),
        ),
    )
    with st.grid(columns=4, min_column_width=150, gap="small"):
        for label, value, consequence in facts:
            with st.container(border=True, height="stretch"):
                st.metric(label, value)
                st.markdown(f":gray[{consequence}]")


def _missing_words(n_missing: int, filled: int, left_out: int) -> str:
    if not n_missing:
        return "Nothing has to be filled in."
    parts = [f"{filled:,} filled in" if filled else "", f"{left_out:,} customers left out" if left_out else ""]
    done = " and ".join(each for each in parts if each)
    return f"{done}, in the columns that form the segments." if done else "None in the columns that form the segments."


def _missing(dataset: Dataset) -> None:
    if not any(column.missing for column in dataset.columns):
        st.success("No value is missing anywhere.", icon=":material/check_circle:")
        return
    if (words := sample_words(dataset)) != f"{dataset.n_customers:,}":
        st.markdown(f":gray[Of {words} customers.]")
    show_chart(missing_map(missing_pattern(dataset)), key="missing_map")
    together = missing_together(dataset)
    if len(together):
        with st.expander("What is missing together", icon=":material/link:"):
            st.write(messages.MISSING_TOGETHER)
            st.dataframe(
                together.head(MOST_PAIRS).rename(
                    columns={"first": "Column", "second": "and", "correlation": "Correlation of the gaps",
                             "both missing": "Customers without both"}
                ),
                hide_index=True,
                width="stretch",
                column_config={"Correlation of the gaps": st.column_config.NumberColumn(format="%.2f")},
            )  # fmt: skip
    asked = [spec for spec in session().features if _matters(spec, dataset)]
    if not asked:
        st.write(messages.NOTHING_MISSING)
        return
    st.write(messages.MISSING_INTRO)
    places = st.columns(3)
    chosen = {}
    for number, spec in enumerate(asked):
        with places[number % 3]:
            chosen[spec.column] = missing_field(spec, dataset, "missing")
    session().features = tuple(chosen.get(spec.column, spec) for spec in session().features)
    if session().is_undecided:
        st.info(f"{MISSING_OPEN} {ROW_OPEN}", icon=":material/functions:")
        return
    effect = missing_effect(dataset, session().recipe)
    st.info(
        f"**{effect.rows_left_out:,} rows left out, {effect.values_filled:,} values filled in.** "
        f"{dataset.n_customers - effect.rows_left_out:,} customers will be segmented.",
        icon=":material/functions:",
    )


def _matters(spec: FeatureSpec, dataset: Dataset) -> bool:
    return spec.segments and dataset.column(spec.column).missing > 0


def _farewell() -> None:
    # Done before the page is drawn: a file that is being read must not be waited for first.
    st.button("Delete my data now", icon=":material/delete:", key="delete_data", on_click=_delete)


def _delete() -> None:
    delete_everything()
    st.toast(messages.DELETED)


if __name__ == "__main__":
    render()
