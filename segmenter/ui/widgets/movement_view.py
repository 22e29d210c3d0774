"""Who moved since last month, drawn, counted and as lists; and whether the model is still true."""

import contextlib
import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st

from segmenter import config
from segmenter.activate.selection import segments_in_file
from segmenter.charts.months import equal_bars
from segmenter.display import percent_text, shown
from segmenter.engines.counting import LabelledTable, joined_and_left_query, movement_of_all, with_ids_of
from segmenter.engines.engine import Engine
from segmenter.engines.purchases import customers_of, open_customers
from segmenter.engines.segmenting import (
    EngineSample,
    EngineTable,
    check_cells_of_model,
    labels_query,
    match_table,
    refit_all,
)
from segmenter.errors.base import SegmenterError
from segmenter.errors.forming import InvalidSettingError
from segmenter.explain.columns import column_words
from segmenter.io.export import check_code
from segmenter.io.export.csv import to_csv
from segmenter.io.export.report import movement_files
from segmenter.io.export.sql import Unfit
from segmenter.io.model.pickled import refuse_foreign
from segmenter.io.writing import zipped
from segmenter.measures.association import wilson
from segmenter.monitor.drift import Advice, ColumnDrift, Drift, ModelCheck, check_model, leave_out_unfit
from segmenter.monitor.movement import (
    LOST,
    NEW,
    NO_SEGMENT,
    Movement,
    compare_months,
    identifier_of,
    month,
    titles_apart,
    told_apart,
)
from segmenter.monitor.refit import Start, refit
from segmenter.progress import Progress
from segmenter.purchases.customers import customers_behind
from segmenter.report.months import DRIFT_WORDS
from segmenter.segment.assign import assign_segments
from segmenter.segment.result import Result, free_name
from segmenter.segment.segmentation import Segmentation
from segmenter.table.columns import read_frame
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.table.repeats import one_row_each
from segmenter.ui import messages
from segmenter.ui.jobs import Job
from segmenter.ui.messages import safe_md
from segmenter.ui.pages import page_file
from segmenter.ui.state import PLACED, Identity, Refitted, keeping, kept, kept_place, session, widget_value
from segmenter.ui.widgets.downloads import show_downloads
from segmenter.ui.widgets.engines import (
    ANEW,
    counted_cards,
    engine_field,
    let_engine_write,
    sample_caption,
    show_all_customers,
)
from segmenter.ui.widgets.notes import in_per_cent, show_charts, show_error
from segmenter.ui.widgets.place_customers import engine_sample, is_model_name
from segmenter.ui.widgets.reading import Upload, read_file, upload_field
from segmenter.ui.widgets.result_view import cards_of, show_result
from segmenter.ui.widgets.segment_cards import STYLE
from segmenter.ui.widgets.working import Work, run_job, was_cancelled

FIELD: Final = "Last month's file, for who moved"
FIELD_HELP: Final = (
    "Best the labelled file that you took along last month. A file without segments is placed by the same model. "
    "Customers are joined by their number."
)
NOBODY: Final = (
    "Give last month's file too, and you see here who moved where, who is new and who has gone, and get the lists."
)
NOT_JOINED: Final = "None"
_WORDS: Final = {NEW: "New", LOST: "Gone", NO_SEGMENT: "In none"}


def pick_earlier(page: str) -> None:
    """Draw the upload field for last month's customers, and what stands for them."""
    held, cells = session().next_month, engine_sample()
    if cells is not None and cells.place.engine:
        _pick_earlier_in_engine(cells, page)
        return
    if upload_field(
        FIELD,
        f"{page}_earlier",
        FIELD_HELP,
        page=page,
        use=_take,
        takes=lambda name: not is_model_name(name),
    ):
        st.rerun()
    if held.problem:
        st.error(held.problem, icon=":material/error:")
    if held.earlier is not None:
        st.write(f"{safe_md(held.earlier.name)}: {held.earlier.n_customers:,} customers.")
        if st.button("Forget this file", icon=":material/delete:", key=f"{page}_forget_earlier"):
            held.earlier = None
            st.rerun()
    elif _own_before() is not None:
        st.write("The customers of the Data page, from whom the segments were formed, stand for last month.")


