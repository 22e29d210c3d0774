"""Diagnostics of the chosen columns, before any segment is formed."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st
from pandas.api.types import is_numeric_dtype

from segmenter.charts.profiles import correlation_map
from segmenter.charts.theme import for_page
from segmenter.prepare.previews import PREVIEW_ROWS, ShapePair
from segmenter.prepare.suggest import CorrelatedPair, unused
from segmenter.recipe.recipe import FeatureSpec
from segmenter.table.dataset import subsample
from segmenter.ui.messages import safe_md
from segmenter.ui.state import forget_widgets, is_dark, session
from segmenter.ui.widgets.column_pictures import show_shapes
from segmenter.ui.widgets.column_settings import PREFIX, SHAPE_WORDS
from segmenter.ui.widgets.notes import show_error

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
    forget_widgets(PREFIX, "prepare_columns")
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
            st.plotly_chart(for_page(correlation_map(some), dark=is_dark()), key="prepare_correlations")
            st.markdown(
                ":gray[1: both rise together. −1: one falls as the other rises. 0: neither tells of the other.]"
            )


def _skewed(proposed: Mapping[str, ShapePair]) -> None:
    if not proposed:
        return
    named = ", ".join(
        f"{safe_md(name)} ({before.skewness:+.1f}, by {SHAPE_WORDS[after.transform.value]} {after.skewness:+.1f})"
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
            f"(r = {pair.r:.2f}). Together they count twice; leaving one out is usually better.",
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
