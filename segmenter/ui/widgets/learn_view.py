"""What was learnt, how good is it really, and what is it about?"""

from dataclasses import replace
from typing import Final

import streamlit as st

from segmenter.charts.learning import (
    calibration_curve,
    confusion_map,
    dependence_lines,
    importance_bars,
    questions_line,
)
from segmenter.classifiers import CLASSIFIERS
from segmenter.core.learning.golden import GoldenQuestions
from segmenter.core.learning.learned import HeldOut, Learned
from segmenter.core.learning.understanding import Dependence
from segmenter.core.learning.words import golden_verdict, held_out_verdict
from segmenter.networks.curve import LearningCurve
from segmenter.ui.messages import safe_md
from segmenter.ui.widgets import training_view
from segmenter.ui.widgets.learn_board import show_board
from segmenter.ui.widgets.learn_colours import places_of
from segmenter.ui.widgets.notes import show_notes

HELD_OUT_HELP: Final = "Share told right of the customers who were set aside before anything was looked at."
BASE_HELP: Final = "What always naming the largest segment would get right of them."
BALANCED_HELP: Final = (
    "The mean over the segments of the share found again: small segments count as much as large ones."
)
CALIBRATION: Final = (
    "How far probabilities can be believed: of the answers that were 60 % sure, 60 % should be right. Below the dotted "
    "line, answers are surer than they should be."
)
IMPORTANCE: Final = (
    "How much accuracy is lost on the held-out customers when a column's values are dealt out anew among them, with "
    "its standard error (permutation importance, Breiman 2001). Columns that say the same share what they are worth."
)
DEPENDENCE: Final = (
    "The mean answer if every customer had the same value in one column, all else as it is (partial dependence, "
    "Friedman 2001)."
)
GOLDEN: Final = (
    "The smallest set of questions found that keeps at least 95 % of the accuracy: enough for a short survey or a form "
    "at the till."
)

YES_AND_NO: Final = 2


def show_learned(learned: Learned, key: str) -> None:
    """Draw everything that learning found, the sum of it first."""
    _facts(learned)
    # What gives the answer away is said above, beside the columns.
    leaks = {leak.column for leak in learned.leaks}
    show_notes(note for note in learned.notes if note.column not in leaks)
    curve = _curve(learned)
    titles = [
        "Leaderboard",
        "Held-out check",
        "What it listens to",
        "Golden questions",
        *(["Training"] if curve else []),
    ]
    board, held_out, listens, golden, *training = st.tabs(titles, key=f"{key}_tabs")
    with board:
        show_board(learned, key)
    with held_out:
        if learned.held_out:
            _held_out(learned.held_out, learned.classes, key)
    with listens:
        _listens(learned, key)
    with golden:
        if learned.golden:
            _golden(learned.golden, key)
    if curve:
        with training[0]:
            training_view.show_curve(curve, key)


def _facts(learned: Learned) -> None:
    held_out, golden, choice = learned.held_out, learned.golden, learned.choice
    if held_out is None or golden is None or choice is None:
        return
    st.success(
        f"**Kept: {CLASSIFIERS[choice.classifier].title}.** {safe_md(held_out_verdict(held_out), 600)}",
        icon=":material/school:",
    )
    first, second, third, fourth = st.columns(4)
    first.metric("Right, held out", f"{held_out.scores.accuracy:.1%}", help=HELD_OUT_HELP)
    second.metric("Always the largest", f"{held_out.base_rate:.1%}", help=BASE_HELP)
    third.metric("Balanced accuracy", f"{held_out.scores.balanced_accuracy:.1%}", help=BALANCED_HELP)
    fourth.metric("Golden questions", f"{len(golden.columns)} of {len(learned.recipe.features)}", help=GOLDEN)


