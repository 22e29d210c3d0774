"""Tables about segments: side by side in own units, what tells them apart, rules, and the customers themselves."""

import html
from collections.abc import Collection, Sequence
from typing import Final
from weakref import WeakKeyDictionary

import pandas as pd
import streamlit as st

from segmenter.explain.cards import MOST_LISTED, list_customers, typical_customers
from segmenter.explain.columns import percent_text
from segmenter.explain.differences import Difference, compare_columns
from segmenter.explain.rules import rules_of
from segmenter.explain.summary import SummaryRow, summary_rows
from segmenter.segment.profile import low_base, low_base_key
from segmenter.segment.result import Result
from segmenter.ui.messages import safe_md
from segmenter.ui.widgets.notes import short_cells
from segmenter.ui.widgets.segment_cards import broken_late, number_sign

# Each is made once for a result; a result never changes after it was made.
_ROWS: WeakKeyDictionary[Result, tuple[SummaryRow, ...]] = WeakKeyDictionary()
_DIFFERENCES: WeakKeyDictionary[Result, tuple[Difference, ...]] = WeakKeyDictionary()
ROWS_AT_A_GLANCE: Final = 12
MOST_ROWS = 40


def show_summary(result: Result, picked: Collection[int], value_column: str) -> None:
    """Draw the segments side by side: rows are columns of the file, columns are segments."""
    rows = _ROWS.get(result)
    if rows is None:
        rows = _ROWS[result] = summary_rows(result.dataset, result.segmentation, value_column=value_column)
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

    first, others = shown[:ROWS_AT_A_GLANCE], shown[ROWS_AT_A_GLANCE:]
    folded = f"<summary>{len(others)} more rows</summary>{table(others, 'More of the segments side by side')}"
    more = f"<details>{folded}</details>" if others else ""
    marks = low_base_key(profile.size for profile in result.profiles)
    few = f". {marks}" if marks else ""
    key = f'<p class="key"><mark class="high">highest</mark> <mark class="low">lowest</mark> of the segments{few}</p>'
    st.html(f'<div class="sgm">{table(first, "Segments side by side")}{more}{key}</div>')
    if rest > 0:
        st.write(f"{rest} more rows are in the summary file on Use.")


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
    rows = [
        {
            "Segment": f"{each.segment}{low_base(each.size)} {each.name}",
            "Filter": each.text,
            "Finds of the segment": percent_text(each.coverage),
            "Of those found, in it": percent_text(each.exclusivity),
            "Customers found": each.found,
        }
        for each in found.rules
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
    if found.tree is not None:
        with st.expander(
            f"One tree for all: {percent_text(found.tree.accuracy)} get their own segment",
            icon=":material/account_tree:",
        ):
            st.write(
                "Put in the place of the segments, it makes the differences within them (WCSS) "
                f"{percent_text(found.tree.price)} larger."
            )
            st.code(found.tree.text, language=None)
    with st.container(horizontal=True):
        for label, content, suffix, mime in (
            ("Text", found.text, "txt", "text/plain"), ("SQL", found.sql, "sql", "application/sql"),
            ("JSON", found.json, "json", "application/json"),
        ):  # fmt: skip
            st.download_button(
                f"Rules as {label}", content, f"rules.{suffix}", mime, on_click="ignore", key=f"{key}_rules_{suffix}",
                icon=":material/download:",
            )  # fmt: skip


def show_customers(result: Result, picked: tuple[int, ...], key: str) -> None:
    """Draw the customers of the picked segments, those between two first; a text finds customers."""
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    search = left.text_input("Search", key=f"{key}_search", placeholder="in every column", max_chars=100)
    only = right.toggle("Only between two segments", key=f"{key}_between")
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
