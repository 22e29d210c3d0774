"""What is shown of segments, whether they were just formed or come from a saved model."""

import html
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import Final
from weakref import WeakKeyDictionary

import pandas as pd
import streamlit as st

from segmenter import config
from segmenter.charts import CHARTS, Tab, is_empty
from segmenter.charts.maps import pair_map, scatter
from segmenter.charts.paper import as_png, histogram_figure
from segmenter.charts.profiles import box_plots, code_bars, small_multiples
from segmenter.charts.segments import INDEX_SPAN, index_map, index_rows, signed_percent
from segmenter.charts.theme import for_page, segment_colours
from segmenter.explain.cards import SegmentCard, describe_segments
from segmenter.explain.columns import column_title, percent_text
from segmenter.segment.embed import rank_columns_by_eta_squared
from segmenter.segment.profile import category_columns, low_base, number_columns
from segmenter.segment.quality import Light
from segmenter.segment.result import Result
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import is_dark, set_widget, widget_value
from segmenter.ui.widgets.details_view import show_maps, view_of
from segmenter.ui.widgets.finding_charts import pick_picture_format, show_chart
from segmenter.ui.widgets.lists_view import show_known, show_lists, show_within
from segmenter.ui.widgets.money_view import show_money, value_column_of
from segmenter.ui.widgets.notes import show_notes
from segmenter.ui.widgets.segment_cards import STYLE, bar_colour, number_sign, picked_segments, show_cards
from segmenter.ui.widgets.segment_tables import show_customers, show_differences, show_rules, show_summary

# More rows are a long way to scroll on a telephone; all stand under Differences and Profiles.
ROWS_AT_A_GLANCE: Final = 12
# These stand beside each other, linked, and sizes on the cards; the registry's other charts are drawn where they say.
_LINKED: Final = frozenset({"index", "map", "sizes"})


# A result never changes after it was made: its cards are made once, however often the page is drawn.
_CARDS: WeakKeyDictionary[Result, tuple[SegmentCard, ...]] = WeakKeyDictionary()


def cards_of(result: Result) -> tuple[SegmentCard, ...]:
    """Return a card for each segment, with the money of the visitor's value column."""
    if result not in _CARDS:
        _CARDS[result] = _made(result)
    return _CARDS[result]


def _made(result: Result) -> tuple[SegmentCard, ...]:
    cards = describe_segments(result.dataset, result.segmentation, value_column=value_column_of(result))
    if result.assignment is None:
        return cards
    # Segments from before keep the names that they had, whoever is in them now.
    return tuple(replace(card, name=name) for card, name in zip(cards, result.segmentation.names, strict=True))


def show_result(result: Result, key: str, cards: tuple[SegmentCard, ...] | None = None) -> None:
    """Draw cards, linked charts, the segments side by side, and everything behind them.

    Parameters
    ----------
    key
        Keeps two results' widgets apart.
    cards
        Of these segments, where they were made before.
    """
    cards = cards_of(result) if cards is None else cards
    with segment_colours(result.segmentation.colours):
        _show(result, key, cards)


def _show(result: Result, key: str, cards: tuple[SegmentCard, ...]) -> None:
    st.html(STYLE)
    _left_out(result)
    show_cards(result, cards, key)
    show_notes((*result.segmentation.notes, *(result.assignment.notes if result.assignment else ())))
    # On a telephone these make room for the view that is picked below them.
    with st.container(key=f"{key}_overview"):
        _linked_charts(result, key)
        st.header("In your own units")
        show_summary(result, picked_segments(key), value_column_of(result))
        _charts("Overview", result, key)
    own = view_of(result)
    views: dict[str, Callable[[], None]] = {
        "Differences": lambda: show_differences(result),
        "Profiles": lambda: _charts("Profiles", result, key),
        "Rules": lambda: show_rules(result, key),
        "Money": lambda: show_money(result, cards, key),
        "Customers": lambda: show_customers(result, tuple(picked_segments(key)), key),
        "Map": lambda: _map(result, key),
        "Columns": lambda: _columns(result, key),
        "Quality": lambda: _quality(result, key),
        "Known labels": lambda: show_known(result, key),
        "Lists": lambda: show_lists(result, key),
        "Inside groups": lambda: show_within(result, key),
    }
    if own:
        views[own.title] = lambda: own.show(result, f"{key}_own")
    st.header("Look closer")
    pick_picture_format(key)
    # One at a time: what is not looked at costs nothing. The view stays when the segments are formed anew.
    kept = widget_value(f"{key}_last_view")
    chosen = st.segmented_control(
        "View", list(views), default=kept if isinstance(kept, str) and kept in views else None,
        key=f"{key}_view", label_visibility="collapsed",
    )  # fmt: skip
    set_widget(f"{key}_last_view", chosen)
    if chosen is not None:
        views[chosen]()


