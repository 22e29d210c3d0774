"""The registry of charts of a result. Add one here: a function from a result to a figure, and an entry in `CHARTS`.

An entry stands on the pages Segments and Next month, under the tab that it names, and in the page of charts that the
Export page and the command line write.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from segmenter.charts.segments import index_map, silhouette_bars, sizes
from segmenter.segment.result import Result

Tab = Literal["Overview", "Quality"]


@dataclass(frozen=True)
class Chart:
    """One chart of a result.

    Attributes
    ----------
    title
        Stands above it.
    tab
        Where it stands on the page.
    draw
        Draws it; a figure without traces, or traces without values, means that there is nothing to show.
    help
        One plain sentence on how to read it.
    nothing
        Said in its place when there is nothing to show; empty leaves it out.
    """

    title: str
    tab: Tab
    draw: Callable[[Result], go.Figure]
    help: str = ""
    nothing: str = ""


def _sizes(result: Result) -> go.Figure:
    return sizes(result.profiles, int(result.fits_none.sum()), result.dataset.n_customers)


CHARTS: dict[str, Chart] = {
    "sizes": Chart("Segment sizes", "Overview", _sizes),
    "index": Chart(
        "What makes each segment different",
        "Overview",
        lambda result: index_map(result.profiles),
        help="Index: 100 is the average of all customers in segments; 121 means 21 % above it. Only for columns "
        "without negative values. For a category it is the share of a value against its share among all; the values "
        "that differ most from segment to segment are drawn, and all stand in the summary.",
        nothing="There is no column to compare the segments in.",
    ),
    "silhouette": Chart(
        "How clearly each segment stands apart",
        "Quality",
        lambda result: silhouette_bars(result.profiles),
        help="Silhouette: how much nearer customers are to their own segment than to the next one. 1 is best; below "
        "0.25 the segments hardly stand apart.",
    ),
}


def is_empty(figure: go.Figure) -> bool:
    """Whether a figure has nothing to show."""
    return all(trace.y is None or len(trace.y) == 0 for trace in figure.data)
