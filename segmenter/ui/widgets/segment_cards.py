"""Cards and tables of segments, and changing segments by hand with a way back."""

import html
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, Literal
from weakref import WeakKeyDictionary

import pandas as pd
import streamlit as st

from segmenter import config
from segmenter.charts.theme import colour as segment_colour
from segmenter.display import ink_on, percent_text
from segmenter.explain.cards import (
    LIGHT_WORDS,
    MOST_LISTED,
    Marker,
    SegmentCard,
    SummaryRow,
    list_customers,
    name_edited_segments,
    summary_rows,
    typical_customers,
)
from segmenter.explain.rules import Rule, rules_of
from segmenter.explain.within import Difference, compare_columns
from segmenter.progress import Progress, part
from segmenter.recipe.recipe import Edit, EditKind
from segmenter.segment.profile import low_base, low_base_key
from segmenter.segment.quality import Light
from segmenter.segment.result import Result
from segmenter.segment.segmentation import edit_segmentation
from segmenter.ui import messages
from segmenter.ui.jobs import Job
from segmenter.ui.messages import safe_md, safe_text
from segmenter.ui.state import (
    EditTried,
    Identity,
    forget_widgets,
    keeping,
    kept,
    session,
    set_widget,
    widget_value,
)
from segmenter.ui.widgets.notes import short_cells
from segmenter.ui.widgets.text_fields import text_line
from segmenter.ui.widgets.working import Work, run_job

# Colours in pairs, for a light and a dark page; each is readable as text on it (4.5 to 1 or more).
STYLE: Final = """<style>
.sgm{--ink:light-dark(#16232b,#e9eff2);--quiet:light-dark(#4d5c66,#a9b8c1);--track:light-dark(#e4eaee,#28333a);
 --line:light-dark(#d5dde3,#3a464d);--high:light-dark(#d8ebf6,#174256);--low:light-dark(#fbe5d6,#542d16);
 color:var(--ink);font-size:.9375rem;line-height:1.4}
.sgm h2{font-size:1.0625rem;font-weight:600;line-height:1.3;letter-spacing:0;margin:0;
 padding:0;display:flex;gap:.6rem;align-items:center;
 overflow-wrap:anywhere}
.sgm-no{flex:none;min-width:1.7rem;height:1.7rem;border-radius:1rem;display:inline-grid;place-items:center;
 font-size:.875rem;font-weight:700;padding:0 .3rem}
.sgm p{margin:.5rem 0;text-wrap:balance;overflow-wrap:anywhere}
.sgm-share{display:grid;grid-template-columns:1fr auto;gap:.75rem;align-items:center;color:var(--quiet);
 margin:.5rem 0 .75rem}
.sgm-share i,.sgm-mark i{display:block;border-radius:4px;background:var(--track);position:relative;height:8px}
.sgm-share u{position:absolute;inset:0 auto 0 0;border-radius:4px}
.sgm-share b{color:var(--ink)}
.sgm-mark{display:grid;grid-template-columns:minmax(5rem,9rem) 1fr auto;gap:.4rem .75rem;align-items:center;
 color:var(--quiet);margin-bottom:.75rem;font-size:.875rem}
.sgm-mark span{overflow-wrap:anywhere}
.sgm-mark i{height:14px}
.sgm-mark u{position:absolute;top:0;bottom:0}
.sgm-mark s{position:absolute;left:50%;top:-3px;bottom:-3px;width:2px;margin-left:-1px;background:var(--ink)}
.sgm-mark b{color:var(--ink);text-align:right;white-space:nowrap;font-weight:600}
.sgm-scroll{overflow-x:auto;border-radius:4px}
.sgm-scroll:focus-visible{outline:3px solid light-dark(#1f5f7f,#56bccb);outline-offset:2px}
.sgm table{border-collapse:collapse;width:100%;font-size:.875rem}
.sgm th,.sgm td{padding:.5rem .6rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap;
 font-weight:400;vertical-align:bottom;border-left:0;border-right:0;border-top:0}
.sgm thead th{white-space:normal;min-width:5.5rem;max-width:9rem;font-weight:600;overflow-wrap:break-word}
.sgm thead th .sgm-no{margin-bottom:.25rem}
.sgm th:first-child{text-align:left;position:sticky;left:0;background:light-dark(#ffffff,#10161a);z-index:1;
 max-width:13rem;white-space:normal;overflow-wrap:anywhere}
.sgm td.everyone{color:var(--quiet)}
.sgm td.other{color:var(--quiet)}
.sgm mark{padding:.15rem .35rem;border-radius:4px;color:var(--ink);font-weight:600;background:none}
.sgm mark.high{background:var(--high)!important}.sgm mark.low{background:var(--low)!important}
@media (max-width:640px){.sgm .sgm-mark{margin-bottom:.25rem}.sgm p{margin:.25rem 0}}
.sgm ul.sgm-rules{list-style:none;margin:0;padding:0}
.sgm-rules li{display:flex;gap:.75rem;padding:.6rem 0;margin:0!important;border-bottom:1px solid var(--line)}
.sgm-rules div{min-width:0}
.sgm-rules b{font-weight:600;overflow-wrap:anywhere}
.sgm-rules code{display:block;margin:.25rem 0;padding:0;font-size:.9375rem;white-space:normal;overflow-wrap:anywhere;
 color:var(--ink);background:none}
.sgm-rules div span{color:var(--quiet);font-size:.875rem}
.sgm-drift td,.sgm-drift th{text-align:left!important}
.sgm-shape{display:flex;align-items:flex-end;gap:1px;height:2rem;min-width:6rem;max-width:12rem}
.sgm-shape i{flex:1;min-height:1px;background:light-dark(#6b7680,#8c969e)}
.sgm-shape.now i{background:light-dark(#1f5f7f,#56bccb)}
.sgm .key{color:var(--quiet);margin-top:.5rem}
</style>"""
_RELIABILITY: Final[dict[Light, tuple[str, Literal["green", "orange", "red"], str]]] = {
    Light.GREEN: (LIGHT_WORDS[Light.GREEN], "green", ":material/check_circle:"),
    Light.AMBER: (LIGHT_WORDS[Light.AMBER], "orange", ":material/error:"),
    Light.RED: (LIGHT_WORDS[Light.RED], "red", ":material/cancel:"),
}
# A marker bar shows this many standard deviations to either side.
_SPAN: Final = 2.0
# Letters of a word that fit in the head of a column.
_LONGEST_WORD: Final = 15


