"""How did a network learn, epoch by epoch?"""

from typing import Final

import plotly.graph_objects as go

from segmenter.charts.theme import ACCENT, NEUTRAL, PALETTE, styled
from segmenter.networks.curve import Curves, LearningCurve

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
    # On a logarithmic axis: lines at 1, 2 and 5 of every power of ten.
    figure.update_yaxes(type="log" if deep else "linear", exponentformat="none", dtick="D2" if deep else None)
    figure.update_xaxes(rangemode="tozero", tickformat="d")
    return styled(figure, x="Epoch", y=f"{measured} (logarithmic)" if deep else measured, height=340)


def _add(figure: go.Figure, curve: LearningCurve, *, first: bool, opacity: float) -> None:
    epochs = list(range(1, curve.n_epochs + 1))
    mode = "lines" if curve.n_epochs > _MOST_POINTS else "lines+markers"
    for name, losses, colour, dash in (
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
            line={"color": colour, "dash": dash, "width": 2},
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
