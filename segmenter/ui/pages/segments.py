"""Form the segments and see what they are."""

import streamlit as st

from segmenter.core.result import Result
from segmenter.core.segmentation import fit_segmentation
from segmenter.core.verdict import Verdict
from segmenter.progress import Progress
from segmenter.ui import messages
from segmenter.ui.jobs import Job
from segmenter.ui.state import session
from segmenter.ui.widgets.result_view import show_result
from segmenter.ui.widgets.working import running, start, take, watch

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
            st.switch_page("segmenter/ui/pages/choose.py")
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
    if running(NAME):
        watch(NAME)
        return
    ended = session().job is not None
    cancelled = session().cancelled_of == of
    finished = take(NAME, of)
    if isinstance(finished, Result):
        session().keep_result(finished)
        st.rerun()
    if cancelled:
        st.info(messages.SEGMENTS_CANCELLED, icon=":material/stop_circle:")
    waits = ended or cancelled
    if not waits or st.button(messages.FORM_SEGMENTS, type="primary", key="segments_again"):

        def work(progress: Progress, _: Job[Result]) -> Result:
            return Result(dataset, fit_segmentation(dataset, recipe, progress=progress))

        start(NAME, of, work)
        st.rerun()


if __name__ == "__main__":
    render()
