"""What is shown of segments, just formed or of a saved model: cards, money, and what is known from elsewhere."""

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
from segmenter.charts.comparison import label_bars, label_boxes, label_map, label_shares, venn
from segmenter.charts.maps import pair_map, scatter
from segmenter.charts.paper import as_png, histogram_figure
from segmenter.charts.profiles import (
    INDEX_SPAN,
    box_plots,
    code_bars,
    evaluation_plot,
    index_map,
    index_rows,
    signed_percent,
    small_multiples,
    value_index,
)
from segmenter.charts.theme import for_page, segment_colours
from segmenter.display import number_text, percent_text
from segmenter.errors.base import SegmenterError
from segmenter.explain.cards import SegmentCard, describe_segments
from segmenter.explain.columns import column_title, column_words, is_earned
from segmenter.explain.contrasts import profiles_as_shown
from segmenter.explain.money import (
    attractiveness_criteria,
    concentrate,
    earned_note,
    outside_note,
    suggest_value_column,
    value_columns,
    weighted_scores,
    words_of_value,
)
from segmenter.explain.within import WithinGroups, fit_within
from segmenter.io.export import check_code
from segmenter.io.export.csv import to_csv
from segmenter.segment.embed import best_pair, rank_columns_by_eta_squared
from segmenter.segment.external_labels import (
    MOST_LISTS,
    ExternalLabelComparison,
    compare_external_labels,
    compare_lists,
    external_labels,
    label_columns,
    label_map_accuracy,
    list_columns,
    with_label_map,
)
from segmenter.segment.profile import category_columns, low_base, number_columns
from segmenter.segment.quality import Light
from segmenter.segment.result import Result
from segmenter.segment.segmentation import MajorityLabelMap
from segmenter.typing import BoolArray
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import (
    is_dark,
    keep,
    keeping,
    kept,
    kept_place,
    session,
    set_widget,
    start_widget,
    widget_value,
)
from segmenter.ui.widgets.details_view import show_maps, view_of
from segmenter.ui.widgets.notes import in_per_cent, pick_picture_format, show_chart, show_error, show_notes
from segmenter.ui.widgets.segment_cards import (
    STYLE,
    bar_colour,
    number_sign,
    picked_segments,
    show_cards,
    show_customers,
    show_differences,
    show_rules,
    show_summary,
)
from segmenter.ui.widgets.text_fields import text_box
from segmenter.ui.widgets.working import Work, run_job

INTRO: Final = (
    "Who of each segment reads the newsletter, uses the app, holds a card? Pick up to three yes/no columns, or paste "
    "the identifiers of a list."
)
PASTED_HELP: Final = "One identifier on each line, as in the column of your file that identifies customers."
# A list of 100,000 identifiers.
MOST_PASTED: Final = 2_000_000
INDEX_HELP: Final = "100: as many as among all customers in segments; 200: twice as many."
NONE_PICKED: Final = "Pick a list to see how it lies over the segments."


def show_lists(result: Result, key: str) -> None:
    """Let the visitor pick or paste lists; draw where they meet, and how many of each segment are on them."""
    st.write(INTRO)
    columns = list_columns(result.dataset)
    picked: list[str] = []
    if columns:
        picked = st.multiselect(
            "Lists", columns, kept(f"{key}_lists", [], columns), max_selections=MOST_LISTS,
            **keeping(f"{key}_lists", columns),
        )  # fmt: skip
    pasted = text_box(
        "A list of your own", kept(f"{key}_pasted", ""), most=MOST_PASTED, help=PASTED_HELP, height=100,
        **keeping(f"{key}_pasted"),
    )  # fmt: skip
    lists: dict[str, Collection[str] | BoolArray] = {}
    try:
        for name in picked:
            overlap = compare_lists(result, [name])
            lists[name] = overlap.members[name]
        if pasted.strip():
            if len(lists) == MOST_LISTS:
                st.info(f"{MOST_LISTS} lists can be compared: take one away to see your own.", icon=":material/info:")
            else:
                name = "Your list" if "Your list" not in lists else "Your own list"
                lists[name] = pasted.splitlines()
        if not lists:
            st.write(NONE_PICKED)
            return
        overlap = compare_lists(result, lists)
    except SegmenterError as error:
        show_error(error)
        return
    show_notes(overlap.notes)
    shown, config = in_per_cent(overlap.table, [f"{name}: share" for name in overlap.lists])
    for name in overlap.lists:
        config[f"{name}: index"] = st.column_config.NumberColumn(format="%.0f", help=INDEX_HELP)
    if len(overlap.lists) == 1:
        # One list meets no other: there is nothing to picture.
        st.dataframe(shown, hide_index=True, width="stretch", column_config=config, key=f"{key}_lists_table")
        return
    picture, words = st.columns(2)
    with picture:
        show_chart(venn(overlap), key=f"{key}_venn")
    regions = overlap.named_regions()
    met = pd.DataFrame({"On": list(regions), "Customers": list(regions.values())})
    words.dataframe(met, hide_index=True, width="stretch", key=f"{key}_regions")
    # Below the picture it has the room for three lists.
    st.dataframe(shown, hide_index=True, width="stretch", column_config=config, key=f"{key}_lists_table")


