"""Downloads of a result."""

import hashlib
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from segmenter import config
from segmenter.io.export import Exporter, check_code, exporters_of
from segmenter.io.export.csv import count_escaped
from segmenter.io.export.excel import count_cut, cut_note
from segmenter.io.model.work import SUFFIX, work_to_bytes
from segmenter.progress import Progress, silent
from segmenter.report.months import MonthChange
from segmenter.segment.result import Result
from segmenter.ui.jobs import OurFaultError, log_fault
from segmenter.ui.state import Built, session
from segmenter.ui.widgets.engines import sample_caption
from segmenter.ui.widgets.working import Work, run_job

# How many texts a download had to change.
_MARKED: Final[dict[str, Callable[[pd.DataFrame], int]]] = {"customers-csv": count_escaped, "excel": count_cut}
# The download that most visitors came for.
MAIN: Final = "customers-csv"
# What people who are no programmers take home; everything else is folded away.
FIRST: Final = (MAIN, "report", "slides", "excel")


def show_downloads(result: Result, key: str, *, main: str = MAIN, change: MonthChange | None = None) -> None:
    """Draw one row per download: what it holds, and Download.

    Parameters
    ----------
    key
        Keeps two pages' downloads apart.
    main
        The download whose button is the page's primary one; empty for none.
    change
        What is known of this month against the one before, for the reports.
    """
    dataset = result.dataset
    if caption := sample_caption(result):
        st.warning(
            f"**These files are {caption}.** The engine writes the labelled table of all, above.",
            icon=":material/dns:",
        )
    st.write(
        f"**{dataset.n_customers + len(dataset.left_out):,} customers = {result.n_placed:,} in segments + "
        f"{result.n_left_out:,} without a segment + {len(dataset.left_out):,} that could not be read.** "
        f"The labelled files hold {dataset.n_customers:,} rows."
    )
    code = _code_of(result, change)
    offered = {name: each for name, each in exporters_of(change).items() if each.offered(result)}
    if caption and result.assignment is not None:
        # A run of a sample cannot be repeated from a file.
        del offered["run"]
    for name in (name for name in FIRST if name in offered):
        _download(name, offered.pop(name), result, key, code, primary=name == main)
    with st.expander("More files", icon=":material/folder_open:", key=f"{key}_more_files"):
        for other, exporter in offered.items():
            _download(other, exporter, result, key, code, primary=other == main)


def offer_work(key: str) -> None:
    """Draw the download of the visitor's work: every decision, the model and its names, and no customer."""
    work = session().kept_work()
    if work is None:
        return
    with st.container(border=True, key=f"{key}_work_offered"):
        text, button = _row(0)
        text.markdown(
            "**Your work, to go on with later**: settings, segments and names in one file; drop it on Data to open it "
            "again. No customer is in it."
        )
    with button:
        offer_download(
            f"{key}_work",
            lambda _: Built(work_to_bytes(work)),
            built={},
            n_cells=0,
            file=("work", SUFFIX, "application/json"),
            code=check_code(repr((work.fingerprint, work.recipe, work.model and work.model.names)).encode()),
        )


def _code_of(result: Result, change: MonthChange | None) -> str:
    """Return a check code of what the downloads of a result are made from."""
    segmentation = result.segmentation
    told = (
        result.dataset.fingerprint,
        segmentation.recipe,
        segmentation.names,
        segmentation.known,
        result.structure,
        result.value_column,
        change and (change.check and change.check.sentence, change.movement and change.movement.before.title),
    )
    return hashlib.sha256(repr(told).encode() + segmentation.labels.to_numpy().tobytes()).hexdigest()[:8]


def _download(name: str, exporter: Exporter, result: Result, key: str, code: str, *, primary: bool) -> None:
    slot = f"{key}_{name}"

    def build(progress: Progress) -> Built:
        content = exporter.build(result, progress)
        return Built(content, _count_marked(name, result))

    with st.container(border=True, key=f"{slot}_offered"):
        text, button = _row(result.dataset.frame.size)
        text.markdown(f"**{exporter.title}**: {exporter.described(result)}.")
    with button:
        built = offer_download(
            slot,
            build,
            built=session().downloads.built,
            n_cells=result.dataset.frame.size,
            file=(exporter.stem, exporter.suffix, exporter.mime),
            code=code,
            primary=primary,
        )
    marked = built.marked if built is not None else _marked_before(slot, name, result)
    if marked and name == "customers-csv":
        begin = "1 text begins" if marked == 1 else f"{marked:,} texts begin"
        st.info(
            f"{begin} with = + - @ and a leading ' is put before it in this file, so that Excel shows it as text. The "
            "Excel download needs no such mark.",
            icon=":material/shield:",
        )
    if marked and name == "excel":
        st.warning(cut_note(marked), icon=":material/content_cut:")


