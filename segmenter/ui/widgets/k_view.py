"""View of a comparison of numbers of segments."""

import html
import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from segmenter import config
from segmenter.charts.comparison import crosstab_map, elbow, gaps, silhouettes, splits, stabilities
from segmenter.charts.theme import colour
from segmenter.choose.decision import Verdict
from segmenter.choose.k import KScore, KSelection, Step, compare_solutions, segments_across_k
from segmenter.explain.cards import SegmentCard, describe_labels
from segmenter.recipe.recipe import Recipe
from segmenter.segment.profile import low_base_key
from segmenter.segment.quality import Light
from segmenter.table.dataset import Dataset
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import Identity, session

_CHARTS = (
    ("Elbow", messages.WCSS_HELP, elbow),
    ("Silhouette", messages.SILHOUETTE_HELP, silhouettes),
    ("Gap", messages.GAP_HELP, gaps),
    ("Stability", messages.STABILITY_HELP, stabilities),
)
# A number and what it counts stay on one line.
_UNIT: Final = re.compile(r"(?<=[0-9]) (?=[^ (])")
NO_BREAK: Final = "\u00a0"
# Beyond this many segments in all, the picture of splits is a tangle.
MOST_IN_SPLITS = 12


def show_answer(selection: KSelection) -> None:
    """Say in the title whether there are groups and how many; below it what that means, and its place on the scale."""
    title, line = messages.structure_words(selection)
    st.title(title)
    st.write(line)
    if selection.verdict is not None:
        st.html(_scale(selection.verdict))


def _scale(verdict: Verdict) -> str:
    """Return the place on the scale from one crowd to natural groups, as a row of four bars with words."""
    steps = list(messages.SCALE_WORDS)
    at = steps.index(verdict.value)
    cells = []
    for number, (step, gloss) in enumerate(messages.SCALE_WORDS.items()):
        state = "passed" if number < at else "here" if number == at else ""
        cells.append(f'<div class="{state}"><i></i><b>{step.capitalize()}</b> <span>{gloss}</span></div>')
    label = f"{verdict.value.capitalize()}: step {at + 1} of {len(steps)} from one crowd to natural groups"
    return f'<div class="sg-scale" role="img" aria-label="{label}">{"".join(cells)}</div>'


def pick(selection: KSelection, current: int | None) -> int:
    """Let the visitor pick a number of segments among those compared; nothing is computed."""
    ks = [score.k for score in selection.scores]
    best = max(selection.scores, key=lambda score: score.silhouette or -1.0).k
    start = next((k for k in (current, selection.recommended, selection.cut, best) if k in ks), ks[0]) or ks[0]
    if len(ks) == 1:
        return int(start)
    return int(st.slider("Number of segments", ks[0], ks[-1], start, key="choose_k", help=messages.PICK_HELP))


def show_why(selection: KSelection, k: int) -> None:
    """Say in a line why this number, or what it costs to take another than the recommended one."""
    st.markdown(messages.why_words(selection, k))


def show_cards(dataset: Dataset, recipe: Recipe, selection: KSelection, k: int) -> None:
    """Draw a card a segment at this number: its name, a sentence, and how many customers it has."""
    cards = _described(dataset, recipe, selection, k)
    longest = max(card.share for card in cards)
    with st.grid(columns=3, min_column_width=280, gap="small", key="choose_cards"):
        for card in cards:
            with st.container(border=True, height="stretch"):
                st.html(_card(card, longest))
    if marks := low_base_key(card.size for card in cards):
        st.markdown(f":gray[{safe_md(marks, 200)}]")


def _described(dataset: Dataset, recipe: Recipe, selection: KSelection, k: int) -> tuple[SegmentCard, ...]:
    """Return the segments of a number in words, made once for each number."""
    of = (Identity(selection), k)
    cards = session().cards.on(of)
    if cards is None:
        stability = selection.found_again.get(k, ())
        cards = describe_labels(dataset, recipe, selection.labels[k], stability=stability, value_column="")
        session().cards.keep(cards, of)
    return cards


def _card(card: SegmentCard, longest: float) -> str:
    """Return a card as HTML; the bars of all cards have the same scale."""
    own = colour(card.segment - 1)
    # The darkest colours sink on a dark page.
    tint = f"light-dark({own}, color-mix(in oklab, {own} 68%, white))"
    light = card.light
    doubt = f" · {messages.LIGHT_WORDS[light.value]}" if light is not None and light is not Light.GREEN else ""
    customers = "customer" if card.size == 1 else "customers"
    return (
        f'<div class="sg-card"><h2><b style="border:3px solid {tint}">{card.segment}</b>{html.escape(card.name)}</h2>'
        f"<p>{_UNIT.sub(NO_BREAK, html.escape(card.traits))}</p>"
        f'<div><i><u style="width:{card.share / longest:.0%};background:{tint}"></u></i>'
        f"<span><b>{card.percent}\u00a0%</b> {card.size:,}\u00a0{customers}{card.low_base}{doubt}</span></div></div>"
    )


def show_evidence(selection: KSelection) -> None:
    """Fold away what people who know statistics ask for: the finding in full, scores, borders, splits."""
    place = st.expander("Show the evidence", icon=":material/query_stats:", key="choose_evidence", on_change="rerun")
    if not place.open:
        return
    with place:
        if selection.verdict is not None:
            words = messages.VERDICT_WORDS[selection.verdict.value]
            st.markdown(f"**{words}** {safe_md(selection.reason, 900)}")
            if selection.verdict is Verdict.NONE:
                st.write(messages.GO_ON_ANYWAY)
        show_scores(selection, "final")
        show_details(selection)