def _pick_earlier_in_engine(cells: EngineSample, page: str) -> None:
    """Draw the choice of last month's customers, who are where this month's are: both are joined there."""
    held = session().next_month

    def use(_: Dataset, before: EngineSample) -> None:
        held.earlier_in_engine = before

    engine_field(use, f"{page}_earlier_engine", only=cells.place.engine, words="Last month's customers, for who moved")
    if held.earlier_in_engine is not None:
        st.write(f"{safe_md(held.earlier_in_engine.name)}: {held.earlier_in_engine.n_rows:,} customers.")
        if st.button("Forget them", icon=":material/delete:", key=f"{page}_forget_earlier"):
            held.earlier_in_engine = None
            st.rerun()
    elif _own_in_engine(cells) is not None:
        st.write("The customers of the Data page, from whom the segments were formed, stand for last month.")


def _own_in_engine(cells: EngineSample) -> EngineSample | None:
    """Return the Data page's customers where the same engine holds them and another table is placed."""
    own, before = _own_before(), session().file.cells
    there = own is not None and isinstance(before, EngineSample) and before.place.engine == cells.place.engine
    return before if there and isinstance(before, EngineSample) else None


def _take(upload: Upload) -> None:
    held = session().next_month
    try:
        refuse_foreign(upload.content, upload.name)
        _, rows = read_file(upload.content, upload.name, upload.file_id, upload.forget)
        # Lines of purchases are added up to customers, as this month's are; one row each, where that needs no question.
        behind = customers_behind(rows)
        held.earlier, held.problem = one_row_each(rows if behind is None else behind.understood(), None), ""
    except SegmenterError as error:
        held.problem = messages.explain(error)


def _own_before() -> Result | None:
    """Return the result of the Data page where another file is placed in its segments."""
    formed, model = session().current_result(), session().next_month.model
    if formed is None or session().next_month.placing is None or model is None:
        return None
    return formed if formed.segmentation.pipeline is model.pipeline else None


def find_movement(result: Result, page: str) -> Movement | None:
    """Return who moved into the segments of a result; None where nobody can be compared with it."""
    cells = engine_sample()
    if cells is not None and cells.place.engine:
        return _find_movement_in_engine(result, cells, page)
    own, earlier = _own_before(), session().next_month.earlier
    if earlier is None and own is not None and sample_caption(own):
        st.info(
            "The customers of the Data page are a sample of an engine's: give last month's file to see who moved.",
            icon=":material/dns:",
        )
        return None
    before = earlier if earlier is not None else own.dataset if own is not None else None
    if before is None:
        return None
    here, there, money = _pick_columns(before, result.dataset, page)
    if here == NOT_JOINED or there == NOT_JOINED:
        st.info("Say which column names the customer in both files.", icon=":material/badge:")
        return None
    of = (Identity(result), Identity(before), here, there, money)
    held = session().next_month.movement
    if held.on(of) is None:
        try:
            names = result.segmentation.names
            labelled = own.segmentation.labels if earlier is None and own is not None else None
            then, order = _segments_then(before, result, labelled)
            labels = result.segmentation.labels
            months = [
                month(before.name, before.original[there], then, names=order, value=_money(before, money)),
                month(
                    result.dataset.name, result.dataset.original[here], labels.map(dict(enumerate(names))),
                    names=names, value=_money(result.dataset, money),
                ),
            ]  # fmt: skip
            held.keep(compare_months(*told_apart(*months)), of)
        except SegmenterError as error:
            show_error(error)
            return None
    return held.on(of)


def _find_movement_in_engine(result: Result, cells: EngineSample, page: str) -> Movement | None:
    """Return who moved, of all customers: joined and counted by the engine that holds both months."""
    held = session().next_month
    before = held.earlier_in_engine or _own_in_engine(cells)
    if before is None:
        return None
    here, there, money = _pick_columns(before.understood(), result.dataset, page)
    if here == NOT_JOINED or there == NOT_JOINED:
        st.info("Say which column names the customer in both tables.", icon=":material/badge:")
        return None
    months = _EngineMonths.of(result, cells, before, (here, there, money))
    of = (Identity(result), Identity(before), here, there, money)
    if (found := held.movement.on(of)) is not None:
        return found

    def work(progress: Progress, _: object) -> Movement:
        with months.opened(progress) as both:
            return movement_of_all(*both, progress, result.segmentation.names)

    def ask() -> Work[Movement] | None:
        if session().jobs.job is not None:
            return None
        if was_cancelled(f"{page}_moved", of) and not st.button("Count who moved", key=f"{page}_count_moved"):
            return None
        return work

    run_job(f"{page}_moved", lambda: of, ask, partial(held.movement.keep, basis=of), n_cells=cells.rows.size)
    return held.movement.on(of)