WITHIN_INTRO: Final = (
    "Lifecycle stage first, then segments within: pick a column with a few groups, and segments are formed inside each "
    "of them, in the same way as above."
)


def show_within(result: Result, key: str) -> None:
    """Let the visitor form segments inside each group of a column, and take them along."""
    st.write(WITHIN_INTRO)
    columns = label_columns(result.dataset)
    if not columns:
        st.write("No column of this file has a few groups as its values.")
        return
    left, right = st.columns([3, 1])
    column = left.selectbox(
        "Column with the groups", columns, kept_place(f"{key}_within", None, columns),
        placeholder="Pick a column", **keeping(f"{key}_within", columns),
    )  # fmt: skip
    most = config.MAX_SEGMENTS
    before = kept(f"{key}_within_k", min(3, most))
    k = int(right.number_input("Segments in each", 2, most, before, **keeping(f"{key}_within_k")))
    if column is None:
        return
    recipe = replace(result.segmentation.recipe, n_segments=k)
    of = (result.dataset.fingerprint, recipe, column)
    dataset = result.dataset

    def ask() -> Work[WithinGroups] | None:
        if st.button("Form segments inside each group", icon=":material/account_tree:", key=f"{key}_within_go"):
            return lambda progress, _: fit_within(dataset, recipe, column, progress=progress)
        return None

    keep = partial(session().within.keep, basis=of)
    if run_job("within", lambda: of, ask, keep, n_cells=dataset.frame.size):
        return
    found = session().within.on(of)
    if found is None:
        return
    table, shares = in_per_cent(_in_own_units(found.table(), result), ["Share of the group"])
    st.dataframe(table, hide_index=True, width="stretch", column_config=shares, key=f"{key}_within_table")
    content = to_csv(found.labelled())
    st.download_button(
        "Download all customers with group and segment", content, f"within_{check_code(content)}.csv", "text/csv",
        on_click="ignore", icon=":material/download:", key=f"{key}_within_download",
    )  # fmt: skip


def _in_own_units(table: pd.DataFrame, result: Result) -> pd.DataFrame:
    """Return the means of a table as the cards write them."""
    words = {f"mean {each.column}": each for each in column_words(result.dataset, result.segmentation.recipe)}
    means = [name for name in table if name in words]
    texts = {name: ["" if pd.isna(mean) else words[name].text(mean) for mean in table[name]] for name in means}
    # Columns of a file may be called as the table's own are.
    titles = {name: words[name].title for name in means if words[name].title not in table}
    return table.assign(**texts).rename(columns=titles)


KNOWN_INTRO: Final = (
    "Does the file say for some customers which kind they are? Set the segments beside it: each segment stands for the "
    "label that most of its customers have."
)
NO_COLUMN: Final = "No column of this file has a few kinds of customers as its values."
ACCURACY_HELP: Final = (
    "Share of the labelled customers whose label is the one that their segment stands for, by the labels of all other "
    "customers: each is held out in turn."
)
AGREEMENT_HELP: Final = "Adjusted Rand index between segments and labels: 1 for the same division, about 0 for chance."
CIRCULAR: Final = (
    "This column helped to form the segments, so they find it again: every figure here flatters. Leave it out on the "
    "page Prepare."
)
KEPT: Final = "The model knows what its segments stand for: downloads and the page Next month predict the label."


def show_known(result: Result, key: str) -> None:
    """Draw what the segments stand for, and let the visitor keep it with the model."""
    st.write(KNOWN_INTRO)
    if result.segmentation.known is not None:
        _show_kept(result, result.segmentation.known, key)
    columns = label_columns(result.dataset)
    if not columns:
        st.write(NO_COLUMN)
        return
    column = st.selectbox(
        "Column with the labels", columns, kept_place(f"{key}_known", None, columns),
        placeholder="Pick a column", **keeping(f"{key}_known", columns),
    )  # fmt: skip
    if column is None:
        return
    try:
        comparison = compare_external_labels(result, column)
    except SegmenterError as error:
        show_error(error)
        return
    _show_comparison(result, comparison, key)