def _left_out(result: Result) -> None:
    if not result.n_left_out:
        return
    unfit = int(result.fits_none.sum())
    text = f"{result.n_left_out:,} of {result.dataset.n_customers:,} customers are in no segment"
    if unfit:
        text += (
            f"; {unfit:,} customers ({unfit / result.dataset.n_customers:.1%}) fit no segment: they are like none. "
            "They are grey in the charts; the scores, and the shares in the summary, are of those in segments"
        )
    st.write(f"{text}.")


def _linked_charts(result: Result, key: str) -> None:
    """Draw the map of the pair that separates best beside what is special; picks in one are picks in all."""
    st.header("Where they stand")
    names = result.segmentation.names
    st.pills(
        "Pick segments", list(range(1, len(names) + 1)), selection_mode="multi", key=f"{key}_pick",
        format_func=lambda number: f"{number} {safe_md(names[number - 1])}", label_visibility="collapsed",
    )  # fmt: skip
    picked, dark = picked_segments(key), is_dark()
    pair = rank_columns_by_eta_squared(result)[:2]
    with st.grid(columns=len(pair) or 1, min_column_width=320, gap="small"):
        if len(pair) > 1:
            with st.container(border=True, height="stretch"):
                _pair(result, (pair[0], pair[1]), picked, key, dark=dark)
        with st.container(border=True, height="stretch"):
            st.markdown("**What tells them apart:** % above or below everyone", help=CHARTS["index"].help)
            figure = index_map(
                result.profiles, picked=picked, dark=dark, most=ROWS_AT_A_GLANCE, title=partial(column_title, result)
            )
            if is_empty(figure):
                st.write(CHARTS["index"].nothing)
            else:
                # On a telephone so many cells beside each other cannot be read: one segment at a time.
                with st.container(key=f"{key}_index_wide"):
                    show_chart(figure, key=f"{key}_index", only_camera=True)
                st.html(_index_panels(result, picked))


def _index_panels(result: Result, picked: Collection[int]) -> str:
    """Return the index map as HTML for a narrow screen: a panel a segment, side by side, of which one fits."""
    rows = index_rows(result.profiles, ROWS_AT_A_GLANCE, partial(column_title, result))
    panels = []
    for place, profile in enumerate(result.profiles):
        if picked and profile.segment not in picked:
            continue
        lines = "".join(
            _index_line(name, percent, profile.segment)
            for name, percents in rows.items()
            if (percent := percents[place]) is not None
        )
        number = f"{number_sign(profile.segment)}{low_base(profile.size)}"
        head = f'<div class="sgm-head">{number}<b>{html.escape(profile.name)}</b></div>'
        panels.append(f'<div class="sgm-panel">{head}<div class="sgm-mark">{lines}</div></div>')
    return (
        '<div class="sgm sgm-narrow sg-swipe" tabindex="0" role="region" '
        f'aria-label="What tells them apart, one segment at a time">{"".join(panels)}</div>'
    )


def _index_line(name: str, percent: float, segment: int) -> str:
    width = 50 * min(abs(percent), INDEX_SPAN) / INDEX_SPAN
    left = 50 - (width if percent < 0 else 0)
    return (
        f"<span>{html.escape(name)}</span>"
        f'<i><u style="left:{left:.1f}%;width:{width:.1f}%;{bar_colour(segment)}"></u><s></s></i>'
        f"<b>{signed_percent(percent)}\u00a0%</b>"
    )


def _pair(result: Result, best: tuple[str, str], picked: list[int], key: str, *, dark: bool) -> None:
    first, second = (safe_md(column_title(result, name)) for name in best)
    st.markdown(f"**{first} and {second}** tell them apart best")
    figure = pair_map(result, best, picked=picked, dark=dark)
    chart = f"{key}_pair_{widget_value(f'{key}_drawn') or 0}"
    show_chart(
        figure, key=chart, only_camera=True,
        on_select=lambda: _pick_from(chart, key), selection_mode="points",
    )  # fmt: skip
    if result.n_placed > config.MAX_POINTS_SHOWN:
        st.write(
            f"About {config.MAX_POINTS_SHOWN:,} of {result.n_placed:,} customers are drawn, each segment in proportion."
        )


def _pick_from(chart: str, key: str) -> None:
    """Pick the segment of the point that was clicked; a second click picks all again."""
    state = widget_value(chart)
    points = state["selection"]["points"] if isinstance(state, dict) else []
    clicked = sorted({int(number) for point in points if (number := _segment_of(point)) is not None})
    if clicked:
        set_widget(f"{key}_pick", [] if picked_segments(key) == clicked else clicked)
        # A new chart: the next click on the same point is one, too.
        drawn = widget_value(f"{key}_drawn")
        set_widget(f"{key}_drawn", (drawn if isinstance(drawn, int) else 0) + 1)