def number_sign(segment: int) -> str:
    """Return a segment's number, from 1, on its colour as HTML."""
    light, dark = segment_colour(segment - 1), segment_colour(segment - 1, dark=True)
    colours = f"background:light-dark({light},{dark});color:light-dark({ink_on(light)},{ink_on(dark)})"
    return f'<span class="sgm-no" style="{colours}">{segment}</span>'


def bar_colour(segment: int) -> str:
    """Return the style of a bar in a segment's colour, on a light and on a dark page."""
    light, dark = segment_colour(segment - 1), segment_colour(segment - 1, dark=True)
    return f"background:light-dark({light},{dark})"


def broken_late(name: str) -> str:
    """Return a name as HTML that breaks between its words, and inside those alone that are too long for a column."""
    words = (word if len(word) <= _LONGEST_WORD else "\u200b".join(word) for word in name.split())
    return html.escape(" ".join(words))


def kept_together(text: str) -> str:
    """Return text as HTML whose numbers do not part from their units at the end of a line."""
    clauses = html.escape(text).replace(" %", "\u00a0%").split(", ")
    return ", ".join(clause.replace(" ", "\u00a0") if len(clause) <= 28 else clause for clause in clauses)


def show_cards(result: Result, cards: tuple[SegmentCard, ...], key: str) -> None:
    """Draw the cards; each can be renamed, and picked for the charts and lists below."""
    if widget_value(f"{key}_named") != result.segmentation.names:
        # What was typed before means other segments, or was changed to be different from the others.
        forget_widgets(f"{key}_name_")
        set_widget(f"{key}_named", result.segmentation.names)
    with st.grid(columns=3, min_column_width=300, gap="small", key=f"{key}_cards"):
        for card in cards:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.html(_card(card))
                with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                    _reliability(card)
                    with st.container(horizontal=True, width="content", gap="xsmall"):
                        _pick_button(card, key)
                        _rename(result, card, key)
    if key_of_marks := low_base_key(card.size for card in cards):
        st.markdown(f":gray[{safe_md(key_of_marks, 200)}]")


