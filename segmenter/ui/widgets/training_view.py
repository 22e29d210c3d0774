"""Learning curves of a network, live and afterwards."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from segmenter.charts.learning import accuracy_curves, learning_curves, network_picture
from segmenter.cluster.assigners import LatentCentres
from segmenter.networks.curve import Curves, LearningCurve
from segmenter.segment.result import Result

INTRO: Final = (
    "After each epoch, a pass over the customers that it learns from, the network is tried on customers held out "
    "(validation). Where that loss is lowest, its weights are kept; a validation line that rises while the training "
    "line falls means that it learns by heart. With dropout, the training line may well be the higher one."
)
NOT_THE_SEGMENTS: Final = (
    "These losses say how well the network gives back what it was told of a customer, not how well the segments "
    "stand apart. The Quality tab measures that on your own columns, for every method in the same way."
)
# Of the networks that learn one after the other, as many are seen as usually learn side by side.
MOST_AT_ONCE: Final = 5


def draw_curves(curves: Curves, key: str) -> None:
    """Draw how networks are learning; of many, the newest few. Draws nothing where none has learnt an epoch yet."""
    if not curves:
        return
    shown = curves[-MOST_AT_ONCE:]
    st.plotly_chart(learning_curves(shown), key=f"{key}_curves", theme="streamlit")
    if len(curves) > 1:
        of_them = f"; the newest {len(shown)} are drawn" if len(curves) > len(shown) else ""
        st.caption(f"{len(curves)} networks so far, of other customers or with another seed{of_them}.")


def show(result: Result, key: str) -> None:
    """Draw how the network behind a result learnt, and say what became of it."""
    curve = result.segmentation.clusterer.details_
    if isinstance(curve, LearningCurve):
        show_curve(curve, key)
        st.caption(NOT_THE_SEGMENTS)
        rule = result.segmentation.clusterer.placement_
        if isinstance(rule, LatentCentres):
            widths = [rule.encoder.n_in, *(len(layer.bias) for layer in rule.encoder.layers)]
            names = ["your columns", *(f"layer {number}" for number in range(1, len(widths) - 1)), "encoding"]
            back = [("back again", width) for width in reversed(widths[1:-1])]
            show_network([*zip(names, widths, strict=True), *back, ("your columns", widths[0])], key)


def show_network(layers: Sequence[tuple[str, int]], key: str) -> None:
    """Draw a network's layers, folded away."""
    with st.expander("What the network looks like", icon=":material/hub:"):
        st.plotly_chart(network_picture(layers), key=f"{key}_network")


def show_curve(curve: LearningCurve, key: str) -> None:
    """Draw a finished network's losses with their table; does nothing for a network that learnt no epoch."""
    if not curve.n_epochs:
        return
    st.write(INTRO)
    st.write(outcome(curve))
    st.plotly_chart(learning_curves((curve,)), key=f"{key}_curves", theme="streamlit")
    if curve.training_accuracy:
        st.plotly_chart(accuracy_curves((curve,)), key=f"{key}_accuracy", theme="streamlit")
    with st.expander("The numbers of the chart", icon=":material/table:"):
        st.dataframe(_table(curve), hide_index=True, width="stretch", key=f"{key}_epochs")


def outcome(curve: LearningCurve) -> str:
    """Return in a sentence or two when learning stopped and what was kept."""
    kept = (
        f"It learned for {curve.n_epochs:,} epochs. The weights of epoch {curve.best_epoch:,} were kept: "
        f"{curve.measured} {curve.best_loss:.4g} on the customers held out, {curve.training[curve.best_epoch - 1]:.4g} "
        "while learning."
    )
    if curve.best_epoch == curve.n_epochs:
        return f"{kept} It was still getting better: more epochs may help."
    return kept


def _table(curve: LearningCurve) -> dict[str, list[float]]:
    right = (
        {"Accuracy, training": list(curve.training_accuracy), "Accuracy, validation": list(curve.validation_accuracy)}
        if curve.training_accuracy
        else {}
    )
    return {
        "Epoch": list(range(1, curve.n_epochs + 1)),
        "Training": list(curve.training),
        "Validation": list(curve.validation),
        **right,
        "Learning rate": list(curve.rates),
    }