def _held_out(held_out: HeldOut, classes: tuple[str, ...], key: str) -> None:
    st.write(safe_md(held_out_verdict(held_out), 600))
    left, right = st.columns(2)
    with left:
        st.subheader("Who is taken for whom")
        st.plotly_chart(confusion_map(held_out.confusion, classes), key=f"{key}_confusion")
    with right:
        st.subheader("Can the probabilities be believed?", help=CALIBRATION)
        st.plotly_chart(calibration_curve(held_out.calibration), key=f"{key}_calibration")
    st.write(
        f"On average the answers are {held_out.calibration.error:.1%} too sure or not sure enough (expected "
        f"calibration error). Log loss {held_out.scores.log_loss:.3f}, macro F1 {held_out.scores.macro_f1:.3f}."
    )
    st.subheader("Segment by segment")
    rows = [
        {
            "Segment": name,
            "Precision": row.precision,
            "Recall": row.recall,
            "F1": round(row.f1, 3),
            "Customers": row.support,
        }
        for name, row in zip(classes, held_out.report, strict=True)
    ]
    config = {name: st.column_config.NumberColumn(format="percent") for name in ("Precision", "Recall")}
    st.dataframe(rows, hide_index=True, width="stretch", column_config=config)
    st.caption(
        "Precision: of those told this segment, how many belong there. Recall: of those who do, how many are told."
    )
    with st.expander("The charts in numbers", icon=":material/table:"):
        table = {f"told {name}": held_out.confusion[:, code] for code, name in enumerate(classes)}
        st.dataframe({"True": list(classes), **table}, hide_index=True, width="stretch")
        sure = held_out.calibration
        st.dataframe(
            {"Mean sureness": sure.said, "Share right": sure.true, "Customers": sure.count},
            hide_index=True,
            width="stretch",
        )


def _listens(learned: Learned, key: str) -> None:
    st.subheader("Which columns matter", help=IMPORTANCE)
    st.plotly_chart(importance_bars(learned.importances), key=f"{key}_importances")
    with st.expander("The chart in numbers", icon=":material/table:"):
        rows = [{"Column": each.column, "Accuracy lost": each.loss, "±": each.se} for each in learned.importances]
        config = {name: st.column_config.NumberColumn(format="percent") for name in ("Accuracy lost", "±")}
        st.dataframe(rows, hide_index=True, width="stretch", column_config=config)
    st.subheader("What they do", help=DEPENDENCE)
    places = places_of(learned.classes)
    drawn = [_in_words(dependence, learned) for dependence in learned.dependences]
    for first in range(0, len(drawn), 2):
        for place, dependence in zip(st.columns(2), drawn[first : first + 2], strict=False):
            with place:
                chart = dependence_lines(dependence, learned.classes, places)
                st.plotly_chart(chart, key=f"{key}_dependence_{dependence.column}")
    with st.expander("The charts in numbers", icon=":material/table:"):
        for dependence in drawn:
            st.dataframe(_table(dependence, learned.classes), hide_index=True, width="stretch")


def _in_words(dependence: Dependence, learned: Learned) -> Dependence:
    """Return the effect of a column of yes and no under the file's own words in place of 0 and 1."""
    fields = learned.model.fields if learned.model else ()
    words = next((each.choices for each in fields if each.column == dependence.column), ())
    if len(words) != YES_AND_NO or not set(dependence.numbers) <= {0.0, 1.0} or not dependence.numbers:
        return dependence
    return replace(dependence, values=tuple(words[int(number)] for number in dependence.numbers), numbers=())


def _table(dependence: Dependence, classes: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        {dependence.column: value, **{name: f"{share:.1%}" for name, share in zip(classes, shares, strict=True)}}
        for value, shares in zip(dependence.values, dependence.probability, strict=True)
    ]


def _golden(golden: GoldenQuestions, key: str) -> None:
    st.write(GOLDEN)
    st.write(f"**{safe_md(golden_verdict(golden), 900)}**")
    st.plotly_chart(questions_line(golden), key=f"{key}_golden")
    rows = [
        {"Question": step.column, "Accuracy with it": step.accuracy, "Kept": step.column in golden.columns}
        for step in golden.steps
    ]
    config = {"Accuracy with it": st.column_config.NumberColumn(format="percent")}
    st.dataframe(rows, hide_index=True, width="stretch", column_config=config)


def _curve(learned: Learned) -> LearningCurve | None:
    """Return how the network that is kept has learnt, if it is one."""
    curve = getattr(learned.model.learner, "curve_", None) if learned.model else None
    return curve if isinstance(curve, LearningCurve) and curve.n_epochs else None
