"""What happens to customers without a value in a column?"""

from dataclasses import replace

import streamlit as st

from segmenter.core.dataset import Dataset
from segmenter.core.recipe import FeatureSpec, Missing, Role
from segmenter.core.roles import missing_choices
from segmenter.ui import messages
from segmenter.ui.messages import safe_md


def missing_field(spec: FeatureSpec, dataset: Dataset, key: str) -> FeatureSpec:
    """Let the visitor choose what happens where a column has no value; `key` keeps two pages' fields apart."""
    column = dataset.column(spec.column)
    options = missing_choices(spec.role)
    share = messages.share_words(column.missing / dataset.n_customers)
    picked = st.selectbox(
        f"{safe_md(spec.column)}: {column.missing:,} missing ({share})",
        options,
        options.index(spec.missing) if spec.missing in options else 1,
        format_func=lambda each: messages.MISSING_WORDS[each.value],
        key=f"{key}_{spec.column}",
    )
    chosen = replace(spec, missing=picked or spec.missing)
    return _constant_field(chosen, key) if picked is Missing.CONSTANT else chosen


def _constant_field(spec: FeatureSpec, key: str) -> FeatureSpec:
    label, place = f"What to fill in for {safe_md(spec.column)}", f"{key}_value_{spec.column}"
    if spec.role is Role.ORDINAL:
        at = spec.order.index(str(spec.constant)) if str(spec.constant) in spec.order else 0
        return replace(spec, constant=str(st.selectbox(label, spec.order, at, key=place)))
    if spec.role is Role.CATEGORY:
        shown = spec.constant if isinstance(spec.constant, str) else "unknown"
        return replace(spec, constant=st.text_input(label, shown, max_chars=60, key=place) or "unknown")
    start = spec.constant if isinstance(spec.constant, float) else 0.0
    return replace(spec, constant=float(st.number_input(label, value=start, key=place)))
