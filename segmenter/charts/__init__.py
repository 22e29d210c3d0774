"""From a core type to a figure. Add a chart here: one function, one entry in `CHARTS`."""

from collections.abc import Callable

import plotly.graph_objects as go

from segmenter.charts.maps import component_map
from segmenter.charts.segments import index_map, silhouette_bars, sizes
from segmenter.segment.result import Result


def _sizes(result: Result) -> go.Figure:
    return sizes(result.profiles, int(result.fits_none.sum()), result.dataset.n_customers)


CHARTS: dict[str, tuple[str, Callable[[Result], go.Figure]]] = {
    "sizes": ("Segment sizes", _sizes),
    "index": ("What makes each segment different", lambda result: index_map(result.profiles)),
    "map": ("Map of all customers", component_map),
    "silhouette": ("How clearly each segment stands apart", lambda result: silhouette_bars(result.profiles)),
}
"""Charts that need nothing but a result: key to (title, drawing)."""