def _show_comparison(result: Result, comparison: ExternalLabelComparison, key: str) -> None:
    if comparison.formed_by_it:
        st.warning(CIRCULAR, icon=":material/warning:")
    mapping, names = comparison.mapping, result.segmentation.names
    first, second, third = st.columns(3)
    first.metric("Right, on held-out customers", percent_text(mapping.accuracy, 1), help=ACCURACY_HELP)
    second.metric("By the most frequent label alone", percent_text(mapping.baseline, 1))
    third.metric("Adjusted Rand index", number_text(mapping.agreement, 3), help=AGREEMENT_HELP)
    without = f" {comparison.n_unlabelled:,} customers have no label." if comparison.n_unlabelled else ""
    st.write(f"Measured on {mapping.n_customers:,} customers with a segment and a label.{without}")
    show_chart(label_map(comparison, names), key=f"{key}_known_map")
    table, shares = in_per_cent(comparison.as_table(names), ["Share of it"])
    # The picture above says which column it is.
    short = {f"{mapping.column}: {label}": label for label in comparison.labels}
    if not set(short.values()) & set(table):
        table = table.rename(columns=short)
    st.dataframe(table, hide_index=True, width="stretch", column_config=shares)
    with st.expander("Pictures of the label", icon=":material/bar_chart:"):
        left, right = st.columns(2)
        with left:
            show_chart(label_bars(comparison), key=f"{key}_known_bars")
        with right:
            show_chart(label_shares(comparison, names), key=f"{key}_known_shares")
        numbers = list(number_columns(result.dataset, result.segmentation))
        if numbers:
            column = st.selectbox(
                "A column by label", numbers, kept_place(f"{key}_known_column", numbers[0], numbers),
                **keeping(f"{key}_known_column", numbers),
            )  # fmt: skip
            labels = external_labels(result.dataset, mapping.column)
            figure = label_boxes(labels, result.dataset.frame[column])
            show_chart(figure, key=f"{key}_known_boxes")
            st.caption("Box: the middle half of the customers of that label; whiskers: 5 % to 95 %.")
    if mapping != result.segmentation.known and st.button(
        "Keep this with the model", type="primary", icon=":material/save:", key=f"{key}_known_keep"
    ):
        session().exchange(result, with_label_map(result, mapping))
        st.rerun()