@dataclass(frozen=True, eq=False)
class _EngineMonths:
    """Both months' customers where they live; nothing of it touches the page.

    `columns` are the ids now, those of last month, and the money of both, if any; `unfit` says what becomes of those
    who fit no segment in this month, `unfit_then` in the one before.
    """

    result: Result
    cells: EngineSample
    before: EngineSample
    columns: tuple[str, str, str]
    unfit: Unfit
    unfit_then: Unfit

    @classmethod
    def of(
        cls, result: Result, cells: EngineSample, before: EngineSample, columns: tuple[str, str, str]
    ) -> "_EngineMonths":
        """Return both months as they are shown on the page."""
        unfit = Unfit.LEFT_OUT if session().next_month.leaves_out else Unfit.PLACED
        # Who formed the segments stays in them.
        formed = before is session().file.cells
        return cls(result, cells, before, columns, unfit, Unfit.PLACED if formed else unfit)

    @contextlib.contextmanager
    def opened(self, progress: Progress) -> Iterator[tuple[LabelledTable, LabelledTable]]:
        """Open both months on one connection: last month's as it is labelled, or else as the model says."""
        here, there, money = self.columns
        result, cells, before = self.result, self.cells, self.before
        model, assignment = result.segmentation, result.assignment
        titles = titles_apart(before.name, cells.name)
        with open_customers(cells.place, progress) as engine:
            matched = assignment.matched if assignment is not None else {}
            now = _labelled_by_model(EngineTable(engine, result.dataset, cells.n_rows), model, matched, self.unfit)
            then = customers_of(engine.on(before.place.source, before.place.table), before.place, progress)
            labelled = next((name for name in ("segment_name", "segment") if name in then.columns), "")
            if not labelled:
                table = EngineTable(then, before.understood(), before.n_rows)
                then = _labelled_by_model(table, model, {}, self.unfit_then)
            month_then = LabelledTable(then, titles[0], there, labelled or "segment_name", money)
            month_now = LabelledTable(now, titles[1], here, free_name("segment_name", list(engine.columns)), money)
            yield with_ids_of(month_now, month_then, progress), month_now


def _labelled_by_model(table: EngineTable, model: Segmentation, by_hand: Mapping[str, str], unfit: Unfit) -> Engine:
    columns = match_table(table, model, by_hand)
    check_cells_of_model(table, model, columns)
    query = labels_query(table, model, columns, unfit)
    return table.engine.seen_as(query.sql(dialect=table.engine.dialect.key))


def _segments_then(before: Dataset, result: Result, labelled: pd.Series | None) -> tuple[pd.Series, tuple[str, ...]]:
    """Return each earlier customer's segment by name, and the names in order: as labelled, else as the model says."""
    model, names = result.segmentation, result.segmentation.names
    found = segments_in_file(before) if labelled is None else None
    if found is None:
        matched = result.assignment.matched_in(before) if result.assignment is not None else {}
        labels = labelled if labelled is not None else _placed_then(before, model, matched)
        return labels.map(dict(enumerate(names))), names
    return found.as_named(names)


def _placed_then(before: Dataset, model: Segmentation, matched: Mapping[str, str]) -> pd.Series:
    """Return where a model places earlier customers: those who fit no segment as they are placed now."""
    assignment = assign_segments(before, model, matched)
    if session().next_month.leaves_out:
        # Models from before they remembered their customers leave nobody out, now or then.
        with contextlib.suppress(InvalidSettingError):
            assignment = leave_out_unfit(before, assignment, check_model(before, assignment))
    return assignment.segmentation.labels


