"""View of a comparison of numbers of segments, and further evidence on them."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from segmenter import config
from segmenter.charts.comparison import crosstab_map, elbow, gaps, silhouettes, splits, stabilities
from segmenter.charts.theme import colour
from segmenter.choose.evidence import (
    STRONG,
    Alternative,
    FurtherEvidence,
    Sensitivity,
    measure_evidence,
    measure_sensitivity,
)
from segmenter.choose.k import KScore, KSelection, Step, Verdict, compare_solutions, segments_across_k
from segmenter.cluster import ALGORITHMS
from segmenter.display import counted, number_text, percent_text, rounded
from segmenter.explain.cards import SegmentCard, describe_labels
from segmenter.measures.borders import Border
from segmenter.recipe.recipe import Recipe
from segmenter.segment.profile import low_base_key
from segmenter.segment.quality import Light
from segmenter.table.dataset import Dataset
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import Identity, keeping, kept, kept_place, session
from segmenter.ui.widgets.column_settings import SHAPE_WORDS
from segmenter.ui.widgets.notes import in_per_cent, short_cells, show_chart
from segmenter.ui.widgets.working import Work, run_job

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
    with st.grid(columns=3, min_column_width=280, gap="small", key="choose_cards"):
        for card in cards:
            with st.container(border=True, height="stretch"):
                st.html(_card(card))
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


def _card(card: SegmentCard) -> str:
    """Return a card as HTML, whose bar is as long as the share that stands beside it."""
    own = colour(card.segment - 1)
    # The darkest colours sink on a dark page.
    tint = f"light-dark({own}, color-mix(in oklab, {own} 68%, white))"
    light = card.light
    doubt = f" · {messages.LIGHT_WORDS[light.value]}" if light is not None and light is not Light.GREEN else ""
    customers = "customer" if card.size == 1 else "customers"
    return (
        f'<div class="sg-card"><h2><b style="border:3px solid {tint}">{card.segment}</b>{html.escape(card.name)}</h2>'
        f"<p>{_UNIT.sub(NO_BREAK, html.escape(card.traits))}</p>"
        f'<div><i><u style="width:{card.share:.0%};background:{tint}"></u></i>'
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
                    show_chart(draw(selection), key=f"{title}_{when}")
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
            show_chart(splits(shown), key="splits")
        st.dataframe(_parents(steps), hide_index=True, width="stretch")
    with st.expander("Two solutions side by side", icon=":material/compare:"):
        _side_by_side(selection)


def _borders(selection: KSelection) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Between segments": [
                " and ".join(str(number + 1) for number in border.between) for border in selection.borders
            ],
            "Fewer customers on the border": [f"{percent_text(border.valley)}" for border in selection.borders],
            "p": [round(border.p, 4) for border in selection.borders],
            "Real": [_reality(border) for border in selection.borders],
        }
    )


def _reality(border: Border) -> str:
    if border.real:
        return "yes, by likelihood" if border.likely else "yes"
    return "no, there is another way" if border.around else "no"


def _measured(title: str, score: KScore) -> bool:
    values = {"Elbow": score.wcss, "Silhouette": score.silhouette, "Gap": score.gap, "Stability": score.stability}
    return values[title] is not None


def _table(selection: KSelection) -> None:
    wish = st.number_input(
        "The smallest segment should hold at least (% of customers)", 0.0, 50.0, kept("choose_smallest", 0.0), 1.0,
        **keeping("choose_smallest"),
    )  # fmt: skip
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
        "Silhouette": rounded(score.silhouette, 4),
        "± (silhouette)": rounded(score.silhouette_se or None, 4),
        "Gap": rounded(score.gap, 3),
        "± (gap)": rounded(score.gap_se, 3),
        "Stability": rounded(score.stability, 3),
        "Weakest segment found again in": percent_text(min(again)) if again else None,
        "Calinski-Harabasz (higher is better)": rounded(score.calinski_harabasz, 1),
        "Davies-Bouldin (lower is better)": rounded(score.davies_bouldin, 4),
        "Smallest segment": percent_text(score.smallest_share, 1),
    }


def _side_by_side(selection: KSelection) -> None:
    ks = sorted(selection.labels)
    left, right = st.columns(2)
    first = left.selectbox(
        "One number of segments", ks, kept_place("side_first", ks[0], ks), **keeping("side_first", ks)
    )
    second = right.selectbox(
        "Another number of segments", ks, kept_place("side_second", ks[1], ks), **keeping("side_second", ks)
    )
    found = compare_solutions(selection.labels[first], selection.labels[second])
    st.markdown(
        f"Agreement (adjusted Rand index) {number_text(found.agreement, 2)}. {found.moves.sum():,} customers "
        f"({percent_text(found.moves.mean(), 1)}) move. More stable: {_more_stable(selection, first, second)}. "
        "Smallest segment: "
        f"{percent_text(found.smallest_shares[0], 1)} and {percent_text(found.smallest_shares[1], 1)}."
    )
    show_chart(crosstab_map(found), key="side_crosstab")


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


NAME = "further"
INTRO = (
    "What other measures of the field say of the number of segments. The answer above stays: it alone was tested "
    "against customers who have no groups."
)
STRENGTH_HELP = (
    f"Halves of the customers foretell each other's segments; above {STRONG} a number is usually taken (Tibshirani & "
    "Walther 2005)."
)
CRITERION_HELP = "Of {}: how well so many describe the customers for the numbers they need; lower is better."


def show_further(dataset: Dataset, recipe: Recipe, selection: KSelection, chosen: Recipe) -> None:
    """Offer the further evidence and show it.

    Parameters
    ----------
    recipe
        What was compared.
    chosen
        The visitor's own method: where it is a mixture, its criteria are worked out.
    """
    place = st.expander("More measures", icon=":material/how_to_vote:", key="choose_further_open", on_change="rerun")
    if not place.open:
        return
    with place:
        st.write(INTRO)
        if any(setting.key == "bic_to" for setting in ALGORITHMS[chosen.algorithm].settings):
            recipe = replace(recipe, algorithm=chosen.algorithm, settings=chosen.settings)
        of = (dataset.fingerprint, recipe, tuple(score.k for score in selection.scores))

        def ask() -> Work[FurtherEvidence] | None:
            if st.button("Ask other measures", icon=":material/how_to_vote:", key="choose_further"):
                return lambda progress, _: measure_evidence(dataset, recipe, selection, progress=progress)
            return None

        keep = partial(session().evidence.keep, basis=of)
        if run_job(NAME, lambda: of, ask, keep, n_cells=dataset.frame.size):
            return
        found = session().evidence.on(of)
        if found is not None:
            _show(found)


def _show(found: FurtherEvidence) -> None:
    st.markdown(f"**{found.summary}**")
    votes, numbers = st.columns([1, 1])
    with votes:
        table = pd.DataFrame(
            {
                "Index": [vote.index for vote in found.votes],
                "Segments": [vote.k for vote in found.votes],
                "Takes": [vote.rule for vote in found.votes],
            }
        )
        table["Segments"] = table["Segments"].astype("Int64")
        st.dataframe(table, hide_index=True, width="stretch", key="choose_votes")
    with numbers:
        strengths = {each.k: each for each in found.strengths}
        ks = sorted({*strengths, *found.bic})
        rows = {
            "Segments": ks,
            "Prediction strength": [round(strengths[k].mean, 3) if k in strengths else None for k in ks],
            "±": [round(strengths[k].standard_error, 3) if k in strengths else None for k in ks],
            "BIC": [round(found.bic[k], 1) if k in found.bic else None for k in ks],
            "AIC": [round(found.aic[k], 1) if k in found.aic else None for k in ks],
        }
        criterion = st.column_config.Column(help=CRITERION_HELP.format(found.mixture))
        st.dataframe(
            pd.DataFrame(rows).dropna(axis=1, how="all"),
            hide_index=True,
            width="stretch",
            column_config={
                "Prediction strength": st.column_config.Column(help=STRENGTH_HELP), "BIC": criterion, "AIC": criterion,
            },
            key="choose_strengths",
        )  # fmt: skip
        if found.mixture:
            st.caption(f"BIC and AIC are those of {safe_md(found.mixture)}.")
        for said in (found.problem, found.unweighted):
            if said:
                st.caption(safe_md(said, 400))


SENSITIVITY = "sensitivity"
SENSITIVITY_INTRO = (
    "Every choice above could have been another one. This forms the segments again with each other choice, one at a "
    "time, with each column left out, from other starts of the search and from half of the customers, and says how "
    "many customers would be in another segment, and who."
)
AGREEMENT_HELP = (
    "Adjusted Rand index: 1 means the same segments, 0 no more than chance. Above .9 the segments are the same but for "
    "a few customers; below .65 they are others (Steinley 2004)."
)
# Before a number of segments is chosen, this is as good a guess as any.
USUAL_SEGMENTS = 4
MOST_FLIPS = 50


def show_sensitivity(dataset: Dataset) -> None:
    """Offer to try the other choices, and show what they would change."""
    st.write(SENSITIVITY_INTRO)
    n_segments = st.number_input(
        "Number of segments",
        config.MIN_SEGMENTS,
        config.MAX_SEGMENTS,
        kept("prepare_try_segments", session().n_segments or USUAL_SEGMENTS),
        **keeping("prepare_try_segments"),
    )
    recipe = replace(session().recipe, n_segments=int(n_segments))
    of = (dataset.fingerprint, recipe)
    keep = partial(session().sensitivity.keep, basis=of)
    if run_job(SENSITIVITY, lambda: of, partial(_ask, dataset, recipe), keep, n_cells=dataset.frame.size):
        return
    found = session().sensitivity.on(of)
    if found is not None:
        _show_sensitivity(found, dataset)


def _ask(dataset: Dataset, recipe: Recipe) -> Work[Sensitivity] | None:
    if st.button("Try the other choices", icon=":material/science:", key="prepare_try", disabled=not recipe.segmenting):
        return lambda progress, _: measure_sensitivity(dataset, recipe, progress=progress)
    return None


def _show_sensitivity(found: Sensitivity, dataset: Dataset) -> None:
    known = [effect for effect in found.effects if effect.agreement is not None]
    if known:
        worst = known[0]
        others = sum(effect.verdict not in ("the same segments", "nearly the same") for effect in known)
        st.markdown(
            f"**{others} of {len(known)} other choices would form other segments.** The one that matters most: "
            f"{messages.safe_md(said(worst.alternative), 200)} ({percent_text(worst.moved or 0.0)} of the customers "
            "would move)."
        )
    rows = [
        {
            "Instead": said(effect.alternative),
            "Agreement": effect.agreement,
            "Would move": effect.moved,
            "Means": effect.problem or effect.verdict,
        }
        for effect in found.effects
    ]
    agreement = st.column_config.NumberColumn(format="%.2f", help=AGREEMENT_HELP)
    table, moved = in_per_cent(pd.DataFrame(rows), ["Would move"], decimals=1)
    st.dataframe(table, hide_index=True, width="stretch", column_config={"Agreement": agreement, **moved})
    st.caption(
        f"From {found.n_customers:,} customers. With the same choices and another start of the search the agreement "
        f"is {found.by_chance:.2f}: differences up to that are chance."
    )
    if found.flips:
        st.markdown(
            f"**{counted(len(found.flips), 'customer')} would flip in at least one of these.** Those who flip most:"
        )
        shown = found.flips[:MOST_FLIPS]
        cells = dataset.original.iloc[[row for row, _ in shown]].reset_index(drop=True)
        cells.insert(0, "Flips in", [percent_text(share) for _, share in shown])
        cells.insert(0, "Row", [row + 1 for row, _ in shown])
        st.dataframe(short_cells(cells), hide_index=True, width="stretch", key="prepare_flips")


def said(alternative: Alternative) -> str:
    """Return an alternative in words."""
    words = {
        "missing": messages.MISSING_WORDS.get(alternative.to, ""),
        "transform": f"shape: {SHAPE_WORDS.get(alternative.to, '').lower()}",
        "cap": "no caps" if alternative.to == "none" else f"cap at percentiles {alternative.to}",
        "indicator": "“missing” counts as well" if alternative.to == "yes" else "“missing” does not count",
        "without": "left out",
        "seed": f"another start of the search (seed {alternative.to})",
        "half": f"formed of half of the customers ({alternative.to})",
        "scaling": f"{messages.SCALING_WORDS.get(alternative.to, '').lower()} scaling for all columns",
    }[alternative.what]
    return f"{alternative.column}: {words}" if alternative.column else words
