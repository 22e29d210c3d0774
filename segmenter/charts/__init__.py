"""The registry of charts of a result. Add one here: a function from a result to a figure, and an entry in `CHARTS`.

An entry stands on the pages Segments and Next month, under the tab that it names, in the page of charts that the
Export page and the command line write, and, with a drawing for paper, in the report.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure
from plotly.basedatatypes import BaseTraceType

from segmenter.activate.offers import Cohorts
from segmenter.activate.rfm import Rfm
from segmenter.activate.value import HoldOutCheck
from segmenter.charts.maps import pair_map
from segmenter.charts.months import forecast_check, movement_sankey, retention_map, rfm_grid, then_and_now
from segmenter.charts.profiles import (
    box_plots,
    code_bars,
    customer_lines,
    customer_silhouettes,
    gorge,
    index_map,
    marker_panels,
    parallel_profiles,
    radar_profiles,
    silhouette_bars,
    sizes,
    small_multiples,
)
from segmenter.explain.columns import column_title, column_words
from segmenter.explain.contrasts import contrasts, profiles_as_shown
from segmenter.monitor.drift import ModelCheck
from segmenter.monitor.movement import Movement
from segmenter.segment.embed import best_pair, rank_columns_by_eta_squared
from segmenter.segment.result import Result

Tab = Literal["Overview", "Profiles", "Quality"]


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
    paper
        Draws it for the report's web page and slides, which need no browser; None where there is nothing to show.
        Without it the report leaves the chart out, as it does those that its own sections show.
    """

    title: str
    tab: Tab
    draw: Callable[[Result], go.Figure]
    help: str = ""
    nothing: str = ""
    paper: Callable[[Result], Figure | None] | None = None


def _sizes(result: Result) -> go.Figure:
    return sizes(result.profiles, int(result.fits_none.sum()), result.dataset.n_customers)


def _best_pair(result: Result) -> go.Figure:
    best = best_pair(result)
    if len(best) < 2:
        return go.Figure()
    figure = pair_map(result, (best[0], best[1]))
    # On the page, cards beside it say whose the numbers are.
    for trace in figure.data:
        if trace.customdata is not None and len(trace.customdata):
            trace.name = f"{trace.customdata[0]} {trace.name}"
    return figure.update_layout(showlegend=True, height=figure.layout.height + 20 * len(figure.data))


def _of_best(result: Result, draw: Callable[[Result, str], go.Figure]) -> go.Figure:
    best = rank_columns_by_eta_squared(result)[:1]
    return draw(result, best[0]) if best else go.Figure()


def _told_best(result: Result) -> go.Figure:
    """Draw the number that tells the segments apart best, or of answers in words alone those that do."""
    if rank_columns_by_eta_squared(result)[:1]:
        return _of_best(result, small_multiples)
    dataset, segmentation = result.dataset, result.segmentation
    words = tuple(each for each in column_words(dataset, segmentation.recipe) if each.counted and each.forming)
    labels, k = segmentation.labels.to_numpy(), segmentation.n_segments
    found = contrasts(dataset, segmentation.recipe, words, labels, k)
    if not found:
        return go.Figure()
    best = max(found, key=lambda each: float(np.abs(each.effects).max()))
    return code_bars(result, best.words.column)


CHARTS: dict[str, Chart] = {
    "sizes": Chart("Segment sizes", "Overview", _sizes),
    "index": Chart(
        "What makes each segment different",
        "Overview",
        lambda result: index_map(profiles_as_shown(result), title=partial(column_title, result)),
        help="Per cent above or below the average of all customers in segments, where a few large values would pull "
        "that to themselves the middle one (median). Only for columns without "
        "negative values. For a category it is the share of a value against its share among all; the values that "
        "differ most from segment to segment are drawn, and all stand in the summary.",
        nothing="There is no column to compare the segments in.",
    ),
    "map": Chart(
        "Where they stand",
        "Overview",
        _best_pair,
        help="Customers on the two columns that tell the segments apart best, the number at each segment's centre.",
    ),
    "profiles": Chart(
        "Profiles across columns",
        "Profiles",
        parallel_profiles,
        help="Each line is a segment: how far its mean lies from everyone's, in standard deviations, column by column.",
    ),
    "markers": Chart(
        "What marks each segment",
        "Profiles",
        marker_panels,
        help="One panel a segment, one bar a column: how far its mean lies from everyone's, which is the line, in "
        "standard deviations. In colour: the columns that mark the segment, 0.7 or farther from everyone.",
    ),
    "radar": Chart(
        "Profiles as a web",
        "Profiles",
        radar_profiles,
        help="The same as a web: farther out is more than everyone has.",
    ),
    "small-multiples": Chart(
        "The column that tells them apart best",
        "Profiles",
        _told_best,
        help="How the customers of each segment are spread over it, each segment's own customers being 100 %.",
    ),
    "boxes": Chart(
        "Spread by segment",
        "Profiles",
        lambda result: _of_best(result, box_plots),
        help="Half of a segment's customers lie within the box, nine tenths between the whiskers.",
    ),
    "customer-lines": Chart(
        "Customers as lines",
        "Profiles",
        customer_lines,
        help="Each line is a customer, across the columns that tell the segments apart best (parallel coordinates).",
    ),
    "silhouette": Chart(
        "How clearly each segment stands apart",
        "Quality",
        lambda result: silhouette_bars(result.profiles),
        help="Silhouette: how much nearer customers are to their own segment than to the next one. 1 is best; below "
        "0.25 the segments hardly stand apart.",
    ),
    "customer-silhouettes": Chart(
        "How clearly each customer belongs",
        "Quality",
        customer_silhouettes,
        help="Silhouette of each customer, the clearest of each segment first. Left of 0, another segment is nearer.",
    ),
    "gorge": Chart(
        "Near one segment or near all",
        "Quality",
        gorge,
        help="How near customers are to each segment's centre, compared with the other centres. A gorge between two "
        "peaks shows a segment that stands apart; one hill shows one that does not (Dolnicar et al. 2018).",
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
        ModelCheck, "Share of each segment then and now", lambda check: then_and_now(check.segments, check.in_none)
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
    return not any(_has_values(trace) for trace in figure.data)


def _has_values(trace: BaseTraceType) -> bool:
    said = trace.to_plotly_json()
    # What lines along an axis have first, then what pies, heat maps and histograms are made of.
    values = next(
        (said[name] for name in ("y", "r", "z", "values", "dimensions", "x") if said.get(name) is not None), None
    )
    return len(values) > 0 if values is not None else bool(said.keys() - {"type", "name"})
