"""How one column is used: its fields, each with the value of the session."""

from dataclasses import replace
from datetime import date, datetime

import pandas as pd
import streamlit as st

from segmenter import config
from segmenter.choose.evidence import CAPS
from segmenter.prepare.coerce import absent
from segmenter.prepare.suggest import missing_choices, values_of
from segmenter.recipe.recipe import CYCLES, DateUse, FeatureSpec, Missing, Role, Scaling, Transform
from segmenter.table.dataset import Dataset
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.widgets.text_fields import text_line


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
        return replace(spec, constant=text_line(label, shown, most=60, key=place) or "unknown")
    start = spec.constant if isinstance(spec.constant, float) else 0.0
    return replace(spec, constant=float(st.number_input(label, value=start, key=place)))


# Every field's key starts like this, so that values set elsewhere can be shown again.
PREFIX = "prepare_col_"

SHAPE_WORDS = {"none": "As it is", "log": "Logarithm", "yeo-johnson": "Yeo-Johnson"}
SHAPE_HELP = (
    "A few very large values would decide alone. The logarithm turns ratios into differences; Yeo-Johnson looks for "
    "the power that makes the column most even. Both work with zeros and refunds."
)
TAIL_WORDS = {"leave": "Leave", "cap": "Cap", "robust": "Scale robustly"}
TAIL_HELP = (
    "What to do about customers far out. Cap: beyond a percentile, values count as that percentile. Scale robustly: "
    "the middle half of the customers sets the scale, so the few do not stretch it."
)
WEIGHT_HELP = "2 makes a difference in this column count as twice the difference in the others."
MARK_HELP = "Adds a column that says who has no value: those customers become a little more alike."
RARE_HELP = (
    "Values that a smaller share of the customers has count together as “other”, as do values that a later file "
    "brings. Values of fewer than 10 customers always do: they could point at a person."
)
ORDER_HELP = "Number the values from lowest to highest; a customer's step is its number."
ORDER_ASKED = "Nothing tells which value is lowest: these stand as the file brings them. Number them."
USE_WORDS = {"category": "Values without order", "ordinal": "Steps in an order"}
DATE_WORDS = {
    "days since": "Days since then",
    "age": "Age in years",
    "month": "Month of the year",
    "week": "Week of the year",
    "weekday": "Day of the week",
}


def column_settings(spec: FeatureSpec, dataset: Dataset) -> FeatureSpec:
    """Draw the fields of one column and return it as it is set now."""
    spec = _kind_of_use(spec, dataset)
    left, middle, right = st.columns(3)
    with left:
        spec = _missing(spec, dataset)
    with middle:
        spec = _by_role(spec, dataset)
    with right:
        spec = replace(spec, weight=_weight(spec))
        if spec.role is Role.NUMBER and dataset.column(spec.column).distinct > 2:
            spec = _tail(spec)
    return _order(spec, dataset) if spec.role is Role.ORDINAL else spec


def key_of(name: str, spec: FeatureSpec) -> str:
    """Return the key of one field of one column."""
    return f"{PREFIX}{name}_{spec.column}"


def _kind_of_use(spec: FeatureSpec, dataset: Dataset) -> FeatureSpec:
    if spec.role not in (Role.CATEGORY, Role.ORDINAL):
        return spec
    picked = st.segmented_control(
        "Used as",
        list(USE_WORDS),
        default=spec.role.value,
        required=True,
        format_func=USE_WORDS.__getitem__,
        key=key_of("use", spec),
    )
    role = Role(picked or spec.role)
    order = spec.order or values_of(dataset.column(spec.column), dataset)
    missing = spec.missing if spec.missing in missing_choices(role) else Missing.MODE
    return replace(spec, role=role, order=order if role is Role.ORDINAL else spec.order, missing=missing)


def _missing(spec: FeatureSpec, dataset: Dataset) -> FeatureSpec:
    if not absent(dataset.frame[spec.column], spec).any():
        st.markdown(":gray[No value is missing.]")
        return spec
    spec = missing_field(spec, dataset, f"{PREFIX}missing")
    if spec.missing is Missing.DROP:
        return spec
    marked = st.toggle("Let “missing” itself count", spec.indicator, help=MARK_HELP, key=key_of("mark", spec))
    return replace(spec, indicator=marked)


