"""Form the segments and see what they are."""

import streamlit as st

from segmenter.choose.decision import Verdict
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation
from segmenter.ui import messages
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.widgets.result_view import show_result
from segmenter.ui.widgets.working import Work, run_job

NAME = "segments"


def render() -> None:
    """Draw the page in the order in which it is read."""
    dataset = session().dataset
    if dataset is None:
        return
    st.title(messages.SEGMENTS_TITLE)
    if session().n_segments is None or session().current_selection() is None:
        st.info("Choose the number of segments first.", icon=":material/query_stats:")
        if st.button("Go to Choose", type="primary", key="segments_to_choose"):
            st.switch_page(page_file("choose"))
        return
    result = session().current_result()
    if result is None:
        _form()
        return
    _warn_of_convention()
    show_result(result, NAME)


def _warn_of_convention() -> None:
    """Carry the verdict along where the lights alone would say more than it did."""
    selection = session().current_selection()
    if selection is not None and selection.verdict in (Verdict.NONE, Verdict.CONSTRUCTED):
        st.warning(messages.BORDERS_ARE_A_CONVENTION, icon=":material/content_cut:")


def _form() -> None:
    """Start forming the segments, watch it, or take what it found."""
    dataset, recipe = session().dataset, session().recipe
    if dataset is None:
        return
    of = (dataset.fingerprint, recipe)
    selection = session().current_selection()
    structure = selection.structure if selection else None
    cancelled = session().cancelled_of == of
    # After work that failed, or was another page's, the visitor says when to begin.
    waits = cancelled or session().job is not None

    def ask() -> Work[Result] | None:
        if cancelled:
            st.info(messages.SEGMENTS_CANCELLED, icon=":material/stop_circle:")
        if waits and not st.button(messages.FORM_SEGMENTS, type="primary", key="segments_again"):
            return None
        return lambda progress, _: Result(
            dataset, fit_segmentation(dataset, recipe, progress=progress), structure=structure
        )

    run_job(NAME, lambda: of, ask, session().keep_result, n_cells=dataset.frame.size)


if __name__ == "__main__":
    render()
