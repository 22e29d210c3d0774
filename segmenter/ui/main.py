"""The registry of pages, and what stands around each of them."""

from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from segmenter.ui import messages
from segmenter.ui.guard import refused_upload
from segmenter.ui.jobs import log_fault
from segmenter.ui.page_style import focus_title, style_page
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.uploads import arrived, enter_page
from segmenter.ui.widgets.engines import say_sample
from segmenter.ui.widgets.upload import elsewhere, taken_here, wait_for
from segmenter.worker.processes import warm_up


@dataclass(frozen=True)
class PageEntry:
    """One page.

    Attributes
    ----------
    next
        What the step's button to the next one names: its result. A step without one is the last.
    beside
        The step that it belongs to, if it is no step of the way itself; Back leads there.
    in_bar
        Whether it has a place of its own in the bar, though it is no step.
    """

    file: str
    title: str
    icon: str
    needs_data: bool = True
    next: str = ""
    beside: str = ""
    in_bar: bool = False


# Add a page here, plus one file in ui/pages.
PAGES = (
    PageEntry("data", "Data", ":material/upload_file:", needs_data=False, next="Choose the columns"),
    PageEntry("prepare", "Prepare", ":material/tune:", next="Find the segments"),
    PageEntry("choose", "Choose", ":material/format_list_numbered:", next="See the segments"),
    PageEntry("segments", "Segments", ":material/groups:", next="Use the segments"),
    PageEntry("use", "Use", ":material/send:"),
    PageEntry("next_month", "Next month", ":material/event_repeat:", needs_data=False, beside="data", in_bar=True),
    PageEntry("export", "Files and model", ":material/download:", beside="use"),
    PageEntry("worth", "RFM and value", ":material/payments:", beside="segments"),
    PageEntry("compare", "Compare methods", ":material/balance:", beside="choose"),
    PageEntry("learn", "Learn known segments", ":material/school:", beside="data"),
    PageEntry("place", "Place with a classifier", ":material/person_search:", needs_data=False, beside="learn"),
)
STEPS = tuple(entry for entry in PAGES if not entry.beside)
MORE = "More"
# Pages that show what an engine counts of all customers, and say themselves what is of a sample.
COUNTS_ALL = ("segments", "use")
# Beyond this a line of text is too long to be read with ease.
READING_WIDTH = 1120


def run() -> None:
    """Draw the app."""
    warm_up()
    st.set_page_config(page_title=messages.APP_TITLE, page_icon="🧩", layout="wide")
    pages = {entry.file: _page(entry) for entry in PAGES}
    style_page()
    in_bar = [entry for entry in PAGES if entry in STEPS or entry.in_bar]
    sections = {
        "": [pages[entry.file] for entry in in_bar],
        MORE: [pages[entry.file] for entry in PAGES if entry not in in_bar],
    }
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
        st.title(messages.WHICH_ROWS_FIRST)
        st.warning(messages.NOT_CUSTOMERS_YET, icon=":material/content_copy:")
        if st.button("Go to Data", type="primary", key="gate_to_data"):
            st.switch_page(pages[STEPS[0].file])
        return
    if entry != STEPS[0]:
        # Reading is done: the table stays, the file goes.
        session().forget_source()
    page = st.container(horizontal_alignment="center").container(width=READING_WIDTH)
    with page:
        if refusal := refused_upload():
            st.error(refusal)
        with taken_here(entry.file):
            _run_page(chosen, entry)
    _step_bar(pages, entry)
    focus_title(entry.file)


def _page(entry: PageEntry) -> StreamlitPage:
    return st.Page(
        page_file(entry.file),
        title=entry.title,
        icon=entry.icon,
        url_path=entry.file,
        default=entry == STEPS[0],
    )


def _gate(first: StreamlitPage) -> None:
    st.title(messages.START_FIRST)
    st.write(messages.NOT_KEPT)
    if st.button("Go to Data", type="primary", key="gate_to_data"):
        st.switch_page(first)


def _run_page(page: StreamlitPage, entry: PageEntry) -> None:
    if entry.needs_data and entry.file not in COUNTS_ALL:
        say_sample()
    try:
        page.run()
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback, no values on the page
        st.error(f"**{messages.FAULT}** Reference {log_fault(error)}.")


def _step_bar(pages: dict[str, StreamlitPage], entry: PageEntry) -> None:
    """Say where on the way the visitor is; lead on to what comes next, and back."""
    bar = st.bottom.container(horizontal_alignment="center").container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", width=READING_WIDTH
    )
    with bar:
        if entry.beside:
            _back(pages, next(each for each in PAGES if each.file == entry.beside), step=False)
            return
        place = STEPS.index(entry)
        with st.container(key="step_words", width="content"):
            st.markdown(f":gray[Step {place + 1} of {len(STEPS)} · {entry.title}]", width="content")
        with st.container(horizontal=True, horizontal_alignment="right"):
            if place:
                _back(pages, STEPS[place - 1], step=True)
            if entry.next:
                waits = entry.file == "choose" and session().current_selection() is None
                blocked = session().dataset is None or session().is_undecided or waits
                words = _names_result(entry)
                if st.button(
                    words, icon=":material/arrow_forward:", icon_position="right", type="primary", disabled=blocked,
                    key="step_next",
                ):  # fmt: skip
                    st.switch_page(pages[STEPS[place + 1].file])


def _back(pages: dict[str, StreamlitPage], to: PageEntry, *, step: bool) -> None:
    words = "Back" if step else f"Back to {to.title}"
    if st.button(words, icon=":material/arrow_back:", key="step_back"):
        st.switch_page(pages[to.file])


def _names_result(entry: PageEntry) -> str:
    """Return what the button to the next step promises, with its number where it is known."""
    if entry.file == "choose" and session().current_selection() is not None and (session().n_segments or 0) > 1:
        return f"See the {session().n_segments} segments"
    return entry.next
