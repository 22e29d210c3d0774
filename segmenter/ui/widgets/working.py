"""Work beside the page: started, shown, and its result kept."""

import html
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import streamlit as st

from segmenter.errors.base import SegmenterError
from segmenter.progress import Cancelled, Progress
from segmenter.ui import messages
from segmenter.ui.jobs import READERS, SCHEDULER, Job
from segmenter.ui.state import session
from segmenter.ui.widgets.learn_results import draw_curves
from segmenter.ui.widgets.notes import show_error

# How often a page looks how far its work is: less often the more visitors' work there is, as each look costs some.
REFRESH_SECONDS, REFRESH_AT_MOST = 0.4, 3.0
JOBS_LOOKED_AT_AT_ONCE = 4
# A shorter wait is no number of seconds.
SOON_SECONDS = 10
# What is read faster needs no word about it; of what is formed faster, no progress is shown.
QUIET_SECONDS, AT_ONCE_SECONDS = 0.7, 0.3
# What one cell of a file takes in it, about.
BYTES_PER_CELL = 8
T = TypeVar("T")

Steps = Sequence[tuple[float, str]]

Work = Callable[[Progress, Job[T]], T]
"""Is given a progress to call between units of work, and its job, to which it may hand what it has found so far."""


def run_job(  # noqa: PLR0913 - each is a word about one piece of work
    name: str,
    basis: Callable[[], object],
    ask: Callable[[], Work[T] | None],
    keep: Callable[[T], object],
    *,
    n_cells: int,
    draw: Callable[[Any], None] | None = None,
    steps: Steps = (),
    beside: bool = False,
    patience: float = 0.0,
) -> bool:
    """Draw one piece of work in the background, keep what it has found, and return whether it is under way.

    Why it failed stays on the page until a setting changes or it begins anew.
    While it runs, how far it is stands on the page, with Cancel. When nothing runs, `ask` draws how it is started.

    Parameters
    ----------
    name
        Whose work it is: one kind of result per name.
    basis
        What a result rests on; that of another basis is dropped.
    ask
        Draws a button or what else starts the work; returns the work to start now, or None.
    keep
        Keeps what was found; it must not touch Streamlit, which ends a page's run at any such touch when the visitor
        has clicked on: the result would be neither there nor kept.
    n_cells
        Cells of the table that it works on.
    draw
        Draws what has been found so far.
    steps
        What it does, in words, each with the share (0-1) at which it is done.
    beside
        Whether it runs beside the visitor's long work, as building a download does, and not in its place.
    patience
        Seconds for which it is waited for before any progress is shown.
    """
    if running(name):
        st.fragment(watch, run_every=refresh_seconds())(name, draw, steps)
        return True
    found = take(name, basis())
    if found is not None:
        keep(cast(T, found))
        st.rerun()
    if (error := session().jobs.failure.on((name, basis()))) is not None:
        show_error(error)
    work = ask()
    if work is not None:
        session().jobs.failure.forget()
        job: Job[T] = Job(name, basis(), work, n_cells=n_cells)
        if beside:
            session().jobs.start_building(job)
            # What is quick is there at once.
            job.ended_within(QUIET_SECONDS)
        else:
            session().jobs.start_job(job)
            job.ended_within(patience)
        st.rerun()
    return False


def running(name: str) -> bool:
    """Whether this piece of work is under way or waits for its turn."""
    job = session().jobs.named(name)
    return job is not None and job.running


def take(name: str, of: object) -> object | None:
    """Return a finished result once; an error is kept, a result of other settings is dropped."""
    mine = session()
    job = mine.jobs.named(name)
    if job is None or job.running:
        return None
    mine.jobs.done(job)
    if job.of != of:
        return None
    try:
        return cast(object, job.result())
    except SegmenterError as error:
        mine.jobs.failure.keep(error, (name, of))
        return None


def was_cancelled(name: str, of: object) -> bool:
    """Whether work that begins by itself must wait for a click: it was cancelled, or has failed."""
    return session().jobs.cancelled_of == of or session().jobs.failure.on((name, of)) is not None


def refresh_seconds() -> float:
    """Return after how many seconds a page that waits looks again."""
    return min(REFRESH_SECONDS * max(1.0, SCHEDULER.n_jobs / JOBS_LOOKED_AT_AT_ONCE), REFRESH_AT_MOST)