def show_scores(selection: KSelection, when: str) -> None:
    """Draw the four scores over k, as far as they are measured, and their table."""
    for pair in (_CHARTS[:2], _CHARTS[2:]):
        for place, (title, explained, draw) in zip(st.columns(2), pair, strict=True):
            with place:
                st.subheader(title)
                st.write(explained)
                if selection.scores and _measured(title, selection.scores[0]):
                    st.plotly_chart(draw(selection), key=f"{title}_{when}")
                else:
                    st.write("Not measured yet.")
    if when == "final":
        _table(selection)


def show_details(selection: KSelection) -> None:
    """List the borders; draw how segments split from one k to the next, and two solutions side by side."""
    if selection.borders:
        with st.expander("Which borders are real", icon=":material/border_vertical:"):
            st.write(messages.BORDERS_HELP)
            st.dataframe(_borders(selection), hide_index=True, width="stretch")
    if len(selection.labels) < 2:
        return
    with st.expander("How the segments split and merge", icon=":material/account_tree:"):
        st.write(messages.SPLITS_HELP)
        steps = segments_across_k(selection.labels)
        shown = [step for step in steps if step.k <= MOST_IN_SPLITS]
        if len(shown) > 1:
            st.plotly_chart(splits(shown), key="splits")
        st.dataframe(_parents(steps), hide_index=True, width="stretch")
    with st.expander("Two solutions side by side", icon=":material/compare:"):
        _side_by_side(selection)


def _borders(selection: KSelection) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Between segments": [
                " and ".join(str(number + 1) for number in border.between) for border in selection.borders
            ],
            "Fewer customers on the border": [f"{border.valley:.0%}" for border in selection.borders],
            "p": [round(border.p, 4) for border in selection.borders],
            "Real": ["yes" if border.real else "no" for border in selection.borders],
        }
    )


def _measured(title: str, score: KScore) -> bool:
    values = {"Elbow": score.wcss, "Silhouette": score.silhouette, "Gap": score.gap, "Stability": score.stability}
    return values[title] is not None


def _table(selection: KSelection) -> None:
    wish = st.number_input(
        "The smallest segment should hold at least (% of customers)", 0.0, 50.0, 0.0, 1.0, key="choose_smallest"
    )
    one = [selection.one] if selection.one else []
    rows = [_row(score, selection, wish / 100) for score in (*one, *selection.scores)]
    table = pd.DataFrame(rows).dropna(axis=1, how="all")
    remark = {"Remark": st.column_config.Column(width="medium")}
    st.dataframe(table, hide_index=True, width="stretch", column_config=remark, placeholder=messages.NO_VALUE)
    if any(score.silhouette_se for score in selection.scores):
        st.write(
            f"Silhouettes are estimated from {config.SILHOUETTE_SAMPLE_ROWS:,} customers; "
            "the standard error is beside them."
        )


def _row(score: KScore, selection: KSelection, wish: float) -> dict[str, object]:
    remarks = ["✓ best"] if score.k == selection.recommended else []
    again = [each.found for each in selection.found_again.get(score.k, ()) if each.found is not None]
    remarks += ["smallest is below your wish"] if score.smallest_share < wish else []
    return {
        "Segments": score.k,
        "Remark": "; ".join(remarks),
        "WCSS": round(score.wcss, 2),
        "Silhouette": _rounded(score.silhouette, 4),
        "± (silhouette)": _rounded(score.silhouette_se or None, 4),
        "Gap": _rounded(score.gap, 3),
        "± (gap)": _rounded(score.gap_se, 3),
        "Stability": _rounded(score.stability, 3),
        "Weakest segment found again in": f"{min(again):.0%}" if again else None,
        "Calinski-Harabasz (higher is better)": _rounded(score.calinski_harabasz, 1),
        "Davies-Bouldin (lower is better)": _rounded(score.davies_bouldin, 4),
        "Smallest segment": f"{score.smallest_share:.1%}",
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _side_by_side(selection: KSelection) -> None:
    ks = sorted(selection.labels)
    left, right = st.columns(2)
    first = left.selectbox("One number of segments", ks, 0, key="side_first")
    second = right.selectbox("Another number of segments", ks, 1, key="side_second")
    found = compare_solutions(selection.labels[first], selection.labels[second])
    st.markdown(
        f"Agreement (adjusted Rand index) {found.agreement:.2f}. {found.moves.sum():,} customers "
        f"({found.moves.mean():.1%}) move. More stable: {_more_stable(selection, first, second)}. Smallest segment: "
        f"{found.smallest_shares[0]:.1%} and {found.smallest_shares[1]:.1%}."
    )
    st.plotly_chart(crosstab_map(found), key="side_crosstab")


def _more_stable(selection: KSelection, first: int, second: int) -> str:
    stability = {score.k: score.stability or 0.0 for score in selection.scores}
    if first == second or np.isclose(stability[first], stability[second]):
        return "neither"
    return f"{max(first, second, key=lambda k: stability[k])} segments"


def _parents(steps: Sequence[Step]) -> pd.DataFrame:
    rows = [
        {"Segments": step.k, "Segment": number + 1, "From one segment before (SLSA)": round(float(share), 3)}
        for step in steps[1:]
        for number, share in enumerate(step.from_one_parent)
    ]
    return pd.DataFrame(rows)
