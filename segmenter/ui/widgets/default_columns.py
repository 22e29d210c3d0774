"""What was chosen before the visitor touched a setting, and why, each with the switch that undoes it."""

import streamlit as st

from segmenter.prepare.suggest import (
    evened_out,
    evened_out_words,
    special_codes,
    suggest_columns,
    used,
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
OFF_INTRO = "These columns could form segments and don't, unless you take them in."


def show_defaults(dataset: Dataset) -> None:
    """Say in a sentence what was evened out, ask about special codes, and list what is off with the reason."""
    _evening_out(dataset)
    _codes(dataset)
    _off(dataset)


def _evening_out(dataset: Dataset) -> None:
    features = session().features
    in_use = {spec.column for spec in features if spec.role is Role.NUMBER}
    skewed = [
        each.spec.column
        for each in suggest_columns(dataset)
        if each.spec.transform is not Transform.NONE and each.spec.column in in_use
    ]
    if not skewed:
        return
    now = evened_out(features)
    st.write(safe_md(evened_out_words(now) or "A few very large values decide alone in some columns.", 250))
    on = _switch(EVEN, EVEN_HELP, "prepare_even", now=bool(now))
    if on is not bool(now):
        set_features(with_evening_out(features, dataset, on=on))


def _codes(dataset: Dataset) -> None:
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


def _off(dataset: Dataset) -> None:
    in_use = {spec.column for spec in session().features if spec.segments}
    off = [each for each in suggest_columns(dataset) if each.cause and each.spec.column not in in_use]
    if not off:
        return
    columns = "1 column is off, and why" if len(off) == 1 else f"{len(off):,} columns are off, and why"
    line = st.expander(columns, icon=":material/block:", key="prepare_off_open", on_change="rerun")
    if not line.open:
        return
    with line:
        st.write(OFF_INTRO)
        for each in off:
            name = each.spec.column
            left, right = st.columns([4, 1], vertical_alignment="center")
            left.markdown(safe_md(f"{name}: {each.reason}.", 250))
            if right.button("Take it in", key=f"prepare_take_{name}"):
                set_features(tuple(used(spec, dataset) if spec.column == name else spec for spec in session().features))