def watch(name: str, draw: Callable[[Any], None] | None = None, steps: Steps = ()) -> None:
    """Show how far the job is, or where it waits, and Cancel; rerun the page when it ends.

    Networks that learn in it are seen doing so.
    """
    job = session().jobs.named(name)
    if job is None or not job.running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text=_how_far(job, spoken=bool(steps)))
        if st.button("Cancel", icon=":material/stop_circle:", key=f"{name}_cancel"):
            session().jobs.cancel(job)
            st.rerun()
    if steps:
        st.html(_listed(steps, job))
    st.markdown(f":gray[{messages.JOB_LIMIT}]")
    if draw is not None and job.partial is not None:
        draw(job.partial)
    draw_curves(job.curves, f"{name}_learning")


def _how_far(job: Job[Any], *, spoken: bool) -> str:
    """Say where a job waits, or for about how long it will still be at work; `spoken`: its steps stand elsewhere."""
    queued = job.queued()
    if queued is not None:
        return messages.queue_words(queued)
    left = job.seconds_left()
    words = messages.duration_words(left) if left is not None else ""
    if spoken:
        return words.capitalize() if left is None or left < SOON_SECONDS else f"{words.capitalize()} left"
    return job.doing if left is None or left < SOON_SECONDS else f"{job.doing} · {words} left"


def _listed(steps: Steps, job: Job[Any]) -> str:
    """Return the steps of a job as a list: done, at work, to come."""
    at = next((number for number, (end, _) in enumerate(steps) if job.share < end), len(steps) - 1)
    rows = []
    for number, (_, words) in enumerate(steps):
        state, mark = ("done", "✓") if number < at else ("now", "→") if number == at else ("later", "·")
        doing = f" <span>{html.escape(job.doing)}</span>" if number == at else ""
        current = ' aria-current="step"' if number == at else ""
        rows.append(f'<li class="{state}"{current}><b aria-hidden="true">{mark}</b> {html.escape(words)}{doing}</li>')
    return f'<ol class="sg-steps">{"".join(rows)}</ol>'


def read_now(
    of: object,
    read: Callable[..., T],
    doing: str,
    *,
    n_bytes: int = 0,
    cancelled: Callable[[], object] | None = None,
    tells: bool = False,
) -> T:
    """Have something read beside the page, wait for it, and return what was read; Cancel is there after a moment.

    A visitor who clicks on meanwhile ends this run of the page, not the reading: the next run that wants the same
    waits for it again. It ends with the visitor, and when something else is read in its place.

    Parameters
    ----------
    of
        What is read, and how.
    read
        Reads it; runs in a thread of its own and must not touch Streamlit.
    doing
        What is being done, as Markdown.
    n_bytes
        Its size: small files pass large ones.
    cancelled
        Called after Cancel, so that the next run does not want the same again.
    tells
        Whether `read` takes a progress, by which Cancel reaches it.

    Raises
    ------
    SegmenterError
        What is wrong with it.
    """
    mine = session()
    job = mine.jobs.reading
    if job is None or job.of != of:
        job = Job(
            "reading",
            of,
            lambda progress, _: read(progress) if tells else read(),
            n_cells=n_bytes // BYTES_PER_CELL,
            scheduler=READERS,
        )
        mine.jobs.start_reading(job)
    if not job.ended_within(QUIET_SECONDS):
        _wait_for(job, doing, cancelled)
    if isinstance(job.wait(), Cancelled):
        # Something else is read by now, or everything is forgotten: nobody waits for this run any more.
        st.stop()
    if mine.jobs.reading is job:
        mine.jobs.reading = None
    return cast(T, job.result())


def _wait_for(job: Job[Any], doing: str, cancelled: Callable[[], object] | None) -> None:
    def cancel() -> None:
        session().jobs.stop_reading()
        if cancelled is not None:
            cancelled()

    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center"):
        words = st.empty()
        st.button("Cancel", icon=":material/stop_circle:", key="reading_cancel", on_click=cancel)
    while job.running:
        queued = job.queued()
        # Each word ends this run here where the visitor has clicked on.
        words.info(f"{doing} …" if queued is None else messages.queue_words(queued), icon=":material/hourglass_top:")
        job.ended_within(REFRESH_SECONDS)
    place.empty()
