"""Charts of learning: training curves, confusion, importance, calibration."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from segmenter.charts.theme import (
    ACCENT,
    NEUTRAL,
    PALETTE,
    apply_layout,
    axis_written,
    colour,
    escape_text,
    share_heatmap,
    symbol,
)
from segmenter.classification.interpretation import ColumnImportance, MinimalFeatures, PartialDependence
from segmenter.classification.leaderboard import Leaderboard
from segmenter.display import percent_text
from segmenter.measures.classification import Calibration
from segmenter.networks.network import Curves, LearningCurve

ROW_HEIGHT: Final = 34
FRAME_HEIGHT: Final = 130
LARGEST_DOT: Final = 34
SMALLEST_DOT: Final = 8


def accuracies(board: Leaderboard) -> go.Figure:
    """Draw each classifier's accuracy with its standard error; the line is the base rate."""
    rows = board.rows
    figure = go.Figure(
        go.Scatter(
            x=[row.accuracy for row in rows],
            y=[row.title for row in rows],
            error_x={"type": "data", "array": [row.accuracy_se for row in rows], "thickness": 1.5},
            mode="markers",
            marker={"size": 10, "color": PALETTE[0]},
            hovertext=[percent_text(row.accuracy, 1) for row in rows],
            hovertemplate="%{y}: %{hovertext}<extra></extra>",
        )
    )
    figure.add_vline(
        x=board.base.accuracy,
        line={"color": NEUTRAL, "dash": "dot"},
        annotation_text="always the largest",
        annotation_position="top",
    )
    figure.update_xaxes(**axis_written())
    figure.update_yaxes(autorange="reversed")
    return apply_layout(figure, x="Classified correctly", height=FRAME_HEIGHT + ROW_HEIGHT * len(rows))


def confusion_map(confusion: np.ndarray, classes: Sequence[str]) -> go.Figure:
    """Draw how the customers of each segment were told, shape (n_classes, n_classes), with the customers written in."""
    figure = share_heatmap(confusion, classes, classes, pair="%{y}, told %{x}", to_whole=True)
    return apply_layout(figure, x="Told", y="True", height=FRAME_HEIGHT + 40 * len(classes))


def calibration_curve(calibration: Calibration) -> go.Figure:
    """Draw how often answers were right against how sure they were; larger dots stand for more customers."""
    most = max(calibration.count, default=1)
    sizes = [SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * np.sqrt(count / most) for count in calibration.count]
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="as sure as right", line={"color": NEUTRAL, "dash": "dot"}
    )
    figure.add_scatter(
        x=list(calibration.said),
        y=list(calibration.true),
        mode="lines+markers",
        name="the answers",
        marker={"size": sizes, "color": PALETTE[0]},
        line={"color": PALETTE[0]},
        text=list(calibration.count),
        hovertext=[
            f"{percent_text(said)} sure, {percent_text(true)} right"
            for said, true in zip(calibration.said, calibration.true, strict=True)
        ],
        hovertemplate="%{hovertext} (%{text:,} customers)<extra></extra>",
    )
    figure.update_xaxes(range=[0, 1.03], **axis_written())
    figure.update_yaxes(range=[0, 1.03], **axis_written())
    return apply_layout(figure, x="How sure", y="How often right")


def importance_bars(importances: Sequence[ColumnImportance]) -> go.Figure:
    """Draw how much accuracy is lost without each column, with its standard error; the largest on top."""
    figure = go.Figure(
        go.Bar(
            x=[each.loss for each in importances],
            y=[escape_text(each.column) for each in importances],
            error_x={"type": "data", "array": [each.se for each in importances], "thickness": 1.5, "color": NEUTRAL},
            orientation="h",
            marker={"color": PALETTE[0]},
            hovertext=[percent_text(each.loss, 1, signed=each.loss < 0) for each in importances],
            hovertemplate="%{y}: %{hovertext}<extra></extra>",
        )
    )
    figure.update_xaxes(**axis_written())
    figure.update_yaxes(autorange="reversed", type="category")
    return apply_layout(figure, x="Accuracy lost", height=FRAME_HEIGHT + 28 * len(importances))


def dependence_lines(dependence: PartialDependence, classes: Sequence[str], places: Sequence[int]) -> go.Figure:
    """Draw how the mean answer moves with one column, a line per segment.

    Parameters
    ----------
    places
        Number of each class's colour: what is a segment elsewhere keeps its colour.
    """
    numbers = dependence.numbers
    figure = go.Figure()
    for code, name in enumerate(classes):
        figure.add_scatter(
            x=numbers or [escape_text(value) for value in dependence.values],
            y=dependence.probability[:, code],
            # Values without an order are not joined: a line would claim something in between.
            mode="lines+markers" if numbers else "markers",
            name=escape_text(name),
            marker={"color": colour(places[code]), "symbol": symbol(places[code]), "size": 8 if numbers else 11},
            line={"color": colour(places[code]), "width": 2},
            hovertext=[percent_text(share) for share in dependence.probability[:, code]],
            hovertemplate="%{x}: %{hovertext}<extra>" + escape_text(name) + "</extra>",
        )
    figure.update_yaxes(rangemode="tozero", **axis_written())
    if not numbers:
        figure.update_xaxes(type="category")
    return apply_layout(figure, x=dependence.column, y="Mean probability", height=340)


