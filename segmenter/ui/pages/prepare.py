"""Choose the columns that form the segments and how they are made comparable."""

from collections.abc import Callable

import streamlit as st

from segmenter.charts.preparation import influence_bars
from segmenter.errors.base import SegmenterError
from segmenter.prepare.diagnostics import column_influence
from segmenter.prepare.preparation import prepare
from segmenter.prepare.previews import PREVIEW_ROWS
from segmenter.prepare.suggest import can_segment, evened_out, evened_out_words, missing_effect
from segmenter.recipe.recipe import Scaling
from segmenter.table.dataset import Dataset, subsample
from segmenter.ui import messages
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.widgets.column_pictures import column_pictures
from segmenter.ui.widgets.column_settings import column_settings
from segmenter.ui.widgets.columns_table import change_line, columns_table, pick_columns, pick_view
from segmenter.ui.widgets.default_columns import ask_about_codes, switch_evening_out
from segmenter.ui.widgets.findings import show_findings
from segmenter.ui.widgets.kinds_table import kinds_table
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.purchases import looks_like_purchases
from segmenter.ui.widgets.sensitivity_view import show_sensitivity

STILL_LINES = (
    "These rows look like purchases, not customers: each line counts as a customer from here on, unless you turn the "
    "lines into customers on Data."
)
INFLUENCE_HELP = (
    "What each column contributes to the distance between two customers. A category is scaled so that, at weight 1, it "
    "counts as much as a standardised number, however many values it has."
)


def render() -> None:
    """Draw the page in the order in which it is read."""
    dataset = session().dataset
    if dataset is None:
        return
    _answer(dataset)
    _remind_of_lines(dataset)
    ask_about_codes(dataset)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        table = st.container(width="content")
        with st.popover("Settings", icon=":material/tune:"):
            _pick_columns(dataset)
            _pick_scaling()
            switch_evening_out(dataset)
    with table:
        view = pick_view(dataset)
    columns_table(dataset, view)
    _one_column(dataset)
    with st.expander("What stands out in these columns", icon=":material/lightbulb:", key="open_findings"):
        show_findings()
    _more(dataset)


def _answer(dataset: Dataset) -> None:
    recipe = session().recipe
    forming, columns = len(recipe.segmenting), len(dataset.columns)
    form = "forms" if forming == 1 else "form"
    st.title(f"{forming:,} of {columns:,} columns {form} the segments.")
    if not forming:
        st.warning("Pick at least one column.", icon=":material/warning:")
        return
    effect = missing_effect(dataset, recipe)
    changed = evened_out_words(evened_out(session().features))
    st.write(change_line(dataset, changed, effect.values_filled, effect.rows_left_out))


def _remind_of_lines(dataset: Dataset) -> None:
    if looks_like_purchases(dataset):
        st.warning(STILL_LINES, icon=":material/receipt_long:")
        st.page_link(page_file("data"), label="Go to Data", icon=":material/upload_file:")


def _pick_columns(dataset: Dataset) -> None:
    names = [column.name for column in dataset.columns if can_segment(column)]
    current = [spec.column for spec in session().features if spec.segments]
    picked = st.multiselect("Columns to segment by", names, current, key="prepare_columns")
    if set(picked) != set(current):
        pick_columns(picked, dataset)
        session().ticked_anew += 1
        st.rerun()


def _pick_scaling() -> None:
    options = list(Scaling)
    picked = st.segmented_control(
        "Scaling",
        options,
        default=session().scaling,
        required=True,
        format_func=lambda each: messages.SCALING_WORDS[each.value],
        help=messages.SCALING_HELP,
        key="prepare_scaling",
    )
    session().scaling = picked or session().scaling
    if session().scaling is Scaling.NONE:
        st.warning(messages.UNSCALED, icon=":material/warning:")


def _one_column(dataset: Dataset) -> None:
    """Draw the settings of one column that forms segments, and what they do to it."""
    forming = {spec.column: spec for spec in session().features if spec.segments}
    if not forming:
        return
    picked = st.selectbox(
        "Change how a column is used",
        list(forming),
        index=None,
        format_func=str,
        placeholder="Pick a column: missing values, shape, weight, far out",
        key="prepare_one",
    )
    if picked is None:
        return
    spec = forming[picked]
    with st.container(border=True):
        now = column_settings(spec, dataset)
        if now != spec:
            session().features = tuple(now if each is spec else each for each in session().features)
            st.rerun()
        column_pictures(now, dataset, session().recipe)


def _more(dataset: Dataset) -> None:
    _lazily("How much each column counts", "balance", "prepare_counts_open", lambda: _influence(dataset))
    _lazily(
        "Would other choices change the segments?", "science", "prepare_try_open", lambda: show_sensitivity(dataset)
    )
    _lazily("What each column is, and why", "table_view", "kinds_open", lambda: kinds_table(dataset))


def _lazily(label: str, icon: str, key: str, draw: Callable[[], None]) -> None:
    line = st.expander(label, icon=f":material/{icon}:", key=key, on_change="rerun")
    if line.open:
        with line:
            draw()


def _influence(dataset: Dataset) -> None:
    st.write(INFLUENCE_HELP)
    try:
        prepared = prepare(subsample(dataset, PREVIEW_ROWS), session().recipe)
    except SegmenterError as error:
        show_error(error)
        return
    influences = column_influence(prepared)
    st.plotly_chart(influence_bars(influences), key="prepare_influence")
    st.dataframe(
        [
            {"Column": each.column, "Share of the distance": f"{each.share:.1%}", "Prepared columns": each.n_prepared}
            for each in influences
        ],
        hide_index=True,
        width="stretch",
    )


if __name__ == "__main__":
    render()
