"""View of the segments beside lists of customers, such as newsletter readers and users of the app."""

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import Final

import streamlit as st

from segmenter import config
from segmenter.charts.comparison import venn
from segmenter.errors.base import SegmenterError
from segmenter.explain.within import WithinGroups, fit_within
from segmenter.io.export import check_code
from segmenter.io.export.csv import to_csv
from segmenter.segment.external_labels import label_columns
from segmenter.segment.overlaps import MOST_LISTS, compare_lists, list_columns, members_of
from segmenter.segment.result import Result
from segmenter.typing import BoolArray
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
