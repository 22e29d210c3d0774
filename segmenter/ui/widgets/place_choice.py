"""Which classifier places the customers?"""

from typing import Final

import streamlit as st

from segmenter.classifiers import CLASSIFIERS
from segmenter.core.learning.model import SegmentModel
from segmenter.core.learning.recipe import SEGMENTS
from segmenter.errors import SegmenterError
from segmenter.store import MODELS_FOLDER, list_classifiers, load_classifier
from segmenter.store.manifest import ModelEntry
from segmenter.ui.learning import Placing
from segmenter.ui.messages import count_columns, safe_md
from segmenter.ui.state import forget_widgets, session
from segmenter.ui.widgets.notes import show_error

LEARNT: Final = "the one learnt here"
NONE_YET: Final = "No classifier is kept on this server yet. Learn known segments first."
FIELDS: Final = "place_field_"
MOST_NAMED: Final = 12


def pick_classifier() -> SegmentModel | None:
    """Draw the choice of a classifier, and what the chosen one is; None where there is none."""
    folder = list_classifiers(MODELS_FOLDER)
    for refused in folder.refused:
        st.warning(safe_md(refused.reason, 400), icon=":material/gpp_maybe:")
    if folder.ignored:
        st.info(f"{folder.ignored:,} classifiers in models are not in the manifest and are ignored.")
    placing = session().learning.placing
    labels = {**_learnt(placing), **{entry.file: _label(entry) for entry in folder.models}}
    if not labels:
        st.info(NONE_YET, icon=":material/school:")
        return None
    options = list(labels)
    current = options.index(placing.title) if placing.title in options else 0
    picked = st.selectbox("Classifier", options, current, format_func=labels.__getitem__, key="place_classifier")
    if placing.title != picked:
        _use(placing, picked)
    if placing.model is not None:
        _describe(placing.model)
    return placing.model


def _learnt(placing: Placing) -> dict[str, str]:
    if placing.learnt is None:
        return {}
    return {LEARNT: f"The one that you have just learnt: {placing.learnt.title}, tells {_told(placing.learnt)}"}


def _label(entry: ModelEntry) -> str:
    method = CLASSIFIERS[entry.algorithm].title if entry.algorithm in CLASSIFIERS else entry.algorithm
    return f"{entry.title} ({method}, {entry.k} segments, {entry.created})"


def _use(placing: Placing, picked: str) -> None:
    forget_widgets(FIELDS)
    placing.use(None, picked)
    try:
        placing.use(placing.learnt if picked == LEARNT else load_classifier(MODELS_FOLDER, picked), picked)
    except SegmenterError as error:
        show_error(error)


def _describe(model: SegmentModel) -> None:
    named = ", ".join(safe_md(name) for name in model.classes[:MOST_NAMED])
    more = f" and {len(model.classes) - MOST_NAMED} more" if len(model.classes) > MOST_NAMED else ""
    st.write(
        f"Tells {safe_md(_told(model))} ({named}{more}) by {count_columns(len(model.fields))}; learnt from "
        f"{model.n_trained:,} customers. **Right for {model.held_out.accuracy:.1%} of {model.n_held_out:,} customers "
        f"that no choice had seen**; always naming the largest segment: {model.base_rate:.1%}."
    )


def _told(model: SegmentModel) -> str:
    return "the segments" if model.recipe.target == SEGMENTS else model.recipe.target