def _pick_columns(before: Dataset, now: Dataset, page: str) -> tuple[str, str, str]:
    with st.expander("How customers are recognised", icon=":material/badge:"):
        here = _pick_id(now, "Customer number now", f"{page}_now_id")
        there = _pick_id(before, "Customer number last month", f"{page}_now_id_before", like=here)
        numbers = [
            column.name
            for column in now.columns
            if pd.api.types.is_float_dtype(now.frame[column.name])
            and column.name in before.frame
            and pd.api.types.is_float_dtype(before.frame[column.name])
        ]
        model = session().next_month.model
        named = model.value_column if model is not None else ""
        options, key = ["", *numbers], f"{page}_now_money"
        money = st.selectbox(
            "Money",
            options,
            kept_place(key, named if named in options else "", options),
            format_func=lambda name: name or "Count customers only",
            **keeping(key, options),
            help="A column of money that both files have: the table then also says how much moved.",
        )
    return here, there, str(money or "")


def _columns_picked(page: str) -> tuple[str, str, str]:
    """Return what was picked above: the columns of ids and the money."""
    picked = (widget_value(f"{page}_now_{name}") for name in ("id", "id_before", "money"))
    here, there, money = (str(each or "") for each in picked)
    return here, there, money


def _pick_id(dataset: Dataset, words: str, key: str, like: str = "") -> str:
    names = [column.name for column in dataset.columns]
    try:
        usual = like if like in names else identifier_of(dataset)
    except InvalidSettingError:
        usual = NOT_JOINED
    options = [NOT_JOINED, *names]
    return str(st.selectbox(words, options, kept_place(key, usual, options), **keeping(key, options)) or NOT_JOINED)


def _money(dataset: Dataset, column: str) -> pd.Series | None:
    return dataset.frame[column] if column else None


def movement_sentence(movement: Movement) -> str:
    """Return how many customers changed segment, are new and have gone, in a sentence."""
    both, moved = movement.n_both, movement.n_moved
    new, gone = _outside(movement)
    return f"{moved:,} of {both:,} returning customers changed segment, {new:,} are new, {gone:,} are gone."


def _outside(movement: Movement) -> tuple[int, int]:
    table = movement.customers
    new = int(table.loc[NEW].to_numpy().sum()) if NEW in table.index else 0
    return new, int(table[LOST].to_numpy().sum()) if LOST in table else 0


def movement_metrics(movement: Movement) -> dict[str, str]:
    """Return the figures that stand on cards."""
    both = movement.n_both
    new, gone = _outside(movement)
    return {
        "Changed segment": f"{percent_text(movement.n_moved / both)}" if both else "–",
        "New": f"{new:,}",
        "Gone": f"{gone:,}",
    }


def show_sankey(movement: Movement | None, key: str) -> None:
    """Draw who moved where."""
    st.header("Who moved where")
    if movement is None:
        st.info(NOBODY, icon=":material/group_add:")
        return
    show_charts(movement, key)
    st.markdown(":gray[Strong ribbons are customers who changed segment.]")


def show_moves(movement: Movement, result: Result, page: str) -> None:
    """Show the counts from each segment to each, who stayed, and the lists to take along."""
    st.header("Who joined and who left")
    names = list(movement.now.names)
    stayed = movement.stayed
    rows = [
        {
            "Segment": name,
            "Now": movement.n_now(name),
            "Joined": movement.n_joined(name),
            "Left": movement.n_left(name),
            "Stayed": float(stayed[name]) if name in stayed else None,
        }
        for name in dict.fromkeys([*names, *movement.before.names])
    ]
    shown = {name: st.column_config.NumberColumn(format="localized") for name in ("Now", "Joined", "Left")}
    table, stay = in_per_cent(pd.DataFrame(rows), ["Stayed"])
    st.dataframe(table, hide_index=True, width="stretch", key=f"{page}_moves", column_config={**shown, **stay})
    st.markdown(":gray[Joined counts new customers too, Left those who have gone. Stayed: of those in both files.]")
    with st.expander("From which segment to which", icon=":material/table:"):
        _show_matrix(movement.customers)
        if movement.money is not None:
            st.markdown("The money of these customers, now (of those who have gone, last month):")
            _show_matrix(movement.money)
    cells = engine_sample()
    if cells is not None and cells.place.engine:
        _write_lists(movement, result, cells, page)
        return
    content = zipped(movement_files(movement))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download who moved",
            content,
            f"moved_{check_code(content)}_{session().downloads.nonce}.zip",
            "application/zip",
            on_click="ignore",
            key=f"{page}_moved_download",
            type="primary",
            icon=":material/download:",
        )
        if st.button("Make lists of who joined or left", icon=":material/send:", key=f"{page}_to_use"):
            session().used = PLACED
            session().activation.before = _before_for_lists(movement, result)
            st.switch_page(page_file("use"))


