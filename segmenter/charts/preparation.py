"""Small charts of what each choice for a column does to its distribution."""

from collections.abc import Sequence

import plotly.graph_objects as go

from segmenter.charts.theme import ACCENT, FAINT, NEUTRAL, PALETTE, apply_layout, escape_text
from segmenter.measures.tendency import Tendency
from segmenter.prepare.diagnostics import Influence
from segmenter.prepare.outliers import Outliers
from segmenter.prepare.previews import FillPreview, FillPreviews, ShapePreview

# Several of these stand side by side.
_SMALL = 170
_POINTS = 500


def fill_bars(previews: FillPreviews, preview: FillPreview) -> go.Figure:
    """Draw the column as one treatment of its missing values leaves it; filled-in values stand out."""
    bars = [escape_text(bar) if isinstance(bar, str) else bar for bar in previews.bars]
    figure = go.Figure()
    for name, counts, shade in (("known", preview.known, NEUTRAL), ("filled in", preview.filled, ACCENT)):
        figure.add_bar(x=bars, y=counts, name=name, marker_color=shade)
    return _small(figure.update_layout(barmode="stack"))


def shape_bars(preview: ShapePreview) -> go.Figure:
    """Draw a column in one shape."""
    return _small(go.Figure(go.Bar(x=preview.middles, y=preview.counts, marker_color=PALETTE[0], name="customers")))


def distance_picture(tendency: Tendency) -> go.Figure:
    """Draw the distances of a sample of customers, ordered so that near ones stand together (VAT)."""
    figure = go.Figure(
        go.Heatmap(
            z=tendency.distances,
            colorscale=[[0.0, ACCENT], [1.0, FAINT]],
            showscale=False,
            hovertemplate="distance %{z:.2f}<extra></extra>",
        )
    )
    figure = apply_layout(figure, height=420)
    return figure.update_layout(
        xaxis={"visible": False, "constrain": "domain"},
        yaxis={"visible": False, "autorange": "reversed", "scaleanchor": "x", "constrain": "domain"},
    )


def outlier_strip(outliers: Outliers) -> go.Figure:
    """Draw the middle half of a column as a box, and every customer that lies far out as a dot."""
    lower, middle, upper = outliers.quartiles
    figure = go.Figure(
        go.Box(
            q1=[lower], median=[middle], q3=[upper], lowerfence=[outliers.low], upperfence=[outliers.high],
            y=[""], orientation="h", name="all customers", marker_color=PALETTE[0], showlegend=False, hoverinfo="skip",
        )
    )  # fmt: skip
    figure.add_scatter(
        x=outliers.values[:_POINTS],
        y=[""] * min(len(outliers.values), _POINTS),
        mode="markers",
        marker={"color": ACCENT, "size": 8, "opacity": 0.6},
        name="far out",
        text=[f"row {row + 1:,}" for row in outliers.rows[:_POINTS]],
        hovertemplate="%{text}: %{x:,}<extra></extra>",
    )
    figure.update_layout(showlegend=False)
    return apply_layout(figure, x=outliers.column, height=150)


def influence_bars(influences: Sequence[Influence]) -> go.Figure:
    """Draw how much each column counts when two customers are compared."""
    figure = go.Figure(
        go.Bar(
            x=[each.share for each in influences],
            y=[escape_text(each.column) for each in influences],
            orientation="h",
            text=[f"{each.share:.1%}" for each in influences],
            marker_color=PALETTE[0],
            hoverinfo="skip",
            cliponaxis=False,
        )
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    return apply_layout(figure, x="Share of the distance between customers", height=90 + 28 * len(influences))


def _small(figure: go.Figure) -> go.Figure:
    figure.update_layout(bargap=0.05, showlegend=False)
    figure.update_yaxes(showticklabels=False)
    return apply_layout(figure, height=_SMALL)
