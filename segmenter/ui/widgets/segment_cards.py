"""A card for each segment: name, sentence, size, what marks it, what it brings, how far it can be relied on."""

import html
from typing import Final, Literal

import streamlit as st

from segmenter import config
from segmenter.charts.theme import DARK_PALETTE, PALETTE, ink_on
from segmenter.explain.cards import LIGHT_WORDS, Marker, SegmentCard
from segmenter.explain.columns import percent_text
from segmenter.segment.profile import low_base_key
from segmenter.segment.quality import Light
from segmenter.segment.result import Result
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import forget_widgets, session, set_widget, widget_value

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
/* On a phone the bars say what the sentence says. */
@media (max-width:640px){.sgm .traits{display:none}.sgm .sgm-mark{margin-bottom:.25rem}.sgm p{margin:.25rem 0}}
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
    light, dark = (palette[(segment - 1) % len(palette)] for palette in (PALETTE, DARK_PALETTE))
    colours = f"background:light-dark({light},{dark});color:light-dark({ink_on(light)},{ink_on(dark)})"
    return f'<span class="sgm-no" style="{colours}">{segment}</span>'


def bar_colour(segment: int) -> str:
    """Return the style of a bar in a segment's colour, on a light and on a dark page."""
    light, dark = (palette[(segment - 1) % len(palette)] for palette in (PALETTE, DARK_PALETTE))
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
    most = max((card.share for card in cards), default=1.0) or 1.0
    if widget_value(f"{key}_named") != result.segmentation.names:
        # What was typed before means other segments, or was changed to be different from the others.
        forget_widgets(f"{key}_name_")
        set_widget(f"{key}_named", result.segmentation.names)
    with st.grid(columns=3, min_column_width=300, gap="small", key=f"{key}_cards"):
        for card in cards:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.html(_card(card, most))
                with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                    _reliability(card)
                    with st.container(horizontal=True, width="content", gap="xsmall"):
                        _pick_button(card, key)
                        _rename(result, card, key)
    if key_of_marks := low_base_key(card.size for card in cards):
        st.markdown(f":gray[{safe_md(key_of_marks, 200)}]")


def _card(card: SegmentCard, most: float) -> str:
    customers = f"{card.size:,} customer{'' if card.size == 1 else 's'}{card.low_base}"
    markers = "".join(_marker(each, card.segment) for each in card.markers)
    money = ""
    if card.money and card.size:
        money = f"<p>{kept_together(card.money.text)}</p>"
    return (
        f'<div class="sgm"><h2>{number_sign(card.segment)}<span>{html.escape(card.name)}</span></h2>'
        f'<p class="traits">{kept_together(card.traits)}</p>'
        f'<div class="sgm-share"><i><u style="width:{100 * card.share / most:.1f}%;{bar_colour(card.segment)}"></u></i>'
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
        typed = st.text_input(
            f"Name of segment {card.segment}", card.name, max_chars=60, key=f"{key}_name_{card.segment}",
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
