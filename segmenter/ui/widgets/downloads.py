"""Downloads of a result."""

from collections.abc import Callable
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from segmenter.io.export import EXPORTERS, Exporter, check_code, download_name
from segmenter.io.export.csv import count_escaped
from segmenter.io.export.excel import count_cut, cut_note
from segmenter.progress import Progress
from segmenter.segment.result import Result
from segmenter.ui.state import Built, session
from segmenter.ui.widgets.working import Work, run_job

# How many texts a download had to change.
_MARKED: Final[dict[str, Callable[[pd.DataFrame], int]]] = {"customers-csv": count_escaped, "excel": count_cut}


def show_downloads(result: Result, key: str) -> None:
    """Draw one row per download: what it holds, Build, then Download with rows and check code."""
    dataset = result.dataset
    st.write(
        f"**{dataset.n_customers + len(dataset.left_out):,} lines of customers = {result.n_placed:,} in segments + "
        f"{result.n_left_out:,} without a segment + {len(dataset.left_out):,} that could not be read.** "
        f"The labelled files hold {dataset.n_customers:,} rows."
    )
    for name, exporter in ((key, each) for key, each in EXPORTERS.items() if each.offered(result)):
        with st.container(border=True):
            _download(name, exporter, result, key)


def _download(name: str, exporter: Exporter, result: Result, key: str) -> None:
    st.markdown(f"**{exporter.title}**: {exporter.described(result)}.")
    slot = f"{key}_{name}"

    def build(progress: Progress) -> Built:
        content = exporter.build(result, progress)
        return Built(content, _MARKED[name](result.labelled()) if name in _MARKED else 0)

    built = built_once(slot, session().built, build, (slot, id(result)), result.dataset.frame.size)
    if built is None:
        return
    show_download(built, download_name(exporter, built.content, session().nonce), exporter.mime, slot)
    if built.marked and name == "customers-csv":
        st.info(
            f"{built.marked:,} text cells began with = + - @ and were given a leading ' so that Excel shows them as "
            "text. The Excel download needs no such mark.",
            icon=":material/shield:",
        )
    if built.marked and name == "excel":
        st.warning(cut_note(built.marked), icon=":material/content_cut:")


def built_once(
    slot: str, built: dict[str, Built], build: Callable[[Progress], Built], of: object, n_cells: int
) -> Built | None:
    """Draw Build, or how far building is with Cancel; return the download once it is there.

    Parameters
    ----------
    slot
        Which download it is.
    built
        Those that are there, to which it is added.
    of
        What it is built from.
    n_cells
        Cells of the table that it is built from.
    """
    if slot in built:
        return built[slot]

    def ask() -> Work[Built] | None:
        other = session().building
        busy = other is not None and other.running
        words = "Another download is being built." if busy else None
        pressed = st.button("Build", key=f"{slot}_build", icon=":material/construction:", disabled=busy, help=words)
        return (lambda progress, _: build(progress)) if pressed else None

    run_job(f"{slot}_job", lambda: of, ask, partial(built.__setitem__, slot), n_cells=n_cells, beside=True)
    return None


def show_download(built: Built, name: str, mime: str, slot: str) -> None:
    """Draw Download, with the size and the check code of the content."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download",
            built.content,
            name,
            mime,
            on_click="ignore",
            key=f"{slot}_download",
            type="primary",
            icon=":material/download:",
        )
        st.write(f"{len(built.content) / 1e6:,.2f} MB · check code {check_code(built.content)}")
