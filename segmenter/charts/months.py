"""Charts of two months: shares then and now, and who moved where."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go

from segmenter.activate.offers import Cohorts
from segmenter.activate.rfm import Rfm
from segmenter.activate.value import HoldOutCheck
from segmenter.charts.theme import (
    ACCENT,
    LABEL_INK,
    NEUTRAL,
    PALETTE,
    SEQUENTIAL,
    apply_layout,
    axis_written,
    colour,
    escape_text,
    translucent,
    write_in_cells,
)
from segmenter.display import number_text, percent_text
from segmenter.monitor.drift import SegmentShift
from segmenter.monitor.movement import LOST, NEW, NO_SEGMENT, Movement

_STAYED, _MOVED, _OUTSIDE = 0.28, 0.8, 0.35
# The room between the bars of a Sankey chart, together.
_GAPS: Final = 0.16
# Bars of a small histogram, beside the two that hold those beyond its borders.
_BARS: Final = 9
_MOST_WHOLE: Final = 20
_FEWEST_BORDERS: Final = 5
_WORDS: Final = {NEW: "new", LOST: "gone", NO_SEGMENT: "in none"}


def then_and_now(shifts: Sequence[SegmentShift], in_none: tuple[float, float] = (0.0, 0.0)) -> go.Figure:
    """Draw each segment's share of all customers then, pale, and now, with the interval of now.

    Parameters
    ----------
    in_none
        Shares of those in no segment, then and now, who stand last where there are any.
    """
    names = [f"{shift.segment + 1} {escape_text(shift.name)}" for shift in shifts]
    colours = [colour(shift.segment) for shift in shifts]
    if any(in_none):
        before, now_in_none = in_none
        shifts = [*shifts, SegmentShift(len(shifts), "", before, now_in_none, now_in_none, now_in_none, 1.0)]
        names, colours = [*names, "In none"], [*colours, NEUTRAL]
    now = [shift.now for shift in shifts]
    figure = go.Figure()
    figure.add_bar(
        y=names, x=[shift.before for shift in shifts], orientation="h", name="then", opacity=0.4,
        marker_color=colours, hovertext=[percent_text(shift.before, 1) for shift in shifts],
        hovertemplate="%{y}: %{hovertext}<extra></extra>",
    )  # fmt: skip
    figure.add_bar(
        y=names, x=now, orientation="h", name="now", marker_color=colours,
        error_x={
            "type": "data", "symmetric": False, "array": [shift.high - shift.now for shift in shifts],
            "arrayminus": [shift.now - shift.low for shift in shifts], "color": NEUTRAL, "thickness": 1.5, "width": 4,
        },
        hovertext=[percent_text(share, 1) for share in now], hovertemplate="%{y}: %{hovertext}<extra></extra>",
    )  # fmt: skip
    # Beyond the interval, which would run through a bar's own text; the name above its bars, so that a telephone has
    # room for these.
    for shift, name in zip(shifts, names, strict=True):
        for x, y, text, room in (
            (0.0, -0.5, name, 0),
            (shift.before, -0.17, percent_text(shift.before, 1), 6),
            (max(shift.high, shift.now), 0.17, f"<b>{percent_text(shift.now, 1)}</b> {_points(shift)}", 6),
        ):
            figure.add_annotation(
                x=x, y=shift.segment + y, text=text, showarrow=False, xanchor="left", xshift=room, font={"size": 13}
            )
    widest = max([*now, *(shift.before for shift in shifts), *(shift.high for shift in shifts)], default=1.0)
    apply_layout(figure, height=80 + 84 * len(shifts))
    figure.update_layout(barmode="group", bargap=0.36, bargroupgap=0.04, showlegend=False)
    # Every bar says its share: an axis below them would say nothing more.
    figure.update_xaxes(range=[0, widest * 1.6], fixedrange=True, showticklabels=False, showgrid=False)
    return figure.update_yaxes(
        range=[len(shifts) - 0.5, -0.75], fixedrange=True, showticklabels=False, showgrid=False
    )  # fmt: skip


def equal_bars(edges: Sequence[float], shares: Sequence[float]) -> tuple[float, ...]:
    """Return the shares of bars of equal width, as a histogram has them, from those of bins as wide as they come.

    Bins that hold a tenth of the customers each are bars of one height, whatever the column looks like. Within a bin,
    customers are spread evenly; the first and the last bar hold all who lie beyond the outermost borders. Where a model
    holds too few borders to spread customers between them, the bins stay as they are.

    Parameters
    ----------
    edges
        Borders between the bins, ascending; empty for categories, whose shares are returned as they are.
    shares
        Of each bin: one more than borders.

    Examples
    --------
    >>> [round(share, 2) for share in equal_bars((0, 1, 2, 3, 9), (0.1, 0.2, 0.2, 0.2, 0.2, 0.1))[:5]]
    [0.1, 0.2, 0.2, 0.2, 0.03]
    """
    if len(edges) < 2 or len(shares) != len(edges) + 1:
        return tuple(shares)
    first, last = edges[0], edges[-1]
    # Borders at halves lie between whole numbers, each of which is a bar of its own.
    whole = last - first <= _MOST_WHOLE and all(edge % 1 == 0.5 for edge in edges)
    if not whole and len(edges) < _FEWEST_BORDERS:
        return tuple(shares)
    borders = np.linspace(first, last, int(last - first) + 1 if whole else _BARS + 1)
    up_to = np.interp(borders, edges, np.cumsum(shares[:-1]))
    return (float(shares[0]), *map(float, np.diff(up_to)), float(shares[-1]))


def _points(shift: SegmentShift) -> str:
    points = round(100 * shift.now, 1) - round(100 * shift.before, 1)
    return number_text(points, 1, signed=True) if abs(points) >= 0.05 else "="


def movement_sankey(movement: Movement) -> go.Figure:
    """Draw who went from which segment to which: pale ribbons are those who stayed, strong ones those who moved."""
    table = movement.customers
    rows, columns = list(table.index), list(table.columns)
    order = {name: place for place, name in enumerate(dict.fromkeys([*movement.now.names, *movement.before.names]))}
    shades = {name: colour(place) for name, place in order.items()}
    values = table.to_numpy()
    sources, targets = np.nonzero(values)
    links = [
        translucent(shades.get(rows[source], NEUTRAL), _strength(rows[source], columns[target]))
        for source, target in zip(sources, targets, strict=True)
    ]
    total = max(float(values.sum()), 1.0)
    labels = [_WORDS.get(name, f"{order.get(name, 0) + 1}") for name in (*rows, *columns)]
    spoken = [_WORDS.get(name, escape_text(name)) for name in (*rows, *columns)]
    sankey = go.Sankey(
        arrangement="fixed",
        textfont={"color": LABEL_INK, "size": 13},
        node={
            "label": labels,
            "customdata": spoken,
            "color": [shades.get(name, NEUTRAL) for name in (*rows, *columns)],
            "x": [0.001] * len(rows) + [0.999] * len(columns),
            "y": [*_centres(values.sum(axis=1) / total), *_centres(values.sum(axis=0) / total)],
            "pad": 12,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{customdata}: %{value:,}<extra></extra>",
        },
        link={
            "source": sources.tolist(),
            "target": (targets + len(rows)).tolist(),
            "value": values[sources, targets].tolist(),
            "color": links,
            "hovertemplate": "%{source.customdata} to %{target.customdata}: %{value:,}<extra></extra>",
        },
    )
    figure = go.Figure(sankey)
    return figure.update_layout(margin={"t": 12, "b": 12, "l": 8, "r": 8}, height=110 + 62 * max(len(rows), 3))


def _strength(source: str, target: str) -> float:
    if source in _WORDS or target in _WORDS:
        return _OUTSIDE
    return _STAYED if source == target else _MOVED


def _centres(shares: np.ndarray) -> list[float]:
    """Return where each bar of a side has its middle, from the top; Plotly would put them in an order of its own."""
    gap = _GAPS / max(len(shares) - 1, 1)
    heights = shares * (1 - _GAPS)
    starts = np.concatenate([[0.0], np.cumsum(heights + gap)[:-1]])
    return [float(each) for each in np.clip(starts + heights / 2, 0.001, 0.999)]


def rfm_grid(rfm: Rfm) -> go.Figure:
    """Draw how many customers stand in each cell, with the cell's name."""
    counts = rfm.counts()
    scores = [str(score) for score in range(1, len(rfm.grid) + 1)]
    words = [
        # A word a line: a cell on a telephone is as wide as one.
        ["<br>".join([*escape_text(name).split(), f"{count:,}"]) for name, count in zip(names, row, strict=True)]
        for names, row in zip(rfm.grid, counts.tolist(), strict=True)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=counts, x=scores, y=scores, text=words, colorscale=SEQUENTIAL, xgap=2, ygap=2,
            hovertemplate="Recency %{y}, %{x}: %{text}<extra></extra>", showscale=False,
        )
    )  # fmt: skip
    figure.update_xaxes(type="category")
    figure.update_yaxes(type="category")
    write_in_cells(figure, words)
    side = {"F": "Frequency", "M": "Money", "FM": "Frequency and money"}[rfm.choices.across.value]
    return apply_layout(figure, x=f"{side} score (best on the right)", y="Recency score (latest on top)", height=460)


def forecast_check(check: HoldOutCheck) -> go.Figure:
    """Draw orders foretold and orders that came, by tenths of customers."""
    tenths = check.deciles["tenth"]
    figure = go.Figure()
    figure.add_bar(x=tenths, y=check.deciles["expected"], name="foretold", marker_color=PALETTE[0])
    figure.add_bar(x=tenths, y=check.deciles["actual"], name="came", marker_color=ACCENT)
    return apply_layout(figure, x="Tenths of customers, by orders foretold", y="Orders", height=320)


def retention_map(cohorts: Cohorts) -> go.Figure:
    """Draw which share of each month's new customers ordered again, month by month."""
    shares = cohorts.retention.iloc[:, 1:]
    figure = go.Figure(
        go.Heatmap(
            z=shares.to_numpy(), x=[str(month) for month in shares.columns], y=list(shares.index),
            colorscale=SEQUENTIAL,
            hovertext=[[percent_text(float(share)) for share in row] for row in shares.to_numpy()],
            hovertemplate="%{y}, %{x} months later: %{hovertext}<extra></extra>",
            colorbar={"thickness": 12, **axis_written()},
        )
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", type="category")
    return apply_layout(figure, x="Months since the first order", y="First order in", height=140 + 22 * len(shares))
