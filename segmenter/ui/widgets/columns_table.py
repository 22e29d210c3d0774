"""One line a column: whether and how it forms segments, how it looks, and diagnostics of those that were chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st
from pandas.api.types import is_numeric_dtype

from segmenter.charts.profiles import correlation_map, fill_bars, outlier_strip, shape_bars
from segmenter.charts.theme import for_page
from segmenter.display import capitalised, counted, number_text, percent_text
from segmenter.errors.base import SegmenterError
from segmenter.prepare.coerce import absent
from segmenter.prepare.diagnostics import (
    FAR_OUT,
    PREVIEW_ROWS,
    FillPreview,
    FillPreviews,
    ShapePair,
    ShapePreview,
    fill_previews,
    find_outliers,
    named_rows,
    shape_previews,
)
from segmenter.prepare.encoders import LumpedLevels, lumped_levels
from segmenter.prepare.suggest import (
    Cause,
    CorrelatedPair,
    can_segment,
    special_codes,
    suggest_columns,
    transformed_features,
    unused,
    used,
    with_special_codes,
    with_transforms,
)
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Role, Transform
from segmenter.table.dataset import Column, ColumnKind, Dataset, subsample
from segmenter.table.infer.meanings import are_years
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import forget_widgets, is_dark, session
from segmenter.ui.widgets.column_settings import PREFIX, SHAPE_WORDS, settings_words
from segmenter.ui.widgets.notes import short_cells, show_chart, show_error

ROWS_NAMED = 50
VALUES_NAMED = 8


def column_pictures(spec: FeatureSpec, dataset: Dataset, recipe: Recipe) -> None:
    """Draw what each treatment of missing values and each shape makes of a column, and who is far out."""
    try:
        fills = fill_previews(dataset, recipe, spec.column)
        if fills is not None:
            _fills(fills)
        if spec.role is Role.NUMBER and dataset.column(spec.column).distinct > 2:
            st.markdown("**Before and after**")
            show_shapes(shape_previews(dataset, spec), f"shapes_{spec.column}")
        _gathering(spec, dataset, recipe)
        _far_out(spec, dataset)
    except SegmenterError as error:
        show_error(error)


def show_shapes(previews: Sequence[ShapePreview], key: str) -> None:
    """Draw a column's shapes side by side."""
    for place, preview in zip(st.columns(3), previews, strict=False):
        with place:
            st.caption(
                f"{SHAPE_WORDS[preview.transform.value]} (skewness {number_text(preview.skewness, 1, signed=True)})"
            )
            show_chart(shape_bars(preview), key=f"{key}_{preview.transform}")


def _fills(fills: FillPreviews) -> None:
    st.markdown("**What each choice for missing values does to the column**")
    # A row of pictures at a time, so that a telephone shows them in this order too.
    for number, each in enumerate(fills.choices):
        if number % 3 == 0:
            places = st.columns(3)
        with places[number % 3]:
            st.caption(_said(each))
            show_chart(fill_bars(fills, each), key=f"fills_{fills.column}_{each.choice}")
    rows = [
        {
            "Choice": "as it is" if place == 0 else _said(each),
            "Left out": each.n_left_out,
            "Filled in": int(each.filled.sum()),
            "Mean": each.mean,
            "Standard deviation": each.deviation,
        }
        for place, each in enumerate((fills.before, *fills.choices))
    ]
    st.dataframe(pd.DataFrame(rows).dropna(axis=1, how="all"), hide_index=True, width="stretch")


def _gathering(spec: FeatureSpec, dataset: Dataset, recipe: Recipe) -> None:
    found = lumped_levels(dataset, spec, recipe.scaling)
    if found is None:
        return
    kept = ", ".join(
        f"{messages.safe_md(value)} ({percent_text(share, 1)})" for value, share in found.kept[:VALUES_NAMED]
    )
    more = f" and {len(found.kept) - VALUES_NAMED} more" if len(found.kept) > VALUES_NAMED else ""
    st.write(
        f"**Counted by themselves:** {kept or 'none'}{more}. **Gathered as other:** {found.n_gathered:,} values, "
        f"{percent_text(found.gathered_share, 1)} of the customers. {_balance(found, spec)}"
    )


