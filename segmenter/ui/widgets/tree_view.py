"""View of an agglomerative clustering's details."""

from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from segmenter import config
from segmenter.charts.dendrogram import dendrogram
from segmenter.cluster.hierarchical import Dendrogram
from segmenter.segment.result import Result
from segmenter.segment.som_view import segments_of_leaves
from segmenter.ui.state import forget_widgets, session

INTRO: Final = (
    "Customers are merged into ever larger groups, the most alike first. The dashed line cuts the tree: every branch "
    "that it meets is a segment. Move it; a long way up from the line to the next merge speaks for a cut."
)
NUMBERS_HELP: Final = (
    "Below each branch: how many customers it holds; what merged before is drawn as one. At each merge above the line: "
    "its height, the distance of the two groups."
)
ROWS_IN_TABLE: Final = 15


def show(result: Result, key: str) -> None:
    """Draw the tree behind a result, with a line that can be moved."""
    tree = result.segmentation.clusterer.details_
    if not isinstance(tree, Dendrogram) or tree.n_leaves <= config.MIN_SEGMENTS:
        st.write("There are too few customers for a tree.")
        return
    st.write(INTRO)
    current, most = result.segmentation.n_segments, min(tree.n_leaves, config.MAX_SEGMENTS)
    start = min(max(current, config.MIN_SEGMENTS), most)
    k = st.slider("Cut into segments", config.MIN_SEGMENTS, most, start, key=f"{key}_cut", help=NUMBERS_HELP)
    segments = segments_of_leaves(result, tree) if k == current else tree.cut(k)
    st.plotly_chart(dendrogram(tree, segments, k), key=f"{key}_tree")
    sizes = np.sort(np.bincount(segments, weights=tree.sizes))[::-1]
    st.write(
        f"Cut at a height of {tree.height_for(k):.3g}: {k} segments of "
        + ", ".join(f"{int(size):,}" for size in sizes)
        + " customers."
    )
    if k != current and result is session().result.latest and st.button(f"Form {k} segments", key=f"{key}_use_cut"):
        forget_widgets("choose_k")
        session().n_segments = k
        st.rerun()
    with st.expander("The last merges in numbers", icon=":material/table:"):
        st.dataframe(last_merges(tree), hide_index=True, width="stretch")


def last_merges(tree: Dendrogram) -> pd.DataFrame:
    """Return the last merges of a tree, the very last first."""
    customers = np.concatenate([tree.sizes, tree.merges[:, 3]])
    last = tree.merges[::-1][:ROWS_IN_TABLE]
    pairs = customers[last[:, :2].astype(np.intp)]
    return pd.DataFrame(
        {
            "Segments before": np.arange(2, len(last) + 2),
            "Segments after": np.arange(1, len(last) + 1),
            "Height": last[:, 2].round(4),
            "Customers in the larger group": pairs.max(axis=1).astype(int),
            "Customers in the smaller group": pairs.min(axis=1).astype(int),
        }
    )
