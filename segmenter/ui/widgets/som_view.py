"""View of a self-organising map's details."""

from typing import Final

import streamlit as st

from segmenter import config
from segmenter.charts.dendrogram import dendrogram
from segmenter.charts.som import borders, hits, plane, segments_on_map
from segmenter.cluster.som.fit import SomMap
from segmenter.cluster.som.method import closeness, order
from segmenter.segment.result import Result
from segmenter.segment.som_view import SomView, customers_on_map, som_view
from segmenter.ui.state import forget_widgets, session

INTRO: Final = (
    "Every cell of the map is a unit: a typical customer, to whom real customers who are most like it belong. Units "
    "that stand beside each other are alike, and a segment is a group of units."
)
MORE_UNITS: Final = (
    "The map has {units:,} units for {customers:,} customers: more units than customers, so it stands closer to them "
    "than it would to others. For groups rather than single customers, choose fewer rows and columns on the page "
    "Choose."
)
EXPLAINED_HELP: Final = (
    "How much nearer customers are to their unit than to the middle of all customers. More units, or less smoothness, "
    "follow them more closely."
)
BORDERS_HELP: Final = (
    "U-matrix: how far each unit is from its neighbours, light for near and dark for far. Dark ridges are borders "
    "between groups. Every customer stands on its unit, in the colour of its segment."
)
SEGMENTS_HELP: Final = (
    "The units of each segment; the larger the marker, the more customers. Pale cells without a marker have none "
    "and would pass new customers on to the segment of the nearest unit that has some."
)
HITS_HELP: Final = "How many customers belong to each unit."
PLANES_HELP: Final = (
    "What the units are like in one column, in your own units: compare where two columns are dark. A category is "
    "shown as the share of its customers."
)
TREE_HELP: Final = (
    "Units are merged into ever larger groups, the most alike first. The line cuts the tree where the segments are; "
    "a long way up from the line to the next merge speaks for a cut. Move it to see other numbers of segments."
)
PLANES_AT_FIRST, PLANES_IN_A_ROW = 6, 3


def show(result: Result, key: str) -> None:
    """Draw the map behind a result, and say how true it is to the customers."""
    shown = som_view(result)
    if shown is None:
        return
    st.write(INTRO)
    _truth(shown.found)
    if shown.found.grid.n_units > shown.found.hits.sum():
        st.write(MORE_UNITS.format(units=shown.found.grid.n_units, customers=int(shown.found.hits.sum())))
    left, right = st.columns(2)
    with left:
        st.subheader("Borders and customers", help=BORDERS_HELP)
        st.plotly_chart(borders(shown, customers_on_map(result, shown.found)), key=f"{key}_borders")
        if result.n_placed > config.MAX_POINTS_SHOWN:
            st.write(f"About {config.MAX_POINTS_SHOWN:,} of {result.n_placed:,} customers are drawn.")
    with right:
        st.subheader("Customers per unit", help=HITS_HELP)
        st.plotly_chart(hits(shown), key=f"{key}_hits")
    _planes(shown, key)
    _tree(result, shown, key)
    with st.expander("Every unit in numbers", icon=":material/table:"):
        st.dataframe(shown.table(), hide_index=True, width="stretch")


def _truth(found: SomMap) -> None:
    close, torn, explained = st.columns(3)
    close.metric("Quantization error (scaled units)", f"{found.quantization_error:.2f}", help=closeness(found))
    torn.metric("Topographic error", f"{found.topographic_error:.1%}", help=order(found))
    explained.metric("Distance that the map takes away", f"{found.explained_share:.0%}", help=EXPLAINED_HELP)


def _planes(shown: SomView, key: str) -> None:
    st.subheader("What the units are like", help=PLANES_HELP)
    columns = list(shown.telling_planes)
    picked = st.multiselect("Columns on the map", columns, columns[:PLANES_AT_FIRST], key=f"{key}_planes")
    for start in range(0, len(picked), PLANES_IN_A_ROW):
        places = st.columns(PLANES_IN_A_ROW)
        for number, (place, column) in enumerate(zip(places, picked[start:], strict=False), start):
            place.plotly_chart(plane(shown, column), key=f"{key}_plane_{number}")


def _tree(result: Result, shown: SomView, key: str) -> None:
    st.subheader("How the units merge", help=TREE_HELP)
    current, most = len(shown.names), min(shown.found.tree.n_leaves, config.MAX_SEGMENTS)
    k, low = current, config.MIN_SEGMENTS
    if most > low:
        k = st.slider("Cut into segments", low, most, max(current, low), key=f"{key}_cut")
    segments = shown.segments if k == current else shown.found.cut(k)
    names = shown.names if k == current else tuple(f"Segment {number}" for number in range(1, k + 1))
    left, right = st.columns(2)
    left.plotly_chart(dendrogram(shown.found.tree, segments[shown.found.leaves], k), key=f"{key}_tree")
    right.plotly_chart(segments_on_map(shown, segments, names), key=f"{key}_segments")
    st.write(SEGMENTS_HELP)
    if k != current and result is session().result.latest and st.button(f"Form {k} segments", key=f"{key}_use_cut"):
        forget_widgets("choose_k")
        session().n_segments = k
        st.rerun()
