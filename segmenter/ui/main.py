"""The registry of pages, what stands around each of them, and what CSS adds to the theme."""

from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from segmenter import config
from segmenter.ui import messages
from segmenter.ui.guard import refused_upload
from segmenter.ui.jobs import log_fault
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.uploads import arrived, enter_page
from segmenter.ui.widgets.engines import say_sample
from segmenter.ui.widgets.reading import elsewhere, taken_here, wait_for
from segmenter.worker.processes import warm_up

# Colours come in pairs, for a light and a dark page; each has a contrast of 4.5 or more with it as text.
_STYLE: Final = """<style>
.stApp{
  --sg-ink:light-dark(#16232b,#e9eff2);--sg-quiet:light-dark(#4d5c66,#a9b8c1);--sg-line:light-dark(#d5dde3,#3a464d);
  --sg-accent:light-dark(#1f5f7f,#56bccb);--sg-passed:light-dark(#a7bfcc,#2b565d);--sg-empty:light-dark(#e4eaee,#28333a)}
/* Streamlit paints white on primary buttons and primary on what is selected: in the dark no colour is readable both
ways, so that what is selected takes the colour of the text. */
[data-testid="stButtonGroup"] [data-selected="true"],[data-testid="stButtonGroup"] [data-selected="true"] p,
[data-testid="stTab"][aria-selected="true"],[data-testid="stTab"][aria-selected="true"] p,
[data-testid="stSliderThumbValue"]{color:var(--sg-ink)!important;font-weight:600}
[data-testid="stCaptionContainer"],[data-testid="stCaptionContainer"] *{color:var(--sg-quiet)!important;opacity:1}
/* Plotly's captions, which Streamlit paints in a grey of 3.7. */
[data-testid="stPlotlyChart"] text[style*="rgb(128, 132, 149)"]{fill:var(--sg-quiet)!important}
[data-testid="stSliderTickBar"] *,[data-testid="InputInstructions"],
[data-testid="stFileUploaderDropzoneInstructions"] *{
  color:var(--sg-quiet)!important}
/* "300MB per file" is Streamlit's wording; ours has the blank that it has everywhere else. */
[data-testid="stFileUploaderDropzoneInstructions"]>*{display:none!important}
[data-testid="stFileUploaderDropzoneInstructions"]::after{content:"up to MOST_MB\\00a0MB";color:var(--sg-quiet);
  font-size:.875rem}
[data-testid="stTopNavLink"]:focus-visible,[data-testid="stTopNavSection"]:focus-visible,
[data-testid="stSidebarNavLink"]:focus-visible{outline:3px solid var(--sg-accent)!important;outline-offset:2px}
h1:focus-visible{outline:3px solid var(--sg-accent);outline-offset:2px;border-radius:2px;width:fit-content}
h1:focus:not(:focus-visible){outline:none}
/* What a chart says while it is saved is read on its ground. */
.plotly-notifier .notifier-note{background:#16232b!important;color:#ffffff!important;opacity:1!important}
[data-testid="stBottomBlockContainer"]{padding-top:.5rem;padding-bottom:.75rem}
/* Enlarged to 200 %, a window is low: the bar of steps then stands below the page, not over it. */
@media (max-height:520px){[data-testid="stBottom"]{position:static!important}}
@media (max-width:640px){.st-key-step_words{display:none}}
/* On a telephone what stands in a row of its own is swiped through, its neighbour in sight: cards of segments and the
index map one segment at a time, and picks in one line. */
.stElementContainer:has(>.stHtml .sgm-narrow){display:none}
@media (max-width:640px){
  .stElementContainer:has(>.stHtml .sgm-narrow){display:block}
  [class*="_index_wide"]{display:none!important}
  .st-key-segments_cards,.st-key-next_month_cards,[class*="_swipe_"],.sg-swipe{display:grid!important;
    grid-auto-flow:column!important;grid-template-columns:none!important;
    grid-auto-columns:calc(100% - 2.5rem)!important;grid-template-rows:auto;gap:.5rem;padding-bottom:.25rem;
    overflow-x:auto;scroll-snap-type:x mandatory;scrollbar-width:thin}
  .st-key-segments_cards>*,.st-key-next_month_cards>*,[class*="_swipe_"]>*,.sg-swipe>*{
    scroll-snap-align:start;min-width:0}
  /* Axes beside each other need a width of their own; the row is swiped on. */
  [class*="_swipe_"]>*:has([class*="_customer-lines"]){min-width:62rem}
  .sg-swipe .sgm-mark{grid-template-columns:minmax(5rem,11rem) minmax(2.5rem,1fr) auto;gap:.25rem .5rem}
  .sgm-scroll th:first-child{min-width:9.5rem}
  /* A cell of five beside each other is no wider than this. */
  [class*="_rfm_grid"] .scatterlayer text{font-size:10px!important}
  [class*="_offered"] p{font-size:.875rem;line-height:1.4}
  [data-testid="stMain"]:has(.st-key-use_segments) .stVerticalBlock{gap:.6rem!important}
  [data-testid="stMain"]:has(.st-key-use_segments) p{line-height:1.4}
  [class*="_offered"],[class*="_offered"] :is(.stHorizontalBlock,.stColumn,.stVerticalBlock){gap:.5rem!important}
  .sgm-scroll :is(th,td){padding:.35rem .5rem!important}
  /* A view that is picked takes the place of the pictures above it. */
  [data-testid="stMain"]:has([class*="_view"] [data-selected="true"]) [class*="_overview"]{display:none}
  /* Beside the segments as they are now, the files stand in nobody's way. */
  [data-testid="stMain"]:has(.st-key-next_month_parts [role="tab"]:not([data-key="0"])[aria-selected="true"])
    .st-key-next_month_files{display:none}
  :is([class*="_pick"],.st-key-use_segments) .stButtonGroup>div{flex-wrap:nowrap;overflow-x:auto;scrollbar-width:thin;
    padding:.25rem}
  :is([class*="_pick"],.st-key-use_segments) .stButtonGroup button{flex:none}
  h1{font-size:1.75rem!important}}
.sg-swipe:focus-visible{outline:3px solid var(--sg-accent);outline-offset:2px}
.sgm-head{display:flex;gap:.6rem;align-items:center;margin-bottom:.5rem;font-size:1rem;overflow-wrap:anywhere}
ol.sg-steps{list-style:none!important;margin:0!important;padding:0!important;color:var(--sg-quiet)}
.sg-steps li{padding:.25rem 0;margin:0!important}
.sg-steps b{display:inline-block;width:1.25rem}
.sg-steps .now{color:var(--sg-ink);font-weight:600}
.sg-steps .now span{display:block;margin-left:1.5rem;font-weight:400;color:var(--sg-quiet)}
.sg-scale{display:grid;grid-template-columns:repeat(4,1fr);gap:6px;font-size:.875rem;line-height:1.25;
  color:var(--sg-quiet)}
.sg-scale i{display:block;height:9px;border-radius:5px;background:var(--sg-empty);margin-bottom:6px}
.sg-scale .passed i{background:var(--sg-passed)}
.sg-scale .here i{background:var(--sg-accent)}
.sg-scale .here{color:var(--sg-ink)}
.sg-scale .here b{font-weight:700}
.sg-scale b{font-weight:400;display:block}
@media (max-width:640px){.sg-scale div:not(.here) span{display:none}}
.sg-card h2{font-size:1.0625rem;font-weight:600;line-height:1.3;letter-spacing:0;margin:0;
 padding:0;display:flex;gap:.6rem;align-items:center}
.sg-card h2 b{flex:none;width:1.7rem;height:1.7rem;border-radius:50%;display:grid;place-items:center;font-size:.875rem}
.sg-card p{margin:.35rem 0 .6rem;font-size:.9375rem;line-height:1.4;text-wrap:pretty}
.sg-card div{display:grid;grid-template-columns:1fr auto;gap:.6rem;align-items:center;font-size:.875rem;
  color:var(--sg-quiet)}
.sg-card div i{display:block;height:8px;border-radius:4px;background:var(--sg-empty)}
.sg-card div i u{display:block;height:8px;border-radius:4px}
.sg-card div b{color:var(--sg-ink)}
</style>"""
# The title of the new page, once it is there, takes the focus from the link that led to it; not from a field that the
# visitor is in by now. Where work on the page brings another title, that one has it.
# On a telephone, where Streamlit's menu lies over the page, it closes behind whoever has picked a page in it; and its
# list, which Streamlit groups in a way that no list can be, is read out as groups of links.
_FOCUS: Final = """<script>
(() => {
  const page = %r, end = Date.now() + 10000;
  const held = document.activeElement;
  if ((window.segmenterAt ?? page) !== page && innerWidth < 768)
    document.querySelector('[data-testid="stSidebar"]:not([data-collapsed="true"]) ' +
      '[data-testid="stSidebarCollapseButton"] button')?.click();
  window.segmenterAt = page;
  const focus = title => { title.tabIndex = -1; title.focus({preventScroll: true}); };
  const keep = (title, until) => {
    const now = document.activeElement, lost = !title.isConnected && (!now || now === document.body);
    const next = lost && document.querySelector('[data-testid="stMain"] h1');
    if (window.segmenterPage !== page || Date.now() > until || !(lost || now === title)) return;
    if (next) focus(next);
    setTimeout(() => keep(next || title, until), 300);
  };
  const look = () => {
    const app = document.querySelector('[data-testid="stApp"]');
    const title = document.querySelector('[data-testid="stMain"] h1');
    const drawn = app && app.dataset.testScriptState !== 'running' && title && !title.closest('[data-stale="true"]');
    if (drawn) {
      const now = document.activeElement;
      if (window.segmenterPage && window.segmenterPage !== page && (!now || now === document.body || now === held)) {
        focus(title);
        keep(title, Date.now() + 120000);
      }
      window.segmenterPage = page;
    } else if (Date.now() < end) setTimeout(look, 100);
  };
  look();
  if (window.segmenterMenu) return;
  const menu = () => document.querySelectorAll('[data-testid="stSidebarNavItems"]:not([role])').forEach(list => {
    list.setAttribute('role', 'none');
    list.querySelectorAll('li').forEach(item => item.setAttribute('role', 'none'));
    list.querySelectorAll(':scope > div').forEach(group => {
      group.setAttribute('role', 'group');
      group.setAttribute('aria-label', group.querySelector('header p')?.innerText ?? '');
    });
  });
  window.segmenterMenu = new MutationObserver(menu);
  window.segmenterMenu.observe(document.body, {childList: true, subtree: true});
  menu();
})();
</script>"""


def style_page() -> None:
    """Add what the theme cannot say."""
    st.html(_STYLE.replace("MOST_MB", str(config.MAX_UPLOAD_MB)))


def focus_title(page: str) -> None:
    """Move the focus to the page's title, so that a keyboard and a screen reader begin at its answer.

    Parameters
    ----------
    page
        One of the app's own names; nothing of a customer's ever stands in the script.
    """
    st.html(_FOCUS % page, unsafe_allow_javascript=True)


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
    # Lists are also made of customers who were placed in a saved model's segments, of whom Data knows nothing.
    has_lists = entry.file == "use" and bool(session().usable_results())
    if entry.needs_data and session().dataset is None and not has_lists:
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