def _write_lists(movement: Movement, result: Result, cells: EngineSample, page: str) -> None:
    """Offer the counts, and let the engine write who joined and who left: no list of customers comes here."""
    held = session().next_month
    before = held.earlier_in_engine or _own_in_engine(cells)
    st.download_button(
        "Download these counts", to_csv(movement.customers.reset_index(names="before")),
        f"movement_{session().downloads.nonce}.csv", "text/csv", on_click="ignore", key=f"{page}_moved_counts",
    )  # fmt: skip
    if before is None:
        return
    columns = _columns_picked(page)
    months = _EngineMonths.of(result, cells, before, columns)

    def write(path: Path, form: str, progress: Progress) -> None:
        with months.opened(progress) as both:
            both[1].engine.write(joined_and_left_query(*both), path, form, progress, 0.6)

    words = ("joined_and_left", "Write who joined and who left", "holds who joined and who left each segment")
    of = (Identity(movement), columns)
    let_engine_write(cells, f"{page}_lists", of, write, held.lists_written, words=words)


def _show_matrix(table: pd.DataFrame) -> None:
    table = _worded(table)
    columns = {str(name): st.column_config.NumberColumn(format="localized") for name in table.columns}
    st.dataframe(table, width="stretch", column_config=columns)


def _worded(table: pd.DataFrame) -> pd.DataFrame:
    rename = partial(_WORDS.get)
    found = table.rename(index=lambda name: rename(name, name), columns=lambda name: rename(name, name))
    return found.rename_axis(index="From", columns=None)


def _before_for_lists(movement: Movement, result: Result) -> Dataset:
    """Return last month's customers with the numbers that their segments have now, as the page Use takes them."""
    numbers = {name: str(number) for number, name in enumerate(result.segmentation.names, start=1)}
    segment = movement.before.segment
    frame = pd.DataFrame(
        {
            "customer_id": segment.index.astype("str"),
            "segment": [numbers.get(name, "" if name == NO_SEGMENT else name) for name in segment],
        }
    )
    return read_frame(frame, movement.before.title)


NAME: Final = ANEW
_STARTS: Final = {
    Start.SCRATCH: "Without looking at the old ones",
    Start.MODEL: "From the old ones, moving as little as needed",
}
_HELP: Final = (
    "A segment carries on where most of its customers are the same: it keeps its name, its number and its colour. "
    "What is new gets a new name. Nothing that you have is changed until you take the new model along."
)


