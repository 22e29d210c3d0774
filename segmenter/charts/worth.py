"""Charts of what customers are worth: the RFM grid, the check of a forecast, and who comes back."""

import plotly.graph_objects as go

from segmenter.activate.offers import Cohorts
from segmenter.activate.rfm import Rfm
from segmenter.activate.value import HoldOutCheck
from segmenter.charts.theme import ACCENT, PALETTE, SEQUENTIAL, apply_layout, escape_text


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
            z=counts, x=scores, y=scores, text=words, texttemplate="%{text}", colorscale=SEQUENTIAL, xgap=2, ygap=2,
            hovertemplate="Recency %{y}, %{x}: %{text}<extra></extra>", showscale=False,
        )
    )  # fmt: skip
    figure.update_xaxes(type="category")
    figure.update_yaxes(type="category")
    side = {"F": "Frequency", "M": "Money", "FM": "Frequency and money"}[rfm.choices.across.value]
    return apply_layout(figure, x=f"{side} score (best on the right)", y="Recency score (latest on top)", height=460)


def forecast_check(check: HoldOutCheck) -> go.Figure:
    """Draw orders foretold and orders that came, by tenths of customers."""
    tenths = check.deciles["tenth"]
    figure = go.Figure()
    figure.add_bar(x=tenths, y=check.deciles["expected"], name="foretold", marker_color=PALETTE[0])
    figure.add_bar(x=tenths, y=check.deciles["actual"], name="came", marker_color=ACCENT)
    return apply_layout(figure, x="Tenths of customers, most orders foretold on the right", y="Orders", height=320)


def retention_map(cohorts: Cohorts) -> go.Figure:
    """Draw which share of each month's new customers ordered again, month by month."""
    shares = cohorts.retention.iloc[:, 1:]
    figure = go.Figure(
        go.Heatmap(
            z=shares.to_numpy(), x=[str(month) for month in shares.columns], y=list(shares.index),
            colorscale=SEQUENTIAL,
            hovertemplate="%{y}, %{x} months later: %{z:.0%}<extra></extra>",
            colorbar={"tickformat": ".0%", "thickness": 12},
        )
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", type="category")
    return apply_layout(figure, x="Months since the first order", y="First order in", height=140 + 22 * len(shares))
