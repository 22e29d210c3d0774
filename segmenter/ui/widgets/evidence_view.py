"""Further evidence on the number of segments, and how much the segments hang on each decision."""

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from segmenter import config
from segmenter.choose.evidence import STRONG, FurtherEvidence, measure_evidence
from segmenter.choose.k import KSelection
from segmenter.choose.sensitivity import Alternative, Sensitivity, measure_sensitivity
from segmenter.cluster import ALGORITHMS
from segmenter.recipe.recipe import Recipe
from segmenter.table.dataset import Dataset
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.column_settings import SHAPE_WORDS
from segmenter.ui.widgets.notes import short_cells
from segmenter.ui.widgets.working import Work, run_job

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
                "Takes": [vote.rule for vote in found.votes],
                "Segments": [vote.k for vote in found.votes],
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
        if found.problem:
            st.caption(safe_md(found.problem, 400))


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
        session().n_segments or USUAL_SEGMENTS,
        key="prepare_try_segments",
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
            f"{messages.safe_md(said(worst.alternative), 200)} ({worst.moved or 0.0:.0%} of the customers would move)."
        )
    rows = [
        {
            "Instead": said(effect.alternative),
            "Agreement": effect.agreement,
            "Would move": None if effect.moved is None else round(effect.moved, 3),
            "Means": effect.problem or effect.verdict,
        }
        for effect in found.effects
    ]
    agreement = st.column_config.NumberColumn(format="%.2f", help=AGREEMENT_HELP)
    moved = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        width="stretch",
        column_config={"Agreement": agreement, "Would move": moved},
    )
    st.caption(
        f"From {found.n_customers:,} customers. With the same choices and another start of the search the agreement "
        f"is {found.by_chance:.2f}: differences up to that are chance."
    )
    if found.flips:
        st.markdown(f"**{len(found.flips):,} customers would flip in at least one of these.** Those who flip most:")
        shown = found.flips[:MOST_FLIPS]
        cells = dataset.original.iloc[[row for row, _ in shown]].reset_index(drop=True)
        cells.insert(0, "Flips in", [f"{share:.0%}" for _, share in shown])
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
