"""Which known labels do the customers of each segment have?"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from segmenter.charts.theme import styled, words
from segmenter.core.known import KnownComparison


def label_map(comparison: KnownComparison, names: Sequence[str]) -> go.Figure:
    """Draw the share of each label in each segment, with the customers written in."""
    table = comparison.table
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=[words(label) for label in comparison.labels],
            y=[words(name) for name in names],
            text=table,
            texttemplate="%{text:,}",
            hovertemplate="%{y}, %{x}: %{z:.0%} of the segment<extra></extra>",
            colorscale=[[0, "#f2f2ef"], [1, "#2d6987"]],
            zmin=0,
            zmax=float(shares.max()),
            colorbar={"title": "share", "tickformat": ".0%", "thickness": 12},
        )
    )
    figure.update_yaxes(autorange="reversed", type="category")
    # Labels such as 1 and 2 are names, not numbers on a scale.
    figure.update_xaxes(type="category")
    return styled(figure, x=comparison.mapping.column, height=120 + 34 * len(table))
