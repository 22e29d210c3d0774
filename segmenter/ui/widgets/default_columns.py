"""What was chosen before the visitor touched a setting, and why, each with the switch that undoes it."""

import streamlit as st

from segmenter.prepare.suggest import (
    evened_out,
    special_codes,
    suggest_columns,
    with_evening_out,
    with_special_codes,
)
from segmenter.recipe.recipe import Role, Transform
from segmenter.table.dataset import Dataset
from segmenter.ui.messages import safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.findings import set_features

EVEN = "Even out very large values"
EVEN_HELP = (
    "Where a few customers have values many times as large as the others', they alone would decide. Their logarithm, "
    "or another power, brings them nearer; profiles stay in the column's own units."
)
CODES_HELP = "On: these customers count as having no value here. Off: the number is taken as it stands."


def switch_evening_out(dataset: Dataset) -> None:
    """Draw the switch that evens out very large values, where a column has some."""
    features = session().features
    in_use = {spec.column for spec in features if spec.role is Role.NUMBER}
    skewed = any(
        each.spec.transform is not Transform.NONE and each.spec.column in in_use for each in suggest_columns(dataset)
    )
    if not skewed:
        return
    now = bool(evened_out(features))
    on = _switch(EVEN, EVEN_HELP, "prepare_even", now=now)
    if on is not now:
        set_features(with_evening_out(features, dataset, on=on))


def ask_about_codes(dataset: Dataset) -> None:
    """Ask of each number that looks like a mark for "not known" whether it is one."""
    features = session().features
    for codes in special_codes(dataset, features):
        question = safe_md(codes.question, 250)
        on = _switch(question, CODES_HELP, f"prepare_unknown_{codes.column}", now=codes.as_missing)
        if on is not codes.as_missing:
            set_features(with_special_codes(features, dataset, [codes.column], on=on))


def _switch(label: str, says: str, key: str, *, now: bool) -> bool:
    """Draw a switch that shows how things stand, and return how they are to stand."""
    # Another key for either state: what was changed elsewhere, such as in the column's own field, is shown here, too.
    return st.toggle(label, now, help=says, key=f"{key}_{'on' if now else 'off'}")
