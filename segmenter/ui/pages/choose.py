"""Compare numbers of segments and pick one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from segmenter import config
from segmenter.charts.k_choice import elbow, silhouettes
from segmenter.core.dataset import Dataset
from segmenter.core.recipe import Recipe
from segmenter.core.selection import KSelection, compare_k
from segmenter.progress import Progress
from segmenter.ui import messages
from segmenter.ui.jobs import Job
from segmenter.ui.messages import safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.notes import show_notes
from segmenter.ui.widgets.working import running, start, take, watch

NAME = "choose"


def render() -> None:
    """Draw the page in the order in which it is read."""
    dataset = session().dataset
    if dataset is None:
        return
    st.title(messages.CHOOSE_TITLE)
    st.write(messages.CHOOSE_INTRO)
    low, high = st.slider(
        "Numbers of segments to compare", 2, config.MAX_SEGMENTS, session().k_range, key="choose_range"
    )
    session().k_range = (low, high)
    _run_button(dataset, range(low, high + 1))
    if running(NAME):
        watch(NAME, lambda found: _charts(found, "partial") if isinstance(found, KSelection) else None)
        return
    finished = take(NAME, _basis())
    if isinstance(finished, KSelection):
        session().keep_selection(finished)
        st.rerun()
    selection = session().current_selection()
    if selection is None:
        if session().selection is not None:
            st.info(messages.CHANGED, icon=":material/update:")
        return
    st.success(f"**{safe_md(selection.reason, 400)}**", icon=":material/recommend:")
    show_notes(selection.notes)
    _pick(selection)
    _charts(selection, "final")
    _table(selection)


def _basis() -> tuple[str, Recipe, tuple[int, int]]:
    dataset = session().dataset
    recipe = replace(session().recipe, n_segments=2)
    return dataset.fingerprint if dataset else "", recipe, session().k_range


def _run_button(dataset: Dataset, ks: range) -> None:
    recipe = session().recipe
    label = "Compare again" if session().current_selection() else "Compare numbers of segments"
    if st.button(label, type="primary", icon=":material/play_arrow:", key="choose_run", disabled=not recipe.segmenting):

        def work(progress: Progress, job: Job[KSelection]) -> KSelection:
            def found(selection: KSelection) -> None:
                job.partial = selection

            return compare_k(dataset, recipe, ks, progress=progress, partial=found)

        start(NAME, _basis(), work)
        st.rerun()


def _pick(selection: KSelection) -> None:
    ks = [score.k for score in selection.scores]
    current = session().n_segments if session().n_segments in ks else selection.recommended
    if len(ks) > 1:
        current = st.slider(
            "Number of segments", ks[0], ks[-1], current or ks[0], key="choose_k", help=messages.PICK_HELP
        )
    session().n_segments = current
    sizes = np.sort(np.bincount(selection.labels[current or ks[0]]))[::-1]
    st.write(f"Sizes with {current} segments: " + ", ".join(f"{size:,}" for size in sizes) + ".")


def _charts(selection: KSelection, when: str) -> None:
    left, right = st.columns(2)
    with left:
        st.subheader("Elbow", help=messages.WCSS_HELP)
        st.plotly_chart(elbow(selection), key=f"elbow_{when}")
    with right:
        st.subheader("Silhouette", help=messages.SILHOUETTE_HELP)
        if selection.scores and selection.scores[0].silhouette is not None:
            st.plotly_chart(silhouettes(selection), key=f"silhouette_{when}")
        else:
            st.write("Measured after the last number of segments.")


def _table(selection: KSelection) -> None:
    rows = [
        {
            "Segments": score.k,
            "WCSS": round(score.wcss, 2),
            "Silhouette": round(score.silhouette or 0.0, 4),
            "± standard error": round(score.silhouette_se, 4),
            "Calinski-Harabasz (higher is better)": round(score.calinski_harabasz, 1),
            "Davies-Bouldin (lower is better)": round(score.davies_bouldin, 4),
            "Smallest segment": f"{score.smallest_share:.1%}",
            "": "recommended" if score.k == selection.recommended else "",
        }
        for score in selection.scores
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
    if any(score.silhouette_se for score in selection.scores):
        st.write(
            f"Silhouettes are estimated from {config.SILHOUETTE_SAMPLE_ROWS:,} customers; the standard error is beside them."
        )


if __name__ == "__main__":
    render()
