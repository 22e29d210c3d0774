"""How do the scores change with the number of segments?"""

from collections.abc import Sequence

import plotly.graph_objects as go

from segmenter.charts.theme import ACCENT, PALETTE, styled
from segmenter.core.selection import KSelection


def elbow(selection: KSelection) -> go.Figure:
    """Draw the within-cluster sum of squares over k."""
    return _line(selection, [score.wcss for score in selection.scores], "Within-cluster sum of squares (WCSS)")


def silhouettes(selection: KSelection) -> go.Figure:
    """Draw the mean silhouette over k."""
    return _line(selection, [score.silhouette for score in selection.scores], "Mean silhouette")


def _line(selection: KSelection, values: Sequence[float | None], title: str) -> go.Figure:
    ks = [score.k for score in selection.scores]
    figure = go.Figure(
        go.Scatter(x=ks, y=values, mode="lines+markers", line={"color": PALETTE[0], "width": 2}, name=title)
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
    figure.update_layout(showlegend=selection.recommended is not None)
    figure.update_xaxes(dtick=1 if len(ks) <= 15 else 2)
    return styled(figure, x="Number of segments", y=title, height=340)
