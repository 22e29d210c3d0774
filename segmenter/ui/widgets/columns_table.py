"""One line a column: whether it forms segments, what was done to it, what it is and how it looks."""

from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from segmenter.prepare.coerce import absent
from segmenter.prepare.suggest import (
    can_segment,
    evened_out,
    special_codes,
    suggest_columns,
    unused,
    used,
    with_evening_out,
    with_special_codes,
)
from segmenter.recipe.recipe import FeatureSpec, Missing, Role, Transform
from segmenter.table.dataset import Column, ColumnKind, Dataset
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import forget_widgets, session
from segmenter.ui.widgets.column_settings import settings_words
from segmenter.ui.widgets.findings import set_features

BARS: Final = 12
ROW_HEIGHT: Final = 36
MOST_ROWS_SHOWN: Final = 13
LONGEST_VALUES: Final = 60
AS_IT_IS: Final = "As it is"
_OUT: Final = {
    Role.DESCRIPTOR: "Out: describes the segments",
    Role.ID: "Out: only names the customer",
    Role.IGNORED: "Out: left out",
}
_KINDS_OUT: Final = {
    ColumnKind.PERSONAL: "Out: personal data never forms segments",
    ColumnKind.CONSTANT: "Out: the same for everyone",
    ColumnKind.NEAR_EMPTY: "Out: hardly anybody has a value",
    ColumnKind.TEXT: "Out: free text",
    ColumnKind.CODE: "Out: a code, whose numbers are no amounts",
    ColumnKind.CONSENT: "Out: says who may be contacted",
}
_FILLED: Final = {
    Missing.DROP: "{:,} customers without a value are left out",
    Missing.MEDIAN: "{:,} empty cells got the median",
    Missing.MEAN: "{:,} empty cells got the mean",
    Missing.MODE: "{:,} empty cells got the most frequent value",
    Missing.KNN: "{:,} empty cells got what similar customers have",
    Missing.CONSTANT: "{:,} empty cells got your value",
    Missing.CATEGORY: "{:,} empty cells count as a value of their own",
}
_WORDS: Final = {ColumnKind.YES_NO: "Yes or no", ColumnKind.NEAR_EMPTY: "Nearly empty"}


def columns_table(dataset: Dataset, view: str) -> None:
    """Draw a line for each column of a view, with its tick; a tick takes effect at once."""
    specs = {spec.column: spec for spec in session().features}
    done = {column.name: _done(specs[column.name], column, dataset) for column in dataset.columns}
    shown = [column for column in dataset.columns if _is_shown(view, specs[column.name], done[column.name])]
    if not shown:
        st.write("No column is like that.")
        return
    pictures = _pictures(dataset)
    table = pd.DataFrame(
        {
            "In": [specs[column.name].segments for column in shown],
            "Column": [column.name for column in shown],
            "What we did": [done[column.name] for column in shown],
            "What it is": [_WORDS.get(column.kind, column.kind.value.capitalize()) for column in shown],
            "Picture": [pictures[column.name][0] for column in shown],
            "Values": [pictures[column.name][1] for column in shown],
        }
    )
    edited = st.data_editor(
        table,
        hide_index=True,
        width="stretch",
        height=(min(len(shown), MOST_ROWS_SHOWN) + 1) * ROW_HEIGHT + 3,
        row_height=ROW_HEIGHT,
        disabled=[name for name in table.columns if name != "In"],
        column_config={
            "In": st.column_config.CheckboxColumn(width=56, help="Whether the column forms the segments."),
            "Column": st.column_config.TextColumn(width=170),
            "What we did": st.column_config.TextColumn(width=330),
            "What it is": st.column_config.TextColumn(width=120),
            "Picture": st.column_config.BarChartColumn(width=120, y_min=0),
            "Values": st.column_config.TextColumn(width=220),
        },
        key=f"prepare_table_{dataset.fingerprint[:8]}_{view}_{session().ticked_anew}",
    )
    _take_ticks(dict(zip(edited["Column"], edited["In"], strict=True)), dataset)


def pick_columns(names: list[str], dataset: Dataset) -> None:
    """Let exactly these columns form the segments from now on."""
    session().features = tuple(
        (spec if spec.segments else used(spec, dataset)) if spec.column in names else unused(spec)
        for spec in session().features
    )


def _take_ticks(ticked: dict[str, bool], dataset: Dataset) -> None:
    before = {spec.column for spec in session().features if spec.segments}
    refused = [name for name, on in ticked.items() if on and not can_segment(dataset.column(name))]
    wanted = {name for name in before if ticked.get(name, True)} | {
        name for name, on in ticked.items() if on and name not in refused
    }
    if wanted != before:
        pick_columns(list(wanted), dataset)
        forget_widgets("prepare_columns")
        st.rerun()
    for name in refused:
        column = dataset.column(name)
        st.warning(
            f"**{safe_md(name)} cannot form segments:** {safe_md(column.reason, 200)}. It stays out.",
            icon=":material/block:",
        )


