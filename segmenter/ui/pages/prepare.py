"""Choose the columns that form the segments and how they are made comparable."""

from collections.abc import Callable

import streamlit as st

from segmenter.charts.preparation import influence_bars
from segmenter.errors.base import SegmenterError
from segmenter.prepare.diagnostics import column_influence
from segmenter.prepare.preparation import prepare
from segmenter.prepare.previews import PREVIEW_ROWS
from segmenter.prepare.suggest import can_segment, missing_effect, unused, used
from segmenter.recipe.recipe import FeatureSpec, Scaling
from segmenter.table.dataset import Dataset, subsample
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.widgets.column_pictures import column_pictures
from segmenter.ui.widgets.column_settings import column_settings, settings_words
from segmenter.ui.widgets.default_columns import show_defaults
from segmenter.ui.widgets.findings import show_findings
from segmenter.ui.widgets.kinds_table import kinds_table
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.purchases import looks_like_purchases
from segmenter.ui.widgets.sensitivity_view import show_sensitivity

DETAILS = "Nothing here needs a click. Open a column to see what its settings do to it, and to change them."
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
    st.title(messages.PREPARE_TITLE)
    st.write(messages.PREPARE_INTRO)
    _remind_of_lines(dataset)
    _pick_columns(dataset)
    show_defaults(dataset)
    _pick_scaling()
    _effect(dataset)
    show_findings()
    _columns(dataset)
    _more(dataset)


def _remind_of_lines(dataset: Dataset) -> None:
    if looks_like_purchases(dataset):
        st.warning(STILL_LINES, icon=":material/receipt_long:")
        st.page_link(page_file("data"), label="Go to Data", icon=":material/upload_file:")


def _pick_columns(dataset: Dataset) -> None:
    names = [column.name for column in dataset.columns if can_segment(column)]
    current = [spec.column for spec in session().features if spec.segments]
    picked = st.multiselect("Columns to segment by", names, current, key="prepare_columns")
    session().features = tuple(
        (spec if spec.segments else used(spec, dataset)) if spec.column in picked else unused(spec)
        for spec in session().features
    )
    if not picked:
        st.warning("Pick at least one column.", icon=":material/warning:")


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


def _effect(dataset: Dataset) -> None:
    effect = missing_effect(dataset, session().recipe)
    columns = messages.count_columns(len(session().recipe.segmenting))
    st.write(
        f"{columns}, {dataset.n_customers - effect.rows_left_out:,} customers "
        f"({effect.rows_left_out:,} rows left out, {effect.values_filled:,} values filled in)."
    )


def _columns(dataset: Dataset) -> None:
    """Draw a line per column in use; what it holds is only drawn when it is opened."""
    if not session().recipe.segmenting:
        return
    st.subheader("Column by column")
    st.write(DETAILS)
    for spec in session().features:
        if spec.segments:
            _column(spec, dataset)


def _column(spec: FeatureSpec, dataset: Dataset) -> None:
    # The label stays the same: an expander that is called otherwise counts as another one, and closes.
    line = st.expander(safe_md(spec.column), key=f"prepare_open_{spec.column}", on_change="rerun")
    if not line.open:
        _summary(spec, dataset)
        return
    with line:
        now = column_settings(spec, dataset)
        if now != spec:
            session().features = tuple(now if each is spec else each for each in session().features)
            st.rerun()
        column_pictures(now, dataset, session().recipe)


def _summary(spec: FeatureSpec, dataset: Dataset) -> None:
    findings = session().current_findings()
    far_out = findings.far_out.get(spec.column, 0.0) if findings else 0.0
    words = [settings_words(spec, dataset), f"{far_out:.2%} of the customers far out" if far_out else ""]
    if any(words):
        st.caption(safe_md(", ".join(each for each in words if each), 250))


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
