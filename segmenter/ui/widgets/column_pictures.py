"""Pictures of what the choices for one column do to it."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from segmenter.charts.preparation import fill_bars, outlier_strip, shape_bars
from segmenter.errors.base import SegmenterError
from segmenter.prepare.encoders import LumpedLevels, lumped_levels
from segmenter.prepare.outliers import FAR_OUT, find_outliers, named_rows
from segmenter.prepare.previews import FillPreview, FillPreviews, ShapePreview, fill_previews, shape_previews
from segmenter.recipe.recipe import FeatureSpec, Recipe, Role
from segmenter.table.dataset import Dataset
from segmenter.ui import messages
from segmenter.ui.widgets.column_settings import SHAPE_WORDS
from segmenter.ui.widgets.notes import short_cells, show_error

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
            st.caption(f"{SHAPE_WORDS[preview.transform.value]} (skewness {preview.skewness:+.1f})")
            st.plotly_chart(shape_bars(preview), key=f"{key}_{preview.transform}")


def _fills(fills: FillPreviews) -> None:
    st.markdown("**What each choice for missing values does to the column**")
    # A row of pictures at a time, so that a telephone shows them in this order too.
    for number, each in enumerate(fills.choices):
        if number % 3 == 0:
            places = st.columns(3)
        with places[number % 3]:
            st.caption(_said(each))
            st.plotly_chart(fill_bars(fills, each), key=f"fills_{fills.column}_{each.choice}")
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
    kept = ", ".join(f"{messages.safe_md(value)} ({share:.1%})" for value, share in found.kept[:VALUES_NAMED])
    more = f" and {len(found.kept) - VALUES_NAMED} more" if len(found.kept) > VALUES_NAMED else ""
    st.write(
        f"**Counted by themselves:** {kept or 'none'}{more}. **Gathered as other:** {found.n_gathered:,} values, "
        f"{found.gathered_share:.1%} of the customers. {_balance(found, spec)}"
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
    st.markdown(f"**{count:,} customers far out** ({count / dataset.n_customers:.1%})")
    st.write(
        f"Below {outliers.low:,.6g} or above {outliers.high:,.6g}: more than {FAR_OUT:g} interquartile ranges beyond "
        "the middle half of all customers (Tukey's far out)."
    )
    st.plotly_chart(outlier_strip(outliers), key=f"far_{spec.column}")
    st.dataframe(short_cells(named_rows(dataset, outliers, ROWS_NAMED)), hide_index=True, width="stretch")
    if count > ROWS_NAMED:
        st.caption(f"The farthest {ROWS_NAMED} of {count:,}.")
