"""How well are known segments told, by which columns, and how sure is an answer?"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go

from segmenter.charts.theme import ACCENT, NEUTRAL, PALETTE, colour, styled, symbol, words
from segmenter.core.learning.golden import GoldenQuestions
from segmenter.core.learning.leaderboard import Leaderboard
from segmenter.core.learning.understanding import ColumnImportance, Dependence
from segmenter.measures.classification import Calibration

ROW_HEIGHT: Final = 34
FRAME_HEIGHT: Final = 130
LARGEST_DOT: Final = 34
SMALLEST_DOT: Final = 8
FAINT_TO_FULL: Final = ((0, "#f2f2ef"), (1, PALETTE[0]))


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
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    )
    figure.add_vline(
        x=board.base.accuracy,
        line={"color": NEUTRAL, "dash": "dot"},
        annotation_text="always the largest",
        annotation_position="top",
    )
    figure.update_xaxes(tickformat=".0%")
    figure.update_yaxes(autorange="reversed")
    return styled(figure, x="Told right", height=FRAME_HEIGHT + ROW_HEIGHT * len(rows))


def confusion_map(confusion: np.ndarray, classes: Sequence[str]) -> go.Figure:
    """Draw how the customers of each segment were told, shape (n_classes, n_classes), with the customers written in."""
    names = [words(name) for name in classes]
    figure = go.Figure(
        go.Heatmap(
            z=confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1),
            x=names,
            y=names,
            text=confusion,
            texttemplate="%{text:,}",
            hovertemplate="%{y}, told %{x}: %{z:.0%} of the segment<extra></extra>",
            colorscale=FAINT_TO_FULL,
            zmin=0,
            zmax=1,
            colorbar={"title": "share", "tickformat": ".0%", "thickness": 12},
        )
    )
    # Segments called 1 and 2 are names, not numbers on a scale.
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(type="category")
    return styled(figure, x="Told", y="True", height=FRAME_HEIGHT + 40 * len(names))


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
        hovertemplate="%{x:.0%} sure, %{y:.0%} right (%{text:,} customers)<extra></extra>",
    )
    figure.update_xaxes(range=[0, 1.03], tickformat=".0%")
    figure.update_yaxes(range=[0, 1.03], tickformat=".0%")
    return styled(figure, x="How sure", y="How often right")


def importance_bars(importances: Sequence[ColumnImportance]) -> go.Figure:
    """Draw how much accuracy is lost without each column, with its standard error; the largest on top."""
    figure = go.Figure(
        go.Bar(
            x=[each.loss for each in importances],
            y=[words(each.column) for each in importances],
            error_x={"type": "data", "array": [each.se for each in importances], "thickness": 1.5, "color": NEUTRAL},
            orientation="h",
            marker={"color": PALETTE[0]},
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    )
    figure.update_xaxes(tickformat=".0%")
    figure.update_yaxes(autorange="reversed", type="category")
    return styled(figure, x="Accuracy lost", height=FRAME_HEIGHT + 28 * len(importances))


def dependence_lines(dependence: Dependence, classes: Sequence[str], places: Sequence[int]) -> go.Figure:
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
            x=numbers or [words(value) for value in dependence.values],
            y=dependence.probability[:, code],
            # Values without an order are not joined: a line would claim something in between.
            mode="lines+markers" if numbers else "markers",
            name=words(name),
            marker={"color": colour(places[code]), "symbol": symbol(places[code]), "size": 8 if numbers else 11},
            line={"color": colour(places[code]), "width": 2},
            hovertemplate="%{x}: %{y:.0%}<extra>" + words(name) + "</extra>",
        )
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    if not numbers:
        figure.update_xaxes(type="category")
    return styled(figure, x=dependence.column, y="Mean probability", height=340)


def questions_line(golden: GoldenQuestions) -> go.Figure:
    """Draw how the accuracy grew with each question that was added; the line is that of all columns."""
    figure = go.Figure(
        go.Scatter(
            x=[words(f"{number}. {step.column}") for number, step in enumerate(golden.steps, start=1)],
            y=[step.accuracy for step in golden.steps],
            mode="lines+markers",
            line={"color": PALETTE[0], "width": 2},
            marker={"size": 9},
            hovertemplate="%{x}: %{y:.1%}<extra></extra>",
        )
    )
    figure.add_hline(
        y=golden.accuracy_all,
        line={"color": ACCENT, "dash": "dot"},
        annotation_text="all columns",
        annotation_position="bottom left",
    )
    figure.update_yaxes(tickformat=".0%")
    return styled(figure, x="Question added", y="Told right", height=340)


def probability_bars(probabilities: Sequence[tuple[str, float]], places: Sequence[int]) -> go.Figure:
    """Draw how probable each segment is for one customer, (segment, probability), with its share written on it."""
    figure = go.Figure(
        go.Bar(
            x=[share for _, share in probabilities],
            y=[words(name) for name, _ in probabilities],
            orientation="h",
            marker={"color": [colour(place) for place in places]},
            text=[f"{share:.1%}" for _, share in probabilities],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    )
    figure.update_xaxes(tickformat=".0%", range=[0, 1.08])
    figure.update_yaxes(autorange="reversed", type="category")
    return styled(figure, x="Probability", height=110 + ROW_HEIGHT * len(probabilities))


def size_bars(counts: Sequence[tuple[str, int]], places: Sequence[int]) -> go.Figure:
    """Draw how many customers of a file were told each segment."""
    figure = go.Figure(
        go.Bar(
            x=[words(name) for name, _ in counts],
            y=[count for _, count in counts],
            marker={"color": [colour(place) for place in places]},
            text=[f"{count:,}" for _, count in counts],
            hovertemplate="%{x}: %{y:,}<extra></extra>",
        )
    )
    figure.update_xaxes(type="category")
    return styled(figure, y="Customers", height=320)
