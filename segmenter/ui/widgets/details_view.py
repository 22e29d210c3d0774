"""What a method alone knows of its segments, one tab each: the registry of these views, and the views."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from segmenter import config
from segmenter.charts.maps import AXES, customer_map
from segmenter.charts.methods import borders, criterion, dendrogram, hits, plane, segments_on_map
from segmenter.charts.theme import for_page
from segmenter.cluster.gaussian import MixtureDetails
from segmenter.cluster.hierarchical import Dendrogram
from segmenter.cluster.som import SomMap, closeness, order
from segmenter.display import counted, percent_text
from segmenter.errors.base import SegmenterError
from segmenter.explain.columns import column_title
from segmenter.io.export import check_code
from segmenter.io.export.csv import to_csv
from segmenter.networks.network import LearningCurve
from segmenter.segment.embed import (
    MAPS,
    CustomerMap,
    MapKind,
    SomView,
    customers_on_map,
    map_customers,
    segments_of_leaves,
    som_view,
    win_map,
)
from segmenter.segment.result import DOUBTFUL, Result, certainty_by_segment, probability_of_segment
from segmenter.segment.segmentation import FITS_NONE
from segmenter.ui.messages import safe_md
from segmenter.ui.state import forget_widgets, is_dark, keeping, kept, session
from segmenter.ui.widgets import learn_results
from segmenter.ui.widgets.notes import short_cells, show_chart, show_error
from segmenter.ui.widgets.working import Work, run_job, take


@dataclass(frozen=True)
class DetailsView:
    """A tab beside those that every result has.

    Attributes
    ----------
    title
        The tab's name.
    show
        Draws it from a result; the text keeps two results' widgets apart.
    """

    title: str
    show: Callable[[Result, str], None]


CRITERION: Final = (
    "The Bayesian information criterion (BIC) weighs how well so many distributions or classes describe the customers "
    "against how many numbers they need. The lowest is best; a number close to it does as well."
)
CERTAINTY: Final = (
    "Every customer has a probability of each segment; the file you download has that of its own, in the column "
    "`probability`. Customers in doubt have less than {}: another segment suits them nearly as well."
)


def show_mixture(result: Result, key: str) -> None:
    """Draw the criterion for each number of segments, and how sure the customers of each segment are."""
    details = result.segmentation.clusterer.details_
    if isinstance(details, MixtureDetails) and len(details.bic) > 1:
        st.write(CRITERION)
        show_chart(criterion(details), key=f"{key}_criterion")
        with st.expander("The criterion in numbers", icon=":material/table:"):
            table = pd.DataFrame(
                {
                    "Segments": list(details.bic),
                    "BIC": [round(each, 1) for each in details.bic.values()],
                    "AIC": [round(each, 1) for each in details.aic.values()] or None,
                }
            ).dropna(axis=1, how="all")
            st.dataframe(table, hide_index=True, width="stretch")
    st.write(CERTAINTY.format(percent_text(DOUBTFUL)))
    st.dataframe(certainty_table(result), hide_index=True, width="stretch")


def certainty_table(result: Result) -> pd.DataFrame:
    """Return one row per segment."""
    segmentation = result.segmentation
    found = certainty_by_segment(segmentation.labels, probability_of_segment(segmentation, result.dataset.frame))
    return pd.DataFrame(
        {
            "Segment": [segmentation.names[each.segment] for each in found],
            "Customers": [each.size for each in found],
            "Mean probability": [percent_text(each.mean) for each in found],
            "In doubt": [each.in_doubt for each in found],
        }
    )


TREE_INTRO: Final = (
    "Customers are merged into ever larger groups, the most alike first. The dashed line cuts the tree: every branch "
    "that it meets is a segment. Move it; a long way up from the line to the next merge speaks for a cut."
)
NUMBERS_HELP: Final = (
    "Below each branch: how many customers it holds; what merged before is drawn as one. At each merge above the line: "
    "its height, the distance of the two groups."
)
ROWS_IN_TABLE: Final = 15


def show_tree(result: Result, key: str) -> None:
    """Draw the tree behind a result, with a line that can be moved."""
    tree = result.segmentation.clusterer.details_
    if not isinstance(tree, Dendrogram) or tree.n_leaves <= config.MIN_SEGMENTS:
        st.write("There are too few customers for a tree.")
        return
    st.write(TREE_INTRO)
    current, most = result.segmentation.n_segments, min(tree.n_leaves, config.MAX_SEGMENTS)
    start = min(max(current, config.MIN_SEGMENTS), most)
    low, slot, names = config.MIN_SEGMENTS, f"{key}_cut", result.segmentation.names
    k = st.slider("Cut into segments", low, most, kept(slot, start, names), help=NUMBERS_HELP, **keeping(slot, names))
    segments = segments_of_leaves(result, tree) if k == current else tree.cut(k)
    show_chart(dendrogram(tree, segments, k), key=f"{key}_tree")
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


MAP_INTRO: Final = (
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
MOST_LISTED = 1_000


def show_som(result: Result, key: str) -> None:
    """Draw the map behind a result, and say how true it is to the customers."""
    shown = som_view(result)
    if shown is None:
        return
    st.write(MAP_INTRO)
    _truth(shown.found)
    if shown.found.grid.n_units > shown.found.hits.sum():
        st.write(MORE_UNITS.format(units=shown.found.grid.n_units, customers=int(shown.found.hits.sum())))
    left, right = st.columns(2)
    with left:
        st.subheader("Borders and customers", help=BORDERS_HELP)
        show_chart(borders(shown, customers_on_map(result, shown.found)), key=f"{key}_borders")
        if result.n_placed > config.MAX_POINTS_SHOWN:
            st.write(f"About {config.MAX_POINTS_SHOWN:,} of {result.n_placed:,} customers are drawn.")
    with right:
        st.subheader("Customers per unit", help=HITS_HELP)
        picked = show_chart(hits(shown), key=f"{key}_hits", on_select="rerun", selection_mode=("points", "box"))
    _customers_of_units(result, picked["selection"]["points"], shown.found.grid.columns, key)
    _planes(shown, key)
    _tree(result, shown, key)
    with st.expander("Every unit in numbers", icon=":material/table:"):
        st.dataframe(shown.table(), hide_index=True, width="stretch")


def _customers_of_units(result: Result, points: Sequence[Mapping[str, object]], n_columns: int, key: str) -> None:
    """List the customers of the units that were clicked on, or named."""
    units = win_map(result)
    # Places of hexagons are no whole numbers; the order of the points is that of the units.
    places = (divmod(int(str(each["point_index"])), n_columns) for each in points if each.get("curve_number"))
    clicked = {(row + 1, column + 1) for row, column in places}
    options = sorted(units)
    chosen = st.multiselect(
        "Customers of units (row, column): click on Customers per unit, or pick",
        options,
        [unit for unit in options if unit in clicked],
        format_func=lambda unit: f"{unit[0]}, {unit[1]} ({len(units[unit]):,})",
        key=f"{key}_units_{hash(frozenset(clicked))}",
    )
    if not chosen:
        if clicked:
            st.write("No customer belongs to the units that were clicked on.")
        return
    rows = np.sort(np.concatenate([units[unit] for unit in chosen]))
    table = result.labelled().iloc[rows]
    st.write(f"{counted(len(table), 'customer')}.")
    st.dataframe(short_cells(table.head(MOST_LISTED)), hide_index=True, width="stretch", key=f"{key}_unit_customers")
    content = to_csv(table)
    st.download_button(
        "Download these customers", content, f"units_{check_code(content)}.csv", "text/csv", on_click="ignore",
        icon=":material/download:", key=f"{key}_units_download",
    )  # fmt: skip


def _truth(found: SomMap) -> None:
    close, torn, explained = st.columns(3)
    close.metric("Quantization error (scaled units)", f"{found.quantization_error:.2f}", help=closeness(found))
    torn.metric("Topographic error", percent_text(found.topographic_error, 1), help=order(found))
    explained.metric("Distance that the map takes away", percent_text(found.explained_share), help=EXPLAINED_HELP)


def _planes(shown: SomView, key: str) -> None:
    st.subheader("What the units are like", help=PLANES_HELP)
    columns = list(shown.telling_planes)
    picked = st.multiselect(
        "Columns on the map", columns, kept(f"{key}_planes", columns[:PLANES_AT_FIRST], columns),
        **keeping(f"{key}_planes", columns),
    )  # fmt: skip
    for start in range(0, len(picked), PLANES_IN_A_ROW):
        places = st.columns(PLANES_IN_A_ROW)
        for number, (place, column) in enumerate(zip(places, picked[start:], strict=False), start):
            with place:
                show_chart(plane(shown, column), key=f"{key}_plane_{number}")


def _tree(result: Result, shown: SomView, key: str) -> None:
    st.subheader("How the units merge", help=TREE_HELP)
    current, most = len(shown.names), min(shown.found.tree.n_leaves, config.MAX_SEGMENTS)
    k, low = current, config.MIN_SEGMENTS
    if most > low:
        slot = f"{key}_cut"
        now = kept(slot, max(current, low), shown.names)
        k = st.slider("Cut into segments", low, most, now, **keeping(slot, shown.names))
    segments = shown.segments if k == current else shown.found.cut(k)
    names = shown.names if k == current else tuple(f"Segment {number}" for number in range(1, k + 1))
    left, right = st.columns(2)
    with left:
        show_chart(dendrogram(shown.found.tree, segments[shown.found.leaves], k), key=f"{key}_tree")
    with right:
        show_chart(segments_on_map(shown, segments, names), key=f"{key}_segments")
    st.write(SEGMENTS_HELP)
    if k != current and result is session().result.latest and st.button(f"Form {k} segments", key=f"{key}_use_cut"):
        forget_widgets("choose_k")
        session().n_segments = k
        st.rerun()


# Add a view here: the type of a method's details, and what draws them.
VIEWS: dict[type, DetailsView] = {
    SomMap: DetailsView("Map of units", show_som),
    LearningCurve: DetailsView("Training", learn_results.show),
    Dendrogram: DetailsView("Tree", show_tree),
    MixtureDetails: DetailsView("Probabilities", show_mixture),
}


def view_of(result: Result) -> DetailsView | None:
    """Return what draws this method's own details; None where it has none, as in every loaded model."""
    return VIEWS.get(type(result.segmentation.clusterer.details_))


