"""Whether a model is still true of the customers that it placed."""

from typing import Final

import pandas as pd
import streamlit as st

from segmenter.errors.forming import InvalidSettingError
from segmenter.monitor.drift import Advice, Drift, ModelCheck, check_model
from segmenter.segment.result import Result
from segmenter.ui.messages import safe_md
from segmenter.ui.state import Identity, session

_DRIFT_WORDS: Final = {
    Drift.NONE: "no more than by chance",
    Drift.SLIGHT: "a little",
    Drift.CLEAR: "clearly",
    Drift.STRONG: "strongly",
}
_PSI_HELP: Final = (
    "Population stability index: Σ (share now − share then) · ln(share now / share then) over tenths of the customers "
    "the model was made from. Files of this size differ by about the second figure without any change."
)


def show_check(result: Result) -> None:
    """Say in one sentence whether the model is still true, with the evidence below it."""
    assignment = result.assignment
    if assignment is None or not result.n_placed:
        return
    found = session().check.on(Identity(assignment))
    if found is None:
        try:
            found = check_model(result.dataset, assignment)
        except InvalidSettingError as error:
            st.caption(safe_md(str(error), 400))
            return
        session().check.keep(found, Identity(assignment))
    sentence = f"**{safe_md(found.sentence, 600)}**"
    match found.advice:
        case Advice.KEEP:
            st.success(sentence, icon=":material/check_circle:")
        case Advice.LOOK:
            st.warning(sentence, icon=":material/visibility:")
        case Advice.REFIT:
            st.error(sentence, icon=":material/autorenew:")
    for reason in found.reasons[1:]:
        st.markdown(f"- {safe_md(reason, 600)}")
    with st.expander("Then and now in numbers", icon=":material/table:"):
        _evidence(found)


def _evidence(found: ModelCheck) -> None:
    columns = [
        {
            "Column": each.column,
            "Has moved": _DRIFT_WORDS[each.level],
            "Stability index": each.psi,
            "By chance": each.psi_by_chance,
            "Missing then": each.missing[1],
            "Missing now": each.missing[0],
            "Values not known": each.new_values[0],
        }
        for each in found.columns
    ]
    share = st.column_config.NumberColumn(format="percent")
    index = st.column_config.NumberColumn(format="%.2f", help=_PSI_HELP)
    st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        width="stretch",
        column_config={
            "Stability index": index,
            "By chance": st.column_config.NumberColumn(format="%.2f"),
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
        for each in found.segments
    ]
    st.dataframe(
        pd.DataFrame(segments),
        hide_index=True,
        width="stretch",
        column_config=dict.fromkeys(("Share then", "Share now", "From", "To"), share),
    )
    st.caption(
        f"{found.unfit:.1%} of the customers fit no segment: they lie farther from its centre than 99 of 100 did when "
        f"it was formed. By chance it would be {found.unfit_by_chance:.1%}."
    )
