"""How do several ways to form segments compare?"""

from collections.abc import Sequence

import plotly.graph_objects as go

from segmenter.charts.theme import ACCENT, NEUTRAL, PALETTE, styled, words
from segmenter.core.method_scores import MethodComparison, MethodScore
from segmenter.core.refits import Agreement
from segmenter.core.weighing import ERRORS_THAT_COUNT, FOUND_AGAIN

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
        y=[words(score.choice.title) for score in scores],
        error_x={"type": "data", "array": bars, "thickness": 1.5},
        mode="markers",
        marker={"size": 10, "color": colour},
        name=name,
    )


def _rows(figure: go.Figure, scores: Sequence[MethodScore], title: str) -> go.Figure:
    figure.update_yaxes(autorange="reversed")
    return styled(figure, x=title, height=FRAME_HEIGHT + ROW_HEIGHT * len(scores))


def _means(found: Sequence[Agreement | None]) -> list[float | None]:
    return [each.mean if each else None for each in found]


def _errors(found: Sequence[Agreement | None]) -> list[float | None]:
    return [each.standard_error if each else None for each in found]
