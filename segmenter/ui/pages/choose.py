"""Compare numbers of segments and pick one."""

from functools import partial

import streamlit as st

from segmenter import config
from segmenter.choose.k import KSelection, compare_k
from segmenter.recipe.recipe import Recipe
from segmenter.table.dataset import Dataset
from segmenter.ui import messages
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.widgets.k_view import pick, show_details, show_scores, show_verdict
from segmenter.ui.widgets.method_choice import pick_method
from segmenter.ui.widgets.notes import show_notes
from segmenter.ui.widgets.working import Work, run_job

NAME = "choose"


def render() -> None:
    """Draw the page in the order in which it is read."""
    dataset = session().dataset
    if dataset is None:
        return
    st.title(messages.CHOOSE_TITLE)
    st.write(messages.CHOOSE_INTRO)
    low, high = st.slider(
        "Numbers of segments to compare", 2, config.MAX_SEGMENTS, session().k_range, key="choose_range"
    )
    session().k_range = (low, high)
    ask = partial(_ask, dataset, range(low, high + 1))
    size, draw = dataset.frame.size, lambda found: show_scores(found, "partial")
    if run_job(NAME, _basis, ask, session().keep_selection, n_cells=size, draw=draw):
        return
    selection = session().current_selection()
    if session().cancelled_of == _basis():
        kept = messages.CHOOSE_CANCELLED_AGAIN if selection else messages.CHOOSE_CANCELLED
        st.info(kept, icon=":material/stop_circle:")
    if selection is None:
        if session().selection.latest is not None:
            st.info(messages.CHANGED, icon=":material/update:")
        return
    show_verdict(selection)
    show_notes(selection.notes)
    session().n_segments = pick(selection, session().n_segments)
    session().choose_method(pick_method(session().choice_of, session().method, NAME))
    st.page_link(page_file("compare"), label=messages.COMPARE_LINK, icon=":material/balance:")
    show_scores(selection, "final")
    show_details(selection)


def _basis() -> tuple[str, Recipe, tuple[int, int]]:
    dataset = session().dataset
    return dataset.fingerprint if dataset else "", session().k_means_recipe, session().k_range


def _ask(dataset: Dataset, ks: range) -> Work[KSelection] | None:
    recipe = session().k_means_recipe
    label = "Compare again" if session().current_selection() else "Compare numbers of segments"
    if st.button(label, type="primary", icon=":material/play_arrow:", key="choose_run", disabled=not recipe.segmenting):
        return lambda progress, job: compare_k(dataset, recipe, ks, progress=progress, partial=job.show)
    if not recipe.segmenting:
        st.warning(messages.NO_COLUMNS, icon=":material/warning:")
        st.page_link(page_file("prepare"), label="Go to Prepare", icon=":material/tune:")
    return None


if __name__ == "__main__":
    render()