def _by_role(spec: FeatureSpec, dataset: Dataset) -> FeatureSpec:
    if spec.role is Role.CATEGORY:
        return replace(spec, rare=_rare(spec))
    if spec.role is Role.DATE:
        return _date(spec)
    if spec.role is Role.NUMBER and dataset.column(spec.column).distinct > 2:
        return replace(spec, transform=_shape(spec))
    return spec


def _shape(spec: FeatureSpec) -> Transform:
    picked = st.segmented_control(
        "Shape",
        list(SHAPE_WORDS),
        default=spec.transform.value,
        required=True,
        format_func=SHAPE_WORDS.__getitem__,
        help=SHAPE_HELP,
        key=key_of("shape", spec),
    )
    return Transform(picked or spec.transform)


def _weight(spec: FeatureSpec) -> float:
    picked = st.number_input(
        "Weight", 0.1, config.LARGEST_WEIGHT, spec.weight, 0.1, help=WEIGHT_HELP, key=key_of("weight", spec)
    )
    return float(picked)


def _rare(spec: FeatureSpec) -> float:
    most = 100 * config.LARGEST_RARE_SHARE
    picked = st.number_input(
        "Gather values rarer than (%)", 0.0, most, 100 * spec.rare, 1.0, help=RARE_HELP, key=key_of("rare", spec)
    )
    return round(float(picked) / 100, 6)


def _tail(spec: FeatureSpec) -> FeatureSpec:
    now = "cap" if spec.cap else "robust" if spec.scaling is Scaling.ROBUST else "leave"
    picked = st.segmented_control(
        "Far out",
        list(TAIL_WORDS),
        default=now,
        required=True,
        format_func=TAIL_WORDS.__getitem__,
        help=TAIL_HELP,
        key=key_of("tail", spec),
    )
    if picked == "cap":
        low, high = st.slider("Percentiles", 0.0, 100.0, spec.cap or CAPS, 0.5, key=key_of("cap", spec))
        return replace(spec, cap=(low, high) if low < high else CAPS, scaling=None)
    return replace(spec, cap=None, scaling=Scaling.ROBUST if picked == "robust" else None)


def _date(spec: FeatureSpec) -> FeatureSpec:
    uses = list(DATE_WORDS)
    picked = st.selectbox(
        "The date becomes",
        uses,
        uses.index(spec.date_use.value),
        format_func=DATE_WORDS.__getitem__,
        key=key_of("date", spec),
    )
    spec = replace(spec, date_use=DateUse(picked or spec.date_use))
    if spec.date_use in CYCLES:
        return spec
    start = datetime.fromisoformat(spec.reference).date() if spec.reference else None
    label = "Counted back from (the file's latest date or soon after if empty)"
    day = st.date_input(label, start, date(1900, 1, 1), date(2200, 1, 1), key=key_of("day", spec))
    return replace(spec, reference=day.isoformat() if isinstance(day, date) else "")


def _order(spec: FeatureSpec, dataset: Dataset) -> FeatureSpec:
    st.write(ORDER_HELP if dataset.column(spec.column).levels else ORDER_ASKED)
    table = pd.DataFrame({"Value": list(spec.order), "Step": range(1, len(spec.order) + 1)})
    edited = st.data_editor(
        table,
        hide_index=True,
        disabled=["Value"],
        column_config={"Step": st.column_config.NumberColumn(step=0.5, required=True)},
        key=f"{key_of('order', spec)}_{hash(spec.order)}",
    )
    placed = edited.sort_values("Step", kind="stable")["Value"]
    return replace(spec, order=tuple(str(value) for value in placed))


def settings_words(spec: FeatureSpec) -> str:
    """Return in a few words how a column is used, but for its shape and gaps; nothing where it is a plain number."""
    words = [_used_as(spec)] if spec.role is not Role.NUMBER else []
    if spec.cap:
        words.append(f"capped at {spec.cap[0]:g} and {spec.cap[1]:g} %")
    if spec.scaling is not None:
        words.append("scaled robustly")
    if spec.weight != 1:
        words.append(f"weight {spec.weight:g}")
    return ", ".join(words)


def _used_as(spec: FeatureSpec) -> str:
    if spec.role is Role.DATE:
        return DATE_WORDS[spec.date_use.value].lower()
    return {Role.CATEGORY: "category", Role.ORDINAL: f"{len(spec.order)} steps"}.get(spec.role, "number")
