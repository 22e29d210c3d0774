"""Charts that set methods, and segments and known labels, side by side."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

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
    share_heatmap,
    translucent,
    write_in_cells,
)
from segmenter.choose.k import Comparison, KSelection, Step
from segmenter.choose.methods import ERRORS_THAT_COUNT, FOUND_AGAIN, Agreement, MethodComparison, MethodScore
from segmenter.display import percent_text
from segmenter.segment.external_labels import ExternalLabelComparison, Overlap

ROW_HEIGHT, FRAME_HEIGHT = 34, 130


def separation(comparison: MethodComparison) -> go.Figure:
    """Draw each method's silhouette with two standard errors, and a line through K-Means'."""
    scores = [score for score in comparison.scores if score.silhouette is not None]
    figure = go.Figure(
        _points(
            scores,
            [score.silhouette for score in scores],
            [score.silhouette_se for score in scores],
            "silhouette",
            PALETTE[0],
        )
    )
    if scores and scores[0] is comparison.scores[0]:
        figure.add_vline(x=scores[0].silhouette, line={"color": NEUTRAL, "dash": "dot"})
    figure.update_layout(showlegend=False)
    return _rows(figure, scores, "Mean silhouette")


def repetition(comparison: MethodComparison) -> go.Figure:
    """Draw how alike each method's segments are over samples and over seeds; the line is where "found again" begins."""
    scores = [score for score in comparison.scores if score.over_samples or score.over_seeds]
    figure = go.Figure()
    for name, shade, found in (
        ("from other samples", PALETTE[0], [score.over_samples for score in scores]),
        ("from other seeds", ACCENT, [score.over_seeds for score in scores]),
    ):
        figure.add_trace(_points(scores, _means(found), _errors(found), name, shade))
    figure.add_vline(x=FOUND_AGAIN, line={"color": NEUTRAL, "dash": "dot"})
    figure.update_xaxes(range=[-0.05, 1.05])
    return _rows(figure, scores, "Agreement")


def _points(
    scores: Sequence[MethodScore],
    values: Sequence[float | None],
    errors: Sequence[float | None],
    name: str,
    colour: str,
) -> go.Scatter:
    bars = [ERRORS_THAT_COUNT * (error or 0.0) for error in errors]
    return go.Scatter(
        x=values,
        y=[escape_text(score.choice.title) for score in scores],
        error_x={"type": "data", "array": bars, "thickness": 1.5},
        mode="markers",
        marker={"size": 10, "color": colour},
        name=name,
    )


def _rows(figure: go.Figure, scores: Sequence[MethodScore], title: str) -> go.Figure:
    figure.update_yaxes(autorange="reversed")
    return apply_layout(figure, x=title, height=FRAME_HEIGHT + ROW_HEIGHT * len(scores))


def _means(found: Sequence[Agreement | None]) -> list[float | None]:
    return [each.mean if each else None for each in found]


def _errors(found: Sequence[Agreement | None]) -> list[float | None]:
    return [each.standard_error if each else None for each in found]


def label_bars(comparison: ExternalLabelComparison) -> go.Figure:
    """Draw how many customers in segments have each known label."""
    figure = go.Figure(
        go.Bar(
            x=[escape_text(label) for label in comparison.labels],
            y=comparison.table.sum(axis=0),
            marker_color=PALETTE[0],
            hovertemplate="%{x}: %{y:,} customers<extra></extra>",
        )
    )
    figure.update_xaxes(type="category")
    return apply_layout(figure, x=comparison.mapping.column, y="Customers", height=320)


def label_shares(comparison: ExternalLabelComparison, names: Sequence[str]) -> go.Figure:
    """Draw which labels each segment is made of, as shares that add up to 1."""
    figure = go.Figure()
    for place, label in enumerate(comparison.labels):
        figure.add_bar(
            y=[escape_text(name) for name in names],
            x=comparison.shares[:, place],
            orientation="h",
            name=escape_text(label),
            marker_color=PALETTE[place % len(PALETTE)],
            customdata=comparison.table[:, place],
            hovertext=[percent_text(share) for share in comparison.shares[:, place]],
            hovertemplate="%{y}: %{hovertext}, %{customdata:,} customers<extra>" + escape_text(label) + "</extra>",
        )
    # The legend names the labels from left to right, as they stand in the bars.
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    figure.update_xaxes(range=[0, 1], **axis_written())
    figure.update_yaxes(autorange="reversed", type="category")
    return apply_layout(figure, height=140 + 34 * len(names))


