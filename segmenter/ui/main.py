"""Which pages are there, and what stands around each of them?"""

from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from segmenter.importers import warm_up
from segmenter.ui import messages
from segmenter.ui.jobs import log_fault
from segmenter.ui.state import session

_FOLDER = "segmenter/ui/pages"


@dataclass(frozen=True)
class PageEntry:
    """One step of the way."""

    file: str
    title: str
    icon: str
    needs_data: bool = True


# Add a page here, plus one file in ui/pages.
PAGES = (
    PageEntry("data", "Data", ":material/upload_file:", needs_data=False),
    PageEntry("prepare", "Prepare", ":material/tune:"),
    PageEntry("choose", "Choose", ":material/query_stats:"),
    PageEntry("compare", "Compare", ":material/balance:"),
    PageEntry("segments", "Segments", ":material/groups:"),
    PageEntry("apply", "Apply", ":material/history:", needs_data=False),
    PageEntry("export", "Export", ":material/download:"),
)


def run() -> None:
    """Draw the app."""
    warm_up()
    st.set_page_config(page_title=messages.APP_TITLE, page_icon="🧩", layout="wide")
    pages = [
        st.Page(
            f"{_FOLDER}/{entry.file}.py",
            title=entry.title,
            icon=entry.icon,
            url_path=entry.file,
            default=place == 0,
        )
        for place, entry in enumerate(PAGES)
    ]
    chosen = st.navigation(pages, position="top")
    place = next(number for number, page in enumerate(pages) if page.url_path == chosen.url_path)
    if PAGES[place].needs_data and session().dataset is None:
        _gate(pages[0])
        return
    if place:
        # Reading is done: the table stays, the file goes.
        session().forget_source()
    _run_page(chosen)
    _step_bar(pages, place)


def _gate(first: StreamlitPage) -> None:
    st.info(f"{messages.START_FIRST} {messages.NOT_KEPT}", icon=":material/upload_file:")
    if st.button("Go to Data", type="primary", key="gate_to_data"):
        st.switch_page(first)


def _run_page(page: StreamlitPage) -> None:
    try:
        page.run()
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback, no values on the page
        st.error(f"**{messages.FAULT}** Reference {log_fault(error)}.")


def _step_bar(pages: list[StreamlitPage], place: int) -> None:
    with st.bottom, st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Back", icon=":material/arrow_back:", disabled=place == 0, key="step_back"):
            st.switch_page(pages[place - 1])
        st.progress((place + 1) / len(pages), text=f"Step {place + 1} of {len(pages)}: {PAGES[place].title}")
        blocked = place == len(pages) - 1 or (PAGES[place + 1].needs_data and session().dataset is None)
        if st.button("Next", icon=":material/arrow_forward:", type="primary", disabled=blocked, key="step_next"):
            st.switch_page(pages[place + 1])
