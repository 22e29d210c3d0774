"""Whether a model is still true of the customers that it placed: the evidence, in words first."""

from typing import Final

import pandas as pd
import streamlit as st

from segmenter.display import shown
from segmenter.monitor.drift import Advice, ColumnDrift, Drift, ModelCheck
from segmenter.report.months import DRIFT_WORDS
from segmenter.segment.result import Result
from segmenter.ui.messages import safe_md
from segmenter.ui.widgets.finding_charts import show_charts

_BADGES: Final = {
    Advice.KEEP: ("Still true", ":material/check_circle:", "green"),
    Advice.LOOK: ("Look at these", ":material/visibility:", "orange"),
    Advice.REFIT: ("Form anew", ":material/autorenew:", "red"),
}
_MARKS: Final = {Drift.NONE: "✓", Drift.SLIGHT: "·", Drift.CLEAR: "!", Drift.STRONG: "!!"}
_SHAPE_HELP: Final = (
    "Each bar held a tenth of last time's customers; of categories, the share of each value. The same shape twice "
    "means that nothing has changed."
)
_PSI_HELP: Final = (
    "Population stability index: Σ (share now − share then) · ln(share now / share then) over tenths of the customers "
    "the model was made from. Files of this size differ by about the next figure without any change."
)
_KS_HELP: Final = "Kolmogorov-Smirnov: the largest difference of the two cumulative shares. Not defined for categories."
_P_HELP: Final = "How often chance makes such a difference (χ², corrected for the number of columns by Holm)."


def show_verdict(check: ModelCheck) -> None:
    """Say what to do, and every further reason."""
    words, icon, shade = _BADGES[check.advice]
    st.badge(words, icon=icon, color=shade)  # type: ignore[arg-type]
    if check.reasons[1:]:
        st.markdown("\n".join(f"- {safe_md(reason, 600)}" for reason in check.reasons[1:]))


def show_shares(check: ModelCheck, key: str) -> None:
    """Draw the segments' shares then and now."""
    st.header("Then and now")
    show_charts(check, key)
    st.markdown(":gray[Pale: last time. Full: now, with the range in which the true share lies 19 times in 20.]")


def show_drift(check: ModelCheck, result: Result) -> None:
    """Show which columns have moved, in words and own units, with the statistics one click below."""
    st.header("Has the file changed?")
    rows = [
        {
            "Column": column.column,
            "Last time": shown(column.typical[1]),
            "Now": shown(column.typical[0]),
            "Verdict": f"{_MARKS[column.level]} {DRIFT_WORDS[column.level]}",
            "Shape last time": list(column.shares[1]),
            "Shape now": list(column.shares[0]),
        }
        for column in check.columns
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        width="stretch",
        column_config={
            "Shape last time": st.column_config.BarChartColumn(help=_SHAPE_HELP, y_min=0, y_max=_highest(check)),
            "Shape now": st.column_config.BarChartColumn(help=_SHAPE_HELP, y_min=0, y_max=_highest(check)),
        },
    )
    st.markdown(f":gray[The middle customer's value, or the commonest. {safe_md(check.fit_sentence, 400)}]")
    with st.expander("The figures behind it", icon=":material/table:"):
        _evidence(check)
    assignment = result.assignment
    if assignment is not None and assignment.matched:
        pairs = ", ".join(f"{safe_md(model)} = {safe_md(file)}" for model, file in assignment.matched.items())
        st.markdown(f":gray[Columns matched: {pairs}.]")


def _highest(check: ModelCheck) -> float:
    return max((max(shares, default=0.0) for column in check.columns for shares in column.shares), default=1.0) or 1.0


def _evidence(check: ModelCheck) -> None:
    share = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        pd.DataFrame([_figures(column) for column in check.columns]),
        hide_index=True,
        width="stretch",
        column_config={
            "Stability index": st.column_config.NumberColumn(format="%.3f", help=_PSI_HELP),
            "By chance": st.column_config.NumberColumn(format="%.3f"),
            "KS": st.column_config.NumberColumn(format="%.3f", help=_KS_HELP),
            "p": st.column_config.NumberColumn(format="%.4f", help=_P_HELP),
            "Missing then": share,
            "Missing now": share,
            "Values not known": share,
        },
    )
    segments = [
        {
            "Segment": each.name,
            "Share then": each.before,
            "Share now": each.now,
            "From": each.low,
            "To": each.high,
            "Changed": "yes" if each.changed else "no more than by chance",
        }
        for each in check.segments
    ]
    st.dataframe(
        pd.DataFrame(segments),
        hide_index=True,
        width="stretch",
        column_config=dict.fromkeys(("Share then", "Share now", "From", "To"), share),
    )


def _figures(column: ColumnDrift) -> dict[str, object]:
    return {
        "Column": column.column,
        "Has moved": DRIFT_WORDS[column.level],
        "Stability index": column.psi,
        "By chance": column.psi_by_chance,
        "KS": column.ks,
        "p": column.p_value,
        "Missing then": column.missing[1],
        "Missing now": column.missing[0],
        "Values not known": column.new_values[0],
    }