def _segment_of(point: dict[str, object]) -> int | None:
    data = point.get("customdata")
    data = data[0] if isinstance(data, list) and data else data
    return int(data) if isinstance(data, int | float) else None


def _map(result: Result, key: str) -> None:
    names = list(number_columns(result.dataset, result.segmentation))
    picked = st.multiselect(
        "Two or three columns",
        names,
        list(rank_columns_by_eta_squared(result)[:2]),
        max_selections=3,
        format_func=partial(column_title, result),
        key=f"{key}_axes",
    )
    if len(picked) >= 2:
        show_chart(for_page(scatter(result, tuple(picked)), dark=is_dark()), key=f"{key}_scatter")
    else:
        st.write("Pick two or three columns to see the customers on them.")
    st.subheader("Map of all customers")
    show_maps(result, key)


def _columns(result: Result, key: str) -> None:
    numbers = list(number_columns(result.dataset, result.segmentation))
    categories = [name for name in category_columns(result.dataset) if name not in numbers]
    if not numbers and not categories:
        st.write("There is no column to draw.")
        return
    best = list(rank_columns_by_eta_squared(result)[:1])
    options = [*best, *(name for name in (*numbers, *categories) if name not in best)]
    column = st.selectbox("Column", options, key=f"{key}_column", format_func=partial(column_title, result))
    if column in categories:
        show_chart(for_page(code_bars(result, column), dark=is_dark()), key=f"{key}_codes")
        return
    show_chart(for_page(small_multiples(result, column), dark=is_dark()), key=f"{key}_multiples")
    show_chart(for_page(box_plots(result, column), dark=is_dark()), key=f"{key}_boxes_of")
    if st.toggle("The same for paper", key=f"{key}_paper"):
        picture = as_png(histogram_figure(result, column))
        st.image(picture, width=700, caption=f"Distribution of {safe_md(column_title(result, column))} by segment")
        st.download_button(
            "Download the picture",
            picture,
            "histogram.png",
            "image/png",
            on_click="ignore",
            key=f"{key}_picture",
        )


def _quality(result: Result, key: str) -> None:
    quality = result.segmentation.quality
    if quality is None:
        st.write("With fewer than two segments there is nothing to tell apart.")
        return
    _stability(result)
    _charts("Quality", result, key)
    estimated = f", estimated from {quality.silhouette_rows:,} customers" if quality.silhouette_se else ""
    rows = {
        "Mean silhouette": f"{quality.silhouette:.2f}{estimated}",
        "Within-cluster sum of squares (WCSS)": f"{quality.wcss:,.0f}",
        "Calinski-Harabasz (higher is better)": f"{quality.calinski_harabasz:,.1f}",
        "Davies-Bouldin (lower is better)": f"{quality.davies_bouldin:.2f}",
    }
    st.dataframe({"Measure": list(rows), "Value": list(rows.values())}, hide_index=True)


def _stability(result: Result) -> None:
    known = [profile for profile in result.profiles if profile.stability]
    if not known:
        return
    st.subheader("Can each segment be relied on?", help=messages.LIGHT_HELP)
    rows = [
        {
            "Segment": f"{profile.segment}{low_base(profile.size)} {profile.name}",
            "Reliability": _reliability(profile.stability.light, profile.size),
            messages.SUMMARY_WORDS["found_again"]: _percent(profile.stability.found),
            messages.SUMMARY_WORDS["jaccard"]: f"{profile.stability.jaccard:.2f}",
        }
        for profile in known
        if profile.stability
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")


def _reliability(light: Light, size: int) -> str:
    few = f" ({messages.FEW_CUSTOMERS})" if size < config.SMALL_GROUP else ""
    return f"{messages.LIGHT_WORDS[light.value]}{few}"


def _percent(share: float | None) -> str | None:
    return None if share is None else percent_text(share)


def _charts(tab: Tab, result: Result, key: str) -> None:
    # Below each other; beside each other on a telephone, where they are swiped through.
    with st.container(key=f"{key}_swipe_{tab.lower()}"):
        for name, chart in CHARTS.items():
            if chart.tab != tab or name in _LINKED:
                continue
            figure = chart.draw(result)
            if is_empty(figure) and not chart.nothing:
                continue
            with st.container():
                st.subheader(chart.title, help=chart.help or None)
                if is_empty(figure):
                    st.write(chart.nothing)
                else:
                    show_chart(for_page(figure, dark=is_dark()), key=f"{key}_{name}")
