"""Segments beside what is known from elsewhere: labels, and lists of people."""

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import Final

import streamlit as st

from segmenter import config
from segmenter.charts.comparison import label_bars, label_boxes, label_map, label_shares, venn
from segmenter.errors.base import SegmenterError
from segmenter.explain.within import WithinGroups, fit_within
from segmenter.io.export import check_code
from segmenter.io.export.csv import to_csv
from segmenter.segment.external_labels import (
    MOST_LISTS,
    ExternalLabelComparison,
    accuracy_here,
    compare_external_labels,
    compare_lists,
    external_labels,
    label_columns,
    list_columns,
    members_of,
    with_label_map,
)
from segmenter.segment.profile import number_columns
from segmenter.segment.result import Result
from segmenter.segment.segmentation import MajorityLabelMap
from segmenter.typing import BoolArray
from segmenter.ui.messages import safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.working import Work, run_job

INTRO: Final = (
    "Who of each segment reads the newsletter, uses the app, holds a card? Pick up to three yes/no columns, or paste "
    "the identifiers of a list."
)
PASTED_HELP: Final = "One identifier on each line, as in the column of your file that identifies customers."
INDEX_HELP: Final = "100: as many as among all customers in segments; 200: twice as many."
NONE_PICKED: Final = "Pick a list to see how it lies over the segments."


def show_lists(result: Result, key: str) -> None:
    """Let the visitor pick or paste lists; draw where they meet, and how many of each segment are on them."""
    st.write(INTRO)
    columns = list_columns(result.dataset)
    picked = st.multiselect("Lists", columns, max_selections=MOST_LISTS, key=f"{key}_lists") if columns else []
    pasted = st.text_area("A list of your own", key=f"{key}_pasted", help=PASTED_HELP, height=100)
    lists: dict[str, Collection[str] | BoolArray] = {}
    try:
        for name in picked:
            overlap = compare_lists(result, [name])
            lists[name] = overlap.members[name]
        if pasted.strip():
            if len(lists) == MOST_LISTS:
                st.info(f"{MOST_LISTS} lists can be compared: take one away to see your own.", icon=":material/info:")
            else:
                name = "Your list" if "Your list" not in lists else "Your own list"
                lists[name] = members_of(result.dataset, pasted.splitlines())
        if not lists:
            st.write(NONE_PICKED)
            return
        overlap = compare_lists(result, lists)
    except SegmenterError as error:
        show_error(error)
        return
    picture, table = st.columns([1, 2])
    picture.plotly_chart(venn(overlap), key=f"{key}_venn")
    config = {}
    for name in overlap.lists:
        config[f"{name}: share"] = st.column_config.NumberColumn(format="percent")
        config[f"{name}: index"] = st.column_config.NumberColumn(format="%.0f", help=INDEX_HELP)
    table.dataframe(overlap.table, hide_index=True, width="stretch", column_config=config, key=f"{key}_lists_table")


WITHIN_INTRO: Final = (
    "Lifecycle stage first, then segments within: pick a column with a few groups, and segments are formed inside each "
    "of them, in the same way as above."
)


def show_within(result: Result, key: str) -> None:
    """Let the visitor form segments inside each group of a column, and take them along."""
    st.write(WITHIN_INTRO)
    columns = label_columns(result.dataset)
    if not columns:
        st.write("No column of this file has a few groups as its values.")
        return
    left, right = st.columns([3, 1])
    column = left.selectbox("Column with the groups", columns, None, placeholder="Pick a column", key=f"{key}_within")
    most = config.MAX_SEGMENTS
    k = int(right.number_input("Segments in each", 2, most, min(3, most), key=f"{key}_within_k"))
    if column is None:
        return
    recipe = replace(result.segmentation.recipe, n_segments=k)
    of = (result.dataset.fingerprint, recipe, column)
    dataset = result.dataset

    def ask() -> Work[WithinGroups] | None:
        if st.button("Form segments inside each group", icon=":material/account_tree:", key=f"{key}_within_go"):
            return lambda progress, _: fit_within(dataset, recipe, column, progress=progress)
        return None

    keep = partial(session().within.keep, basis=of)
    if run_job("within", lambda: of, ask, keep, n_cells=dataset.frame.size):
        return
    found = session().within.on(of)
    if found is None:
        return
    share = {"Share of the group": st.column_config.NumberColumn(format="percent")}
    st.dataframe(found.table(), hide_index=True, width="stretch", column_config=share, key=f"{key}_within_table")
    content = to_csv(found.labelled())
    st.download_button(
        "Download all customers with group and segment", content, f"within_{check_code(content)}.csv", "text/csv",
        on_click="ignore", icon=":material/download:", key=f"{key}_within_download",
    )  # fmt: skip


