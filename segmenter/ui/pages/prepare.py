"""Choose the columns that form the segments and how they are made comparable."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from segmenter.core.dataset import Dataset
from segmenter.core.features import correlated_pairs, missing_effect, skewed_columns, unused, used
from segmenter.core.recipe import FeatureSpec, Role, Scaling, Transform
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import forget_widgets, session


def render() -> None:
    """Draw the page in the order in which it is read."""
    dataset = session().dataset
    if dataset is None:
        return
    st.title(messages.PREPARE_TITLE)
    st.write(messages.PREPARE_INTRO)
    _pick_columns(dataset)
    _pick_scaling()
    _skew(dataset)
    _pairs(dataset)
    _effect(dataset)
    st.subheader("All columns")
    st.dataframe(_table(dataset), hide_index=True, width="stretch")


def _pick_columns(dataset: Dataset) -> None:
    names = [column.name for column in dataset.columns]
    current = [spec.column for spec in session().features if spec.segments]
    picked = st.multiselect("Columns to segment by", names, current, key="prepare_columns")
    session().features = tuple(
        (spec if spec.segments else used(spec, dataset)) if spec.column in picked else unused(spec)
        for spec in session().features
    )
    if not picked:
        st.warning("Pick at least one column.", icon=":material/warning:")


def _pick_scaling() -> None:
    options = list(Scaling)
    picked = st.segmented_control(
        "Scaling",
        options,
        default=session().scaling,
        required=True,
        format_func=lambda each: messages.SCALING_WORDS[each.value],
        help=messages.SCALING_HELP,
        key="prepare_scaling",
    )
    session().scaling = picked or session().scaling
    if session().scaling is Scaling.NONE:
        st.warning(messages.UNSCALED, icon=":material/warning:")


def _skew(dataset: Dataset) -> None:
    skewed = skewed_columns(dataset, session().features)
    if skewed:
        named = ", ".join(f"{safe_md(name)} ({value:+.1f})" for name, value in skewed.items())
        st.warning(
            f"**Strongly skewed: {named}.** A few very large values would decide alone; the logarithm evens that out.",
            icon=":material/warning:",
        )
        if st.button("Use the logarithm for these", key="prepare_log", icon=":material/auto_fix_high:"):
            _set_logs([*_logged(), *skewed])
    numbers = [spec.column for spec in session().features if spec.role is Role.NUMBER]
    if _logged() or skewed:
        picked = st.multiselect("Columns taken as logarithm", numbers, _logged(), key="prepare_logs")
        if set(picked) != set(_logged()):
            _set_logs(picked)


def _set_logs(names: list[str]) -> None:
    session().features = tuple(_with_log(spec, log=spec.column in names) for spec in session().features)
    forget_widgets("prepare_log")
    st.rerun()


def _with_log(spec: FeatureSpec, *, log: bool) -> FeatureSpec:
    return replace(spec, transform=Transform.LOG if log else Transform.NONE)


def _logged() -> list[str]:
    return [spec.column for spec in session().features if spec.transform is Transform.LOG and spec.role is Role.NUMBER]


def _pairs(dataset: Dataset) -> None:
    for pair in correlated_pairs(dataset, session().features):
        st.info(
            f"**{safe_md(pair.first)} and {safe_md(pair.second)} carry nearly the same information** "
            f"(r = {pair.r:.2f}). Together they count twice; leaving one out is usually better.",
            icon=":material/link:",
        )


def _effect(dataset: Dataset) -> None:
    effect = missing_effect(dataset, session().recipe)
    st.write(
        f"{len(session().recipe.segmenting)} columns, {dataset.n_customers - effect.rows_left_out:,} customers "
        f"({effect.rows_left_out:,} rows left out, {effect.values_filled:,} values filled in)."
    )


def _table(dataset: Dataset) -> pd.DataFrame:
    roles = {spec.column: spec for spec in session().features}
    return pd.DataFrame(
        {
            "Column": [column.name for column in dataset.columns],
            "Used to": [_use(roles[column.name]) for column in dataset.columns],
            "Taken for": [column.kind.value for column in dataset.columns],
            "Because": [column.reason for column in dataset.columns],
        }
    )


def _use(spec: FeatureSpec) -> str:
    if spec.segments:
        return "form segments, as logarithm" if spec.transform is Transform.LOG else "form segments"
    return {Role.DESCRIPTOR: "describe segments", Role.ID: "name the customer"}.get(spec.role, "left out")


if __name__ == "__main__":
    render()
