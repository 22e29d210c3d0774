"""Say whether there are groups, how many and who they are; another number is picked at once."""

import streamlit as st

from segmenter import config
from segmenter.activate.rfm import has_rfm
from segmenter.choose.k import COMPARED, FITTED, MEASURED, KSelection, Verdict, compare_k
from segmenter.recipe.recipe import Recipe
from segmenter.table.dataset import Dataset
from segmenter.ui import messages
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.widgets.k_view import pick, show_answer, show_cards, show_evidence, show_further, show_why
from segmenter.ui.widgets.method_choice import pick_method
from segmenter.ui.widgets.notes import show_notes
from segmenter.ui.widgets.working import Steps, Work, run_job, running, was_cancelled

NAME = "choose"


def render() -> None:
    """Draw the page in the order in which it is read."""
    dataset = session().dataset
    if dataset is None:
        return
    selection = session().current_selection()
    if selection is None or running(NAME):
        st.title(messages.CHOOSE_TITLE)
        st.write(messages.CHOOSE_INTRO.format(n=dataset.n_customers))
    if run_job(
        NAME, _basis, lambda: _ask(dataset), session().keep_selection, n_cells=dataset.frame.size, steps=_steps()
    ):
        return
    if selection is None:
        _settings()
        return
    if session().jobs.cancelled_of == _basis():
        st.info(messages.CHOOSE_CANCELLED_AGAIN, icon=":material/stop_circle:")
    _show(dataset, selection)


def _show(dataset: Dataset, selection: KSelection) -> None:
    show_answer(selection)
    left, right = st.columns([2, 3], gap="medium", vertical_alignment="bottom")
    with left:
        session().n_segments = k = pick(selection, session().n_segments)
    if session().shows_sample:
        session().shows_sample = False
        st.switch_page(page_file("segments"))
    with right:
        show_why(selection, k)
    show_cards(dataset, session().k_means_recipe, selection, k)
    if not selection.followed:
        st.page_link(page_file("compare"), label=messages.COMPARE_LINK, icon=":material/balance:")
    if selection.verdict in (Verdict.CONSTRUCTED, Verdict.NONE) and has_rfm(dataset):
        st.page_link(page_file("worth"), label=messages.RFM_LINK, icon=":material/grid_on:")
    show_evidence(selection)
    show_further(dataset, session().k_means_recipe, selection, session().recipe)
    _settings()
    show_notes(selection.notes)


def _settings() -> None:
    """Draw what few visitors change: the numbers compared, and the way to form segments."""
    with st.expander("Settings", icon=":material/tune:", key="open_choose_settings"):
        low, high = st.slider(
            "Numbers of segments to compare", 2, config.MAX_SEGMENTS, session().k_range, key="choose_range"
        )
        session().k_range = (low, high)
        selection = session().current_selection()
        if selection is not None:
            compared = selection.scores[-1].k
            if compared > high:
                st.caption(messages.CHOOSE_COMPARED_FURTHER.format(asked=high, low=low, compared=compared))
            words = f"Compare {low} to {high} segments" if low < high else f"Look at {low} segments"
            st.button(words, icon=":material/play_arrow:", key="choose_run", on_click=_again)
        session().choose_method(pick_method(session().choice_of, session().method, NAME))
        st.page_link(page_file("compare"), label=messages.COMPARE_LINK, icon=":material/balance:")


def _again() -> None:
    session().compares_again = True


def _basis() -> tuple[str, Recipe, tuple[int, int]]:
    dataset = session().dataset
    return dataset.fingerprint if dataset else "", session().k_means_recipe, session().k_range


def _steps() -> Steps:
    low, high = session().k_range
    return (
        (FITTED, f"Form {low} to {high} segments"),
        (MEASURED, "Measure how far apart they are"),
        (COMPARED, "Compare with customers who have no groups"),
        (1.0, "Form them again from other samples, and look for gaps"),
    )


def _ask(dataset: Dataset) -> Work[KSelection] | None:
    """Begin by itself on the first arrival; after Cancel, a failure, or beside other work on a click."""
    recipe, (low, high) = session().k_means_recipe, session().k_range
    if not recipe.segmenting:
        st.warning(messages.NO_COLUMNS, icon=":material/warning:")
        st.page_link(page_file("prepare"), label="Go to Prepare", icon=":material/tune:")
        return None
    asked, session().compares_again = session().compares_again, False
    if not asked and session().current_selection() is not None:
        return None
    if not asked and (was_cancelled(NAME, _basis()) or _other_work()):
        if session().jobs.cancelled_of == _basis():
            st.info(messages.CHOOSE_CANCELLED, icon=":material/stop_circle:")
        if not st.button(messages.FIND_SEGMENTS, type="primary", icon=":material/play_arrow:", key="choose_run"):
            return None
    ks = range(low, high + 1)
    return lambda progress, job: compare_k(dataset, recipe, ks, progress=progress, partial=job.show)


def _other_work() -> bool:
    """Whether other long work is under way, which this would end."""
    job = session().jobs.job
    return job is not None and job.running


if __name__ == "__main__":
    render()
