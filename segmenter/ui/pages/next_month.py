"""Next month: whether a model is still true of a new file, who moved, and the segments formed anew."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from segmenter import config
from segmenter.charts.theme import segment_colours
from segmenter.display import percent_text
from segmenter.engines.counting import check_of_all
from segmenter.engines.purchases import open_customers
from segmenter.engines.segmenting import EngineSample, EngineTable, check_cells_of_model, match_table
from segmenter.errors.base import SegmenterError
from segmenter.errors.forming import InvalidSettingError
from segmenter.monitor.drift import Advice, ModelCheck, check_model, leave_out_unfit, without_unfit
from segmenter.monitor.movement import Movement
from segmenter.progress import Progress, part, silent
from segmenter.report.months import MonthChange
from segmenter.segment.assign import Assignment, assign_segments, match_columns
from segmenter.segment.result import Result
from segmenter.segment.segmentation import FITS_NONE, Segmentation
from segmenter.table.dataset import Dataset
from segmenter.ui import messages
from segmenter.ui.messages import advise, safe_md
from segmenter.ui.state import FileToPlace, Identity, Placement, keeping, kept, session
from segmenter.ui.widgets.downloads import show_downloads
from segmenter.ui.widgets.engines import counted_cards, engine_field, sample_caption, show_all_customers
from segmenter.ui.widgets.movement_view import (
    FORM_ANEW,
    find_movement,
    movement_metrics,
    movement_sentence,
    pick_earlier,
    show_drift,
    show_moves,
    show_refit,
    show_sankey,
    show_shares,
    show_verdict,
)
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.place_customers import engine_sample, match_by_hand, pick_customers, pick_model, show_pickles
from segmenter.ui.widgets.result_view import cards_of, show_result
from segmenter.ui.widgets.working import Work, run_job, running, was_cancelled

NAME = "next_month"
FILES = "The model and the file"
TABS = ["What has changed", "Who moved", "The segments now", FORM_ANEW, "Take it along"]
LEAVE_OUT = "In none"
NEAREST = "In the nearest segment"


def render() -> None:
    """Draw the page in the order in which it is read."""
    answer = st.container()
    dataset = _pick_files()
    body = st.container()
    with body:
        model = session().next_month.model
        shown = model is not None and dataset is not None and _compare(model, dataset, answer)
    if not shown:
        with answer:
            st.title(messages.NEXT_MONTH_TITLE)
            st.write(messages.NEXT_MONTH_INTRO)


def _pick_files() -> Dataset | None:
    # Whoever has given a file reads the answer, and opens this to change it.
    files = st.container(key=f"{NAME}_files")
    with files.expander(FILES, expanded=session().next_month.placing is None, icon=":material/folder_open:"):
        left, right = st.columns(2)
        with left:
            st.header("1. Last month's model", anchor=False)
            pickles = pick_model(NAME)
        with right:
            st.header("2. This month's customers", anchor=False)
            dataset = pick_customers(NAME)
            engine_field(_place_engines, f"{NAME}_source")
    show_pickles(pickles)
    return dataset


def _place_engines(dataset: Dataset, cells: EngineSample) -> None:
    session().place(FileToPlace(dataset, cells))
    if running(NAME):
        session().jobs.stop_job()


def _compare(model: Segmentation, dataset: Dataset, answer: DeltaGenerator) -> bool:
    """Draw everything that follows from a model and a file, and return whether the answer is there."""
    matches = _matches(model, dataset)
    if matches is None:
        return False
    found = _placed(model, dataset, matches)
    if found is None:
        return False
    check, result = found.check, _shown(found)
    if check is not None and session().next_month.leaves_out:
        check = without_unfit(model, check)
    caption = sample_caption(result)
    if check is None:
        with answer:
            st.title(f"{result.n_placed:,} customers {f'{caption}, ' if caption else ''}are placed.")
            st.write(
                "This model was saved by an earlier version, or converted: whether it is still true cannot be told. "
                "Form the segments anew, and next month it can."
            )
    else:
        with answer:
            _say_answer(check)
            if caption:
                st.markdown(
                    f":gray[This, the shares and what has changed are counted over all {_n_customers(result)} "
                    f"customers where they live. Middle values, pictures, tables and files are {caption}.]"
                )
    if not _confirmed(result):
        if check is not None:
            show_drift(check, result)
        return True
    with segment_colours(model.colours):
        movement = _show_parts(result, check)
    if movement is not None:
        with answer:
            st.write(movement_sentence(movement))
    return True


def _say_answer(check: ModelCheck) -> None:
    """Draw the answer as a title, which is read at a glance; what it gives as its reason stands below it."""
    said, _, reason = check.sentence.partition(": ")
    st.title(safe_md(f"{said.rstrip('.')}."))
    # A column keeps the letter that it begins with.
    if reason and not any(reason.startswith(each.column) for each in check.columns):
        reason = reason[0].upper() + reason[1:]
    show_verdict(check, reason)


def _show_parts(result: Result, check: ModelCheck | None) -> Movement | None:
    """Draw everything below the answer, and return who moved."""
    changed, moved, now, anew, take = st.tabs(TABS, key=f"{NAME}_parts")
    with changed:
        figures = st.container()
        _show_changes(result, check)
    with moved:
        movement = _show_moved(result)
    with figures:
        _metrics(result, check, movement)
    with now:
        _show_now(result)
    with anew:
        show_refit(result, advised=check is not None and check.advice is Advice.REFIT)
    with take:
        show_downloads(result, NAME, change=MonthChange(check, movement))
    return movement


def _matches(model: Segmentation, dataset: Dataset) -> Mapping[str, str] | None:
    """Return which column stands for which; None while the user has to say so."""
    match = match_columns(dataset, model)
    if match.suggestions:
        st.header("Match the columns")
    return match_by_hand(match, dataset, {}, "")


def _placed(model: Segmentation, dataset: Dataset, matches: Mapping[str, str]) -> Placement | None:
    """Return the customers where the model places them, and whether it is still true; None until that is known."""
    memo = session().next_month.placement
    of = (Identity(model), dataset.fingerprint, tuple(sorted(matches.items())))
    if memo.on(of) is not None:
        return memo.on(of)

    cells = engine_sample()

    def work(progress: Progress, _: object = None) -> Placement:
        assignment = assign_segments(dataset, model, matches, progress=part(progress, 0.0, 0.6))
        progress(0.6, "Comparing with last month")
        check = _check(dataset, assignment)
        if check is not None and cells is not None:
            check = _check_of_all(cells, dataset, model, matches, check, part(progress, 0.6, 1.0))
        return Placement(Result(dataset, assignment.segmentation, assignment), check)

    if dataset.n_customers <= config.LISTS_AT_ONCE and cells is None:
        try:
            memo.keep(work(silent), of)
        except SegmenterError as error:
            show_error(error)
        return memo.on(of)
    cancelled = was_cancelled(NAME, of)

    def ask() -> Work[Placement] | None:
        waits = cancelled and not st.button("Place the customers", type="primary", key=f"{NAME}_place")
        return None if waits else work

    run_job(NAME, lambda: of, ask, partial(memo.keep, basis=of), n_cells=dataset.frame.size)
    return None


def _check_of_all(
    cells: EngineSample,
    dataset: Dataset,
    model: Segmentation,
    matches: Mapping[str, str],
    of_sample: ModelCheck,
    progress: Progress,
) -> ModelCheck:
    """Return whether a model is still true of all customers of an engine; who fits none is said of the sample."""
    with open_customers(cells.place, progress) as engine:
        table = EngineTable(engine, dataset, cells.n_rows)
        columns = match_table(table, model, matches)
        check_cells_of_model(table, model, columns)
        found, _ = check_of_all(table, model, columns, progress)
    return replace(found, fits_none=of_sample.fits_none)


def _n_customers(result: Result) -> str:
    """Return how many customers there are, of whom those that are here may be a sample."""
    cells = session().engine_sample_of(result)
    return f"{result.dataset.n_customers if cells is None else cells.n_rows:,}"


def _shown(placement: Placement) -> Result:
    """Return the customers as they are shown: those who fit no segment stand in none, unless that is asked for."""
    mine, check = session(), placement.check
    leave_out, dataset = False, placement.result.dataset
    formed_from = dataset.fingerprint == placement.result.segmentation.trained_on
    formed_from = formed_from or (check is not None and check.is_of_the_fit)
    cells = session().engine_sample_of(placement.result)
    if check is not None and not formed_from and (check.fits_none.any() or (cells is not None and check.unfit > 0)):
        words = f"The {int(check.fits_none.sum()):,} customers who fit no segment are placed"
        if cells is not None:
            words = f"Customers who fit no segment ({percent_text(check.unfit, 1)} of all) are placed"
        key = f"{NAME}_now_unfit"
        picked = st.segmented_control(
            words, [LEAVE_OUT, NEAREST], default=kept(key, LEAVE_OUT), required=True, **keeping(key)
        )
        leave_out = picked != NEAREST
    mine.next_month.leaves_out = leave_out
    of = (Identity(placement), leave_out)
    if (result := mine.next_month.applied.on(of)) is not None:
        return result
    result = placement.result
    if check is not None and leave_out and result.assignment is not None:
        without = leave_out_unfit(result.dataset, result.assignment, check)
        result = Result(result.dataset, without.segmentation, without)
    mine.next_month.applied.keep(result, of)
    mine.downloads.forget_page(NAME)
    return result


def _check(dataset: Dataset, assignment: Assignment) -> ModelCheck | None:
    """Return whether the model is still true; None where it cannot tell."""
    try:
        return check_model(dataset, assignment)
    except InvalidSettingError:
        return None


def _confirmed(result: Result) -> bool:
    questions = result.assignment.questions if result.assignment else ()
    for question in questions:
        st.warning(advise(question), icon=":material/help:")
    key = f"confirm_{result.dataset.fingerprint[:8]}"
    return not questions or st.checkbox("I have checked this; go on", kept(key, False), **keeping(key))


def _metrics(result: Result, check: ModelCheck | None, movement: Movement | None) -> None:
    facts = {"Customers now": _n_customers(result)}
    if check is not None and not check.is_of_the_fit:
        facts["Fit no segment"] = f"{percent_text(check.unfit, 1)}"
    facts |= movement_metrics(movement) if movement is not None else {}
    # On a telephone three beside each other.
    with st.grid(columns=5, min_column_width=100):
        for label, value in facts.items():
            st.metric(label, value, border=True)


def _show_changes(result: Result, check: ModelCheck | None) -> None:
    if check is None:
        st.info("What has changed is told of models that this version saved.", icon=":material/update:")
        return
    with st.container(border=True):
        show_shares(check, NAME)
    with st.container(border=True):
        show_drift(check, result)


def _show_moved(result: Result) -> Movement | None:
    picture = st.container(border=True)
    movement = find_movement(result, NAME)
    with picture:
        show_sankey(movement, NAME)
        pick_earlier(NAME)
    if movement is not None:
        with st.container(border=True):
            show_moves(movement, result, NAME)
    return movement


def _show_now(result: Result) -> None:
    cards = counted_cards(cards_of(result), show_all_customers(result, NAME, cards=True))
    assignment = result.assignment
    reasons = {} if assignment is None else assignment.reasons[assignment.reasons != ""].value_counts().to_dict()
    # Who fits none is spoken of above the cards.
    if set(reasons) - {FITS_NONE}:
        st.warning(
            f"**{result.n_left_out:,} customers stand in no segment**{_of_sample(result)}: "
            + "; ".join(f"{safe_md(str(reason))} ({count:,})" for reason, count in reasons.items()),
            icon=":material/warning:",
        )
    show_result(result, NAME, cards)


def _of_sample(result: Result) -> str:
    caption = sample_caption(result)
    return f" ({caption})" if caption else ""


if __name__ == "__main__":
    render()