def questions_line(golden: MinimalFeatures) -> go.Figure:
    """Draw how the accuracy grew with each question that was added; the line is that of all columns."""
    figure = go.Figure(
        go.Scatter(
            x=[escape_text(f"{number}. {step.column}") for number, step in enumerate(golden.steps, start=1)],
            y=[step.accuracy for step in golden.steps],
            mode="lines+markers",
            line={"color": PALETTE[0], "width": 2},
            marker={"size": 9},
            hovertext=[percent_text(step.accuracy, 1) for step in golden.steps],
            hovertemplate="%{x}: %{hovertext}<extra></extra>",
        )
    )
    figure.add_hline(
        y=golden.accuracy_all,
        line={"color": ACCENT, "dash": "dot"},
        annotation_text="all columns",
        annotation_position="bottom left",
    )
    figure.update_yaxes(**axis_written())
    return apply_layout(figure, x="Question added", y="Classified correctly", height=340)


def probability_bars(probabilities: Sequence[tuple[str, float]], places: Sequence[int]) -> go.Figure:
    """Draw how probable each segment is for one customer, (segment, probability), with its share written on it."""
    figure = go.Figure(
        go.Bar(
            x=[share for _, share in probabilities],
            y=[escape_text(name) for name, _ in probabilities],
            orientation="h",
            marker={"color": [colour(place) for place in places]},
            text=[percent_text(share, 1) for _, share in probabilities],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0, 1.08], **axis_written())
    figure.update_yaxes(autorange="reversed", type="category")
    return apply_layout(figure, x="Probability", height=110 + ROW_HEIGHT * len(probabilities))


def size_bars(counts: Sequence[tuple[str, int]], places: Sequence[int]) -> go.Figure:
    """Draw how many customers of a file were told each segment."""
    figure = go.Figure(
        go.Bar(
            x=[escape_text(name) for name, _ in counts],
            y=[count for _, count in counts],
            marker={"color": [colour(place) for place in places]},
            text=[f"{count:,}" for _, count in counts],
            hovertemplate="%{x}: %{y:,}<extra></extra>",
        )
    )
    figure.update_xaxes(type="category")
    return apply_layout(figure, y="Customers", height=320)


# Of a wide layer so many numbers are drawn; the words say how many there are.
MOST_UNITS_DRAWN: Final = 24


def elbow_in_encoding(table: pd.DataFrame) -> go.Figure:
    """Draw the WCSS over the number of segments in an encoding, beside that in the columns (from `encoded_elbow`)."""
    figure = go.Figure()
    for name, title, dash in (("encoding", "in the encoding", "solid"), ("columns", "in your columns", "dot")):
        figure.add_scatter(x=table["k"], y=table[name], name=title, mode="lines+markers", line={"dash": dash})
    figure = apply_layout(figure, x="Number of segments", y="WCSS, share of that of one segment")
    figure.update_xaxes(dtick=1)
    return figure.update_yaxes(range=[0, 1.05], **axis_written())


def network_picture(layers: Sequence[tuple[str, int]]) -> go.Figure:
    """Draw a network from left to right: what each layer is called and how many numbers it makes."""
    figure = go.Figure()
    places = []
    for _, width in layers:
        count = min(width, MOST_UNITS_DRAWN)
        places.append(np.linspace(-(count - 1) / 2, (count - 1) / 2, count))
    for at, (left, right) in enumerate(pairwise(places)):
        ends = np.array([(one, other) for one in left for other in right])
        across = np.tile([at, at + 1, np.nan], len(ends))
        down = np.column_stack([ends, np.full(len(ends), np.nan)]).ravel()
        line = {"color": "rgba(120, 120, 120, .25)", "width": 0.7}
        figure.add_scatter(x=across, y=down, mode="lines", line=line, hoverinfo="skip")
    for at, ((name, width), rows) in enumerate(zip(layers, places, strict=True)):
        said = f"{escape_text(name)}: {width:,} numbers"
        marker = {"size": 9, "color": ACCENT if 0 < at < len(layers) - 1 else PALETTE[0]}
        figure.add_scatter(
            x=[at] * len(rows), y=rows, mode="markers", marker=marker, hovertemplate=said + "<extra></extra>"
        )
    figure.update_layout(showlegend=False)
    names = [f"{escape_text(name)}<br>{width:,}" for name, width in layers]
    figure = apply_layout(figure, height=320)
    figure.update_xaxes(tickvals=list(range(len(layers))), ticktext=names, showgrid=False, zeroline=False)
    return figure.update_yaxes(visible=False)


