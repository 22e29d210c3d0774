"""Charts over the number of segments: elbow, silhouette, gap, stability, and how segments split as k grows."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from segmenter.charts.theme import ACCENT, PALETTE, SEQUENTIAL, apply_layout, colour
from segmenter.choose.k import KSelection
from segmenter.choose.transitions import Comparison, Step


def elbow(selection: KSelection) -> go.Figure:
    """Draw the within-cluster sum of squares over k."""
    return _line(selection, [score.wcss for score in selection.scores], "Within-cluster sum of squares (WCSS)")


def silhouettes(selection: KSelection) -> go.Figure:
    """Draw the mean silhouette over k, with its standard error where it is estimated."""
    errors = [score.silhouette_se for score in selection.scores]
    return _line(selection, [score.silhouette for score in selection.scores], "Mean silhouette", errors)


def gaps(selection: KSelection) -> go.Figure:
    """Draw the gap statistic over k, with its standard error."""
    errors = [score.gap_se for score in selection.scores]
    return _line(selection, [score.gap for score in selection.scores], "Gap", errors)


def stabilities(selection: KSelection) -> go.Figure:
    """Draw the stability of the whole solution over k."""
    figure = _line(selection, [score.stability for score in selection.scores], "Stability")
    return figure.update_yaxes(range=[min(0.0, *_known(figure)), 1.05])


def splits(steps: Sequence[Step]) -> go.Figure:
    """Draw how customers flow from the segments of each number of segments to those of the next."""
    starts = np.concatenate([[0], np.cumsum([step.flows.shape[1] for step in steps])])
    sources, targets, values, shades = [], [], [], []
    for number, step in enumerate(steps[1:]):
        for source, target in zip(*np.nonzero(step.flows), strict=True):
            sources.append(int(starts[number] + source))
            targets.append(int(starts[number + 1] + target))
            values.append(int(step.flows[source, target]))
            shades.append(_faint(colour(int(source))))
    widths = [(step.k, step.flows.shape[1]) for step in steps]
    nodes = [f"{k}: {number + 1}" for k, width in widths for number in range(width)]
    colours = [colour(number) for _, width in widths for number in range(width)]
    figure = go.Figure(
        go.Sankey(
            node={"label": nodes, "color": colours, "pad": 8, "thickness": 12},
            link={"source": sources, "target": targets, "value": values, "color": shades},
            arrangement="snap",
        )
    )
    return apply_layout(figure, height=460)


def crosstab_map(comparison: Comparison) -> go.Figure:
    """Draw how many customers are in each pair of segments of two solutions."""
    table = comparison.table
    figure = go.Figure(
        go.Heatmap(
            z=table,
            x=[f"segment {number + 1} of {table.shape[1]}" for number in range(table.shape[1])],
            y=[f"segment {number + 1} of {table.shape[0]}" for number in range(table.shape[0])],
            text=table,
            texttemplate="%{text:,}",
            colorscale=SEQUENTIAL,
            showscale=False,
        )
    )
    figure.update_yaxes(autorange="reversed")
    return apply_layout(figure, height=110 + 34 * len(table))


def _line(
    selection: KSelection, values: Sequence[float | None], title: str, errors: Sequence[float | None] = ()
) -> go.Figure:
    ks = [score.k for score in selection.scores]
    bars = {"type": "data", "array": [error or 0.0 for error in errors], "visible": any(errors)}
    figure = go.Figure(
        go.Scatter(
            x=ks,
            y=values,
            mode="lines+markers",
            line={"color": PALETTE[0], "width": 2},
            name=title,
            error_y=bars,
        )
    )
    if selection.recommended in ks:
        place = ks.index(selection.recommended)
        figure.add_scatter(
            x=[ks[place]],
            y=[values[place]],
            mode="markers",
            marker={"size": 15, "color": ACCENT, "symbol": "diamond"},
            name=f"recommended: {selection.recommended}",
        )
    figure.update_layout(showlegend=selection.recommended in ks)
    figure.update_xaxes(dtick=1 if len(ks) <= 15 else 2)
    return apply_layout(figure, x="Number of segments", y=title, height=320)


def _known(figure: go.Figure) -> list[float]:
    return [value for value in figure.data[0].y if value is not None] or [0.0]


def _faint(code: str) -> str:
    red, green, blue = (int(code[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.35)"