def _card(card: SegmentCard) -> str:
    customers = f"{card.size:,} customer{'' if card.size == 1 else 's'}{card.low_base}"
    markers = "".join(_marker(each, card.segment) for each in card.markers)
    money = ""
    if card.money and card.size:
        money = f"<p>{kept_together(card.money.text)}</p>"
    return (
        f'<div class="sgm"><h2>{number_sign(card.segment)}<span>{html.escape(card.name)}</span></h2>'
        f'<p class="traits">{kept_together(card.traits)}</p>'
        f'<div class="sgm-share"><i><u style="width:{100 * card.share:.1f}%;{bar_colour(card.segment)}"></u></i>'
        f"<span><b>{card.percent}\u00a0%</b> {customers}</span></div>"
        f'<div class="sgm-mark">{markers}</div>{money}</div>'
    )


def _marker(marker: Marker, segment: int) -> str:
    effect = max(-_SPAN, min(_SPAN, marker.effect))
    width = 50 * abs(effect) / _SPAN
    left = 50.0 if effect >= 0 else 50 - width
    label = marker.label if marker.level is None else f"{marker.label}: {marker.level}"
    title = html.escape(f"{label}: {marker.text} here, {marker.overall_text} everyone", quote=True)
    return (
        f"<span>{html.escape(label[:1].upper() + label[1:])}</span>"
        f'<i role="img" aria-label="{title}" title="{title}">'
        f'<u style="left:{left:.1f}%;width:{width:.1f}%;{bar_colour(segment)}"></u><s></s></i>'
        f"<b>{html.escape(marker.text)}</b>"
    )


def _reliability(card: SegmentCard) -> None:
    if card.stability is None:
        st.markdown("")
        return
    words, colour, icon = _RELIABILITY[card.stability.light]
    again = card.stability.found
    found = "" if again is None else f" · {percent_text(again)}"
    few = f" · {messages.FEW_CUSTOMERS}" if card.size < config.SMALL_GROUP else ""
    st.badge(f"{words}{found}{few}", icon=icon, color=colour, help=messages.LIGHT_HELP)


def _pick_button(card: SegmentCard, key: str) -> None:
    is_picked = card.segment in picked_segments(key)
    st.button(
        "Shown" if is_picked else "Show", key=f"{key}_show_{card.segment}", type="tertiary",
        icon=":material/filter_alt_off:" if is_picked else ":material/filter_alt:",
        help=f"Pick segment {card.segment} in the charts and the list below", on_click=toggle, args=(key, card.segment),
    )  # fmt: skip


def _rename(result: Result, card: SegmentCard, key: str) -> None:
    popover = st.popover("Rename", icon=":material/edit:", type="tertiary", key=f"{key}_rename_{card.segment}")
    with popover, st.form(f"{key}_names_{card.segment}", border=False):
        typed = text_line(
            f"Name of segment {card.segment}", card.name, most=60, key=f"{key}_name_{card.segment}",
            placeholder=card.suggested,
        )  # fmt: skip
        if st.form_submit_button("Use this name", key=f"{key}_use_name_{card.segment}"):
            names = list(result.segmentation.names)
            names[card.segment - 1] = typed.strip() or card.suggested
            session().rename(result, tuple(names))
            st.rerun()


def picked_segments(key: str) -> list[int]:
    """Return the segments, from 1, that the visitor picked."""
    value = widget_value(f"{key}_pick")
    return [each for each in value if isinstance(each, int)] if isinstance(value, list) else []


def toggle(key: str, segment: int) -> None:
    """Pick a segment, or no longer."""
    now = picked_segments(key)
    set_widget(f"{key}_pick", [each for each in now if each != segment] if segment in now else sorted([*now, segment]))


# Each is made once for a result; a result never changes after it was made.
_ROWS: WeakKeyDictionary[Result, tuple[SummaryRow, ...]] = WeakKeyDictionary()
_DIFFERENCES: WeakKeyDictionary[Result, tuple[Difference, ...]] = WeakKeyDictionary()
ROWS_AT_A_GLANCE: Final = 10
MOST_ROWS = 40


