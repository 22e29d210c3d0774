"""Downloads of a result."""

import streamlit as st

from segmenter.errors.base import SegmenterError
from segmenter.io.export import EXPORTERS, Exporter, check_code, download_name
from segmenter.io.export.csv import count_escaped
from segmenter.io.export.excel import cut_note
from segmenter.segment.result import Result
from segmenter.ui.state import session
from segmenter.ui.widgets.notes import show_error


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
    if slot not in session().built:
        if st.button("Build", key=f"{slot}_build", icon=":material/construction:"):
            try:
                session().built[slot] = exporter.export(result)
            except SegmenterError as error:
                show_error(error)
                return
            st.rerun()
        return
    content = session().built[slot]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download",
            content,
            download_name(exporter, content, session().nonce),
            exporter.mime,
            on_click="ignore",
            key=f"{slot}_download",
            type="primary",
            icon=":material/download:",
        )
        st.write(f"{len(content) / 1e6:,.2f} MB · check code {check_code(content)}")
    if name == "customers-csv":
        _formulas(result)
    if name == "excel":
        _cut(result)


def _cut(result: Result) -> None:
    if note := cut_note(result.labelled()):
        st.warning(note, icon=":material/content_cut:")


def _formulas(result: Result) -> None:
    count = count_escaped(result.labelled())
    if count:
        st.info(
            f"{count:,} text cells began with = + - @ and were given a leading ' so that Excel shows them as text. "
            "The Excel download needs no such mark.",
            icon=":material/shield:",
        )