def _balance(found: LumpedLevels, spec: FeatureSpec) -> str:
    if found.factor == 1:
        return "With this scaling each value counts one unit."
    return (
        f"A value stands for {found.factor * spec.weight:.2f} scaled units; at weight 1 ({found.factor:.2f}) the "
        "column counts exactly as much as a standardised number."
    )


def _said(preview: FillPreview) -> str:
    return messages.MISSING_WORDS[preview.choice.value]


def _far_out(spec: FeatureSpec, dataset: Dataset) -> None:
    outliers = find_outliers(dataset, spec)
    if outliers is None:
        return
    count = len(outliers.rows)
    if not count:
        st.write("No customer lies far out.")
        return
    st.markdown(f"**{count:,} customers far out** ({percent_text(count / dataset.n_customers, 1)})")
    st.write(
        f"{capitalised(outliers.fences_in_words)}: more than {FAR_OUT:g} interquartile ranges beyond "
        "the middle half of all customers (Tukey's far out)."
    )
    show_chart(outlier_strip(outliers), key=f"far_{spec.column}")
    st.dataframe(short_cells(named_rows(dataset, outliers, ROWS_NAMED)), hide_index=True, width="stretch")
    if count > ROWS_NAMED:
        st.caption(f"The farthest {ROWS_NAMED} of {count:,}.")


PAIRS_NAMED = 4
PICTURES = 6


def show_findings() -> None:
    """Name skewed and redundant columns and those without structure, each with the click that deals with it."""
    found = session().current_findings()
    if found is not None:
        for problem in found.problems:
            show_error(problem)
        _skewed(found.shapes)
        _pairs(found.pairs)
        _structureless(found.structureless)
        _correlations()


def set_features(features: tuple[FeatureSpec, ...]) -> None:
    """Take over features that were changed elsewhere than in their own fields, and show them there."""
    session().features = features
    session().ticked_anew += 1
    forget_widgets(PREFIX)
    st.rerun()


def _correlations() -> None:
    """Draw how the chosen columns of numbers go together, once somebody asks."""
    dataset, chosen = session().dataset, [spec.column for spec in session().recipe.segmenting]
    if dataset is None:
        return
    names = [name for name in chosen if name in dataset.frame and is_numeric_dtype(dataset.frame[name])]
    if len(names) < 2:
        return
    together = st.expander("How the columns go together", key="prepare_correlations_open", on_change="rerun")
    if together.open:
        with together:
            some = subsample(dataset, PREVIEW_ROWS).frame[names].astype(float)
            show_chart(for_page(correlation_map(some), dark=is_dark()), key="prepare_correlations")
            st.markdown(
                ":gray[1: both rise together. −1: one falls as the other rises. 0: neither tells of the other.]"
            )


def _skewed(proposed: Mapping[str, ShapePair]) -> None:
    if not proposed:
        return
    named = ", ".join(
        f"{safe_md(name)} ({number_text(before.skewness, 1, signed=True)}, by {SHAPE_WORDS[after.transform.value]} "
        f"{number_text(after.skewness, 1, signed=True)})"
        for name, (before, after) in proposed.items()
    )
    st.warning(
        f"**Strongly skewed: {named}.** A few very large values would decide alone; drawing the long tail in evens "
        "that out.",
        icon=":material/warning:",
    )
    with st.container(horizontal=True):
        if st.button("Draw their tails in", key="prepare_log", icon=":material/auto_fix_high:"):
            set_features(tuple(_drawn_in(spec, proposed) for spec in session().features))
    before_after = st.expander("Before and after", key="prepare_shapes_open", on_change="rerun")
    if before_after.open:
        with before_after:
            for name, pair in list(proposed.items())[:PICTURES]:
                st.markdown(f"**{safe_md(name)}**")
                show_shapes(pair, f"proposed_{name}")


