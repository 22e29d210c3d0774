"""Segments formed anew from this month's customers, and what of the old ones they carry on."""

from functools import partial
from typing import Final

import streamlit as st

from segmenter import config
from segmenter.monitor.refit import Start, refit
from segmenter.progress import Progress
from segmenter.segment.result import Result
from segmenter.ui.jobs import Job
from segmenter.ui.messages import advise, safe_md
from segmenter.ui.state import Identity, Refitted, session
from segmenter.ui.widgets.downloads import show_downloads
from segmenter.ui.widgets.result_view import show_result
from segmenter.ui.widgets.working import Work, run_job

NAME: Final = "anew"
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
    matched = dict(assignment.matched) if assignment is not None else {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        n_segments = st.number_input("Segments", 1, config.MAX_SEGMENTS, model.n_segments, key=f"{NAME}_k", width=160)
        start = st.selectbox(
            "Start", list(_STARTS), format_func=_STARTS.__getitem__, key=f"{NAME}_start", help=_HELP, width=420
        )
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
            now, found = refit(dataset, model, int(n_segments), start=start, columns=matched, progress=progress)
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
    if found.succession.notes:
        st.markdown("\n".join(f"- {advise(note)}" for note in found.succession.notes))
    show_result(found.result, NAME)
    st.header("Take the new segments along")
    show_downloads(found.result, NAME)
