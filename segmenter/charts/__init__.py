"""The registry of charts of a result. Add one here: a function from a result to a figure, and an entry in `CHARTS`.

An entry stands on the pages Segments and Next month, under the tab that it names, and in the page of charts that the
Export page and the command line write.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import plotly.graph_objects as go

from segmenter.activate.offers import Cohorts
from segmenter.activate.rfm import Rfm
from segmenter.activate.value import HoldOutCheck
from segmenter.charts.months import movement_sankey, then_and_now
from segmenter.charts.segments import index_map, silhouette_bars, sizes
from segmenter.charts.worth import forecast_check, retention_map, rfm_grid
from segmenter.monitor.drift import ModelCheck
from segmenter.monitor.movement import Movement
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


@dataclass(frozen=True)
class FindingChart:
    """One chart of what was found on another page than that of the segments.

    Attributes
    ----------
    of
        The type of what it draws; it stands on every page that shows one.
    title
        What it shows, for those who do not see it.
    """

    of: type
    title: str
    draw: Callable[[Any], go.Figure]


# Of RFM and value, and of next month. Add one here, and the pages that show its kind of finding draw it.
FINDING_CHARTS: dict[str, FindingChart] = {
    "rfm_grid": FindingChart(Rfm, "Customers in each cell of recency against frequency or money", rfm_grid),
    "forecast_check": FindingChart(HoldOutCheck, "Orders foretold and orders that came", forecast_check),
    "retention": FindingChart(Cohorts, "Who came back, by month of the first order", retention_map),
    "then_and_now": FindingChart(
        ModelCheck, "Share of each segment then and now", lambda check: then_and_now(check.segments)
    ),
    "movement": FindingChart(Movement, "Who moved from which segment to which", movement_sankey),
}


def charts_of(finding: object) -> list[tuple[str, FindingChart, go.Figure]]:
    """Return the registered charts of a finding, drawn: name in the registry, entry, figure.

    Parameters
    ----------
    finding
        What was found, such as an RFM grid or the check of a model.
    """
    return [
        (name, chart, chart.draw(finding)) for name, chart in FINDING_CHARTS.items() if isinstance(finding, chart.of)
    ]


def is_empty(figure: go.Figure) -> bool:
    """Whether a figure has nothing to show."""
    return all(trace.y is None or len(trace.y) == 0 for trace in figure.data)
