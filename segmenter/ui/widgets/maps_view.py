"""Views of all customers on a map."""

from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from segmenter.charts.maps import AXES, customer_map
from segmenter.charts.theme import for_page
from segmenter.errors.base import SegmenterError
from segmenter.explain.columns import column_title
from segmenter.segment.embed import MAPS, CustomerMap, MapKind, map_customers
from segmenter.segment.result import Result
from segmenter.segment.segmentation import FITS_NONE
from segmenter.ui.messages import safe_md
from segmenter.ui.state import is_dark, session
from segmenter.ui.widgets.finding_charts import show_chart
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.working import Work, run_job, take

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
                "Kind of map", list(MAPS), default="pca", required=True, key=f"{key}_map_kind",
                format_func=lambda each: MAPS[each].title,
            )
        ]  # fmt: skip
    with right:
        n_dimensions = st.segmented_control(
            "Dimensions", list(DIMENSIONS), default=2, required=True, key=f"{key}_map_dimensions",
            format_func=lambda each: DIMENSIONS[each],
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