def show_summary(result: Result, cards: Sequence[SegmentCard], picked: Collection[int], value_column: str) -> None:
    """Draw the segments side by side: rows are columns of the file, columns are segments."""
    rows = _ROWS.get(result)
    if rows is None:
        placed = result.assignment is not None
        rows = _ROWS[result] = summary_rows(
            result.dataset, result.segmentation, value_column=value_column, placed=placed, cards=cards
        )
    shown, rest = rows[:MOST_ROWS], len(rows) - MOST_ROWS
    heads = "".join(
        f'<th scope="col">{number_sign(profile.segment)}{low_base(profile.size)}<br>{broken_late(profile.name)}</th>'
        for profile in result.profiles
    )
    head = f'<thead><tr><th scope="col">Column</th><th scope="col">Everyone</th>{heads}</tr></thead>'

    def table(rows: Sequence[SummaryRow], label: str) -> str:
        body = "".join(_summary_line(row, picked) for row in rows)
        region = f'<div class="sgm-scroll" tabindex="0" role="region" aria-label="{label}">'
        return f"{region}<table>{head}<tbody>{body}</tbody></table></div>"

    # One or two rows more take no more room than the line that folds them away.
    at_a_glance = len(shown) if len(shown) <= ROWS_AT_A_GLANCE + 2 else ROWS_AT_A_GLANCE
    first, others = shown[:at_a_glance], shown[at_a_glance:]
    folded = f"<summary>{len(others)} more rows</summary>{table(others, 'More of the segments side by side')}"
    more = f"<details>{folded}</details>" if others else ""
    marks = low_base_key(profile.size for profile in result.profiles)
    few = f". {marks}" if marks else ""
    key = f'<p class="key"><mark class="high">highest</mark> <mark class="low">lowest</mark> of the segments{few}</p>'
    st.html(f'<div class="sgm">{table(first, "Segments side by side")}{more}{key}</div>')
    if rest > 0:
        st.write(f"{rest} more {'row is' if rest == 1 else 'rows are'} in the summary file on Use.")


def _summary_line(row: SummaryRow, picked: Collection[int]) -> str:
    cells = []
    for place, cell in enumerate(row.cells, start=1):
        mark = "high" if place in row.highest else "low" if place in row.lowest else ""
        text = html.escape(cell)
        is_other = bool(picked) and place not in picked
        inner = f'<mark class="{mark}">{text}</mark>' if mark and not is_other else text
        cells.append(f'<td class="other">{inner}</td>' if is_other else f"<td>{inner}</td>")
    label = row.label if row.figure in ("customers", "sum") or row.label == "Share" else f"{row.label}"
    figure = ", middle" if row.figure == "median" else ""
    return (
        f'<tr><th scope="row">{html.escape(label)}{figure}</th><td class="everyone">{html.escape(row.everyone)}</td>'
        f"{''.join(cells)}</tr>"
    )


def show_differences(result: Result) -> None:
    """Draw the columns by how far the segments lie apart in them, and made-up typical customers."""
    found = _DIFFERENCES.get(result)
    if found is None:
        found = _DIFFERENCES[result] = compare_columns(result.dataset, result.segmentation)
    if not found:
        st.write("There is no column to compare the segments in.")
        return
    best = [each.label for each in found if each.forming][:2]
    if best:
        words = " and ".join(best)
        tell = "tell" if len(best) > 1 else "tells"
        st.markdown(f"**{safe_md(words[:1].upper() + words[1:])}** {tell} the segments apart most.")
    table = pd.DataFrame(
        {
            "Column": [each.label[:1].upper() + each.label[1:] for each in found],
            "Formed the segments": ["yes" if each.forming else "no, describes" for each in found],
            "Difference": [each.size for each in found],
            "Effect": [each.effect for each in found],
            "Measure": [each.measure for each in found],
            "By chance? (p, Holm)": [_p_words(each) for each in found],
            "Would move": ["–" if each.importance is None else percent_text(each.importance) for each in found],
        }
    )
    st.dataframe(
        table, hide_index=True, width="stretch",
        column_config={
            "Effect": st.column_config.ProgressColumn(format="%.2f", min_value=0, max_value=1),
            "Would move": st.column_config.Column(
                help="Share of the customers who would be in another segment if this column's values were dealt out at "
                "random: which columns drive the whole.",
            ),
        },
    )  # fmt: skip
    st.markdown(
        ":gray[Effect: share of the variance between segments (η²) for numbers, Cramér's V for categories. Segments "
        "differ by construction in the columns that formed them, so only the other columns' tests prove something.]"
    )
    st.subheader("A typical customer of each segment")
    st.markdown(":gray[Made up of the middle of each number and the most frequent of each value: nobody of your file.]")
    st.dataframe(typical_customers(result).rename_axis("Column").reset_index(), hide_index=True, width="stretch")


