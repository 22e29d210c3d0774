"""Further evidence on the number of segments, on a button: prediction strength, a vote of indices, BIC and AIC."""

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from segmenter.choose.evidence import STRONG, FurtherEvidence, measure_evidence
from segmenter.choose.k import KSelection
from segmenter.cluster import ALGORITHMS
from segmenter.recipe.recipe import Recipe
from segmenter.table.dataset import Dataset
from segmenter.ui.messages import safe_md
from segmenter.ui.state import session
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