KNOWN_INTRO: Final = (
    "Does the file say for some customers which kind they are? Set the segments beside it: each segment stands for the "
    "label that most of its customers have."
)
NO_COLUMN: Final = "No column of this file has a few kinds of customers as its values."
ACCURACY_HELP: Final = (
    "Share of the labelled customers whose label is the one that their segment stands for, by the labels of all other "
    "customers: each is held out in turn."
)
AGREEMENT_HELP: Final = "Adjusted Rand index between segments and labels: 1 for the same division, about 0 for chance."
CIRCULAR: Final = (
    "This column helped to form the segments, so they find it again: every figure here flatters. Leave it out on the "
    "page Prepare."
)
KEPT: Final = "The model knows what its segments stand for: downloads and the page Next month predict the label."


def show_known(result: Result, key: str) -> None:
    """Draw what the segments stand for, and let the visitor keep it with the model."""
    st.write(KNOWN_INTRO)
    if result.segmentation.known is not None:
        _show_kept(result, result.segmentation.known, key)
    columns = label_columns(result.dataset)
    if not columns:
        st.write(NO_COLUMN)
        return
    column = st.selectbox(
        "Column with the labels", columns, None, placeholder="Pick a column", key=f"{key}_known",
    )  # fmt: skip
    if column is None:
        return
    try:
        comparison = compare_external_labels(result, column)
    except SegmenterError as error:
        show_error(error)
        return
    _show(result, comparison, key)


def _show(result: Result, comparison: ExternalLabelComparison, key: str) -> None:
    if comparison.formed_by_it:
        st.warning(CIRCULAR, icon=":material/warning:")
    mapping, names = comparison.mapping, result.segmentation.names
    first, second, third = st.columns(3)
    first.metric("Predicted, on held-out customers", f"{mapping.accuracy:.1%}", help=ACCURACY_HELP)
    second.metric("By the most frequent label alone", f"{mapping.baseline:.1%}")
    third.metric("Adjusted Rand index", f"{mapping.agreement:.3f}", help=AGREEMENT_HELP)
    without = f" {comparison.n_unlabelled:,} customers have no label." if comparison.n_unlabelled else ""
    st.write(f"Measured on {mapping.n_customers:,} customers with a segment and a label.{without}")
    st.plotly_chart(label_map(comparison, names), key=f"{key}_known_map")
    shares = {"Share of it": st.column_config.NumberColumn(format="percent")}
    st.dataframe(comparison.as_table(names), hide_index=True, width="stretch", column_config=shares)
    with st.expander("Pictures of the label", icon=":material/bar_chart:"):
        left, right = st.columns(2)
        left.plotly_chart(label_bars(comparison), key=f"{key}_known_bars")
        right.plotly_chart(label_shares(comparison, names), key=f"{key}_known_shares")
        numbers = list(number_columns(result.dataset, result.segmentation))
        if numbers:
            column = st.selectbox("A column by label", numbers, key=f"{key}_known_column")
            labels = external_labels(result.dataset, mapping.column)
            figure = label_boxes(labels, result.dataset.frame[column])
            st.plotly_chart(figure, key=f"{key}_known_boxes")
            st.caption("Box: the middle half of the customers of that label; whiskers: 5 % to 95 %.")
    if mapping != result.segmentation.known and st.button(
        "Keep this with the model", type="primary", icon=":material/save:", key=f"{key}_known_keep"
    ):
        session().exchange(result, with_label_map(result, mapping))
        st.rerun()


def _show_kept(result: Result, known: MajorityLabelMap, key: str) -> None:
    pairs = (
        f"{safe_md(name)} = {safe_md(label)}"
        for name, label in zip(result.segmentation.names, known.labels, strict=True)
    )
    here = accuracy_here(result) if result.assignment is not None else None
    right = f" In this file it is right for {here:.1%} of the labelled customers." if here is not None else ""
    st.success(
        f"**{KEPT}** {safe_md(known.column)}: {', '.join(pairs)}. On held-out customers it was right for "
        f"{known.accuracy:.1%} ({known.baseline:.1%} by the most frequent label alone).{right}",
        icon=":material/check_circle:",
    )
    if st.button("Forget it", key=f"{key}_known_forget"):
        session().exchange(result, with_label_map(result, None))
        st.rerun()
