"""What do the choices for a column do to it?"""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from segmenter.charts.theme import ACCENT, NEUTRAL, PALETTE, styled, words
from segmenter.core.influence import Influence
from segmenter.core.outliers import Outliers
from segmenter.core.previews import FillPreviews, ShapePreview

# Side by side a picture must still be readable on a telephone.
_PER_ROW = 2
_ROW_HEIGHT = 170
_POINTS = 500


def fill_bars(previews: FillPreviews, titles: Mapping[str, str]) -> go.Figure:
    """Draw the column as each treatment of its missing values would leave it; filled-in values stand out.

    `titles` says each treatment in words.
    """
    figure = _grid([titles[each.choice.value] for each in previews.choices])
    bars = [words(bar) if isinstance(bar, str) else bar for bar in previews.bars]
    for place, each in enumerate(previews.choices):
        row, column = place // _PER_ROW + 1, place % _PER_ROW + 1
        for name, counts, shade in (("known", each.known, NEUTRAL), ("filled in", each.filled, ACCENT)):
            figure.add_bar(
                x=bars,
                y=counts,
                name=name,
                marker_color=shade,
                showlegend=place == 0,
                legendgroup=name,
                row=row,
                col=column,
            )
    figure.update_layout(barmode="stack", bargap=0.05)
    return _small(figure, len(previews.choices))


def shape_bars(previews: Sequence[ShapePreview], titles: Mapping[str, str]) -> go.Figure:
    """Draw the column as it is and drawn in, with its skewness; `titles` says each shape in words."""
    names = [f"{titles[each.transform.value]} (skewness {each.skewness:+.1f})" for each in previews]
    figure = _grid(names, per_row=len(previews))
    for place, each in enumerate(previews):
        figure.add_bar(x=each.middles, y=each.counts, marker_color=PALETTE[0], showlegend=False, row=1, col=place + 1)
    figure.update_layout(bargap=0.05)
    return _small(figure, 1)


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
    return styled(figure, x=outliers.column, height=190)


def influence_bars(influences: Sequence[Influence]) -> go.Figure:
    """Draw how much each column counts when two customers are compared."""
    figure = go.Figure(
        go.Bar(
            x=[each.share for each in influences],
            y=[words(each.column) for each in influences],
            orientation="h",
            text=[f"{each.share:.1%}" for each in influences],
            marker_color=PALETTE[0],
            hoverinfo="skip",
            cliponaxis=False,
        )
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    return styled(figure, x="Share of the distance between customers", height=90 + 28 * len(influences))


def _grid(titles: Sequence[str], per_row: int = _PER_ROW) -> go.Figure:
    n_rows = -(-len(titles) // per_row)
    shown = [words(title) for title in titles]
    return make_subplots(n_rows, per_row, subplot_titles=shown, vertical_spacing=0.24 / n_rows, horizontal_spacing=0.06)


def _small(figure: go.Figure, n_choices: int) -> go.Figure:
    n_rows = -(-n_choices // _PER_ROW)
    figure.update_annotations(font_size=12)
    figure.update_yaxes(showticklabels=False)
    return styled(figure, height=70 + _ROW_HEIGHT * n_rows)
