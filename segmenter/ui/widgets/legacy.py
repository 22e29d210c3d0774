"""Conversion of pickled K-Means models that stand in the models folder."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from segmenter.errors.base import SegmenterError
from segmenter.io.model.conversion import convert_pickled
from segmenter.io.model.folder import MODELS_FOLDER, save_model
from segmenter.io.model.pickled import read_pickled_kmeans
from segmenter.ui.messages import count_columns, safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.working import read_now

INTRO = (
    "Pickled models lie in models. They are read by a restricted reader that takes numbers out and runs nothing; "
    "say which columns they were made for, and they are kept converted."
)
BY_FILE = "the customer file that is loaded now is what it was trained on"
SCALED = "new files hold values that are scaled already"
OWN = "it brings its own scaling"


def show_pickles(pickles: Sequence[Path]) -> None:
    """Offer each pickled model for conversion, or say why it is refused."""
    if not pickles:
        return
    title = f"{len(pickles)} pickled models"
    place = st.expander(title, icon=":material/history_edu:", key="open_pickles", on_change="rerun")
    # Each is read in a process of its own: only for whoever wants to see them.
    if place.open:
        with place:
            st.write(INTRO)
            for path in pickles:
                _offer(path)


def _offer(path: Path) -> None:
    st.markdown(f"**{safe_md(path.name)}**")
    try:
        pickled = read_now(path, partial(read_pickled_kmeans, path), f"Reading {safe_md(path.name)}")
    except SegmenterError as error:
        show_error(error)
        return
    n_segments, n_columns = pickled.centres.shape
    st.write(f"K-Means with {n_segments} segments on {count_columns(n_columns)}.")
    known = ",".join(pickled.feature_names)
    typed = st.text_input(
        "Its columns, in the model's order, separated by commas", known, key=f"pickle_columns_{path.name}"
    )
    scalings = [OWN] if pickled.scale is not None else [BY_FILE, SCALED]
    scaling = st.radio("Scaling", scalings, key=f"pickle_scaling_{path.name}")
    if st.button("Convert and keep", key=f"pickle_convert_{path.name}", disabled=not typed.strip()):
        columns = tuple(name.strip() for name in typed.split(",") if name.strip())
        try:
            model = convert_pickled(
                pickled,
                columns,
                fitted_on=session().to_place if scaling == BY_FILE else None,
                already_scaled=scaling == SCALED,
            )
            save_model(MODELS_FOLDER, model, path.stem)
        except SegmenterError as error:
            show_error(error)
            return
        st.rerun()
