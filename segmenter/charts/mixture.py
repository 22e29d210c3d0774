"""BIC by number of mixture components."""

import plotly.graph_objects as go

from segmenter.charts.theme import ACCENT, apply_layout
from segmenter.cluster.gaussian import MixtureDetails


def criterion(details: MixtureDetails) -> go.Figure:
    """Draw the Bayesian information criterion over the number of segments, its lowest marked."""
    ks = list(details.bic)
    shapes = ["star" if k == details.best else "circle" for k in ks]
    sizes = [16 if k == details.best else 8 for k in ks]
    figure = go.Figure(
        go.Scatter(
            x=ks, y=[details.bic[k] for k in ks], mode="lines+markers", line={"color": ACCENT},
            marker={"symbol": shapes, "size": sizes, "opacity": 1},
            hovertemplate="%{x} segments: %{y:,.0f}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(dtick=1)
    figure.update_yaxes(tickformat=",.0f")
    return apply_layout(figure, x="Number of segments", y="BIC (lower is better)", height=340)
