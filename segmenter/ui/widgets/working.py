"""How is work in the background shown, and how does its result reach the page?"""

from collections.abc import Callable
from typing import TypeVar, cast

import streamlit as st

from segmenter.errors import SegmenterError
from segmenter.progress import Progress
from segmenter.ui.jobs import Job
from segmenter.ui.state import session
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.training_view import draw_curves

REFRESH_SECONDS = 0.4
T = TypeVar("T")


def start(name: str, of: object, work: Callable[[Progress, Job[T]], T]) -> None:
    """Start a job in place of whatever ran before; the newest wish wins."""
    session().stop_job()
    session().cancelled_of = None
    session().job = cast(Job[object], Job(name, of, work))


def running(name: str) -> Job[object] | None:
    """Return this page's job while it runs, or None."""
    job = session().job
    return job if job is not None and job.name == name and job.running else None


def take(name: str, of: object) -> object | None:
    """Return this page's finished result once; an error is shown, a result of other settings is dropped."""
    job = session().job
    if job is None or job.name != name or job.running:
        return None
    session().job = None
    if job.of != of:
        return None
    try:
        return job.result()
    except SegmenterError as error:
        show_error(error)
        return None


@st.fragment(run_every=REFRESH_SECONDS)
def watch(name: str, draw: Callable[[object], None] | None = None) -> None:
    """Show how far the job is and Cancel; draw what it has found so far; rerun the page when it ends.

    Networks that learn in it are seen doing so.
    """
    job = session().job
    if job is None or job.name != name or not job.running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text=job.doing)
        if st.button("Cancel", icon=":material/stop_circle:", key=f"{name}_cancel"):
            session().cancelled_of = job.of
            session().stop_job()
            st.rerun()
    if draw is not None and job.partial is not None:
        draw(job.partial)
    draw_curves(job.curves, f"{name}_learning")
