"""The registry of pages, and what stands around each of them."""

from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from segmenter.ui import messages
from segmenter.ui.guard import refused_upload
from segmenter.ui.jobs import log_fault
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.uploads import arrived, enter_page
from segmenter.ui.widgets.upload import elsewhere, taken_here, wait_for
from segmenter.worker.processes import warm_up


@dataclass(frozen=True)
class PageEntry:
    """One page.

    Attributes
    ----------
    beside
        The step that it belongs to, if it is no step of the way itself; Back leads there.
    """

    file: str
    title: str
    icon: str
    needs_data: bool = True
    beside: str = ""


# Add a page here, plus one file in ui/pages.
PAGES = (
    PageEntry("data", "Data", ":material/upload_file:", needs_data=False),
    PageEntry("prepare", "Prepare", ":material/tune:"),
    PageEntry("choose", "Choose", ":material/query_stats:"),
    PageEntry("segments", "Segments", ":material/groups:"),
    PageEntry("use", "Use", ":material/send:"),
    PageEntry("apply", "Apply", ":material/history:", needs_data=False),
    PageEntry("export", "Export", ":material/download:"),
    PageEntry("compare", "Compare methods", ":material/balance:", beside="choose"),
    PageEntry("worth", "RFM and value", ":material/payments:", beside="segments"),
    PageEntry("learn", "Learn known segments", ":material/school:", beside="segments"),
    PageEntry("place", "Place with a classifier", ":material/person_search:", needs_data=False, beside="apply"),
)
STEPS = tuple(entry for entry in PAGES if not entry.beside)
MORE = "More"


def run() -> None:
    """Draw the app."""
    warm_up()
    st.set_page_config(page_title=messages.APP_TITLE, page_icon="🧩", layout="wide")
    pages = {entry.file: _page(entry) for entry in PAGES}
    sections = {"": [pages[entry.file] for entry in STEPS], MORE: [pages[e.file] for e in PAGES if e.beside]}
    chosen = st.navigation(sections, position="top")
    entry = next(entry for entry in PAGES if pages[entry.file].url_path == chosen.url_path)
    enter_page(entry.file)
    if entry.file != "use":
        session().forget_activation()
    upload = elsewhere(entry.file)
    if upload is not None:
        if arrived(upload) is not None:
            st.switch_page(pages[upload.page])
        wait_for(upload)
    if entry.needs_data and session().dataset is None:
        if upload is None:
            _gate(pages[STEPS[0].file])
        return
    if entry.needs_data and session().is_undecided:
        st.warning(messages.NOT_CUSTOMERS_YET, icon=":material/content_copy:")
        if st.button("Go to Data", type="primary", key="gate_to_data"):
            st.switch_page(pages[STEPS[0].file])
        return
    if entry != STEPS[0]:
        # Reading is done: the table stays, the file goes.
        session().forget_source()
    if refusal := refused_upload():
        st.error(refusal)
    with taken_here(entry.file):
        _run_page(chosen)
    _step_bar(pages, entry)


def _page(entry: PageEntry) -> StreamlitPage:
    return st.Page(
        page_file(entry.file),
        title=entry.title,
        icon=entry.icon,
        url_path=entry.file,
        default=entry == STEPS[0],
    )


def _gate(first: StreamlitPage) -> None:
    st.info(f"{messages.START_FIRST} {messages.NOT_KEPT}", icon=":material/upload_file:")
    if st.button("Go to Data", type="primary", key="gate_to_data"):
        st.switch_page(first)


def _run_page(page: StreamlitPage) -> None:
    try:
        page.run()
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback, no values on the page
        st.error(f"**{messages.FAULT}** Reference {log_fault(error)}.")


def _step_bar(pages: dict[str, StreamlitPage], entry: PageEntry) -> None:
    place = next(number for number, step in enumerate(STEPS) if step.file == (entry.beside or entry.file))
    before = place if entry.beside else place - 1
    with st.bottom, st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Back", icon=":material/arrow_back:", disabled=before < 0, key="step_back"):
            st.switch_page(pages[STEPS[before].file])
        st.progress((place + 1) / len(STEPS), text=f"Step {place + 1} of {len(STEPS)}: {STEPS[place].title}")
        unready = session().dataset is None or session().is_undecided
        blocked = place == len(STEPS) - 1 or (STEPS[place + 1].needs_data and unready)
        if st.button("Next", icon=":material/arrow_forward:", type="primary", disabled=blocked, key="step_next"):
            st.switch_page(pages[STEPS[place + 1].file])