DIMENSIONS: Final = {2: "2-D", 3: "3-D"}
NUMBERS: Final = "Every point is a customer in the colour of its segment; the numbers stand in the segments' middles."
SHARES: Final = (
    "The share beside each direction is how much of all differences it shows. On a plane, lines run around the inner "
    "nine tenths of each segment, and arrows show which way columns rise."
)


def show_maps(result: Result, key: str) -> None:
    """Draw the map that the visitor picks; one that takes long is drawn in the background, on a click."""
    left, right = st.columns([2, 1])
    with left:
        kind = MAPS[
            st.segmented_control(
                "Kind of map", list(MAPS), default=kept(f"{key}_map_kind", "pca"), required=True,
                format_func=lambda each: MAPS[each].title, **keeping(f"{key}_map_kind"),
            )
        ]  # fmt: skip
    with right:
        n_dimensions = st.segmented_control(
            "Dimensions", list(DIMENSIONS), default=kept(f"{key}_map_dimensions", 2), required=True,
            format_func=lambda each: DIMENSIONS[each], **keeping(f"{key}_map_dimensions"),
        )  # fmt: skip
    if kind.needs:
        st.info(safe_md(kind.needs, 400), icon=":material/extension_off:")
        return
    drawn = _drawn(result, kind, n_dimensions, key)
    if drawn is not None:
        _show(drawn, kind, result, f"{key}_map_{kind.key}_{n_dimensions}")


