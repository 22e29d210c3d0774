"""Which segment does one customer belong to? A field per column, and the answer."""

from datetime import date
from typing import Final

import streamlit as st

from segmenter.charts.learning import probability_bars
from segmenter.core.learning.customer import Change, CustomerAnswer, place_customer
from segmenter.core.learning.fields import OTHER, Answer, FieldKind, FormField
from segmenter.core.learning.model import SegmentModel
from segmenter.errors import SegmenterError
from segmenter.ui.messages import safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.learn_colours import places_of
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.place_choice import FIELDS

INTRO: Final = (
    "Fill in what is known and leave the rest empty. In brackets stands the range that the model knows: it answers for "
    "nothing beyond."
)
OTHER_HELP: Final = f"“{OTHER}” is any value that is not listed; empty is not known."
CHANGES: Final = "What would change it"
CHANGES_HELP: Final = "One other answer, everything else as it is: the nearest number, or the surest choice."
NO_CHANGE: Final = "No single other answer would change the segment."
COLUMNS: Final = 3


def show_form(model: SegmentModel) -> None:
    """Draw the form, and the answer for the customer that was last asked about."""
    st.write(INTRO)
    placing = session().learning.placing
    with st.form("place_form"):
        answers = _fields(model.fields)
        asked = st.form_submit_button("Tell the segment", type="primary", icon=":material/person_search:")
    if asked:
        placing.answers, placing.answer = answers, None
        try:
            placing.answer = place_customer(model, answers)
        except SegmenterError as error:
            show_error(error)
    if placing.answer is not None:
        _show(placing.answer, model)


def _fields(fields: tuple[FormField, ...]) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    # Row by row, so that on a narrow screen, where columns stand below each other, the order stays.
    for first in range(0, len(fields), COLUMNS):
        for place, field in zip(st.columns(COLUMNS), fields[first : first + COLUMNS], strict=False):
            with place:
                answers[field.column] = _field(field)
    return answers


def _field(field: FormField) -> Answer:
    key = f"{FIELDS}{field.column}"
    before = session().learning.placing.answers.get(field.column)
    if field.choices:
        start = field.choices.index(str(before)) if before in field.choices else None
        help_text = OTHER_HELP if OTHER in field.choices else None
        label = safe_md(field.column)
        return st.selectbox(label, field.choices, start, placeholder=_empty(field), help=help_text, key=key)
    if field.kind is FieldKind.DATE:
        return _date(field, before, key)
    return _number(field, before, key)


def _number(field: FormField, before: Answer, key: str) -> float | None:
    # No bounds of the field's own: it would move what was typed in silence. The model says what it does not know.
    label = f"{safe_md(field.column)} ({shown(field.low)} to {shown(field.high)})"
    start = before if isinstance(before, int | float) else None
    if field.kind is FieldKind.WHOLE:
        whole = None if start is None else int(start)
        return st.number_input(label, value=whole, step=1, placeholder=_empty(field), key=key)
    number = None if start is None else float(start)
    return st.number_input(label, value=number, format="%g", placeholder=_empty(field), key=key)


def _date(field: FormField, before: Answer, key: str) -> str | None:
    start = date.fromisoformat(before) if isinstance(before, str) else None
    label = f"{safe_md(field.column)} ({field.earliest} to {field.latest})"
    picked = st.date_input(label, start, date(1900, 1, 1), date(2200, 1, 1), key=key)
    return picked.isoformat() if isinstance(picked, date) else None


def _empty(field: FormField) -> str:
    typical = f"; typically {shown(field.typical)}" if field.typical is not None else ""
    return f"not known{typical}" if field.may_be_missing else f"needed{typical}"


def shown(answer: Answer) -> str:
    """Return an answer as a visitor would write it."""
    if answer is None:
        return "not known"
    return str(answer) if isinstance(answer, str) else f"{answer:,.6g}"


def _show(answer: CustomerAnswer, model: SegmentModel) -> None:
    st.success(
        f"**{safe_md(answer.segment)}, with a probability of {answer.probability:.1%}.** "
        f"Next: {safe_md(answer.runner_up)}, {answer.runner_up_probability:.1%}.",
        icon=":material/person_pin:",
    )
    if answer.left_out:
        names = ", ".join(safe_md(name) for name in answer.left_out)
        st.info(f"Not known: {names}. The answer counts what is usual there.", icon=":material/info:")
    places = dict(zip(model.classes, places_of(model.classes), strict=True))
    chart = probability_bars(answer.probabilities, [places[name] for name, _ in answer.probabilities])
    st.plotly_chart(chart, key="place_probabilities")
    st.subheader(CHANGES, help=CHANGES_HELP)
    if not answer.changes:
        st.write(NO_CHANGE)
        return
    answers = session().learning.placing.answers
    rows = [_row(change, answers.get(change.column)) for change in answer.changes]
    config = {"Probability": st.column_config.NumberColumn(format="percent")}
    st.dataframe(rows, hide_index=True, width="stretch", column_config=config)


def _row(change: Change, now: Answer) -> dict[str, str | float]:
    return {
        "If": change.column,
        "were": shown(change.answer),
        "instead of": shown(now),
        "it would be": change.segment,
        "Probability": change.probability,
    }
