"""Charts that set methods, and segments and known labels, side by side."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from segmenter.charts.theme import ACCENT, NEUTRAL, PALETTE, SEQUENTIAL, apply_layout, escape_text
from segmenter.choose.recommend_method import ERRORS_THAT_COUNT, FOUND_AGAIN, MethodComparison, MethodScore
from segmenter.choose.resampling import Agreement
from segmenter.segment.external_labels import ExternalLabelComparison

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
    for name, colour, found in (
        ("from other samples", PALETTE[0], [score.over_samples for score in scores]),
        ("from other seeds", ACCENT, [score.over_seeds for score in scores]),
    ):
        figure.add_trace(_points(scores, _means(found), _errors(found), name, colour))
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


def label_map(comparison: ExternalLabelComparison, names: Sequence[str]) -> go.Figure:
    """Draw the share of each label in each segment, with the customers written in."""
    table = comparison.table
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=[escape_text(label) for label in comparison.labels],
            y=[escape_text(name) for name in names],
            text=table,
            texttemplate="%{text:,}",
            hovertemplate="%{y}, %{x}: %{z:.0%} of the segment<extra></extra>",
            colorscale=SEQUENTIAL,
            zmin=0,
            zmax=float(shares.max()),
            colorbar={"title": "share", "tickformat": ".0%", "thickness": 12},
        )
    )
    figure.update_yaxes(autorange="reversed", type="category")
    # Labels such as 1 and 2 are names, not numbers on a scale.
    figure.update_xaxes(type="category")
    return apply_layout(figure, x=comparison.mapping.column, height=120 + 34 * len(table))