def pick_view(dataset: Dataset) -> str:
    """Let the visitor pick which columns are listed: "All", "In", "Out" or "Changed"."""
    specs = {spec.column: spec for spec in session().features}
    done = {column.name: _done(specs[column.name], column, dataset) for column in dataset.columns}
    counts = {
        "All": len(specs),
        "In": sum(spec.segments for spec in specs.values()),
        "Out": sum(not spec.segments for spec in specs.values()),
        "Changed": sum(_is_shown("Changed", spec, done[name]) for name, spec in specs.items()),
    }
    picked = st.segmented_control(
        "Columns shown",
        list(counts),
        default="All",
        required=True,
        format_func=lambda view: f"{view} {counts[view]:,}",
        label_visibility="collapsed",
        key="prepare_view",
    )
    return str(picked or "All")


def _is_shown(view: str, spec: FeatureSpec, done: str) -> bool:
    wanted = {"In": spec.segments, "Out": not spec.segments, "Changed": spec.segments and done != AS_IT_IS}
    return wanted.get(view, True)


def _done(spec: FeatureSpec, column: Column, dataset: Dataset) -> str:
    """Return what was done to a column, or why it is out."""
    if not spec.segments:
        reason = next((each.reason for each in suggest_columns(dataset) if each.spec.column == column.name), "")
        return f"Out: {reason}" if reason else _KINDS_OUT.get(column.kind) or _OUT[spec.role]
    parts = []
    if spec.role is Role.NUMBER and spec.transform is not Transform.NONE:
        parts.append("evened out, as a few values are very large")
    if column.missing:
        parts.append(_FILLED.get(spec.missing, "{:,} empty cells were filled").format(column.missing))
    if rest := settings_words(spec):
        parts.append(rest)
    unknown = int(absent(dataset.frame[column.name], spec).sum()) - column.missing
    if unknown > 0:
        parts.append(f"{unknown:,} special codes count as missing")
    words = "; ".join(parts)
    return words[:1].upper() + words[1:] if words else AS_IT_IS


def _pictures(dataset: Dataset) -> dict[str, tuple[list[int] | None, str]]:
    """Return the bars and the values in words of each column, made once for each table."""
    found = session().pictures.on(dataset.fingerprint)
    if found is None:
        found = {column.name: _picture(column, dataset) for column in dataset.columns}
        session().pictures.keep(found, dataset.fingerprint)
    return found


def _picture(column: Column, dataset: Dataset) -> tuple[list[int] | None, str]:
    values = dataset.frame[column.name].dropna()
    if column.kind in (ColumnKind.PERSONAL, ColumnKind.IDENTIFIER, ColumnKind.TEXT) or values.empty:
        return None, f"{column.distinct:,} different values" if len(values) else "No values"
    dates = pd.api.types.is_datetime64_any_dtype(values.dtype)
    if dates or (pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)):
        numbers = values.astype("int64").to_numpy(np.float64) if dates else values.to_numpy(np.float64)
        numbers = numbers[np.isfinite(numbers)]
        if not len(numbers):
            return None, "No values"
        low, high = values.min(), values.max()
        words = f"{low:%Y-%m-%d} to {high:%Y-%m-%d}" if dates else f"{_number(low)} to {_number(high)}"
        # Very large values would overflow the width of a bar.
        scaled = numbers / max(abs(numbers).max(), 1.0)
        return np.histogram(scaled, BARS)[0].tolist(), words
    counts = values.astype("str").value_counts()
    named = ", ".join(str(value) for value in counts.index[:5])
    words = named if len(named) <= LONGEST_VALUES else f"{named[: LONGEST_VALUES - 1]}…"
    return counts.head(BARS).tolist(), words


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:,.4g}"


def change_line(dataset: Dataset, changed: str, filled: int, left_out: int) -> str:
    """Return in a sentence or two what was changed before anything is formed."""
    parts = [changed] if changed else []
    if filled:
        parts.append(f"{filled:,} empty {'cell was' if filled == 1 else 'cells were'} filled in.")
    if left_out:
        parts.append(
            f"{left_out:,} of {dataset.n_customers:,} customers {'has' if left_out == 1 else 'have'} no value and "
            f"{'is' if left_out == 1 else 'are'} left out."
        )
    done = " ".join(parts) or "They are used as they are."
    return f"{safe_md(done, 400)} {messages.PREPARE_INTRO}"


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