def _row(n_cells: int) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the places of a download's words and of its button: side by side, unless Build and its progress come."""
    if n_cells >= config.DOWNLOAD_AT_ONCE_CELLS:
        return st.container(), st.container(horizontal=True, vertical_alignment="center")
    text, button = st.columns([5, 1], vertical_alignment="center")
    return text, button


def _count_marked(name: str, result: Result) -> int:
    return _MARKED[name](result.labelled()) if name in _MARKED else 0


def _marked_before(slot: str, name: str, result: Result) -> int:
    """Count, once, the texts that a download has to change; of a large table that is known once it is built."""
    if result.dataset.frame.size >= config.DOWNLOAD_AT_ONCE_CELLS:
        return 0
    if slot not in session().downloads.marked:
        session().downloads.marked[slot] = _count_marked(name, result)
    return session().downloads.marked[slot]


def offer_download(
    slot: str,
    build: Callable[[Progress], Built],
    *,
    built: dict[str, Built],
    n_cells: int,
    file: tuple[str, str, str],
    code: str,
    primary: bool = False,
) -> Built | None:
    """Draw Download, which builds on the click; of a large table Build first, with its progress and Cancel.

    Parameters
    ----------
    slot
        Which download it is.
    build
        Makes it; must not touch Streamlit.
    built
        Those of large tables that are there, to which it is added.
    n_cells
        Cells of the table that it is built from.
    file
        (stem, suffix, MIME type) of the file.
    code
        A check code of what it is built from, for the name: two contents never share one.
    primary
        Whether it is the page's primary button.

    Returns
    -------
    Built | None
        The content where it was built before the click.
    """
    stem, suffix, mime = file
    if n_cells < config.DOWNLOAD_AT_ONCE_CELLS:
        name = f"{stem}_{code}_{session().downloads.nonce}{suffix}"
        st.download_button(
            "Download",
            partial(_content, build, partial(_keep_for_visitor, get_script_run_ctx(), slot, name, mime)),
            name,
            mime,
            # A run of the page would take away what the click is about to ask for.
            on_click="ignore",
            key=f"{slot}_download",
            type="primary" if primary else "secondary",
            icon=":material/download:",
        )
        return None
    if slot not in built:
        _build_beside(slot, build, built, (slot, code), n_cells)
        return None
    content = built[slot].content
    st.download_button(
        "Download",
        content,
        # Streamlit tells large downloads apart by samples of their bytes and by their name.
        f"{stem}_{check_code(content)}_{session().downloads.nonce}{suffix}",
        mime,
        on_click="ignore",
        key=f"{slot}_download",
        type="primary",
        icon=":material/download:",
    )
    st.write(f"{len(content) / 1e6:,.2f} MB · check code {check_code(content)}")
    return built[slot]


def _content(build: Callable[[Progress], Built], keep: Callable[[bytes], None]) -> bytes:
    """Return a download's content; whatever goes wrong is logged without a customer's value."""
    try:
        content = build(silent).content
    except Exception as error:  # noqa: BLE001 - Streamlit would log the text of any error
        raise OurFaultError(log_fault(error)) from None
    keep(content)
    return content


def _keep_for_visitor(context: Any, slot: str, name: str, mime: str, content: bytes) -> None:  # noqa: ANN401 - Streamlit's
    """Keep a file that is built on a click until the visitor's page runs again.

    Streamlit takes it for nobody's: where others' pages run twice before the browser fetches it, it is gone.
    """
    if context is None or not exists():
        return
    add = partial(
        get_instance().media_file_mgr.add, content, mime, f"built {slot}", file_name=name, is_for_static_download=True
    )
    # Whose it is, Streamlit takes from the thread.
    thread = add_script_run_ctx(threading.Thread(target=add, daemon=True), context)
    thread.start()
    thread.join()


def _build_beside(
    slot: str, build: Callable[[Progress], Built], built: dict[str, Built], of: object, n_cells: int
) -> None:
    """Draw Build, or how far building is with Cancel."""

    def ask() -> Work[Built] | None:
        other = session().jobs.building
        busy = other is not None and other.running
        words = "Another download is being built." if busy else None
        pressed = st.button("Build", key=f"{slot}_build", icon=":material/construction:", disabled=busy, help=words)
        return (lambda progress, _: build(progress)) if pressed else None

    run_job(f"{slot}_job", lambda: of, ask, partial(built.__setitem__, slot), n_cells=n_cells, beside=True)