def _p_words(difference: Difference) -> str:
    if difference.forming:
        return "by construction"
    return "< .001" if difference.p < 0.001 else f"{difference.p:.3f}".lstrip("0")


def show_rules(result: Result, key: str) -> None:
    """Draw each segment as a filter for a CRM, and one tree for all."""
    with st.spinner("Looking for filters"):
        found = rules_of(result)
    st.markdown(
        "Type a filter into your CRM to find a segment there. No filter uses personal data or what the law protects."
    )
    # Text that wraps and can be copied: a table in a canvas is cut on a telephone.
    st.html(f'<div class="sgm"><ul class="sgm-rules">{"".join(_rule_line(each) for each in found.rules)}</ul></div>')
    if found.tree is not None:
        with st.expander(
            f"One tree for all: {percent_text(found.tree.accuracy)} get their own segment",
            icon=":material/account_tree:",
        ):
            st.write(
                "Put in the place of the segments, it makes the differences within them (WCSS) "
                f"{percent_text(found.tree.price)} larger."
            )
            st.code(found.tree.text, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        for label, content, suffix, mime in (
            ("Text", found.text, "txt", "text/plain"), ("SQL", found.sql, "sql", "application/sql"),
            ("JSON", found.json, "json", "application/json"),
        ):  # fmt: skip
            st.download_button(
                f"Rules as {label}", content, f"rules.{suffix}", mime, on_click="ignore", key=f"{key}_rules_{suffix}",
                icon=":material/download:",
            )  # fmt: skip


def _rule_line(rule: Rule) -> str:
    found = f"{rule.found:,} customer{'' if rule.found == 1 else 's'} found"
    return (
        f"<li>{number_sign(rule.segment)}<div><b>{html.escape(rule.name)}{low_base(rule.size)}</b>"
        f"<code>{html.escape(rule.text)}</code><span>Finds {percent_text(rule.coverage)} of the segment · "
        f"{percent_text(rule.exclusivity)} of those found are in it · {found}</span></div></li>"
    )


def show_customers(result: Result, picked: tuple[int, ...], key: str) -> None:
    """Draw the customers of the picked segments, those between two first; a text finds customers."""
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    search = text_line(
        "Search", kept(f"{key}_search", ""), where=left, placeholder="in every column", most=100,
        **keeping(f"{key}_search"),
    )  # fmt: skip
    only = right.toggle("Only between two segments", kept(f"{key}_between", False), **keeping(f"{key}_between"))
    found = list_customers(result, picked, search, only_between=only)
    who = "the picked segments" if picked else "all segments"
    cut = f" The first {MOST_LISTED:,} are listed." if found.n_found > MOST_LISTED else ""
    st.markdown(f"**{found.n_found:,} customers** of {who}, those that fit least clearly first.{cut}")
    st.dataframe(
        short_cells(found.table), hide_index=True, width="stretch", height=420,
        column_config={
            "row": st.column_config.NumberColumn("Row", format="localized"),
            "segment": "Segment",
            "second best": "Second best",
            "margin": st.column_config.NumberColumn(
                "Margin", format="%.2f", help="0: half-way between the two segments. 1: on the own segment's centre."
            ),
            "light": st.column_config.Column("Light", help="The worse of how clearly the customer belongs to its "
                                             "segment and how reliable the segment is."),
        },
    )  # fmt: skip


NAME: Final = "edit"
_WORDS: Final = {
    EditKind.MERGE: "Merge segments",
    EditKind.SPLIT: "Split one in two",
    EditKind.MINIMUM: "Set a minimum size",
    EditKind.TOGETHER: "Keep customers together",
    EditKind.WITHOUT: "Leave a column out",
}
_HELP: Final = (
    "Nothing changes before you have seen the price. Numbers, and names that you gave, stay with the customers "
    "who bear them; a suggested name that is no longer true is suggested anew. Every "
    "change stands in the recipe, in the model and in run.json, and can be undone."
)


def show_edits(result: Result) -> None:
    """Draw how the segments that were formed here are changed by hand, what that costs, and Undo."""
    with st.expander("Change the segments by hand", icon=":material/back_hand:", key=f"{NAME}_open"):
        made = session().edits
        if made:
            st.markdown("\n".join(f"{number}. {safe_md(edit.words())}" for number, edit in enumerate(made, start=1)))
            st.button("Undo the last change", icon=":material/undo:", key=f"{NAME}_undo", on_click=_undo)
        edit = _pick(result)
        if edit is None:
            return
        of, memo = (Identity(result), edit), session().by_hand.tried

        def ask() -> Work[EditTried] | None:
            if memo.on(of) is not None or not st.button("Show the price", key=f"{NAME}_price"):
                return None

            def work(progress: Progress, _: Job[EditTried]) -> EditTried:
                segmentation, price = edit_segmentation(
                    result.dataset, result.segmentation, edit, progress=part(progress, 0.0, 0.95)
                )
                # A new segment bears the name of its card everywhere, in lists and files, too.
                named = name_edited_segments(
                    result.dataset, result.segmentation, segmentation, progress=part(progress, 0.95, 1.0)
                )
                return EditTried(edit, replace(result, segmentation=named), price)

            return work

        run_job(NAME, lambda: of, ask, partial(memo.keep, basis=of), n_cells=result.dataset.frame.size)
        tried = memo.on(of)
        if tried is not None:
            _show_price(result, tried)


def _pick(result: Result) -> Edit | None:
    """Draw the choice of a change; return None until it is complete."""
    names = result.segmentation.names
    numbers = range(1, len(names) + 1)

    def called(number: int) -> str:
        return f"{number} {safe_text(names[number - 1])}"

    kind = st.selectbox("What to change", list(_WORDS), format_func=_WORDS.__getitem__, help=_HELP, key=f"{NAME}_kind")
    match kind:
        case EditKind.MERGE:
            merged = st.multiselect("Segments", numbers, format_func=called, key=f"{NAME}_merge")
            return Edit(kind, tuple(merged)) if len(merged) > 1 else None
        case EditKind.SPLIT:
            split = st.selectbox("Segment", numbers, None, format_func=called, key=f"{NAME}_split")
            return Edit(kind, (split,)) if split is not None else None
        case EditKind.MINIMUM:
            size = st.number_input("Customers at least", 1, max(result.n_placed, 1), 1, key=f"{NAME}_minimum")
            return Edit(kind, size=int(size)) if size > 1 else None
        case EditKind.TOGETHER:
            columns = [column.name for column in result.dataset.columns]
            column = st.selectbox("Those with the same", columns, None, key=f"{NAME}_together")
            return Edit(kind, column=column) if column is not None else None
        case _:
            used = [column.column for column in result.segmentation.preparation.columns_]
            out = st.selectbox("Column", used, None, key=f"{NAME}_without", disabled=len(used) < 2)
            return Edit(EditKind.WITHOUT, column=out) if out is not None else None


def _show_price(result: Result, tried: EditTried) -> None:
    st.markdown(f"**{safe_md(tried.edit.words(result.segmentation.names))}:** {safe_md(tried.price.sentence(), 600)}")
    names = tried.result.segmentation.names
    sizes = " · ".join(f"{safe_md(name)} {size:,}" for name, size in zip(names, tried.price.sizes, strict=True))
    st.markdown(f":gray[Afterwards: {sizes}]")
    if tried.edit.kind is EditKind.WITHOUT and session().edits:
        st.markdown(":gray[The segments are formed again, so changes of single segments before are gone.]")
    st.button(
        "Make this change", type="primary", icon=":material/check:", key=f"{NAME}_make", on_click=_make,
        args=(result, tried),
    )  # fmt: skip


def _make(result: Result, tried: EditTried) -> None:
    session().make_edit(result, tried)
    _pick_anew()


def _undo() -> None:
    session().undo_edit()
    _pick_anew()


def _pick_anew() -> None:
    # A number that was picked before a change may be another segment's after it. The browser empties a field only
    # where an empty value is set before it is drawn, which is what a button's callback can do.
    set_widget(f"{NAME}_merge", [])
    set_widget(f"{NAME}_split", None)
