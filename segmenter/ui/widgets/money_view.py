"""What segments bring, and which are worth the effort: value column, shares, index, attractiveness against fit."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from segmenter.charts.profiles import evaluation_plot, value_index
from segmenter.charts.theme import for_page
from segmenter.explain.cards import SegmentCard
from segmenter.explain.columns import column_words, is_earned
from segmenter.explain.money import (
    attractiveness_criteria,
    concentrate,
    earned_note,
    suggest_value_column,
    value_columns,
    weighted_scores,
    words_of_value,
)
from segmenter.segment.result import Result
from segmenter.ui.messages import safe_md
from segmenter.ui.state import is_dark, session
from segmenter.ui.widgets.finding_charts import show_chart

NONE = ""


def value_column_of(result: Result) -> str:
    """Return the column that says what a customer is worth: the visitor's, else the proposed one, empty for none."""
    chosen = result.value_column
    return chosen if chosen is not None else suggest_value_column(result.dataset) or NONE


def show_money(result: Result, cards: tuple[SegmentCard, ...], key: str) -> None:
    """Draw what each segment brings, and let the visitor weigh what makes a segment attractive."""
    options = [NONE, *value_columns(result.dataset)]
    now = value_column_of(result)
    picked = st.selectbox(
        "Which column says what a customer is worth?", options, options.index(now) if now in options else 0,
        format_func=lambda name: name or "None of them", key=f"{key}_value_column",
    )  # fmt: skip
    if picked != now:
        # Segments that are formed anew keep it, too.
        session().value_column.keep(picked, result.dataset.fingerprint)
        session().exchange(result, replace(result, value_column=picked))
        st.rerun()
    if now:
        _shares(result, cards, now, key)
    st.subheader("Which segments are worth the effort?")
    _evaluation(result, cards, key)


def _shares(result: Result, cards: tuple[SegmentCard, ...], column: str, key: str) -> None:
    money = tuple(card.money for card in cards if card.money)
    if not money:
        return
    words = words_of_value(column_words(result.dataset, result.segmentation.recipe), column)
    if note := earned_note(words):
        st.markdown(safe_md(note, 200))
    found = concentrate(result.dataset, words, result.segmentation.labels.to_numpy(), money)
    if found is not None:
        st.markdown(f"**{safe_md(found.text, 200)}.**")
    known = sum(each.n_known for each in money)
    everyone = sum(each.sum for each in money) / known if known else 0.0
    has_index = found is not None and everyone > 0
    index = tuple(100 * each.per_head / everyone if has_index and each.per_head is not None else None for each in money)
    table = pd.DataFrame(
        {
            "Segment": [f"{card.segment}{card.low_base} {card.name}" for card in cards],
            "Share of customers": [100 * card.share for card in cards],
            "In all": [each.sum_text for each in money],
            "Share of the value": [None if each.share is None else 100 * each.share for each in money],
            "A customer": [each.per_head_text.removesuffix(" a customer") for each in money],
            "Index": index,
        }
    )
    st.dataframe(
        table, hide_index=True, width="stretch",
        column_config={
            "Share of customers": st.column_config.NumberColumn(format="%.1f %%"),
            "Share of the value": st.column_config.NumberColumn(format="%.1f %%"),
            "Index": st.column_config.NumberColumn(format="%.0f"),
        },
    )  # fmt: skip
    if has_index:
        marks = [card.low_base for card in cards]
        verb = "earns" if is_earned(column) else "brings"
        figure = value_index(result.segmentation.names, index, marks=marks, verb=verb)
        show_chart(for_page(figure, dark=is_dark()), key=f"{key}_value_index")


def _evaluation(result: Result, cards: tuple[SegmentCard, ...], key: str) -> None:
    st.markdown("Say what matters to you, and how well each segment fits what you can offer.")
    money = tuple(card.money for card in cards if card.money)
    criteria = attractiveness_criteria(
        tuple(card.size for card in cards), money,
        tuple(card.stability.found if card.stability else None for card in cards),
        tuple(profile.silhouette for profile in result.profiles),
    )  # fmt: skip
    weights = {}
    with st.grid(columns=3, min_column_width=140):
        for each in criteria:
            weights[each.key] = st.slider(
                each.title, 0.0, 10.0, 5.0, 0.5, key=f"{key}_weight_{each.key}", format="%.1f"
            )
    scores = weighted_scores(criteria, weights)
    fits = []
    with (
        st.expander("How well does each segment fit what you can offer? (0-10)", icon=":material/handshake:"),
        st.grid(columns=3, min_column_width=140),
    ):
        for card in cards:
            label = f"{card.segment} {safe_md(card.name)}"
            fits.append(st.slider(label, 0.0, 10.0, 5.0, 0.5, key=f"{key}_fit_{card.segment}", format="%.1f"))
    show_chart(for_page(evaluation_plot(result.profiles, scores, tuple(fits)), dark=is_dark()), key=f"{key}_evaluation")
    st.markdown(":gray[Bubbles that would cover each other are moved aside; a line leads from the place to each.]")
