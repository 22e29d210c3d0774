"""View of the segments beside known labels."""

from typing import Final

import streamlit as st

from segmenter.charts.comparison import label_bars, label_boxes, label_map, label_shares
from segmenter.errors.base import SegmenterError
from segmenter.segment.external_labels import (
    ExternalLabelComparison,
    accuracy_here,
    compare_external_labels,
    external_labels,
    label_columns,
    with_label_map,
)
from segmenter.segment.profile import number_columns
from segmenter.segment.result import Result
from segmenter.segment.segmentation import MajorityLabelMap
from segmenter.ui.messages import safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.notes import show_error

INTRO: Final = (
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
    st.write(INTRO)
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