def label_boxes(labels: pd.Series, values: pd.Series) -> go.Figure:
    """Draw how a column is spread within each known label; `labels` and `values` are of the same customers."""
    figure = go.Figure()
    common = labels.value_counts().index
    for place, label in enumerate(common):
        own = values[(labels == label).to_numpy()].dropna()
        low, middle, high = own.quantile([0.25, 0.5, 0.75]) if len(own) else (np.nan,) * 3
        first, last = own.quantile([0.05, 0.95]) if len(own) else (np.nan, np.nan)
        figure.add_trace(
            go.Box(
                x=[escape_text(str(label))], q1=[low], median=[middle], q3=[high], lowerfence=[first],
                upperfence=[last], name=escape_text(str(label)), marker_color=PALETTE[place % len(PALETTE)],
            )
        )  # fmt: skip
    figure.update_layout(showlegend=False)
    figure.update_xaxes(type="category")
    return apply_layout(figure, y=str(values.name), height=360)


# Where circles of the same size stand and what is written where: one, two or three of them.
_CIRCLES: Final = {
    1: [(0.0, 0.0)],
    2: [(-0.6, 0.0), (0.6, 0.0)],
    3: [(-0.6, 0.45), (0.6, 0.45), (0.0, -0.6)],
}


def venn(overlap: Overlap) -> go.Figure:
    """Draw one to three lists as circles, with the customers of every region written in; sizes mean nothing."""
    centres = np.array(_CIRCLES[len(overlap.lists)])
    figure = go.Figure()
    for place, (x, y) in enumerate(centres):
        figure.add_shape(
            type="circle", x0=x - 1, x1=x + 1, y0=y - 1, y1=y + 1, fillcolor=PALETTE[place], opacity=0.3,
            line={"color": PALETTE[place], "width": 2}, layer="below",  # or the numbers would be dyed
        )  # fmt: skip
        label = (x, y + 1.15 if y >= 0 else y - 1.15)
        figure.add_annotation(
            x=label[0], y=label[1], text=f"<b>{escape_text(overlap.lists[place])}</b>", showarrow=False
        )
    xs, ys, texts = [], [], []
    for region, count in overlap.regions.items():
        inside = np.array(region)
        if not inside.any():
            x, y = (0.0, -2.2)
        elif inside.all():
            x, y = centres.mean(axis=0)
        else:
            # Away from the circles that a region is not in.
            x, y = centres[inside].mean(axis=0) + 0.45 * (centres[inside].mean(axis=0) - centres[~inside].mean(axis=0))
        xs.append(float(x))
        ys.append(float(y))
        texts.append(f"{count:,}" if inside.any() else f"on none: {count:,}")
    figure.add_scatter(x=xs, y=ys, mode="text", text=texts, textfont={"size": 15}, hoverinfo="skip", showlegend=False)
    figure = apply_layout(figure, height=420)
    figure.update_xaxes(visible=False, range=[-2.6, 2.6])
    return figure.update_yaxes(visible=False, range=[-2.5, 2.2], scaleanchor="x")


def label_map(comparison: ExternalLabelComparison, names: Sequence[str]) -> go.Figure:
    """Draw the share of each label in each segment, with the customers written in."""
    table = comparison.table
    figure = share_heatmap(table, comparison.labels, names, pair="%{y}, %{x}", to_whole=False, shares=comparison.shares)
    return apply_layout(figure, x=comparison.mapping.column, height=120 + 34 * len(table))


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
            shades.append(translucent(colour(int(source)), 0.35))
    widths = [(step.k, step.flows.shape[1]) for step in steps]
    nodes = [f"{k}: {number + 1}" for k, width in widths for number in range(width)]
    colours = [colour(number) for _, width in widths for number in range(width)]
    figure = go.Figure(
        go.Sankey(
            textfont={"color": LABEL_INK},
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
            colorscale=SEQUENTIAL,
            showscale=False,
        )
    )
    figure.update_yaxes(autorange="reversed")
    write_in_cells(figure, [[f"{count:,}" for count in row] for row in table.tolist()])
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