def show_refit(result: Result, *, advised: bool) -> None:
    """Draw how segments are formed anew, and what came of it."""
    st.header("Form the segments anew")
    assignment, model = result.assignment, result.segmentation
    cells = session().engine_sample_of(result)
    if cells is not None and (caption := sample_caption(result)):
        words = f"K-Means forms them of all {cells.n_rows:,} customers, where they live; lists here are {caption}."
        if model.recipe.algorithm != "k-means":
            words = f"They are formed {caption}, and their rule places the others."
        st.info(words, icon=":material/dns:")
    matched = dict(assignment.matched) if assignment is not None else {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key, names, starts = f"{NAME}_k", model.names, list(_STARTS)
        n_segments = st.number_input(
            "Segments", 1, config.MAX_SEGMENTS, kept(key, model.n_segments, names), width=160, **keeping(key, names)
        )
        start = st.selectbox(
            "Start", starts, starts.index(kept(f"{NAME}_start", starts[0])), format_func=_STARTS.__getitem__,
            help=_HELP, width=420, **keeping(f"{NAME}_start"),
        )  # fmt: skip
    dataset = result.dataset
    # Labels in the model change nothing, its pipeline is what is formed anew.
    of = (Identity(model.pipeline), model.names, dataset.fingerprint, tuple(sorted(matched.items())), n_segments, start)

    def ask() -> Work[Refitted] | None:
        if session().next_month.refitted.on(of) is not None:
            return None
        if not st.button(
            "Form them anew",
            type="primary" if advised else "secondary",
            icon=":material/autorenew:",
            key=f"{NAME}_form",
        ):
            return None

        def work(progress: Progress, _: Job[Refitted]) -> Refitted:
            if cells is None:
                now, found = refit(dataset, model, int(n_segments), start=start, columns=matched, progress=progress)
            else:
                with open_customers(cells.place, progress) as engine:
                    table = EngineTable(engine, dataset, cells.n_rows)
                    now, found = refit_all(
                        table, model, int(n_segments), start=start, columns=matched, progress=progress
                    )
            return Refitted(Result(dataset, now), found)

        return work

    held = session().next_month.refitted
    run_job(NAME, lambda: of, ask, partial(held.keep, basis=of), n_cells=dataset.frame.size)
    found = held.on(of)
    if found is not None:
        _show(found, model.names)


def _show(found: Refitted, old: tuple[str, ...]) -> None:
    kept = [int(each) for each in found.succession.carries_on if each >= 0]
    n_old = len(old)
    if len(kept) == n_old == found.result.segmentation.n_segments:
        words = f"All {n_old} segments carry on under their names, numbers and colours."
    elif kept:
        names = ", ".join(safe_md(old[each]) for each in sorted(kept))
        words = f"{len(kept)} of {n_old} segments carry on: {names}."
    else:
        words = "None of the old segments carries on: these are other groups of customers."
    st.markdown(f"**{words}**")
    cards = counted_cards(cards_of(found.result), show_all_customers(found.result, NAME, cards=True))
    show_result(found.result, NAME, cards)
    st.header("Take the new segments along")
    show_downloads(found.result, NAME)


FORM_ANEW: Final = "Form them anew"
# A badge says how it stands, in words that are no command: one would be taken for a button.
_BADGES: Final = {
    Advice.KEEP: ("Still true", ":material/check_circle:", "green"),
    Advice.LOOK: ("Partly changed", ":material/visibility:", "orange"),
    Advice.REFIT: ("No longer true", ":material/error:", "red"),
}
_MARKS: Final = {Drift.NONE: "✓", Drift.SLIGHT: "·", Drift.CLEAR: "!", Drift.STRONG: "!!"}
_PSI_HELP: Final = (
    "Population stability index: Σ (share now − share then) · ln(share now / share then) over tenths of the customers "
    "the model was made from. Files of this size differ by about the next figure without any change."
)
_KS_HELP: Final = "Kolmogorov-Smirnov: the largest difference of the two cumulative shares. Not defined for categories."
_P_HELP: Final = "How often chance makes such a difference (χ², corrected for the number of columns by Holm)."


def show_verdict(check: ModelCheck, first: str) -> None:
    """Say how the model stands, and why: the first reason as it is given, and every further one."""
    words, icon, shade = _BADGES[check.advice]
    st.badge(words, icon=icon, color=shade)  # type: ignore[arg-type]
    reasons = [safe_md(reason, 600) for reason in (first, *check.reasons[1:]) if reason]
    if reasons:
        st.markdown("\n".join(f"- {reason}" for reason in reasons) if len(reasons) > 1 else reasons[0])
    if check.advice is Advice.REFIT:
        st.caption(f"You form the segments anew in the tab **{FORM_ANEW}** below.")


def show_shares(check: ModelCheck, key: str) -> None:
    """Draw the segments' shares then and now."""
    st.header("Then and now")
    show_charts(check, key)
    st.markdown(":gray[Pale: last time. Full: now, with the range in which the true share lies 19 times in 20.]")


def show_drift(check: ModelCheck, result: Result) -> None:
    """Show which columns have moved, in words and own units, with the statistics one click below."""
    st.header("Has the file changed?")
    words = {each.column: each for each in column_words(result.dataset, result.segmentation.recipe)}

    def typical(column: ColumnDrift, at: int) -> str:
        value, spoken = column.typical[at], words.get(column.column)
        is_plain = spoken is not None and not (spoken.is_share or spoken.kind is ColumnKind.DATE)
        return spoken.text(value) if spoken and is_plain and isinstance(value, float) else shown(value)

    order = sorted(check.columns, key=lambda column: -list(Drift).index(column.level))
    lines = "".join(_drift_line(column, typical(column, 1), typical(column, 0)) for column in order)
    # On a telephone the first three are in sight.
    heads = ("Column", "Has it moved?", "Last time", "Now", "Shape last time", "Shape now")
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    region = '<div class="sgm-scroll" tabindex="0" role="region" aria-label="Columns, last time and now">'
    table = f"{region}<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
    st.html(f'{STYLE}<div class="sgm sgm-drift">{table}</div>')
    st.markdown(f":gray[The middle customer's value, or the commonest. {safe_md(check.fit_sentence, 400)}]")
    if check.sensitivity is not None:
        st.markdown(f":gray[{safe_md(check.sensitivity.sentence, 600)}]")
    with st.expander("The figures behind it", icon=":material/table:"):
        _evidence(check)
    assignment = result.assignment
    if assignment is not None and assignment.matched:
        pairs = ", ".join(f"{safe_md(model)} = {safe_md(file)}" for model, file in assignment.matched.items())
        st.markdown(f":gray[Columns matched: {pairs}.]")


def _drift_line(column: ColumnDrift, before: str, now: str) -> str:
    """Return one column's row of the table: both shapes by one measure, so that they can be laid side by side."""
    then, since = (equal_bars(column.edges, shares) for shares in column.shares[::-1])
    tallest = max((*then, *since), default=0.0) or 1.0
    words = f"{_MARKS[column.level]} {DRIFT_WORDS[column.level]}"
    has_moved = column.level in (Drift.CLEAR, Drift.STRONG)
    drawn = ((then, "last time", "then"), (since, "now", "now"))
    shapes = "".join(
        f'<td><div class="sgm-shape {kind}" role="img" aria-label="{_told(column, shares, when)}">'
        + "".join(f'<i style="height:{100 * each / tallest:.0f}%"></i>' for each in shares)
        + "</div></td>"
        for shares, when, kind in drawn
    )
    return (
        f'<tr><th scope="row">{html.escape(column.column)}</th><td>{f"<b>{words}</b>" if has_moved else words}</td>'
        f"<td>{html.escape(before)}</td><td>{html.escape(now)}</td>{shapes}</tr>"
    )


def _told(column: ColumnDrift, shares: Sequence[float], when: str) -> str:
    """Return what a shape shows, for whoever does not see it, as HTML."""
    parts = ", ".join(percent_text(share) for share in shares)
    return html.escape(f"{column.column}, {when}: {parts} of the customers, from the left", quote=True)


def _evidence(check: ModelCheck) -> None:
    figures = pd.DataFrame([_figures(column) for column in check.columns])
    table, shares = in_per_cent(figures, ["Missing then", "Missing now", "Values not known"], decimals=1)
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        column_config={
            "Stability index": st.column_config.NumberColumn(format="%.3f", help=_PSI_HELP),
            "By chance": st.column_config.NumberColumn(format="%.3f"),
            "KS": st.column_config.NumberColumn(format="%.3f", help=_KS_HELP),
            "p": st.column_config.NumberColumn(format="%.4f", help=_P_HELP),
            **shares,
        },
    )
    segments = [
        {
            "Segment": each.name,
            "Share then": each.before,
            "Share now": each.now,
            "From": each.low,
            "To": each.high,
            "Changed": "yes" if each.changed else "no more than by chance",
        }
        for each in check.segments
    ]
    if any(check.in_none):
        then, now = check.in_none
        low, high = wilson(round(now * check.n_customers), check.n_customers)
        outside: dict[str, str | float] = {
            "Segment": _WORDS[NO_SEGMENT],
            "Share then": then,
            "Share now": now,
            "From": low,
            "To": high,
        }
        segments.append(outside | {"Changed": "see above"})
    table, shares = in_per_cent(pd.DataFrame(segments), ["Share then", "Share now", "From", "To"], decimals=1)
    st.dataframe(table, hide_index=True, width="stretch", column_config=shares)


def _figures(column: ColumnDrift) -> dict[str, object]:
    return {
        "Column": column.column,
        "Has moved": DRIFT_WORDS[column.level],
        "Stability index": column.psi,
        "By chance": column.psi_by_chance,
        "KS": column.ks,
        "p": column.p_value,
        "Missing then": column.missing[1],
        "Missing now": column.missing[0],
        "Values not known": column.new_values[0],
    }