def _drawn(result: Result, kind: MapKind, n_dimensions: int, key: str) -> CustomerMap | None:
    """Return the map if it is there, draw it at once, or let the visitor ask for it."""
    maps = session().maps_of(result)
    if kind.quick and (kind.key, n_dimensions) not in maps:
        _at_once(result, kind, n_dimensions)
    name, of = f"{key}_map", id(result.segmentation.labels)
    # Whatever was picked meanwhile, what was drawn of these segments is kept.
    _keep(maps, take(name, of))
    if not kind.quick and (kind.key, n_dimensions) not in maps:
        ask = partial(_ask, result, kind, n_dimensions, key)
        run_job(name, lambda: of, ask, partial(_keep, maps), n_cells=result.model_frame.size)
    return maps.get((kind.key, n_dimensions))


def _keep(maps: dict[tuple[str, int], CustomerMap], found: object) -> None:
    if isinstance(found, CustomerMap):
        maps[found.kind, found.coordinates.shape[1]] = found


def _ask(result: Result, kind: MapKind, n_dimensions: int, key: str) -> Work[CustomerMap] | None:
    st.write(f"A {kind.title} map of at most about {kind.most_customers:,} customers takes some seconds, in 3-D more.")
    if st.button(f"Draw the {kind.title} map", key=f"{key}_map_draw", icon=":material/scatter_plot:"):
        return lambda progress, _: map_customers(result, kind.key, n_dimensions, progress=progress)
    return None


def _at_once(result: Result, kind: MapKind, n_dimensions: int) -> None:
    try:
        session().maps_of(result)[kind.key, n_dimensions] = map_customers(result, kind.key, n_dimensions)
    except SegmenterError as error:
        show_error(error)


def _show(drawn: CustomerMap, kind: MapKind, result: Result, key: str) -> None:
    names = result.segmentation.names
    show_chart(for_page(customer_map(drawn, names, title=partial(column_title, result)), dark=is_dark()), key=key)
    how_many = f"{len(drawn.rows):,} of {drawn.n_all:,} customers are drawn, each segment in proportion. "
    sampled = how_many if len(drawn.rows) < drawn.n_all else f"All {drawn.n_all:,} customers are drawn. "
    st.write(sampled + (NUMBERS if drawn.coordinates.shape[1] == 2 else "Turn it with the mouse or a finger."))
    st.write(kind.explanation + (f" {SHARES}" if drawn.shares else ""))
    with st.expander("The points in numbers", icon=":material/table:"):
        st.dataframe(_table(drawn, names), hide_index=True, width="stretch")


def _table(drawn: CustomerMap, names: tuple[str, ...]) -> pd.DataFrame:
    columns = dict(zip(AXES, drawn.coordinates.T.round(4), strict=False))
    called = [names[segment] if segment >= 0 else FITS_NONE for segment in drawn.segments]
    return pd.DataFrame({"Row of the file": drawn.rows + 1, "Segment": called, **columns})