def _drawn_in(spec: FeatureSpec, proposed: Mapping[str, ShapePair]) -> FeatureSpec:
    return replace(spec, transform=proposed[spec.column][1].transform) if spec.column in proposed else spec


def _pairs(pairs: tuple[CorrelatedPair, ...]) -> None:
    for number, pair in enumerate(pairs[:PAIRS_NAMED]):
        st.info(
            f"**{safe_md(pair.first)} and {safe_md(pair.second)} carry nearly the same information** "
            f"(r = {number_text(pair.r, 2)}). Together they count twice; leaving one out is usually better.",
            icon=":material/link:",
        )
        if st.button(f"Leave {safe_md(pair.second)} out", key=f"prepare_leave_{number}", icon=":material/link_off:"):
            set_features(tuple(unused(spec) if spec.column == pair.second else spec for spec in session().features))
    if len(pairs) > PAIRS_NAMED:
        st.write(f"{len(pairs) - PAIRS_NAMED:,} more pairs are as alike.")


def _structureless(names: tuple[str, ...]) -> None:
    if not names:
        return
    st.info(
        f"**No sign of groups: {', '.join(safe_md(name) for name in names)}.** One peak, and nothing to do with any "
        "other chosen column: such a column only adds noise to the comparison of customers.",
        icon=":material/blur_on:",
    )
    rest = [spec for spec in session().recipe.segmenting if spec.column not in names]
    if rest and st.button("Leave these out", key="prepare_leave_noise", icon=":material/blur_off:"):
        set_features(tuple(unused(spec) if spec.column in names else spec for spec in session().features))


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
        suggested = next((each for each in suggest_columns(dataset) if each.spec.column == column.name), None)
        reason = suggested.reason if suggested else ""
        if suggested and suggested.cause is Cause.WEIGHT:
            reason = f"{reason}; to count by it, pick it under “Survey weights”"
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
        if dates:
            words = f"{low:%Y-%m-%d} to {high:%Y-%m-%d}"
        elif column.kind is ColumnKind.YES_NO and values.isin([0, 1]).all():
            words = f"{percent_text(float(values.mean()))} yes"
        elif are_years(column.name, numbers):
            words = f"{low:.0f} to {high:.0f}"
        else:
            words = f"{_number(low)} to {_number(high)}"
        # Very large values would overflow the width of a bar.
        scaled = numbers / max(abs(numbers).max(), 1.0)
        return np.histogram(scaled, BARS)[0].tolist(), words
    counts = values.astype("str").value_counts()
    named = ", ".join(str(value) for value in counts.index[:5])
    words = named if len(named) <= LONGEST_VALUES else f"{named[: LONGEST_VALUES - 1]}…"
    return counts.head(BARS).tolist(), words


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:,.4g}"


def change_line(dataset: Dataset, changed: str, filled: int, left_out: int, ordered: int = 0) -> str:
    """Return in a sentence or two what was changed before anything is formed."""
    parts = [changed] if changed else []
    if ordered:
        parts.append(f"{counted(ordered, 'column')} of ordered values {'is' if ordered == 1 else 'are'} in steps.")
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


def toggle_transforms(dataset: Dataset) -> None:
    """Draw the switch that evens out very large values, where a column has some."""
    features = session().features
    in_use = {spec.column for spec in features if spec.role is Role.NUMBER}
    skewed = any(
        each.spec.transform is not Transform.NONE and each.spec.column in in_use for each in suggest_columns(dataset)
    )
    if not skewed:
        return
    now = bool(transformed_features(features))
    on = _switch(EVEN, EVEN_HELP, "prepare_even", now=now)
    if on is not now:
        set_features(with_transforms(features, dataset, on=on))


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