TRAINING, VALIDATION, BEST = "Training", "Validation", "Kept"
# A loss that falls to less than this share of where it began is lost at the foot of a plain axis.
_DEEP_FALL: Final = 0.1
# Single points show while there are few; later they would hide the line.
_MOST_POINTS: Final = 30
# Of several networks side by side, each line is faint enough to see the others through it.
_FAINT: Final = 0.75


def learning_curves(curves: Curves) -> go.Figure:
    """Draw the training and the validation loss of every network, and the epoch whose weights are kept."""
    figure = go.Figure()
    for number, curve in enumerate(curves):
        _add(figure, curve, first=number == 0, opacity=1.0 if len(curves) == 1 else _FAINT)
    deep = _falls_deep(curves)
    measured = curves[0].measured.capitalize() if curves else "Loss"
    figure.update_yaxes(type="log" if deep else "linear", exponentformat="none")
    if deep:
        # Left to itself, the axis writes 0.05 and 0.02 between its powers of ten as a bare 5 and 2.
        figure.update_yaxes(tickvals=(steps := _log_steps(curves)), ticktext=[f"{step:g}" for step in steps])
    figure.update_xaxes(rangemode="tozero", tickformat="d")
    return apply_layout(figure, x="Epoch", y=f"{measured} (logarithmic)" if deep else measured, height=340)


def _log_steps(curves: Curves) -> list[float]:
    """Return 1, 2 and 5 of every power of ten from that below the smallest loss to that above the largest."""
    losses = [loss for curve in curves for loss in (*curve.training, *curve.validation) if loss > 0]
    powers = range(math.floor(math.log10(min(losses))), math.ceil(math.log10(max(losses))) + 1)
    return [round(step * 10.0**power, -power) for power in powers for step in (1, 2, 5)]


def accuracy_curves(curves: Curves) -> go.Figure:
    """Draw the share of customers put into the right class while learning, and among those held out."""
    figure = go.Figure()
    for number, curve in enumerate(curves):
        for name, right, line_colour, dash in (
            (TRAINING, curve.training_accuracy, NEUTRAL, "dot"),
            (VALIDATION, curve.validation_accuracy, PALETTE[9], "solid"),
        ):
            figure.add_scatter(
                x=list(range(1, len(right) + 1)),
                y=list(right),
                mode="lines" if curve.n_epochs > _MOST_POINTS else "lines+markers",
                name=name,
                legendgroup=name,
                showlegend=number == 0,
                opacity=1.0 if len(curves) == 1 else _FAINT,
                line={"color": line_colour, "dash": dash, "width": 2},
                hovertext=[percent_text(share, 1) for share in right],
                hovertemplate=f"{name}, epoch %{{x}}: %{{hovertext}}<extra></extra>",
            )
    figure.update_xaxes(rangemode="tozero", tickformat="d")
    figure.update_yaxes(**axis_written())
    return apply_layout(figure, x="Epoch", y="Accuracy", height=300)


def _add(figure: go.Figure, curve: LearningCurve, *, first: bool, opacity: float) -> None:
    epochs = list(range(1, curve.n_epochs + 1))
    mode = "lines" if curve.n_epochs > _MOST_POINTS else "lines+markers"
    for name, losses, line_colour, dash in (
        (TRAINING, curve.training, NEUTRAL, "dot"),
        (VALIDATION, curve.validation, PALETTE[9], "solid"),
    ):
        figure.add_scatter(
            x=epochs,
            y=list(losses),
            mode=mode,
            name=name,
            legendgroup=name,
            showlegend=first,
            opacity=opacity,
            line={"color": line_colour, "dash": dash, "width": 2},
            hovertemplate=f"{name}, epoch %{{x}}: %{{y:.4f}}<extra></extra>",
        )
    figure.add_scatter(
        x=[curve.best_epoch],
        y=[curve.best_loss],
        mode="markers",
        name=BEST,
        legendgroup=BEST,
        showlegend=first,
        marker={"size": 12, "color": ACCENT, "symbol": "diamond"},
        hovertemplate="Kept: epoch %{x}, %{y:.4f}<extra></extra>",
    )


def _falls_deep(curves: Curves) -> bool:
    losses = [loss for curve in curves for loss in (*curve.training, *curve.validation)]
    return bool(losses) and 0.0 < min(losses) < _DEEP_FALL * max(losses)