def _show_kept(result: Result, known: MajorityLabelMap, key: str) -> None:
    pairs = (
        f"{safe_md(name)} = {safe_md(label)}"
        for name, label in zip(result.segmentation.names, known.labels, strict=True)
    )
    here = label_map_accuracy(result) if result.assignment is not None else None
    right = (
        f" In this file it is right for {percent_text(here, 1)} of the labelled customers." if here is not None else ""
    )
    st.success(
        f"**{KEPT}** {safe_md(known.column)}: {', '.join(pairs)}. When the segments were formed it was right for "
        f"{percent_text(known.accuracy, 1)} of customers held out ({percent_text(known.baseline, 1)} by the most "
        f"frequent label alone).{right}",
        icon=":material/check_circle:",
    )
    if st.button("Forget it", key=f"{key}_known_forget"):
        session().exchange(result, with_label_map(result, None))
        st.rerun()


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
    found = concentrate(result.dataset, words, result.segmentation.labels.to_numpy(), money, result.counted_of_total)
    if found is not None:
        st.markdown(f"**{safe_md(found.text, 200)}.**")
    if note := outside_note(words, money):
        st.markdown(safe_md(note, 200))
    heads = sum(each.heads for each in money)
    everyone = sum(each.sum for each in money) / heads if heads else 0.0
    has_index = found is not None and everyone > 0
    index = tuple(100 * each.per_head / everyone if has_index and each.per_head is not None else None for each in money)
    table = pd.DataFrame(
        {
            "Segment": [f"{card.segment}{card.low_base} {card.name}" for card in cards],
            "Share of customers": [card.share for card in cards],
            "In all": [each.sum_text for each in money],
            "Share of the value": [each.share for each in money],
            "A customer": [each.per_head_text.removesuffix(" a customer") for each in money],
            "Index": index,
        }
    )
    table, shares = in_per_cent(table, ["Share of customers", "Share of the value"])
    st.dataframe(
        table, hide_index=True, width="stretch",
        column_config={
            **shares,
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
        tuple(card.share for card in cards), money,
        tuple(card.stability.found if card.stability else None for card in cards),
        tuple(profile.silhouette for profile in result.profiles),
    )  # fmt: skip
    weights = {}
    with st.grid(columns=3, min_column_width=140):
        for each in criteria:
            slot = f"{key}_weight_{each.key}"
            weights[each.key] = st.slider(each.title, 0.0, 10.0, kept(slot, 5.0), 0.5, format="%.1f", **keeping(slot))
    scores = weighted_scores(criteria, weights)
    fits = []
    with (
        st.expander("How well does each segment fit what you can offer? (0-10)", icon=":material/handshake:"),
        st.grid(columns=3, min_column_width=140),
    ):
        for card in cards:
            label, slot = f"{card.segment} {safe_md(card.name)}", f"{key}_fit_{card.segment}"
            # A fit is that of a segment: one of another name begins in the middle.
            now = kept(slot, 5.0, card.name)
            fits.append(st.slider(label, 0.0, 10.0, now, 0.5, format="%.1f", **keeping(slot, card.name)))
    show_chart(for_page(evaluation_plot(result.profiles, scores, tuple(fits)), dark=is_dark()), key=f"{key}_evaluation")
    st.markdown(":gray[Bubbles that would cover each other are moved aside; a line leads from the place to each.]")


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
    value, placed = value_column_of(result), result.assignment is not None
    cards = describe_segments(result.dataset, result.segmentation, value_column=value, placed=placed)
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
    names = result.segmentation.names
    start_widget(f"{key}_pick", kept(f"{key}_pick", [], names))
    keep(f"{key}_pick", picked_segments(key), names)
    _left_out(result)
    show_cards(result, cards, key)
    show_notes((*result.segmentation.notes, *(result.assignment.notes if result.assignment else ())))
    # On a telephone these make room for the view that is picked below them.
    with st.container(key=f"{key}_overview"):
        _linked_charts(result, key)
        st.header("In your own units")
        show_summary(result, cards_of(result), picked_segments(key), value_column_of(result))
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
    now = kept(f"{key}_view", None)
    chosen = st.segmented_control(
        "View", list(views), default=now if now in views else None, label_visibility="collapsed",
        **keeping(f"{key}_view"),
    )  # fmt: skip
    if chosen is not None:
        views[chosen]()


def _left_out(result: Result) -> None:
    if not result.n_left_out:
        return
    unfit, n = int(result.fits_none.sum()), result.dataset.n_customers
    text = f"{result.n_left_out:,} of {n:,} customers are in no segment"
    if unfit:
        like_none = f"{unfit:,} of {n:,} customers ({percent_text(unfit / n, 1)}) fit no segment: they are like none"
        text = like_none if unfit == result.n_left_out else f"{text}; {like_none}"
        placed = result.assignment is not None
        shares = ", shares of all customers" if placed else ", and so are the shares in the summary"
        text += f", and grey in the charts. Scores are of those in segments{shares}"
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
    pair = best_pair(result)
    with st.grid(columns=len(pair) or 1, min_column_width=320, gap="small"):
        if len(pair) > 1:
            with st.container(border=True, height="stretch"):
                _pair(result, (pair[0], pair[1]), picked, key, dark=dark)
        with st.container(border=True, height="stretch"):
            st.markdown("**What tells them apart:** % above or below everyone", help=CHARTS["index"].help)
            figure = index_map(
                profiles_as_shown(result),
                picked=picked,
                dark=dark,
                most=ROWS_AT_A_GLANCE,
                title=partial(column_title, result),
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
    rows = index_rows(profiles_as_shown(result), ROWS_AT_A_GLANCE, partial(column_title, result))
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
    # A yes or no is no axis: customers stand on two lines.
    others = "" if best == rank_columns_by_eta_squared(result)[:2] else ", of the columns with more than two values,"
    st.markdown(f"**{first} and {second}**{others} tell them apart best")
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
    best = list(rank_columns_by_eta_squared(result)[:2])
    picked = st.multiselect(
        "Two or three columns",
        names,
        kept(f"{key}_axes", best, names),
        max_selections=3,
        format_func=partial(column_title, result),
        **keeping(f"{key}_axes", names),
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
    # The one that tells segments apart best comes first, whatever was picked.
    offered = sorted(options)
    now = kept(f"{key}_column", options[0], offered)
    column = st.selectbox(
        "Column", options, options.index(now), format_func=partial(column_title, result),
        **keeping(f"{key}_column", offered),
    )  # fmt: skip
    if column in categories:
        show_chart(for_page(code_bars(result, column), dark=is_dark()), key=f"{key}_codes")
        return
    show_chart(for_page(small_multiples(result, column), dark=is_dark()), key=f"{key}_multiples")
    show_chart(for_page(box_plots(result, column), dark=is_dark()), key=f"{key}_boxes_of")
    if st.toggle("The same for paper", kept(f"{key}_paper", False), **keeping(f"{key}_paper")):
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
        "Mean silhouette": f"{number_text(quality.silhouette, 2)}{estimated}",
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
    return f"{messages.LIGHT_WORDS[light.value].capitalize()}{few}"


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
