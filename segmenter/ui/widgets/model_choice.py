"""The model that customers are placed with: formed here, saved on the server, uploaded, or an old pickle converted."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from segmenter.errors.base import SegmenterError
from segmenter.io.model import folder as models
from segmenter.io.model.conversion import convert_pickled
from segmenter.io.model.folder import add_model, list_models, load_listed_model
from segmenter.io.model.format import from_bytes
from segmenter.io.model.pickled import read_pickled_kmeans, refuse_foreign
from segmenter.segment.segmentation import Segmentation
from segmenter.ui import messages
from segmenter.ui.messages import count_columns, safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.place_customers import is_model_name
from segmenter.ui.widgets.upload import Upload, upload_field
from segmenter.ui.widgets.working import read_now

UPLOADED = "an uploaded model file"
FORMED = "the segments formed here"
# Columns of a model that are named; a long list of them would push what it is for off the screen.
COLUMNS_NAMED = 5


def pick_model(page: str) -> tuple[Path, ...]:
    """Draw the choice of a model, which the session then holds; return the pickled ones that could be converted."""
    folder = list_models(models.MODELS_FOLDER)
    for refused in folder.refused:
        st.warning(safe_md(refused.reason, 400), icon=":material/gpp_maybe:")
    if folder.ignored:
        st.info(f"{folder.ignored:,} other files in models are not in the manifest and are ignored.")
    formed = session().current_result()
    titles = {FORMED: f"The segments formed here ({formed.segmentation.n_segments} segments)"} if formed else {}
    titles |= {entry.file: f"{entry.title} ({entry.k} segments)" for entry in folder.models}
    options = [*titles, UPLOADED]
    current = options.index(session().next_month.model_title) if session().next_month.model_title in options else 0
    picked = st.selectbox(
        "Model", options, current, format_func=lambda file: titles.get(file, "Upload a model file"), key=f"{page}_model"
    )
    if picked == UPLOADED:
        _upload_model(page)
    elif picked == FORMED and formed is not None:
        # Taken anew on every run: its segments may have been renamed or formed again since.
        session().next_month.model, session().next_month.model_title, session().next_month.model_problem = (
            formed.segmentation,
            FORMED,
            "",
        )
    elif session().next_month.model_title != picked:
        _use(picked, lambda: load_listed_model(models.MODELS_FOLDER, picked))
    if session().next_month.model_problem:
        st.error(session().next_month.model_problem, icon=":material/error:")
    if session().next_month.model is not None:
        _describe(session().next_month.model)
    return folder.pickles


def _upload_model(page: str) -> None:
    if session().next_month.model_title not in ("", UPLOADED):
        session().next_month.model, session().next_month.model_title, session().next_month.model_problem = (
            None,
            UPLOADED,
            "",
        )
    if upload_field(
        "Model file (.segmodel.json)",
        "model_upload",
        "Only models saved by this app are read.",
        page=page,
        use=_read_model,
        takes=is_model_name,
    ):
        st.rerun()


def _read_model(upload: Upload) -> None:
    def read() -> Segmentation:
        refuse_foreign(upload.content, upload.name)
        return from_bytes(upload.content)

    _use(UPLOADED, read)


def _use(title: str, read: Callable[[], Segmentation]) -> None:
    session().next_month.model, session().next_month.model_title, session().next_month.model_problem = None, title, ""
    try:
        session().next_month.model = read()
    except SegmenterError as error:
        session().next_month.model_problem = messages.explain(error)


def _describe(model: Segmentation | None) -> None:
    if model is None:
        return
    columns = [each.column for each in model.preparation.columns_]
    more = f" and {len(columns) - COLUMNS_NAMED:,} more columns" if len(columns) > COLUMNS_NAMED + 1 else ""
    names = ", ".join(safe_md(column) for column in (columns[:COLUMNS_NAMED] if more else columns)) + more
    st.write(f"{model.n_segments} segments by {names}; made from {model.n_trained:,} customers.")


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
            add_model(models.MODELS_FOLDER, model, path.stem)
        except SegmenterError as error:
            show_error(error)
            return
        st.rerun()
